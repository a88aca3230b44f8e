import { describe, expect, test } from 'vitest';
import { addDays, localDate } from '../../../src/base/time.ts';
import { billingDays } from '../../../src/domain/billing.ts';
import { seriesOf, spellsOf } from '../../../src/domain/caseload.ts';
import { caseloadOn, prepareCaseload, transitionDates } from '../../../src/domain/cl-1-caseload.ts';
import { contradictionsOf } from '../../../src/domain/contradictions.ts';
import type { Contact, CoverageFact, Episode, MemberFacts } from '../../../src/domain/facts/facts.ts';
import { noDetails } from '../../../src/domain/facts/facts.ts';
import { indeterminate, met } from '../../../src/domain/outcome.ts';
import { applicableRulesets } from '../../../src/domain/ruleset.ts';
import { at, billed, billingRecords, codes, later, mce, status } from '../../support/contradictions.ts';
import {
  approvedWaiver,
  attestations,
  carc,
  coach,
  coachFacts,
  contact,
  memberFacts,
  payer,
  qualification,
  rulesets,
  working,
} from '../../support/facts.ts';

const [coverage] = memberFacts().coverages as [CoverageFact];
const [ordinary] = memberFacts().episodes as [Episode];
const open = (reason: string) => ({ status: 'indeterminate', reason });

/** A day differs from the day before only where a transition is told. */
function expectTransitionsToTell(more: Partial<MemberFacts>, knownAt = later): void {
  const facts = memberFacts(more);
  for (const series of seriesOf(facts, [mce], knownAt)) {
    const caseload = prepareCaseload(facts, series, knownAt);
    const told = new Set(transitionDates(caseload));
    for (let date = localDate('2025-02-20'); date < '2025-05-01'; date = addDays(date, 1)) {
      const [before, now] = [addDays(date, -1), date].map((day) => {
        const found = caseloadOn(caseload, day);
        return [found?.status, found?.lastDay, found?.status === 'on' ? '' : found?.reason].join(' ');
      });
      if (before !== now) expect(told, `${before} -> ${now} on ${date}`).toContain(date);
    }
  }
}

describe('a contact whose modality is not known', () => {
  const strange = { contacts: [contact(at, { modality: 'unknown', modalityProblem: 'unknown-contact-type: letter' })] };

  test('is pending though the member is said to be engaged, and a person is asked', () => {
    expect(status(strange, '2025-03-02')).toMatchObject(open('unknown-contact-type: letter'));
    expect(billed(strange, '2025-03-02')).toEqual(indeterminate('caseload: unknown-contact-type: letter'));
    expect(codes(strange)).toEqual(['modality-unknown']);
  });
});

describe('a note that was signed before the contact', () => {
  const signed = (signedAt: string, start = at) => ({
    contacts: [
      contact(start, { documentation: [{ status: 'final' as const, signedAt, signedBy: [coach], evidence: [] }] }),
    ],
  });

  test('documents nothing; clocks may differ by five minutes', () => {
    expect(status(signed('2025-02-28T15:00:00-05:00'), '2025-03-02')).toMatchObject(open('signed-before-the-contact'));
    expect(codes(signed('2025-02-28T15:00:00-05:00'))).toEqual(['note-signed-before-contact']);
    expect(status(signed('2025-03-01T14:54:59-05:00'), '2025-03-02')).toMatchObject(open('signed-before-the-contact'));
    expect(status(signed('2025-03-01T14:55:00-05:00'), '2025-03-02')).toMatchObject({ status: 'on' });
    expect(codes(signed('2025-03-01T14:55:00-05:00'))).toEqual([]);
  });

  test('of a contact that has a date alone, dates are compared', () => {
    expect(status(signed('2025-02-28T23:59:59-05:00', '2025-03-01'), '2025-03-02')).toMatchObject(
      open('signed-before-the-contact'),
    );
    expect(status(signed('2025-03-01T00:00:00-05:00', '2025-03-01'), '2025-03-02')).toMatchObject({ status: 'on' });
  });

  test('one that lies ahead is told, too', () => {
    expect(status(signed('2027-03-01T15:00:00-05:00'), '2025-03-02')).toMatchObject(open('not-signed-by-then'));
    expect(codes(signed('2027-03-01T15:00:00-05:00'))).toEqual(['note-signed-ahead']);
  });

  test('another signature of the coach afterwards is enough', () => {
    const [one] = signed('2025-02-28T15:00:00-05:00').contacts as [Contact];
    const both = { contacts: [{ ...one, documentation: [...one.documentation, ...contact(at).documentation] }] };
    expect(status(both, '2025-03-02')).toMatchObject({ status: 'on' });
    expect(codes(both)).toEqual([]);
  });
});

