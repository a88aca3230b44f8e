import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { seriesOf } from '../../../src/domain/caseload.ts';
import type { CoverageFact, Episode, MemberFacts } from '../../../src/domain/facts/facts.ts';
import { caseloadSpans } from '../../../src/domain/ledger.ts';
import type { Hearer } from '../../../src/domain/told-caseload.ts';
import { heldReasons } from '../../../src/profiles/reasons.ts';
import { coach, coachFacts, contact, memberFacts, qualification, ruleset } from '../../support/facts.ts';

const mce = ruleset('masshealth-mce');
const [coverage] = memberFacts().coverages as [CoverageFact];
const [episode] = memberFacts().episodes as [Episode];
const visit = contact('2025-03-01T10:00:00-05:00');

/** What one day is told, as known at the end of `knownOn`. */
function told(more: Partial<MemberFacts>, date: string, knownOn: string, hearer: Hearer = 'provider') {
  const facts = memberFacts({ contacts: [visit], ...more });
  const knownAt = `${knownOn}T23:00:00Z`;
  const day = { start: localDate(date), end: localDate(date) };
  const [span] = caseloadSpans(facts, seriesOf(facts, [mce], knownAt), knownAt, day, {
    hearer,
    reasons: heldReasons(),
  });
  return span;
}

const change = (...asked: Parameters<typeof told>) => told(...asked)?.change;

describe('what would change an answer is what really would', () => {
  test('the contact binds the last day: another one by then; once that is past only one that is documented late', () => {
    expect(change({}, '2025-03-10', '2025-03-10')).toBe('A documented contact by 2025-03-22 keeps the member on.');
    expect(change({}, '2025-03-10', '2025-04-30')).toBe(
      'Only a contact by 2025-03-22 that is documented late keeps the member on after it.',
    );
  });

  test('the coverage binds it: no contact helps, and none is needed', () => {
    const ends = { coverages: [{ ...coverage, end: '2025-03-05' }] };
    for (const hearer of ['provider', 'plan'] as const)
      expect(change(ends, '2025-03-03', '2025-03-10', hearer)).toBe(
        'A coverage that goes on after 2025-03-05 keeps the member on, without another contact through 2025-03-22.',
      );
  });

  test('what ends on the very day on which the contact runs out binds it: a contact alone moves nothing', () => {
    const covered = { coverages: [{ ...coverage, end: '2025-03-22' }] };
    expect(told(covered, '2025-03-10', '2025-03-10')).toMatchObject({
      reason: 'coverage ends',
      change: 'A coverage that goes on after 2025-03-22 keeps the member on, with a documented contact by then.',
    });
    for (const [more, reason] of [
      [{ episodes: [{ ...episode, end: '2025-03-22' }] }, 'episode ends'],
      [{ deceased: '2025-03-22' }, 'date of death'],
    ] as const)
      expect(told(more, '2025-03-10', '2025-03-10')).toMatchObject({ reason, change: undefined });
  });

  test('a role that is not active any more may take the member off: supplying its end is no promise', () => {
    const roles = coachFacts().roles.map((role) => ({ ...role, undatedEnd: true }));
    const coaches = new Map([[coach, coachFacts({ roles })]]);
    expect(change({ coaches }, '2025-03-03', '2025-03-10')).toBe(
      'Correct what cannot be right, and the day is decided: role not active.',
    );
  });

  test('death and the end of the episode: nothing that a person does', () => {
    const died = { deceased: '2025-03-05' };
    const ended = { episodes: [{ ...episode, end: '2025-03-05' }] };
    for (const day of ['2025-03-03', '2025-03-08'])
      for (const facts of [died, ended]) expect(told(facts, day, '2025-03-10')).toMatchObject({ change: undefined });
    expect(told(died, '2025-03-03', '2025-03-10')).toMatchObject({ status: 'on', reason: 'date of death' });
  });

  test('the coach’s qualification binds it: what is missing from then on is named to the provider, not to a plan', () => {
    const attested = ['recovery-attestation', 'board-requirements'].map((code) =>
      qualification(code, { attestedAsOf: '2020-01-01' }),
    );
    const papers = ['academy', 'ethics', 'supervision', 'further-training'].map((code) =>
      qualification(code, { start: '2022-01-01' }),
    );
    const base = coachFacts();
    const hired = coachFacts({
      roles: base.roles.map((role) => ({ ...role, start: '2023-03-10' })),
      qualifications: [...attested, ...papers],
    });
    const coaches = { coaches: new Map([[hired.practitioner, hired]]) };
    const own = change(coaches, '2025-03-05', '2025-03-05');
    expect(own).toBe(
      'The member stays on after 2025-03-10 where the coach is qualified then, without another contact through 2025-03-22, or by a contact with another coach. What is missing then: the two years within which the coach had to obtain the CARC have passed (CR-4); the plan has not waived the training requirement for that day (CR-5).',
    );
    expect(told(coaches, '2025-03-05', '2025-03-05', 'plan')).toMatchObject({
      reason: 'service ends',
      change: undefined,
    });
    const after = told(coaches, '2025-03-15', '2025-03-15');
    expect([after?.status, after?.told?.basis]).toEqual(['off', mce.rules['CR-4']]);
    expect(told(coaches, '2025-03-15', '2025-03-15', 'plan')).toMatchObject({
      reason: 'no contact that counts within 21 days',
      told: { basis: mce.caseload, contact: undefined },
    });
  });

  test('off: a new contact for a day to come, for a past one only what is documented late', () => {
    expect(change({}, '2025-04-10', '2025-04-10')).toMatch(/^A new contact, or one of the 21 days before/);
    expect(change({}, '2025-04-10', '2025-04-11')).toMatch(/^Only a contact of that day .* that is documented late/);
    expect(change({}, '2025-04-10', '2025-04-10', 'plan')).toBeUndefined();
  });
});

test('days that are off and reach from the past into the future are one span', () => {
  const facts = memberFacts({ contacts: [visit] });
  const knownAt = '2025-04-10T23:00:00Z';
  const period = { start: localDate('2025-04-01'), end: localDate('2025-04-30') };
  const spans = caseloadSpans(facts, seriesOf(facts, [mce], knownAt), knownAt, period, {
    hearer: 'provider',
    reasons: heldReasons(),
  });
  expect(spans.map(({ end, start }) => [start, end])).toEqual([['2025-04-01', '2025-04-30']]);
});
