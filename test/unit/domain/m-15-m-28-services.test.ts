import { expect, test } from 'vitest';
import type { PeerRole } from '../../../src/domain/facts/michigan-episode.ts';
import { m15Oversight } from '../../../src/domain/m-15-oversight.ts';
import { m28Activities } from '../../../src/domain/m-28-activities.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { coach } from '../../support/facts.ts';
import { as, michigan, service, withoutRules } from '../../support/michigan.ts';

const other = 'Practitioner/other';
const roleOfOther = (role: PeerRole) => as(role, { reference: 'PractitionerRole/2', practitioner: other });
const outreach = (more: Parameters<typeof service>[0] = {}) =>
  service({ kind: 'outreach', status: 'completed', modality: undefined, ...more });
const solo = notMet('solo-outreach-by-associate');

test('M-15: an associate’s outreach alone is flagged, a coach’s is not', () => {
  expect(m15Oversight(michigan(), outreach(), as('associate'))).toEqual({
    rule: 'M-15',
    outcome: solo,
    evidence: outreach().evidence,
    figures: { flag: 'solo-outreach' },
  });
  expect(m15Oversight(michigan(), outreach(), as('coach'))).toMatchObject({ outcome: met, figures: {} });
});

test.each([
  ['a coach beside the associate', { performers: [coach, other] }, 'coach', met],
  ['another associate beside', { performers: [coach, other] }, 'associate', solo],
  ['a coach as overseer', { overseers: [other] }, 'coach', met],
  ['an associate as overseer', { overseers: [other] }, 'associate', solo],
] as const)('M-15: an associate with %s', (_what, more, role, outcome) => {
  expect(m15Oversight(michigan(), outreach(more), [...as('associate'), ...roleOfOther(role)]).outcome).toEqual(outcome);
});

test('M-15: a named overseer without a peer’s role is a supervisor by the sender’s word', () => {
  expect(m15Oversight(michigan(), outreach({ overseers: [other] }), as('associate')).outcome).toEqual(met);
});

test('M-15: nobody, or nobody in a role on the day, leaves it open', () => {
  expect(m15Oversight(michigan(), outreach({ performers: [] }), as('associate')).outcome).toEqual(
    indeterminate('missing: performer'),
  );
  for (const roles of [[], as('associate', { end: '2025-03-04' }), as('associate', { start: '2025-03-06' })])
    expect(m15Oversight(michigan(), outreach(), roles).outcome).toEqual(
      indeterminate('missing: role of the performer'),
    );
  expect(m15Oversight(michigan(), outreach(), as('associate', { end: '2025-03-05' })).outcome).toEqual(solo);
});

test('M-15: meeting the client, outreach that did not take place and other rulesets are not asked', () => {
  const asked = (of: ReturnType<typeof service>, question = michigan()) =>
    m15Oversight(question, of, as('associate')).outcome.result;
  expect(asked(service())).toBe('not-applicable');
  expect(asked(outreach({ kind: 'collateral' }))).toBe('not-applicable');
  expect(asked(outreach({ status: 'not-done' }))).toBe('not-applicable');
  expect(asked(outreach(), withoutRules())).toBe('not-applicable');
});

test.each([
  [['recovery-planning'], 'recovery-planning'],
  [
    ['substance-use-behavior-education', 'leisure-activity-planning'],
    'leisure-activity-planning substance-use-behavior-education',
  ],
  [['relationship-building', 'relationship-building', 'chess'], 'relationship-building'],
])('M-28: %j is told as %s', (activities, told) => {
  expect(m28Activities(michigan(), service({ activities }))).toMatchObject({
    outcome: met,
    figures: { activities: told },
  });
});

test('M-28: a service without one of the four is open, whatever its nature says', () => {
  const open = indeterminate('missing: activity');
  expect(m28Activities(michigan(), service({ activities: [] })).outcome).toEqual(open);
  expect(m28Activities(michigan(), service({ activities: ['chess'] })).outcome).toEqual(open);
  expect(m28Activities(withoutRules(), service({ activities: ['recovery-planning'] })).outcome.result).toBe(
    'not-applicable',
  );
});