describe('a contact that is still to come today', () => {
  const ahead = { contacts: [contact(at)] };
  const knownAt = '2025-03-01T12:00:00-05:00';

  test('is pending until its instant, not from midnight on, and a person is asked', () => {
    expect(status(ahead, '2025-03-01', knownAt)?.reason).toContain('contact-in-the-future');
    expect(codes(ahead, knownAt)).toContain('contact-in-the-future');
    expect(status(ahead, '2025-03-01', '2025-03-01T14:55:00-05:00')?.reason).not.toContain('contact-in-the-future');
    expect(status(ahead, '2025-03-01', '2025-03-01T15:00:00-05:00')).toMatchObject({ status: 'on' });
  });

  test('the midnight after it is a transition, so the night computes it anew', () => {
    const facts = memberFacts(ahead);
    const [series] = seriesOf(facts, [mce], knownAt);
    if (!series) throw new Error('no series');
    expect(spellsOf(facts, series, knownAt)).toMatchObject({
      spells: [{ status: 'indeterminate' }],
      nextTransition: '2025-03-02',
    });
  });
});

test('a contact whose start is a month or a year never was, and a person is asked for its day', () => {
  for (const start of ['2025-03', '2025']) {
    const vague = { contacts: [contact(start, { documentation: contact(at).documentation })] };
    expect(status(vague, '2025-03-02')).toMatchObject({ status: 'off', reason: 'no contact within 21 days' });
    expect(codes(vague)).toEqual(['contact-without-date']);
  }
});

describe('the status of an episode', () => {
  const of = (more: Partial<Episode>, contacts = [contact(at)]) => ({ episodes: [{ ...ordinary, ...more }], contacts });

  test('finished without a day: known to be served through the latest accepted contact', () => {
    const finished = of({ undatedStatus: 'finished' }, [contact('2025-02-25T15:00:00-05:00'), contact(at)]);
    expect(status(finished, '2025-03-01')).toMatchObject({ status: 'on', lastDay: '2025-03-01' });
    expect(status(finished, '2025-03-02')).toMatchObject(open('missing: EpisodeOfCare.period.end'));
    expect(billed(finished, '2025-03-01')).toMatchObject({ result: 'met' });
    expect(billed(finished, '2025-03-02')).toMatchObject({ result: 'indeterminate' });
    expect(codes(finished)).toEqual(['episode-status-without-date']);
    expectTransitionsToTell(finished);
  });

  test('on hold: the days after it began and before it ended are open', () => {
    const held = of({ interruptions: [{ status: 'onhold', start: '2025-03-05', end: '2025-03-08' }] });
    expect(status(held, '2025-03-05')).toMatchObject({ status: 'on', lastDay: '2025-03-05' });
    expect(status(held, '2025-03-06')).toMatchObject(open('episode-onhold'));
    expect(status(held, '2025-03-07')).toMatchObject(open('episode-onhold'));
    expect(billed(held, '2025-03-06')).toMatchObject({ result: 'indeterminate' });
    expect(status(held, '2025-03-08')).toMatchObject({ status: 'on', lastDay: '2025-03-22' });
    expect(codes(held)).toEqual([]);
    expectTransitionsToTell(held);
  });

  test('a contact on a day on hold, or of an episode that is planned, is told', () => {
    const held = of({ interruptions: [{ status: 'onhold', start: '2025-02-20', end: undefined }] });
    expect(status(held, '2025-03-02')).toMatchObject(open('episode-onhold'));
    expect(codes(held)).toEqual(['contact-in-doubtful-episode']);
    const planned = of({ interruptions: [{ status: 'planned', start: undefined, end: undefined }] });
    expect(status(planned, '2025-03-01')).toMatchObject(open('episode-planned'));
    expect(codes(planned)).toEqual(['contact-in-doubtful-episode']);
    expect(codes({ ...planned, contacts: [] })).toEqual([]);
    expectTransitionsToTell(held);
  });
});

