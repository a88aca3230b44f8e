import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { adverseEventsReported } from '../../../src/domain/q-1-adverse-events.ts';
import { ruleset } from '../../support/facts.ts';

const mce = ruleset('masshealth-mce');
const one = { ...mce, rules: { 'Q-1': { basis: 'decision', reason: 'what this test asks' } as const } };
const ask = (date: string, ...statuses: string[]) =>
  adverseEventsReported({ ruleset: one, date: localDate(date) }, [
    {
      reference: 'AdverseEvent/1',
      on: '2025-03-02T02:00:00Z',
      reports: statuses.map((status, index) => ({ reference: `Task/${index}`, status })),
    },
  ]).outcome;

test('Q-1: from its local date an event must be reported to all, and an open report is none', () => {
  expect(ask('2025-02-28').result).toBe('met');
  expect(ask('2025-03-01')).toMatchObject({ reasons: ['not-reported: AdverseEvent/1'] });
  expect(ask('2025-03-01', 'completed', 'requested')).toMatchObject({ reasons: ['report-open: AdverseEvent/1'] });
  expect(ask('2025-03-01', 'completed').result).toBe('met');
  expect(adverseEventsReported({ ruleset: mce, date: localDate('2025-03-01') }, []).outcome.result).toBe(
    'not-applicable',
  );
});

test('Q-1: an event without a date has happened all the same; one event unreported is enough', () => {
  const event = (id: string, on: string | undefined, ...statuses: string[]) => ({
    reference: `AdverseEvent/${id}`,
    on,
    reports: statuses.map((status) => ({ reference: `Task/${id}`, status })),
  });
  const given = [event('1', undefined), event('2', '2025-03', 'completed'), event('3', '2025-03-02', 'failed')];
  const at = (date: string) => adverseEventsReported({ ruleset: one, date: localDate(date) }, given);
  expect(at('2025-02-28')).toMatchObject({
    outcome: { result: 'not-met', reasons: ['not-reported: AdverseEvent/1'] },
    figures: { events: 1 },
  });
  expect(at('2025-03-01').figures).toEqual({ events: 2 });
  expect(at('2025-03-02')).toMatchObject({
    outcome: { reasons: ['not-reported: AdverseEvent/1', 'report-open: AdverseEvent/3'] },
    evidence: ['AdverseEvent/1', 'AdverseEvent/2', 'AdverseEvent/3', 'Task/2', 'Task/3'],
  });
});
