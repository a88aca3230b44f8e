import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate, localDateOf } from '../base/time.ts';
import { type Caseload, caseloadOn, prepareCaseload, type Series } from '../domain/cl-1-caseload.ts';
import { measureOn } from '../domain/measures.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { canonicalOf, quoteOf, type Ruleset } from '../domain/ruleset.ts';
import { type Hearer, type ToldCaseload, toldCaseload } from '../domain/told-caseload.ts';
import { heldReasons } from '../profiles/reasons.ts';
import type { Access } from '../store/access.ts';
import type { Services } from './context.ts';
import { askEpisode, type EpisodeQuestion, hearerOf, maySeeContacts } from './episode-question.ts';

export interface CaseloadQuestion extends EpisodeQuestion {
  /** the day asked about; undefined: the day of `knownAt` in each ruleset's zone */
  readonly asOf: LocalDate | undefined;
}

/** `EpisodeOfCare/{id}/$caseload-status` (architecture, section 3): the answer for any day, from what was recorded by then. */
export async function answerCaseloadStatus(
  services: Services,
  access: Access,
  asked: CaseloadQuestion,
): Promise<Result<Parameters, Failure>> {
  const found = await askEpisode(services, access, '$caseload-status', asked, ruleInputTypes);
  if (!found.ok) return found;
  const { facts, knownAt, series } = found.value;
  const hearing = { hearer: hearerOf(access), withContact: maySeeContacts(access) };
  const parameter = facts
    ? series.map((one) => {
        const date = asked.asOf ?? localDateOf(knownAt, one.ruleset.zone);
        return caseloadPart(prepareCaseload(facts, one, knownAt.toISOString()), date, hearing);
      })
    : [];
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

/** Who hears, and whether contacts may be named. */
interface Hearing {
  readonly hearer: Hearer;
  readonly withContact: boolean;
}

function caseloadPart(caseload: Caseload, date: LocalDate, hearing: Hearing): ParametersParameter {
  const { coach, payer, ruleset } = caseload.series;
  const answer = ruleset.contactDefinition === 'binds' ? caseloadOn(caseload, date) : undefined;
  const told = answer && toldCaseload(answer, ruleset, heldReasons(), hearing.hearer);
  const { quote, source } = quoteOf(ruleset, told?.basis ?? ruleset.caseload);
  const part: ParametersParameter[] = [
    { name: 'coach', valueReference: { reference: coach } },
    { name: 'ruleset', valueUri: canonicalOf(ruleset) },
    { name: 'payer', valueReference: { reference: payer } },
    ...(told ? statusParts(told, date, hearing) : notApplicable(caseload.series, date)),
    ...(quote === undefined ? [] : [{ name: 'quote', valueString: quote }]),
    { name: 'source', valueString: source },
    ...ruleset.measures.map((measure) => measurePart(caseload, measure, date, hearing)),
  ];
  return { name: 'caseload', part };
}

function statusParts(
  { contact, lastDay, reason, status }: ToldCaseload,
  date: LocalDate,
  { withContact }: Hearing,
): ParametersParameter[] {
  return [
    { name: 'status', valueCode: status },
    ...(contact ? [{ name: 'contactDate', valueDate: contact.date }] : []),
    ...(contact?.reference !== undefined && withContact
      ? [{ name: 'decidingContact', valueReference: { reference: contact.reference } }]
      : []),
    ...(lastDay === undefined
      ? []
      : [
          { name: 'lastDay', valueDate: lastDay },
          { name: 'daysLeft', valueInteger: daysBetween(date, lastDay) },
        ]),
    { name: 'reason', valueString: reason },
  ];
}

function notApplicable({ ruleset }: Series, date: LocalDate): ParametersParameter[] {
  const reason =
    ruleset.contactDefinition === 'binds'
      ? `no coverage under this ruleset on ${date}`
      : `the MassHealth bulletin’s definition of contact and caseload does not bind ${ruleset.title}`;
  return [
    { name: 'status', valueCode: 'not-applicable' },
    { name: 'reason', valueString: reason },
  ];
}

function measurePart(
  caseload: Caseload,
  measure: Ruleset['measures'][number],
  date: LocalDate,
  { hearer }: Hearing,
): ParametersParameter {
  const { count, dueDate, reason, result } = measureOn(
    { contacts: caseload.contacts, ruleset: caseload.series.ruleset },
    measure,
    date,
  );
  const { ruleset } = caseload.series;
  const { quote, source } = quoteOf(ruleset, measure);
  return {
    name: 'measure',
    part: [
      { name: 'ruleset', valueUri: canonicalOf(ruleset) },
      { name: 'rule', valueCode: measure.rule },
      { name: 'result', valueCode: result },
      { name: 'count', valueInteger: count },
      ...(dueDate === undefined ? [] : [{ name: 'dueDate', valueDate: dueDate }]),
      ...(quote === undefined ? [] : [{ name: 'quote', valueString: quote }]),
      { name: 'source', valueString: source },
      // How many contacts are pending is the provider's own.
      { name: 'reason', valueString: hearer === 'plan' ? countOf(measure, count) : reason },
    ],
  };
}

function countOf({ atLeast, periodDays }: Ruleset['measures'][number], count: number): string {
  return `contacts on the last ${periodDays} dates: ${count} accepted; asked for: ${atLeast}`;
}
