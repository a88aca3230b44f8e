import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { seriesOf } from '../../../src/domain/caseload.ts';
import { contradictionsOf } from '../../../src/domain/contradictions.ts';
import type { Contact, CoverageFact, Episode, Message } from '../../../src/domain/facts/facts.ts';
import { noDetails } from '../../../src/domain/facts/facts.ts';
import { caseloadSpans } from '../../../src/domain/ledger.ts';
import { indeterminate } from '../../../src/domain/outcome.ts';
import { heldReasons } from '../../../src/profiles/reasons.ts';
import { at, billed, codes, later, mce, status } from '../../support/contradictions.ts';
import { coach, contact, employer, episode, memberFacts, rulesets } from '../../support/facts.ts';

const [coverage] = memberFacts().coverages as [CoverageFact];
const [ordinary] = memberFacts().episodes as [Episode];

const withEnd = (start: string, end: string, more: Partial<Contact> = {}) =>
  contact(start, { details: { ...noDetails, end }, ...more });

test('facts that agree contradict nothing', () => {
  expect(codes({ contacts: [withEnd(at, '2025-03-01T15:00:00-05:00')], deceased: '2025-03-01' })).toEqual([]);
});

describe('contacts', () => {
  test('one that ends before it begins is pending, by instants, whatever their offsets', () => {
    const reversed = { contacts: [withEnd(at, '2025-03-01T19:59:59Z')] };
    expect(status(reversed, '2025-03-02')).toMatchObject({ status: 'indeterminate', reason: 'end-before-start' });
    expect(billed(reversed, '2025-03-02')).toEqual(indeterminate('caseload: end-before-start'));
    const facts = memberFacts(reversed);
    const day = { start: localDate('2025-03-02'), end: localDate('2025-03-02') };
    const view = { hearer: 'provider', reasons: heldReasons() } as const;
    expect(caseloadSpans(facts, seriesOf(facts, [mce], later), later, day, view)[0]?.change).toBe(
      'Correct what cannot be right, and the day is decided: the contact is said to end before it begins.',
    );
    expect(contradictionsOf(memberFacts(reversed), rulesets, later)).toEqual([
      {
        code: 'contact-end-before-start',
        reason: 'contact-end-before-start',
        evidence: [`Encounter/${at}`],
        episode: undefined,
        text: `Encounter/${at} ends at 2025-03-01T19:59:59Z, before it begins at ${at}. Correct period.start or period.end.`,
      },
    ]);
    expect(codes({ contacts: [withEnd(at, '2025-03-01T20:00:00Z')] })).toEqual([]);
    // What was cancelled or entered in error says nothing that could be wrong.
    for (const is of ['cancelled', 'entered-in-error'])
      expect(codes({ contacts: [withEnd(at, '2025-03-01T19:59:59Z', { status: is })] })).toEqual([]);
  });

  test('one that is said to have taken place ahead is pending and flagged, but for five minutes of clocks; a planned one is not', () => {
    const ahead = (start: string, more: Partial<Contact> = {}) => ({ contacts: [contact(start, more)] });
    const knownAt = '2025-03-01T12:00:00Z';
    const noted = { documentation: [] };
    expect(codes(ahead('2025-03-01T12:05:00Z', noted), knownAt)).toEqual([]);
    expect(codes(ahead('2025-03-01T12:05:01Z', noted), knownAt)).toEqual(['contact-in-the-future']);
    expect(codes(ahead('2025-03-01', noted), knownAt)).toEqual([]);
    expect(codes(ahead('2025-03-02', noted), knownAt)).toEqual(['contact-in-the-future']);
    expect(codes(ahead('2025-04-02T12:00:00Z', { status: 'planned' }), knownAt)).toEqual([]);
    expect(status(ahead('2025-03-05', noted), '2025-03-06', knownAt)).toMatchObject({
      status: 'indeterminate',
      reason: expect.stringContaining('contact-in-the-future'),
    });
  });

  test('one after the date of death never puts the member on; a good one leaves open which of the two is wrong', () => {
    const died = (start: string, more: Partial<Contact> = {}) => ({
      deceased: '2025-03-05',
      contacts: [contact(at), contact(start, more)],
    });
    const good = died('2025-03-06T10:00:00-05:00');
    expect(codes(good)).toEqual(['contact-after-death']);
    expect(codes(died('2025-03-05T23:59:00-05:00'))).toEqual([]);
    expect(status(good, '2025-03-05')).toMatchObject({ status: 'on', lastDay: '2025-03-05' });
    expect(status(good, '2025-03-06')).toMatchObject({ status: 'indeterminate', reason: 'contact-after-death' });
    expect(billed(good, '2025-03-06')).toMatchObject({ result: 'not-met', reasons: ['deceased'] });
    // Between the death and that contact nothing speaks against the death.
    const afterwards = died('2025-03-08T10:00:00-05:00');
    expect(status(afterwards, '2025-03-07')).toMatchObject({ status: 'off', reason: 'deceased' });
    // One that would not count anyway contradicts nothing that was decided.
    expect(status(died('2025-03-06T10:00:00-05:00', { documentation: [] }), '2025-03-07')).toMatchObject({
      status: 'off',
      reason: 'deceased',
    });
  });

  test('a member’s own message after death is told, an automatic reply is not', () => {
    const message = (more: Partial<Message>): Message => ({
      reference: 'Communication/1',
      coach,
      episodes: [episode],
      medium: 'text',
      owner: 'riverside',
      sent: '2025-03-06T10:00:00-05:00',
      recordedAt: '2025-03-06T15:00:00Z',
      fromMember: true,
      automatic: false,
      purposes: [],
      goals: [],
      ...more,
    });
    const texts = (more: Partial<Message>) => codes({ deceased: '2025-03-05', messages: [message(more)] });
    expect(texts({})).toEqual(['contact-after-death']);
    expect(texts({ automatic: true })).toEqual([]);
    expect(texts({ fromMember: false })).toEqual([]);
    expect(codes({ messages: [message({})] }, '2025-03-01T00:00:00Z')).toEqual(['contact-in-the-future']);
  });

  test('one before its episode begins is pending', () => {
    const early = { contacts: [contact(at)], episodes: [{ ...ordinary, start: '2025-03-02' }] };
    expect(codes(early)).toEqual(['contact-before-episode']);
    expect(contradictionsOf(memberFacts(early), rulesets, later)[0]).toMatchObject({
      evidence: [`Encounter/${at}`, episode].sort(),
      episode,
    });
    expect(status(early, '2025-03-03')).toMatchObject({ status: 'indeterminate', reason: 'contact-before-episode' });
    expect(billed(early, '2025-03-03')).toEqual(indeterminate('caseload: contact-before-episode'));
    expect(codes({ ...early, episodes: [{ ...ordinary, start: '2025-03-01' }] })).toEqual([]);
  });

  test('one whose start is no instant with an offset never was, and is told', () => {
    const undated = { contacts: [contact('2025-03-01T15:00:00'), contact('2025-02-30T15:00:00Z')] };
    expect(codes(undated)).toEqual(['contact-without-date', 'contact-without-date']);
    expect(status(undated, '2025-03-02')?.status).toBe('off');
  });

  test('support work that ends before it begins', () => {
    const work = {
      reference: 'Procedure/1',
      coaches: [coach],
      organization: employer,
      start: '2025-03-01T10:00:00-05:00',
      end: '2025-03-01T09:00:00-05:00',
      status: 'completed',
      category: 'support-without-member' as const,
      partyType: undefined,
      clientPresent: undefined,
      purposes: [],
      outcome: [],
    };
    expect(codes({ support: [work] })).toEqual(['activity-end-before-start']);
  });
});

