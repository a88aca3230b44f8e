import { describe, expect, test } from 'vitest';
import { addDays, localDate } from '../../../src/base/time.ts';
import { billingDays } from '../../../src/domain/billing.ts';
import { seriesOf, spellsOf } from '../../../src/domain/caseload.ts';
import { contradictionsOf } from '../../../src/domain/contradictions.ts';
import { dateIn } from '../../../src/domain/dating.ts';
import { type MemberFacts, type Message, noDetails } from '../../../src/domain/facts/facts.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import {
  attestations,
  carc,
  coach,
  coachFacts,
  contact,
  employer,
  episode,
  memberFacts,
  payer,
  ruleset,
} from '../../support/facts.ts';

/**
 * T84: nobody moves a caseload by writing the same instants in other offsets. Facts are drawn at random from a seed, each instant is
 * written anew in an offset of its own, and every answer must stay as it was.
 */
const cases = 600;

/** mulberry32: the same facts for the same seed, so that a red run can be run again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Draw = ReturnType<typeof random>;
type Writer = (instant: number) => string;

/** FHIR's offsets reach from -14:00 to +14:00, and quarter hours are in use. */
function inOffset(instant: number, minutes: number): string {
  const local = new Date(instant + minutes * 60_000).toISOString().slice(0, -1);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
}

/** The midnight at the end of a day may be written as 24:00 of it. */
function asTwentyFour(text: string): string {
  if (text.slice(11, 23) !== '00:00:00.000') return text;
  return `${addDays(localDate(text.slice(0, 10)), -1)}T24:00:00.000${text.slice(23)}`;
}

const utc: Writer = (instant) => new Date(instant).toISOString();
const scattered =
  (draw: Draw): Writer =>
  (instant) => {
    const text = inOffset(instant, draw(2) === 0 ? (draw(29) - 14) * 60 : (draw(113) - 56) * 15);
    return draw(2) === 0 ? asTwentyFour(text) : text;
  };

const year = Date.UTC(2025, 0, 1);
const hour = 3_600_000;

/** Instants are thick around the midnights of New York and Detroit, on both DST days and on whole hours. */
function instant(draw: Draw): number {
  const day = draw(120);
  const near = [4, 5, 6][draw(3)] ?? 5;
  return draw(2) === 0
    ? year + day * 24 * hour + near * hour + (draw(3) - 1) * draw(2 * 3_600) * 1_000
    : year + day * 24 * hour + draw(24) * hour;
}

/** What is drawn does not depend on how it is written: `draw` gives the facts, `write` the text. */
function history(draw: Draw, write: Writer): MemberFacts {
  const some = (value: number): string | undefined => (draw(3) === 0 ? write(value) : undefined);
  const contacts = Array.from({ length: 1 + draw(6) }, (_, index) => {
    const start = instant(draw);
    const end = start + (draw(8) - 1) * hour;
    const signed = start + draw(40) * hour;
    return contact(write(start), {
      reference: `Encounter/${index}`,
      evidence: [`Encounter/${index}`],
      modality: draw(3) === 0 ? 'phone' : 'in-person',
      memberEngaged: draw(6) === 0 ? false : draw(6) === 0 ? undefined : true,
      documentation: [{ status: 'final', signedAt: write(signed), signedBy: [coach], evidence: [] }],
      details: { ...noDetails, end: write(end) },
    });
  });
  const messages = Array.from({ length: draw(8) }, (_, index): Message => {
    const sent = instant(draw);
    return {
      reference: `Communication/${index}`,
      coach,
      episodes: [episode],
      medium: 'text',
      owner: 'riverside',
      sent: write(sent),
      recordedAt: write(sent + hour),
      fromMember: draw(2) === 0,
      automatic: draw(5) === 0,
      purposes: [],
      goals: [],
    };
  });
  const [coverage] = memberFacts().coverages;
  if (!coverage) throw new Error('fixture');
  const begin = year + (draw(60) - 40) * 24 * hour;
  return memberFacts({
    contacts,
    messages,
    deceased: some(instant(draw)),
    episodes: [
      {
        reference: episode,
        organization: employer,
        careManager: [],
        start: write(begin),
        end: some(instant(draw)),
      },
    ],
    coverages: [{ ...coverage, start: write(year - 400 * 24 * hour), end: some(instant(draw)) }],
    coaches: new Map([
      [
        coach,
        coachFacts({
          roles: [
            {
              reference: 'PractitionerRole/1',
              organization: employer,
              start: write(year - 900 * 24 * hour),
              end: some(instant(draw)),
            },
          ],
          qualifications: [...attestations, { ...carc(), end: some(instant(draw)) }],
        }),
      ],
    ]),
  });
}

/** Everything that the domain says of these facts, without the texts that repeat what the sender wrote. */
function answers(facts: MemberFacts, rules: Ruleset, knownAt: string) {
  const series = seriesOf(facts, [rules], knownAt);
  const organizations = [{ reference: employer, active: true, types: ['prov'], licences: [] }];
  const more = { organizations, authorizations: [], charges: [], plans: [], goals: [] };
  const period = { start: localDate('2025-01-12'), end: localDate('2025-01-18') };
  return {
    spells: series.map((one) => {
      const { nextTransition, spells } = spellsOf(facts, one, knownAt);
      return {
        nextTransition,
        spells: spells.map(({ answer, end, start, status }) => ({
          status,
          start,
          end,
          reason: answer.reason,
          lastDay: answer.lastDay,
          contact: answer.contact?.contact.reference,
          date: answer.contact?.date,
        })),
      };
    }),
    billing: billingDays(facts, more, series, knownAt, period).map(({ answer, date }) => [date, answer]),
    contradictions: contradictionsOf(facts, [rules], knownAt).map(({ code, evidence, reason }) => ({
      code,
      evidence,
      reason,
    })),
  };
}

