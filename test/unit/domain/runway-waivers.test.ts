import type { Coverage, EpisodeOfCare } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { Members } from '../../../src/domain/facts/served-members.ts';
import { runwayOf, withWaiversUnder } from '../../../src/domain/runway.ts';
import { attestations, coachFacts, employer, qualification, ruleset, rulesets, working } from '../../support/facts.ts';
import { coaches, coded, recorded } from '../../support/recorded.ts';

const mco = 'Organization/mco';
const pace = 'Organization/pace';
const date = localDate('2025-06-01');

function coverage(id: string, payor: string, product: string): Coverage {
  return {
    resourceType: 'Coverage',
    id,
    status: 'active',
    beneficiary: { reference: `Patient/${id}` },
    payor: [{ reference: payor }],
    class: [{ type: coded('http://terminology.hl7.org/CodeSystem/coverage-class', 'plan'), value: product }],
    period: { start: '2024-01-01' },
  };
}

const episode = (id: string): EpisodeOfCare => ({
  resourceType: 'EpisodeOfCare',
  id,
  status: 'active',
  patient: { reference: `Patient/${id}` },
  managingOrganization: { reference: employer },
  period: { start: '2024-01-01' },
});

const members = new Members(
  [
    coverage('one', mco, 'masshealth-mco'),
    coverage('two', pace, 'masshealth-pace'),
    episode('one'),
    episode('two'),
  ].map((one) => recorded(one)),
  coaches,
  rulesets,
  '2025-07-01T00:00:00Z',
);

/** Two years passed on 31 May 2025; a payer waived them from then on. */
function state(payer: string, name: string) {
  const asked = ruleset(name);
  const coach = coachFacts({
    roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2023-05-31', end: undefined }],
    qualifications: [
      ...attestations,
      ...working,
      qualification('academy', {
        start: '2020-01-01',
        waivers: [
          { payer, approved: '2025-05-20', document: 'DocumentReference/1', start: '2025-06-01', end: '2025-12-31' },
        ],
      }),
    ],
  });
  const own = withWaiversUnder(coach, (one) => members.isOnlyUnderOthers(one, asked));
  return runwayOf(own, asked, employer, date, []);
}

test('CR-5: an MCO’s waiver is none under the PACE ruleset, and the other way round', () => {
  expect(state(mco, 'masshealth-mce')).toMatchObject({ state: 'waived', deadline: '2025-12-31' });
  expect(state(mco, 'masshealth-pace')).toMatchObject({ state: 'unqualified', deadline: '2025-05-31', daysLeft: -1 });
  expect(state(mco, 'masshealth-pace').missing.map(({ rule }) => rule)).toContain('CR-5');
  expect(state(mco, 'masshealth-pace').payers).toEqual([]);
  expect(state(pace, 'masshealth-pace').state).toBe('waived');
  expect(state(pace, 'masshealth-mce').state).toBe('unqualified');
});

test('CR-5: of a payer that no member has nobody knows the ruleset, so its waiver is told under each', () => {
  for (const name of ['masshealth-mce', 'masshealth-pace'])
    expect(state('Organization/stranger', name)).toMatchObject({ state: 'waived', deadline: '2025-12-31' });
});
