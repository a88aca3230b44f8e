import { accountsOf } from '../../src/domain/accounts.ts';
import { type Contact, type MemberFacts, noDetails } from '../../src/domain/facts/facts.ts';
import { type JudgedService, michiganServices } from '../../src/domain/michigan-billing.ts';
import { type MichiganFacts } from '../../src/domain/michigan-facts.ts';
import type { Ruleset } from '../../src/domain/ruleset.ts';
import { attestations, coach, coachFacts, contact, memberFacts, qualification, rulesets } from './facts.ts';
import { as, authorization, eligibility } from './michigan.ts';

export const knownAt = '2025-04-01T12:00:00Z';
export const coverage = {
  reference: 'Coverage/1',
  payer: 'Organization/cmhsp',
  product: 'michigan-cmhsp',
  planType: undefined,
  start: '2024-01-01',
  end: undefined,
};
export const facts = (more: Partial<MemberFacts> = {}): MemberFacts =>
  memberFacts({
    coverages: [coverage],
    contacts: [visit()],
    coaches: new Map([
      [
        coach,
        coachFacts({
          qualifications: [...attestations, qualification('ccar-training', { start: '2020-01-01', hours: 40 })],
        }),
      ],
    ]),
    ...more,
  });
export const michigan = (more: Partial<MichiganFacts> = {}): MichiganFacts => ({
  roles: as('coach'),
  eligibilities: [eligibility()],
  fundings: [{ reference: 'Coverage/1', source: 'medicaid', start: '2024-01-01', end: undefined }],
  authorizations: [authorization({ payer: 'Organization/cmhsp' })],
  consents: [{ reference: 'Consent/1', parties: ['RelatedPerson/1'], start: '2025-01-01', end: undefined }],
  modes: [],
  organizations: [],
  activities: new Map(),
  charges: [],
  ...more,
});

/** In person at home on 5 March 2025, from 10:00 for so many minutes. */
export function visit(from = '10:00', to = '11:00', more: Partial<Contact> = {}, details = {}): Contact {
  const at = (time: string): string => `2025-03-05T${time}:00-05:00`;
  return contact(at(from), {
    details: {
      ...noDetails,
      end: at(to),
      supportCategories: ['emotional'],
      types: ['recovery-planning'],
      places: ['12'],
      ...details,
    },
    ...more,
  });
}

export function judged(
  member: Partial<MemberFacts> = {},
  more: Partial<MichiganFacts> = {},
  under: readonly Ruleset[] = rulesets,
  at: string = knownAt,
): JudgedService[] {
  const all = facts(member);
  return accountsOf(all, under, at).flatMap((account) => michiganServices(all, michigan(more), account, at));
}

/** Michigan's file with one rule made a condition of billing. */
export const gating = (rule: string): Ruleset[] =>
  rulesets.map((one) => {
    const { [rule]: held, ...others } = one.rules;
    return held ? { ...one, rules: { ...others, [rule]: { ...held, mode: 'gate' as const } } } : one;
  });

export const blockGrant = [
  { reference: 'Coverage/2', source: 'block-grant', start: '2024-01-01', end: undefined } as const,
];

/** Of the first service. */
export const reasons = ([first]: readonly JudgedService[]): readonly string[] =>
  first && 'reasons' in first.answer.outcome ? first.answer.outcome.reasons : [];
