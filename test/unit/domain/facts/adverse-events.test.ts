import type { AdverseEvent, Task } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { adverseEvents } from '../../../../src/domain/facts/adverse-events.ts';
import { recorded } from '../../../support/recorded.ts';

const event: AdverseEvent = {
  resourceType: 'AdverseEvent',
  id: '1',
  actuality: 'actual',
  subject: { reference: 'Patient/1' },
  date: '2025-03-01T20:00:00Z',
  recordedDate: '2025-03-04',
};
const report = (id: string, status: Task['status'], focus = 'AdverseEvent/1'): Task => ({
  resourceType: 'Task',
  id,
  status,
  intent: 'order',
  focus: { reference: focus },
});
const facts = (one: AdverseEvent, ...tasks: Task[]) =>
  adverseEvents(
    [recorded(one)],
    tasks.map((task) => recorded(task)),
  )[0];

test('an event is dated by when it was, else by when it was recorded, else not at all', () => {
  const { date: _, ...undated } = event;
  const { recordedDate: __, ...unknown } = undated;
  expect(facts(event)).toEqual({ reference: 'AdverseEvent/1', on: '2025-03-01T20:00:00Z', reports: [] });
  expect(facts(undated)?.on).toBe('2025-03-04');
  expect(facts(unknown)?.on).toBeUndefined();
});

test('its reports are the Tasks that focus on it, in any version of it', () => {
  expect(
    facts(event, report('1', 'completed'), report('2', 'requested', 'AdverseEvent/1/_history/2'))?.reports,
  ).toEqual([
    { reference: 'Task/1', status: 'completed' },
    { reference: 'Task/2', status: 'requested' },
  ]);
  const { focus: _, ...unfocused } = report('3', 'completed');
  expect(facts(event, report('4', 'completed', 'AdverseEvent/10'), unfocused)?.reports).toEqual([]);
});

test('a report that was taken back is none; one that failed stays open', () => {
  const tasks = [report('1', 'entered-in-error'), report('2', 'cancelled'), report('3', 'failed')];
  expect(facts(event, ...tasks)?.reports).toEqual([{ reference: 'Task/3', status: 'failed' }]);
});
