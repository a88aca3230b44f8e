import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { holds } from './facts/facts.ts';
import type { PartyConsent } from './facts/michigan-episode.ts';
import type { Service } from './facts/michigan-services.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-18 reads. */
export const inputTypes = ['Consent', 'Procedure'] as const;

/**
 * M-18 contact with "family members (with permission and written consent from clients)" (Michigan, V): for each RelatedPerson of the
 * contact an active Consent that names that person and is in force on the day. A consent for a kind of person names nobody, and who is
 * named as the client's RelatedPerson is family, also in a conversation with professionals [D]. The client's word against it stands until
 * a later consent.
 */
export function m18FamilyConsent(question: Question, service: Service, consents: readonly PartyConsent[]): RuleAnswer {
  const { rules, zone } = question.ruleset;
  if (!rules['M-18']) return notApplicable('M-18', 'rule-not-in-ruleset');
  if (!isFamilyContact(service)) return notApplicable('M-18', 'no-family-contact');
  const date = dateIn(zone, service.start);
  if (date === undefined) return answer('M-18', indeterminate('missing: date of service'), service.evidence);
  if (service.parties.length === 0) return answer('M-18', indeterminate('missing: family member'), service.evidence);
  const naming = consents.filter(({ parties }) => parties.some((party) => service.parties.includes(party)));
  const outcomes = service.parties.map((party): Outcome => {
    const own = naming.filter(({ denies, parties }) => denies !== true && parties.includes(party));
    const inForce = own.filter((consent) => holds(spanIn(zone, consent), date));
    if (isDenied(party, inForce, naming, { date, zone })) return notMet('consent-denied');
    if (own.length === 0) return indeterminate(`missing: consent for ${party}`);
    if (inForce.length === 0) return notMet('consent-not-in-force');
    const isDated = inForce.some(({ start }) => dateIn(zone, start) !== undefined);
    return isDated ? met : indeterminate('missing: date of the consent');
  });
  return answer('M-18', all(...outcomes), [...service.evidence, ...naming.map(({ reference }) => reference)]);
}

/** Whether the client denies contact with a party on a day, and none of these permits was given after that. */
export function isDenied(
  party: string,
  permits: readonly PartyConsent[],
  consents: readonly PartyConsent[],
  { date, zone }: { readonly date: LocalDate; readonly zone: string },
): boolean {
  return consents
    .filter(({ denies, parties }) => denies === true && parties.includes(party))
    .filter((denial) => holds(spanIn(zone, denial), date))
    .some((denial) => !permits.some(({ given }) => Date.parse(given ?? '') > Date.parse(denial.given ?? '')));
}

/** Whether somebody of the family was spoken with: the sender says so, or names one. */
export function isFamilyContact({ parties, partyType }: Pick<Service, 'parties' | 'partyType'>): boolean {
  return partyType === 'family' || parties.length > 0;
}