describe('episodes', () => {
  test('one that ends before it begins holds no day for certain', () => {
    const reversed = { contacts: [contact(at)], episodes: [{ ...ordinary, start: '2025-02-01', end: '2025-01-01' }] };
    expect(codes(reversed)).toEqual(['episode-end-before-start']);
    expect(status(reversed, '2025-03-02')).toMatchObject({
      status: 'indeterminate',
      reason: 'episode-end-before-start',
    });
    expect(billed(reversed, '2025-03-02')).toMatchObject({
      result: 'indeterminate',
      reasons: expect.arrayContaining(['episode-end-before-start', 'A-2 episode-end-before-start']),
    });
    expect(status(reversed, '2025-03-23')?.status).toBe('off');
  });

  test('two at once at one organisation: the contact’s own episode has its status, no day of both is billable', () => {
    const second = { ...ordinary, reference: 'EpisodeOfCare/2', start: '2025-02-01' };
    const both = (one: Partial<Episode>, other: Partial<Episode> = {}) => ({
      contacts: [contact(at)],
      episodes: [
        { ...ordinary, start: '2025-01-01', ...one },
        { ...second, ...other },
      ],
    });
    expect(contradictionsOf(memberFacts(both({})), rulesets, later)).toMatchObject([
      { code: 'two-episodes-at-once', evidence: [episode, 'EpisodeOfCare/2'], episode },
    ]);
    expect(status(both({}), '2025-03-02')).toMatchObject({ status: 'on', lastDay: '2025-03-22' });
    expect(billed(both({}), '2025-03-02')).toEqual(indeterminate('two-episodes-at-once'));
    expect(billed(both({}, { start: '2025-03-03' }), '2025-03-02')).toEqual({ result: 'met' });
    // Readmission on the day of discharge, another organisation, and one after the other.
    expect(codes(both({ end: '2025-02-01' }))).toEqual([]);
    expect(codes(both({ end: '2025-02-02' }))).toEqual(['two-episodes-at-once']);
    expect(codes(both({}, { organization: 'Organization/other' }))).toEqual([]);
    expect(billed(both({}, { organization: 'Organization/other' }), '2025-03-02')).toEqual({ result: 'met' });
  });

  test('a contact that names none of two is pending in each', () => {
    const second = { ...ordinary, reference: 'EpisodeOfCare/2', start: '2025-02-01' };
    const unnamed = [contact(at), contact(at, { episode: 'EpisodeOfCare/2' })].map((one) => ({
      ...one,
      episodeProblem: 'ambiguous-episode' as const,
    }));
    const facts = { contacts: unnamed, episodes: [ordinary, second] };
    expect(status(facts, '2025-03-02')).toMatchObject({ status: 'indeterminate', reason: 'ambiguous-episode' });
    expect(billed(facts, '2025-03-02', 'EpisodeOfCare/2')?.result).toBe('indeterminate');
  });
});

