import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate } from '../base/time.ts';
import type { RuleAnswer } from '../domain/answer.ts';
import { type BillingFacts, billingDays } from '../domain/billing.ts';
import { type Contradiction, contradictionsOf } from '../domain/contradictions.ts';
import { decidingBasis } from '../domain/deciding-basis.ts';
import { authorizations, charges } from '../domain/facts/authorizations.ts';
import { carePlans, goals } from '../domain/facts/care-plans.ts';
import { Coaches } from '../domain/facts/coaches.ts';
import { byType, type Recorded } from '../domain/facts/facts.ts';
import { organizationFacts } from '../domain/facts/organizations.ts';
import { type BillingSpan, billingSpans, caseloadSpans, type LedgerSpan, toldFigures } from '../domain/ledger.ts';
import { type JudgedService, michiganServices } from '../domain/michigan-billing.ts';
import { michiganFacts } from '../domain/michigan-facts.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { onDemandInputTypes } from '../domain/rules-on-demand.ts';
import { canonicalOf, quoteOf, type Ruleset } from '../domain/ruleset.ts';
import { heldReasons } from '../profiles/reasons.ts';
import type { Access } from '../store/access.ts';
import type { Services } from './context.ts';
import { askEpisode, type EpisodeQuestion, hearerOf, maySeeContacts } from './episode-question.ts';

export interface LedgerQuestion extends EpisodeQuestion {
  readonly start: LocalDate;
  /** the last day, included */
  readonly end: LocalDate;
}

/** R4 types that say which days and contacts may be billed. */
export const billingInputTypes: readonly string[] = [...new Set([...ruleInputTypes, ...onDemandInputTypes])];

/** A year and a day: what a question may span, so that an answer stays a page and not a book. */
const mostDays = 367;

/**
 * `EpisodeOfCare/{id}/$ledger?start&end&knownAt&ruleset` (docs/ledger.md): status and billability of every day of a period under every
 * ruleset, as spans with the deciding contact, the payer's sentence, the last day and what would change it, from what was recorded by K.
 */
export async function answerLedger(
  services: Services,
  access: Access,
  asked: LedgerQuestion,
): Promise<Result<Parameters, Failure>> {
  const length = daysBetween(asked.start, asked.end) + 1;
  if (length < 1 || length > mostDays)
    return err(
      failure(
        'invalid',
        'value',
        `start=${asked.start} to end=${asked.end} is ${length} days. Ask for 1 to ${mostDays} days, end on or after start.`,
      ),
    );
  const found = await askEpisode(services, access, '$ledger', asked, billingInputTypes);
  if (!found.ok) return found;
  const { accounts, facts, knownAt, recorded, series } = found.value;
  if (!facts) return ok({ resourceType: 'Parameters' });
  const at = knownAt.toISOString();
  const withContacts = maySeeContacts(access);
  const caseload = caseloadSpans(facts, series, at, asked, {
    hearer: hearerOf(access),
    reasons: heldReasons(),
  }).map((span) => caseloadPart(span, withContacts));
  // What makes a day billable is between the provider and its payer's claim system; a plan reads the status under its Consent.
  if (access.kind === 'plan') return ok(parametersOf(caseload));
  const days = billingDays(facts, billingFacts(recorded), series, at, asked);
  const more = michiganFacts(recorded);
  const charged = accounts
    .flatMap((account) => michiganServices(facts, more, account, at))
    .filter(({ date }) => asked.start <= date && date <= asked.end);
  return ok(
    parametersOf([
      ...caseload,
      ...billingSpans(days).map((span) => billingPart(span, withContacts)),
      ...charged.map((service) => servicePart(service, withContacts)),
      ...(withContacts ? contradictionParts(contradictionsOf(facts, services.rulesets, at), asked.episode) : []),
    ]),
  );
}