describe('a death of which the year or the month is known', () => {
  const died = (deceased: string, contacts = [contact(at)]) => ({ deceased, deceasedWithoutDate: true, contacts });

  test('leaves the days open from its first on, but for those of a later contact, and none after its last', () => {
    const year = died('2025', [contact('2024-12-20T15:00:00-05:00')]);
    expect(status(year, '2024-12-31')).toMatchObject({ status: 'on', lastDay: '2024-12-31' });
    expect(status(year, '2025-01-01')).toMatchObject(open('missing: date of death'));
    const month = died('2025-03');
    expect(status(month, '2025-03-01')).toMatchObject({ status: 'on', lastDay: '2025-03-01' });
    expect(status(month, '2025-03-02')).toMatchObject(open('missing: date of death'));
    expect(billed(month, '2025-03-02')).toMatchObject({ result: 'indeterminate' });
    expect(codes(month)).toEqual(['death-without-date']);
    expect(status(died('2025-02', [contact('2025-02-20T15:00:00-05:00')]), '2025-03-01')).toMatchObject({
      status: 'off',
      reason: 'deceased',
    });
    expectTransitionsToTell(month);
    expectTransitionsToTell(died('2025-03', [contact('2025-02-25T15:00:00-05:00')]));
  });

  test('a contact after its last day contradicts it', () => {
    expect(codes(died('2025-02'))).toEqual(['contact-after-death', 'death-without-date']);
    expect(codes(died('2025'))).toEqual(['death-without-date']);
  });
});

describe('a coverage that does not say from when', () => {
  const undated = { coverages: [{ ...coverage, start: undefined }], contacts: [contact(at)] };

  test('covers no day for certain, and a person is asked', () => {
    expect(applicableRulesets([mce], { ...coverage, start: undefined }, later)).toMatchObject([{ undated: true }]);
    expect(status(undated, '2025-03-02')).toMatchObject(open('missing: Coverage.period.start'));
    expect(billed(undated, '2025-03-02')).toMatchObject({ result: 'indeterminate' });
    expect(codes(undated)).toEqual(['coverage-without-start']);
  });

  test('beside one that does, the other decides', () => {
    const both = {
      ...undated,
      coverages: [...undated.coverages, { ...coverage, reference: 'Coverage/2', end: '2025-03-10' }],
    };
    expect(status(both, '2025-03-02')).toMatchObject({ status: 'on', lastDay: '2025-03-10' });
    expect(billed(both, '2025-03-02')).toMatchObject({ result: 'met' });
    expect(status(both, '2025-03-11')).toMatchObject(open('missing: Coverage.period.start'));
    expectTransitionsToTell(both);
  });
});

describe('two payers under the bulletin at once', () => {
  const second = { ...coverage, reference: 'Coverage/2', payer: 'Organization/second', product: 'masshealth-acpp' };
  const both = (more: Partial<CoverageFact> = {}) => ({
    coverages: [coverage, { ...second, ...more }],
    contacts: [contact(at)],
  });

  test('no day of both is billable, the status of each stands, and a person is asked', () => {
    expect(billed(both(), '2025-03-02')).toEqual(indeterminate('two-payers-at-once'));
    expect(status(both(), '2025-03-02')).toMatchObject({ status: 'on' });
    expect(codes(both())).toEqual(['two-payers-at-once']);
  });

  test('nor is one where the answer is narrowed to one ruleset, and the other payer has another file of the document', () => {
    const facts = memberFacts(both({ product: 'masshealth-pace' }));
    const narrow = seriesOf(facts, rulesets, later).filter(({ ruleset }) => ruleset.name === 'masshealth-mce');
    const days = { start: localDate('2025-03-02'), end: localDate('2025-03-02') };
    expect(narrow).not.toHaveLength(0);
    expect(billingDays(facts, billingRecords, narrow, later, days).map(({ answer }) => answer.outcome)).toEqual([
      indeterminate('two-payers-at-once', 'A-2 plan-config'),
    ]);
  });

  test('one after the other is none, and neither is one payer with two coverages', () => {
    const changed = {
      ...both(),
      coverages: [
        { ...coverage, end: '2025-03-02' },
        { ...second, start: '2025-03-03' },
      ],
    };
    expect(billed(changed, '2025-03-02')).toMatchObject({ result: 'met' });
    expect(codes(changed)).toEqual([]);
    expect(billed(both({ payer }), '2025-03-02')).toMatchObject({ result: 'met' });
    expect(codes(both({ payer }))).toEqual([]);
  });

  test('two plans of one payer under two files of the document exclude each other, too', () => {
    const moved = both({ payer, product: 'masshealth-one-care', start: '2025-03-03' });
    const facts = memberFacts({ ...moved, episodes: [{ ...ordinary, start: '2025-02-01' }] });
    const narrow = seriesOf(facts, rulesets, later).filter(({ ruleset }) => ruleset.name === 'masshealth-mce');
    const days = { start: localDate('2025-03-02'), end: localDate('2025-03-03') };
    expect(billingDays(facts, billingRecords, narrow, later, days).map(({ answer }) => answer.outcome)).toEqual([
      met,
      indeterminate('two-plans-at-once'),
    ]);
    expect(codes(moved)).toEqual(['two-plans-at-once']);
    const [first, second] = moved.coverages as [CoverageFact, CoverageFact];
    const ended = { ...moved, coverages: [{ ...first, end: '2025-03-02' }, second] };
    expect(codes(ended)).toEqual([]);
  });

  test('a plan of another document beside it is none', () => {
    expect(codes(both({ product: 'optum-commercial' }))).toEqual([]);
    expect(billed(both({ product: 'optum-commercial' }), '2025-03-02')).toMatchObject({ result: 'met' });
  });
});