describe('an answer rests on instants, not on how they are written', () => {
  const mce = ruleset('masshealth-mce');

  test(`${cases} histories, each written in UTC and in offsets drawn at random, 24:00 among them`, () => {
    let twentyFours = 0;
    const statuses = new Set<string>();
    const told = new Set<string>();
    for (let seed = 1; seed <= cases; seed++) {
      const rules = { ...mce, zone: seed % 3 === 0 ? 'America/Detroit' : seed % 3 === 1 ? mce.zone : 'Pacific/Apia' };
      const knownAt = instant(random(-seed)) + 20 * 24 * hour;
      const plain = history(random(seed), utc);
      const writer = scattered(random(seed + 1_000_000));
      const rewritten = history(random(seed), (at) => {
        const text = writer(at);
        if (text.includes('T24:00')) twentyFours++;
        return text;
      });
      const expected = answers(plain, rules, utc(knownAt));
      expect(answers(rewritten, rules, writer(knownAt)), `seed ${seed}`).toEqual(expected);
      for (const { spells } of expected.spells) for (const { status } of spells) statuses.add(status);
      for (const { code } of expected.contradictions) told.add(code);
    }
    // The histories are worth comparing: every status, 24:00 many times, and contradictions.
    expect([...statuses].sort()).toEqual(['indeterminate', 'off', 'on']);
    expect(twentyFours).toBeGreaterThan(50);
    expect([...told]).toEqual(
      expect.arrayContaining(['contact-after-death', 'contact-before-episode', 'contact-end-before-start']),
    );
  });

  test('the dates themselves, from the year 0001 to 9999, in every offset', () => {
    const draw = random(84);
    const first = new Date('0001-01-03T00:00:00Z').getTime();
    const last = new Date('9999-12-29T00:00:00Z').getTime();
    for (let round = 0; round < 1_000; round++) {
      const at = first + Math.floor(((last - first) / 1_000_000) * draw(1_000_001));
      const zone = ['America/New_York', 'America/Detroit', 'Pacific/Apia', 'UTC'][draw(4)] ?? 'UTC';
      const date = dateIn(zone, utc(at));
      expect(date, utc(at)).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      for (let offset = 0; offset < 4; offset++)
        expect(dateIn(zone, scattered(draw)(at)), `${utc(at)} in ${zone}`).toBe(date);
    }
  });
});

describe('the ends of the calendar', () => {
  const mce = ruleset('masshealth-mce');
  const on = (facts: MemberFacts) => answers(facts, mce, '2025-02-01T12:00:00Z');

  test('a coverage that ends in the year 9999 and an episode from the year 0001 bind nothing', () => {
    const base = memberFacts({ contacts: [contact('2025-01-25T12:00:00Z')] });
    const ends = (start: string, end: string) =>
      on({
        ...base,
        coverages: base.coverages.map((one) => ({ ...one, start, end })),
        episodes: base.episodes.map((one) => ({ ...one, end })),
      });
    const open = on(base);
    expect(ends('2024-01-01', '9999-12-31')).toEqual(open);
    expect(ends('0001-01-01', '9999-12-31T23:59:59-05:00').spells).toEqual(open.spells);
  });

  test('a contact of the year 9999 is flagged and decides nothing, one of the year 0001 is outside its episode', () => {
    const far = on(memberFacts({ contacts: [contact('2025-01-25T12:00:00Z'), contact('9999-12-31T12:00:00Z')] }));
    expect(far.spells[0]).toMatchObject({
      nextTransition: '2025-02-16',
      spells: [{ status: 'on', date: '2025-01-25' }],
    });
    expect(far.contradictions.map(({ code }) => code)).toEqual(['contact-in-the-future']);
    const early = on(memberFacts({ contacts: [contact('0001-01-01T12:00:00Z')] }));
    expect(early.contradictions.map(({ code }) => code)).toEqual(['contact-before-episode']);
    expect(early.spells[0]?.spells.some(({ status }) => status === 'on')).toBe(false);
  });

  test('a leap second counts as the second before it, in whichever offset', () => {
    const at = (start: string) =>
      on(memberFacts({ contacts: [contact(start, { reference: 'Encounter/1', evidence: [] })] }));
    const placed = at('2025-01-25T04:59:59Z');
    expect(placed.spells[0]?.spells).toMatchObject([{ status: 'on', date: '2025-01-24' }]);
    for (const start of ['2025-01-25T04:59:60Z', '2025-01-24T23:59:60-05:00', '2025-01-24T23:59:60.5-05:00'])
      expect(at(start), start).toEqual(placed);
  });

  test('an hour 25, a 61st second, a day that is none, and an instant without an offset are flagged and never counted', () => {
    for (const start of [
      '2025-01-25T12:00:61Z',
      '2025-01-25T25:00:00Z',
      '2025-01-25T12:00:00',
      '2025-02-30T12:00:00Z',
    ]) {
      expect(dateIn(mce.zone, start), start).toBeUndefined();
      const { contradictions, spells } = on(
        memberFacts({
          contacts: [contact(start)],
          coverages: memberFacts().coverages.map((one) => ({ ...one, payer })),
        }),
      );
      expect(contradictions.map(({ code }) => code)).toEqual(['contact-without-date']);
      expect(spells).toEqual([{ nextTransition: undefined, spells: [] }]);
    }
  });
});