function parametersOf(parameter: ParametersParameter[]): Parameters {
  return { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
}

function caseloadPart(span: LedgerSpan, withContact: boolean): ParametersParameter {
  const { change, reason, series, status, told } = span;
  const { quote, source } = quoteOf(series.ruleset, told?.basis ?? series.ruleset.caseload);
  const { contact, lastDay } = told ?? {};
  return {
    name: 'caseload',
    part: [
      { name: 'coach', valueReference: { reference: series.coach } },
      ...spanParts(span),
      { name: 'status', valueCode: status },
      ...(contact ? [{ name: 'contactDate', valueDate: contact.date }] : []),
      ...(contact?.reference !== undefined && withContact
        ? [{ name: 'decidingContact', valueReference: { reference: contact.reference } }]
        : []),
      ...(lastDay === undefined ? [] : [{ name: 'lastDay', valueDate: lastDay }]),
      { name: 'reason', valueString: reason },
      ...(change === undefined ? [] : [{ name: 'change', valueString: change }]),
      ...(quote === undefined ? [] : [{ name: 'quote', valueString: quote }]),
      { name: 'source', valueString: source },
    ],
  };
}

/** What cannot be right in the episode's records, or in those that every episode of the member rests on. */
function contradictionParts(found: readonly Contradiction[], episode: string): ParametersParameter[] {
  return found
    .filter((one) => one.episode === undefined || one.evidence.concat(one.episode).includes(`EpisodeOfCare/${episode}`))
    .map(({ code, evidence, reason, text }) => ({
      name: 'contradiction',
      part: [
        { name: 'code', valueCode: code },
        { name: 'result', valueCode: 'indeterminate' },
        { name: 'reason', valueString: reason },
        ...evidence.map((reference) => ({ name: 'evidence', valueReference: { reference } })),
        { name: 'change', valueString: text },
      ],
    }));
}

/** What billing reads beside the member's facts, out of the same versions. */
export function billingFacts(recorded: readonly Recorded[]): BillingFacts {
  const of = byType(recorded);
  const coaches = new Coaches(of('Practitioner'), of('PractitionerRole'));
  return {
    organizations: organizationFacts(of('Organization')),
    authorizations: authorizations(of('ClaimResponse')),
    charges: charges(of('ChargeItem')),
    plans: carePlans(of('CarePlan'), coaches),
    goals: goals(of('Goal')),
  };
}

function billingPart(span: BillingSpan, withEvidence: boolean): ParametersParameter {
  const { answer, series } = span;
  const charge = series.ruleset.parameters.charge?.value;
  return {
    name: 'billing',
    part: [
      ...spanParts(span),
      ...answerParts(answer),
      ...(answer.outcome.result === 'met' && charge ? [chargePart(charge)] : []),
      ...reasonParts(answer, series.ruleset, withEvidence),
    ],
  };
}

function servicePart(service: JudgedService, withContacts: boolean): ParametersParameter {
  const { account, answer, code, date, linked, modifiers, service: first, units } = service;
  const contacts = withContacts ? [first, ...linked].map(({ reference }) => reference) : [];
  return {
    name: 'service',
    part: [
      { name: 'ruleset', valueUri: canonicalOf(account.ruleset) },
      { name: 'payer', valueReference: { reference: account.payer } },
      { name: 'date', valueDate: date },
      ...contacts.map((reference) => ({ name: 'contact', valueReference: { reference } })),
      ...answerParts(answer),
      ...(code === undefined ? [] : [chargePart({ code, modifiers })]),
      ...(units === undefined ? [] : [{ name: 'units', valueInteger: units }]),
      ...reasonParts(answer, account.ruleset, withContacts, kindsOf(service.service)),
    ],
  };
}

function answerParts({ outcome, rule }: RuleAnswer): ParametersParameter[] {
  return [
    { name: 'rule', valueCode: rule },
    { name: 'result', valueCode: outcome.result },
  ];
}

function chargePart({ code, modifiers }: { code: string; modifiers: readonly string[] }): ParametersParameter {
  return { name: 'charge', valueString: [code, ...modifiers].join('-') };
}

/** What of a service an entry of a ruleset may say something of its own about. */
function kindsOf({ kind, modality, partyType }: JudgedService['service']): string[] {
  return [kind === 'collateral' ? partyType : undefined, modality].filter((one) => one !== undefined);
}

/** Every reason and warning, what it rests on, and the payer's sentence for what decides. */
function reasonParts(
  { evidence, figures, outcome, rule }: RuleAnswer,
  ruleset: Ruleset,
  withEvidence: boolean,
  kinds: readonly string[] = [],
) {
  const reasons = 'reasons' in outcome ? outcome.reasons : [];
  const basis = decidingBasis(ruleset, heldReasons(), reasons, ruleset.rules[rule], kinds);
  const { quote, source } = basis ? quoteOf(ruleset, basis) : { quote: undefined, source: undefined };

  const text = (name: string, value: string | undefined): ParametersParameter[] =>
    value === undefined ? [] : [{ name, valueString: value }];
  return [
    ...reasons.flatMap((reason) => text('reason', reason)),
    ...toldFigures(figures)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .flatMap(([name, value]) => text(name, value)),
    ...(withEvidence ? evidence.map((reference) => ({ name: 'evidence', valueReference: { reference } })) : []),
    ...text('quote', quote),
    ...text('source', source),
  ];
}

function spanParts({ end, series, start }: Pick<LedgerSpan, 'end' | 'series' | 'start'>): ParametersParameter[] {
  return [
    { name: 'ruleset', valueUri: canonicalOf(series.ruleset) },
    { name: 'payer', valueReference: { reference: series.payer } },
    { name: 'period', valuePeriod: { start, end } },
  ];
}