describe('what brings no rule to bear is told', () => {
  const none = { coverages: [], contacts: [contact(at)] };

  test.each(['coverage-cancelled-without-end', 'coverage-not-active', 'coverage-without-payer'] as const)(
    '%s',
    (problem) => {
      const openCoverages = [{ reference: 'Coverage/9', problem, start: '2024-01-01', end: undefined }];
      expect(codes({ ...none, openCoverages })).toEqual([problem]);
      // Beside a coverage that holds only the missing day matters.
      expect(codes({ contacts: [contact(at)], openCoverages })).toEqual(
        problem === 'coverage-cancelled-without-end' ? [problem] : [],
      );
      expect(codes({ ...none, episodes: [], contacts: [], openCoverages })).toEqual([]);
    },
  );

  test('a contact without a coach, and with one of whom nothing is known', () => {
    const unattributed = [{ reference: 'Encounter/9', start: at, status: 'finished', episodes: ['EpisodeOfCare/1'] }];
    expect(codes({ unattributed })).toEqual(['contact-without-coach']);
    expect(codes({ unattributed: unattributed.map((one) => ({ ...one, status: 'planned' })) })).toEqual([]);
    expect(codes({ contacts: [contact(at, { coach: 'Practitioner/nobody' })] })).toContain('coach-unknown');
  });
});

describe('a coach’s papers that a person must complete', () => {
  const with_ = (more: Parameters<typeof coachFacts>[0]) => ({ coaches: new Map([[coach, coachFacts(more)]]) });
  const [role] = coachFacts().roles;
  const waived = (more: object) =>
    with_({
      qualifications: [
        ...attestations,
        ...working,
        qualification('academy', { waivers: [{ ...approvedWaiver(payer, '2025-01-01', undefined), ...more }] }),
      ],
    });

  test.each<[string, Partial<MemberFacts>, string[]]>([
    ['complete', {}, []],
    [
      'a role without a start',
      with_({ roles: [{ ...role, start: undefined } as never] }),
      ['employment-without-start'],
    ],
    ['a person who is not active', with_({ inactive: true }), ['practitioner-not-active']],
    ['one who left', with_({ inactive: true, roles: [{ ...role, end: '2025-04-01' } as never] }), []],
    [
      'a certificate without a period',
      with_({ qualifications: [...attestations, { ...carc(), start: undefined }] }),
      ['certificate-incomplete'],
    ],
    ['no certificate', with_({ qualifications: [...attestations, ...working] }), []],
    ['a waiver without approval', waived({ approved: undefined }), ['waiver-incomplete']],
    ['a waiver without document', waived({ document: undefined }), ['waiver-incomplete']],
    ['another payer’s waiver', waived({ document: undefined, payer: 'Organization/other' }), []],
    [
      'her own word',
      with_({ qualifications: [carc(), ...attestations.map((one) => ({ ...one, attester: coach }))] }),
      ['self-attested'],
    ],
  ])('%s', (_, more, expected) => {
    expect(codes(more)).toEqual(expected);
    for (const { text } of contradictionsOf(memberFacts(more), rulesets, later)) expect(text).toMatch(/\. [A-Z].*\.$/);
  });
});

test('an end of the contact does not make it known', () => {
  const vague = contact(at, { modality: 'unknown', details: { ...noDetails, end: '2025-03-01T16:00:00-05:00' } });
  expect(status({ contacts: [vague] }, '2025-03-02')).toMatchObject(open('missing: modality'));
});
