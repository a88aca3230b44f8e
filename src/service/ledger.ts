import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate } from '../base/time.ts';
import { caseloadSpans, type LedgerSpan } from '../domain/ledger.ts';
import { ruleInputTypes } from '../domain/rules.ts';
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
  const days = daysBetween(asked.start, asked.end) + 1;
  if (days < 1 || days > mostDays)
    return err(
      failure(
        'invalid',
        'value',
        `start=${asked.start} to end=${asked.end} is ${days} days. Ask for 1 to ${mostDays} days, end on or after start.`,
      ),
    );
  const found = await askEpisode(services, access, '$ledger', asked, ruleInputTypes);
  if (!found.ok) return found;
  const { facts, knownAt, series } = found.value;
  const spans = facts ? caseloadSpans(facts, series, knownAt.toISOString(), asked) : [];
  const parameter = spans.map((span) => caseloadPart(span, maySeeContacts(access)));
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

function spanParts({ end, series, start }: Pick<LedgerSpan, 'end' | 'series' | 'start'>): ParametersParameter[] {
  return [
    { name: 'ruleset', valueUri: canonicalOf(series.ruleset) },
    { name: 'payer', valueReference: { reference: series.payer } },
    { name: 'period', valuePeriod: { start, end } },
  ];
}
