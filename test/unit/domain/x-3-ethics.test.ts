import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import type { Supervision } from '../../../src/domain/facts/supervision.ts';
import { met } from '../../../src/domain/outcome.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { ethicsAndSupervision } from '../../../src/domain/x-3-ethics.ts';
import { coach, coachFacts, qualification, ruleset } from '../../support/facts.ts';

const basis = { basis: 'decision', reason: 'what this test asks' } as const;
const one: Ruleset = { ...ruleset('masshealth-mce'), rules: { 'X-3': basis } };
const ethics = qualification('code-of-ethics', { attestedAsOf: '2025-03-01', end: '2025-03-31' });
const session: Supervision = {
  reference: 'Appointment/1',
  supervisors: ['Practitioner/s'],
  coaches: [coach],
  start: '2025-03-02T02:00:00Z',
  fulfilled: true,
  kind: 'non-clinical',
};
const ask = (
  date: string,
  sessions: Supervision[] = [session],
  qualifications = [ethics],
  more: { ruleset?: Ruleset; knownAt?: string } = {},
) =>
  ethicsAndSupervision(coachFacts({ qualifications }), sessions, {
    ruleset: one,
    date: localDate(date),
    knownAt: '2025-12-31T12:00:00Z',
    ...more,
  });

test('met from the local day of both through the last day of the attestation', () => {
  expect(['2025-02-28', '2025-03-01', '2025-03-31', '2025-04-01'].map((date) => ask(date).outcome.result)).toEqual([
    'indeterminate',
    'met',
    'met',
    'not-met',
  ]);
  expect(ask('2025-03-01')).toEqual({
    rule: 'X-3',
    outcome: met,
    evidence: ['Appointment/1', coach],
    figures: { supervisions: 1 },
  });
});

test('only clinical supervision contradicts, and one of no said kind leaves it open', () => {
  const kind = (...kinds: Supervision['kind'][]) =>
    ask(
      '2025-03-31',
      kinds.map((kind) => ({ ...session, kind })),
    ).outcome;
  expect(kind('clinical')).toEqual({ result: 'not-met', reasons: ['supervision-only-clinical'] });
  expect(kind('clinical', undefined)).toMatchObject({ reasons: ['missing: kind of supervision'] });
  expect(kind('clinical', 'non-clinical')).toEqual(met);
});

test('a session that begins after K, was not held, had no supervisor or another coach is none', () => {
  const missing = { result: 'indeterminate', reasons: ['missing: supervision'] };
  const with_ = (more: Partial<Supervision>) => ask('2025-03-31', [{ ...session, ...more }]).outcome;
  expect(ask('2025-03-31', [session], [ethics], { knownAt: '2025-03-02T01:59:59Z' }).outcome).toEqual(missing);
  expect(with_({ fulfilled: false })).toEqual(missing);
  expect(with_({ supervisors: [] })).toEqual(missing);
  expect(with_({ coaches: ['Practitioner/other'] })).toEqual(missing);
  expect(with_({ start: undefined })).toEqual(missing);
});

test('without an attestation, or one without any date, it is open; so is an unknown coach', () => {
  const open = { result: 'indeterminate', reasons: ['missing: code-of-ethics'] };
  expect(ask('2025-03-31', [session], []).outcome).toEqual(open);
  expect(ask('2025-03-31', [session], [qualification('code-of-ethics')]).outcome).toEqual(open);
  expect(ask('2025-03-31', [session], [qualification('ethics', { start: '2025-01-01' })]).outcome).toEqual(open);
  expect(ask('2025-03-31', [session], [qualification('code-of-ethics', { start: '2025-03-31' })]).outcome).toEqual(met);
  const asked = { ruleset: one, date: localDate('2025-03-31'), knownAt: '2025-12-31T12:00:00Z' };
  expect(ethicsAndSupervision(undefined, [], asked).outcome.result).toBe('indeterminate');
});

test('without the rule it does not apply', () => {
  expect(ask('2025-03-31', [session], [ethics], { ruleset: { ...one, rules: {} } }).outcome.result).toBe(
    'not-applicable',
  );
});
