import { describe, expect, test } from 'vitest';
import { addDays, type LocalDate, localDate } from '../../../src/base/time.ts';
import { seriesOf, spellsOf } from '../../../src/domain/caseload.ts';
import { caseloadOn, prepareCaseload, type Series } from '../../../src/domain/cl-1-caseload.ts';
import { type MemberFacts, noDetails } from '../../../src/domain/facts/facts.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import {
  attestations,
  carc,
  coach,
  coachFacts,
  contact,
  employer,
  memberFacts,
  ruleset,
  working,
} from '../../support/facts.ts';
import { parameter } from '../../support/questions.ts';

const later = '2030-01-01T00:00:00Z';
const mce = ruleset('masshealth-mce');

function firstSeries(facts: MemberFacts, rules: Ruleset): Series {
  const [series] = seriesOf(facts, [rules], later);
  if (!series) throw new Error('no series');
  return series;
}

describe('spells', () => {
  test.each(['coach', 'organization'] as const)(
    'equal a walk over every day, for 400 histories drawn at random, by %s',
    (unit) => {
      const other = 'Practitioner/other';
      const rules = { ...mce, parameters: { ...mce.parameters, caseloadUnit: parameter(unit) } };
      let seed = 7;
      const random = (below: number): number => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((seed / 2_147_483_648) * below);
      };
      const day = (offset: number): LocalDate => addDays(localDate('2025-01-01'), offset);
      const some = (offset: number): string | undefined => (random(3) === 0 ? day(offset) : undefined);
      for (let round = 0; round < 400; round++) {
        const base = memberFacts();
        const [coverage] = base.coverages;
        const [one] = base.episodes;
        if (!coverage || !one) throw new Error('fixture');
        const facts = memberFacts({
          contacts: Array.from({ length: 1 + random(6) }, (_, index) => {
            const at = `${day(random(120))}T${String(10 + index).padStart(2, '0')}:00:00-05:00`;
            const kind = random(6);
            const by = random(3) ? coach : other;
            return contact(at, {
              coach: by,
              documentation:
                kind === 0
                  ? []
                  : [{ status: 'final', signedAt: `${day(random(130))}T20:00:00Z`, signedBy: [by], evidence: [] }],
              ...(kind === 1 && { memberEngaged: false }),
              // Ends before it begins: pending.
              ...(kind === 2 && { details: { ...noDetails, end: `${day(-1)}T10:00:00-05:00` } }),
            });
          }),
          deceased: some(100 + random(40)),
          deceasedWithoutDate: random(6) === 0,
          episodes: [{ ...one, careManager: [coach], start: day(random(20)), end: some(10 + random(130)) }],
          coverages: [
            { ...coverage, end: day(40 + random(40)) },
            { ...coverage, reference: 'Coverage/2', start: day(70 + random(40)) },
          ],
          coaches: new Map([
            [
              other,
              coachFacts({ practitioner: other, qualifications: [...attestations, carc('2021-01-01', some(60))] }),
            ],
            [
              coach,
              coachFacts({
                // Breaks in employment and certification, some of them between a contact and the day asked about.
                ...(random(2) && {
                  roles: [
                    {
                      reference: 'PractitionerRole/1',
                      organization: employer,
                      start: '2020-06-01',
                      end: some(40 + random(60)),
                    },
                    {
                      reference: 'PractitionerRole/2',
                      organization: employer,
                      start: day(60 + random(60)),
                      end: undefined,
                    },
                  ],
                }),
                qualifications: [
                  ...attestations,
                  carc('2021-01-01', some(50 + random(60))),
                  ...(random(3) ? [] : [carc(day(80 + random(60)))]),
                  ...(random(2) ? working : []),
                ],
              }),
            ],
          ]),
        });
        const today = day(90 + random(60));
        const knownAt = `${today}T23:00:00Z`;
        const series = firstSeries(facts, rules);
        const caseload = prepareCaseload(facts, series, knownAt);
        const walked: string[] = [];
        const { nextTransition, spells } = spellsOf(facts, series, knownAt);
        // Under the organisation's unit the spells may begin later, with the hire of the coach whose they are.
        const first = unit === 'coach' ? caseload.contacts.at(-1)?.date : spells[0]?.start;
        for (let date = first; date !== undefined && date <= today; date = addDays(date, 1)) {
          const status = caseloadOn(caseload, date)?.status;
          if (status) walked.push(`${date} ${status}`);
        }
        const spelled = spells.flatMap(({ end, start, status }) => {
          const days: string[] = [];
          const until = end === undefined || end > today ? today : end;
          for (let date = start; date <= until; date = addDays(date, 1)) days.push(`${date} ${status}`);
          return days;
        });
        expect(spelled).toEqual(walked);
        const now = caseloadOn(caseload, today);
        for (let date = today; date < (nextTransition ?? addDays(today, 60)); date = addDays(date, 1))
          expect(caseloadOn(caseload, date)?.status).toBe(now?.status);
        if (now?.lastDay) {
          expect(now.lastDay >= today).toBe(true);
          expect(caseloadOn(caseload, now.lastDay)?.status).toBe('on');
          expect(caseloadOn(caseload, addDays(now.lastDay, 1))?.status).not.toBe('on');
        }
      }
    },
  );
});