describe('coverages', () => {
  test('one that ends before it begins covers no day', () => {
    const reversed = { ...coverage, start: '2025-03-01', end: '2025-02-01' };
    expect(codes({ coverages: [reversed] })).toEqual(['coverage-end-before-start']);
    expect(seriesOf(memberFacts({ coverages: [reversed], contacts: [contact(at)] }), rulesets, later)).toEqual([]);
  });

  test('a gap that an episode goes on in is told; each day has its own day’s ruleset, and the contact carries over', () => {
    const spans = (end: string, start: string) => [
      { ...coverage, end },
      { ...coverage, reference: 'Coverage/2', start },
    ];
    const gap = { contacts: [contact(at)], coverages: spans('2025-03-05', '2025-03-09') };
    expect(contradictionsOf(memberFacts(gap), rulesets, later)).toMatchObject([
      {
        code: 'coverage-gap',
        evidence: ['Coverage/1', 'Coverage/2'],
        episode,
        text: expect.stringContaining('from 2025-03-06 to 2025-03-08'),
      },
    ]);
    expect(['2025-03-05', '2025-03-06', '2025-03-08', '2025-03-09'].map((date) => status(gap, date)?.status)).toEqual([
      'on',
      undefined,
      undefined,
      'on',
    ]);
    expect(status(gap, '2025-03-09')?.lastDay).toBe('2025-03-22');
    expect(billed(gap, '2025-03-06')).toMatchObject({ result: 'not-met' });
    expect(codes({ coverages: spans('2025-03-05', '2025-03-06') })).toEqual([]);
    expect(codes({ coverages: spans('2025-03-05', '2025-03-04') })).toEqual([]);
    expect(codes({ ...gap, episodes: [{ ...ordinary, end: '2025-03-05' }] })).toEqual([]);
    expect(codes({ ...gap, episodes: [{ ...ordinary, end: '2025-03-06' }] })).toEqual(['coverage-gap']);
    // A third coverage over the gap, which itself began before and ended after it.
    expect(
      codes({ coverages: [...gap.coverages, { ...coverage, reference: 'Coverage/3', end: '2025-04-01' }] }),
    ).toEqual([]);
  });

  test('a plan that no ruleset knows is indeterminate, by its value; another plan of the member’s keeps its status', () => {
    const unknown = { ...coverage, reference: 'Coverage/9', product: 'gold-ppo' };
    const facts = { coverages: [coverage, unknown], contacts: [contact(at)] };
    expect(contradictionsOf(memberFacts(facts), rulesets, later)).toMatchObject([
      { code: 'unknown-plan', reason: 'unknown-plan: gold-ppo', evidence: ['Coverage/9'] },
    ]);
    expect(status(facts, '2025-03-02')?.status).toBe('on');
    const reason = (more: Partial<CoverageFact>) =>
      contradictionsOf(memberFacts({ coverages: [{ ...unknown, ...more }] }), rulesets, later).map((one) => one.reason);
    expect(reason({ product: undefined })).toEqual(['unknown-plan: none']);
    expect(reason({ product: undefined, planType: 'gold' })).toEqual(['unknown-plan: gold']);
    expect(reason({ planType: 'mco' })).toEqual([]);
    // Before the episode, or known on other days only, it concerns nobody's caseload.
    expect(reason({ start: '2022-01-01', end: '2023-12-31' })).toEqual([]);
    expect(contradictionsOf(memberFacts(), rulesets, '2019-01-01T00:00:00Z')[0]?.code).toBe('unknown-plan');
  });
});

test('each is told once and in one order, however the facts are sorted', () => {
  const facts = memberFacts({
    contacts: [withEnd(at, '2025-02-01', { coach: 'Practitioner/b' }), withEnd(at, '2025-02-01')],
    deceasedWithoutDate: true,
    coverages: [
      { ...coverage, product: 'gold' },
      { ...coverage, reference: 'Coverage/2', product: 'silver' },
    ],
  });
  const turned = {
    ...facts,
    contacts: facts.contacts.toReversed(),
    coverages: facts.coverages.toReversed(),
  };
  const told = contradictionsOf(facts, rulesets, later);
  expect(told.map(({ code }) => code)).toEqual([
    'coach-unknown',
    'contact-end-before-start',
    'death-without-date',
    'unknown-plan',
    'unknown-plan',
  ]);
  expect(contradictionsOf(turned, rulesets, later)).toEqual(told);
});
