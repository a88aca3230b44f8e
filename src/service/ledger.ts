import type { Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate } from '../base/time.ts';
import { type BillingFacts, billingDays } from '../domain/billing.ts';
import { type Contradiction, contradictionsOf } from '../domain/contradictions.ts';
import { authorizations, charges } from '../domain/facts/authorizations.ts';
import { carePlans, goals } from '../domain/facts/care-plans.ts';
import { Coaches } from '../domain/facts/coaches.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import { organizationFacts } from '../domain/facts/organizations.ts';
import { type BillingSpan, billingSpans, caseloadSpans, type LedgerSpan } from '../domain/ledger.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { onDemandInputTypes } from '../domain/rules-on-demand.ts';
import { canonicalOf, quoteOf } from '../domain/ruleset.ts';
import type { Access } from '../store/access.ts';
import type { Services } from './context.ts';
import { askEpisode, type EpisodeQuestion, maySeeContacts } from './episode-question.ts';

export interface LedgerQuestion extends EpisodeQuestion {
  readonly start: LocalDate;
  /** the last day, included */
  readonly end: LocalDate;
}

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
  const found = await askEpisode(services, access, '$ledger', asked, [
    ...new Set([...ruleInputTypes, ...onDemandInputTypes]),
  ]);
  if (!found.ok) return found;
  const { facts, knownAt, recorded, series } = found.value;
  if (!facts) return ok({ resourceType: 'Parameters' });
  const at = knownAt.toISOString();
  const withContacts = maySeeContacts(access);
  const days = billingDays(facts, billingFacts(recorded), series, at, asked);
  const parameter = [
    ...caseloadSpans(facts, series, at, asked).map((span) => caseloadPart(span, withContacts)),
    // What makes a day billable is between the provider and its payer's claim system; a plan reads the status under its Consent.
    ...(access.kind === 'plan' ? [] : billingSpans(days).map((span) => billingPart(span, withContacts))),
    ...(withContacts ? contradictionParts(contradictionsOf(facts, services.rulesets, at), asked.episode) : []),
  ];
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

function caseloadPart(span: LedgerSpan, withContact: boolean): ParametersParameter {
  const { answer, change, reason, series, status } = span;
  const { quote, source } = quoteOf(series.ruleset, series.ruleset.caseload);
  const contact = answer?.contact;
  return {
    name: 'caseload',
    part: [
      { name: 'coach', valueReference: { reference: series.coach } },
      ...spanParts(span),
      { name: 'status', valueCode: status },
      ...(contact ? [{ name: 'contactDate', valueDate: contact.date }] : []),
      ...(contact && withContact
        ? [{ name: 'decidingContact', valueReference: { reference: contact.contact.reference } }]
        : []),
      ...(answer?.lastDay === undefined ? [] : [{ name: 'lastDay', valueDate: answer.lastDay }]),
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
function billingFacts(recorded: readonly Recorded[]): BillingFacts {
  const of = <T extends Resource['resourceType']>(type: T): Recorded<Extract<Resource, { resourceType: T }>>[] =>
    recorded.filter(({ resource }) => resource.resourceType === type) as never;
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
  const basis = series.ruleset.rules[answer.rule];
  const { quote, source } = basis ? quoteOf(series.ruleset, basis) : { quote: undefined, source: undefined };
  const reasons = 'reasons' in answer.outcome ? answer.outcome.reasons : [];
  const charge = series.ruleset.parameters.charge?.value;
  return {
    name: 'billing',
    part: [
      ...spanParts(span),
      { name: 'rule', valueCode: answer.rule },
      { name: 'result', valueCode: answer.outcome.result },
      ...(answer.outcome.result === 'met' && charge
        ? [{ name: 'charge', valueString: [charge.code, ...charge.modifiers].join('-') }]
        : []),
      ...reasons.map((reason) => ({ name: 'reason', valueString: reason })),
      ...(typeof answer.figures['open'] === 'string' ? [{ name: 'open', valueString: answer.figures['open'] }] : []),
      ...(typeof answer.figures['warning'] === 'string'
        ? [{ name: 'warning', valueString: answer.figures['warning'] }]
        : []),
      ...(withEvidence
        ? answer.evidence.map((reference) => ({ name: 'evidence', valueReference: { reference } }))
        : []),
      ...(quote === undefined ? [] : [{ name: 'quote', valueString: quote }]),
      ...(source === undefined ? [] : [{ name: 'source', valueString: source }]),
    ],
  };
}

function spanParts({ end, series, start }: Pick<LedgerSpan, 'end' | 'series' | 'start'>): ParametersParameter[] {
  return [
    { name: 'ruleset', valueUri: canonicalOf(series.ruleset) },
    { name: 'payer', valueReference: { reference: series.payer } },
    { name: 'period', valuePeriod: { start, end } },
  ];
}
