import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate, localDateOf } from '../base/time.ts';
import { type Caseload, caseloadOn, prepareCaseload, type Series } from '../domain/cl-1-caseload.ts';
import { measureOn } from '../domain/measures.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { canonicalOf, quoteOf, type Ruleset } from '../domain/ruleset.ts';
import type { Access } from '../store/access.ts';
import type { Services } from './context.ts';
import { askEpisode, type EpisodeQuestion, maySeeContacts } from './episode-question.ts';

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
  const parameter = facts
    ? series.map((one) => {
        const date = asked.asOf ?? localDateOf(knownAt, one.ruleset.zone);
        return caseloadPart(prepareCaseload(facts, one, knownAt.toISOString()), date, maySeeContacts(access));
      })
    : [];
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

function caseloadPart(caseload: Caseload, date: LocalDate, withContact: boolean): ParametersParameter {
  const { coach, payer, ruleset } = caseload.series;
  const { quote, source } = quoteOf(ruleset, ruleset.caseload);
  const part: ParametersParameter[] = [
    { name: 'coach', valueReference: { reference: coach } },
    { name: 'ruleset', valueUri: canonicalOf(ruleset) },
    { name: 'payer', valueReference: { reference: payer } },
    ...(ruleset.contactDefinition === 'binds' ? statusParts(caseload, date, withContact) : notBinding(caseload.series)),
    ...(quote === undefined ? [] : [{ name: 'quote', valueString: quote }]),
    { name: 'source', valueString: source },
    ...ruleset.measures.map((measure) => measurePart(caseload, measure, date)),
  ];
  return { name: 'caseload', part };
}

function statusParts(caseload: Caseload, date: LocalDate, withContact: boolean): ParametersParameter[] {
  const answer = caseloadOn(caseload, date);
  if (!answer)
    return [
      { name: 'status', valueCode: 'not-applicable' },
      { name: 'reason', valueString: `no coverage under this ruleset on ${date}` },
    ];
  const { contact, lastDay, reason, status } = answer;
  return [
    { name: 'status', valueCode: status },
    ...(contact ? [{ name: 'contactDate', valueDate: contact.date }] : []),
    ...(contact && withContact
      ? [{ name: 'decidingContact', valueReference: { reference: contact.contact.reference } }]
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

function notBinding({ ruleset }: Series): ParametersParameter[] {
  return [
    { name: 'status', valueCode: 'not-applicable' },
    {
      name: 'reason',
      valueString: `the MassHealth bulletin’s definition of contact and caseload does not bind ${ruleset.title}`,
    },
  ];
}

function measurePart(caseload: Caseload, measure: Ruleset['measures'][number], date: LocalDate): ParametersParameter {
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
      { name: 'reason', valueString: reason },
    ],
  };
}
