import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import { type LocalDate, localDateOf } from '../base/time.ts';
import { Members } from '../domain/facts/served-members.ts';
import { canonicalOf, quoteOf, type Ruleset } from '../domain/ruleset.ts';
import {
  byDeadline,
  employedOn,
  type PayerRunway,
  type RunwayLine,
  runwayOf,
  stopsIn,
  withWaiversUnder,
} from '../domain/runway.ts';
import { parseReference } from '../fhir/references.ts';
import type { Access } from '../store/access.ts';
import { episodeRows, memberPapers, rosterOn } from '../store/people.ts';
import type { Services } from './context.ts';
import { askStaff, type Staff, type StaffQuestion } from './staff-question.ts';

export interface RunwayQuestion extends StaffQuestion {
  /** `YYYY-MM`: only who must stop in it */
  readonly month: string | undefined;
}

/**
 * `Organization/{id}/$credential-runway?date&knownAt&ruleset&month` (docs/people.md): every coach employed on the day under each ruleset
 * that holds CR-4, by deadline, with what is missing and whose days are lost after it.
 */
export async function answerRunway(
  services: Services,
  access: Access,
  asked: RunwayQuestion,
): Promise<Result<Parameters, Failure>> {
  const lines = await askStaff(services, access, '$credential-runway', 'CR-4', asked, (staff) =>
    runwayLines(services, staff),
  );
  if (!lines.ok) return lines;
  const { month } = asked;
  const parameter = lines.value
    .filter(({ line }) => month === undefined || stopsIn(line, month))
    .sort((a, b) => byDeadline(a.line, b.line))
    .map(coachPart);
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

interface Named {
  readonly line: RunwayLine;
  readonly name: string;
}

async function runwayLines({ rulesets: known }: Services, staff: Staff): Promise<Named[]> {
  const { coaches, dateFor, knownAt, names, rulesets, scope, tx } = staff;
  const [first] = rulesets;
  if (!first) return [];
  const ids = [...coaches.facts.keys()].flatMap((reference) => parseReference(reference)?.id ?? []);
  const [episodes, roster] = await Promise.all([
    episodeRows(tx, scope),
    Promise.all(rulesets.map(async (one) => [one, await rosterOn(tx, scope, ids, caseloadDay(staff, one))] as const)),
  ]);
  const patients = episodes.flatMap(({ resource }) =>
    resource.resourceType === 'EpisodeOfCare' ? (parseReference(resource.patient.reference ?? '')?.id ?? []) : [],
  );
  const papers = await memberPapers(tx, scope, [...new Set(patients)]);
  const members = new Members([...episodes, ...papers], coaches, known, knownAt.toISOString());
  return roster.flatMap(([ruleset, rows]) => {
    const date = dateFor(ruleset);
    const reference = `Organization/${scope.organization}`;
    return employedOn(coaches.facts.values(), reference, date, ruleset).map((employed) => {
      const coach = withWaiversUnder(employed, (payer) => members.isOnlyUnderOthers(payer, ruleset));
      const { practitioner } = coach;
      const served = members.servedBy(practitioner, ruleset, caseloadDay(staff, ruleset), rows);
      return {
        name: names.get(practitioner) ?? practitioner,
        line: runwayOf(coach, ruleset, reference, date, served),
      };
    });
  });
}

/** Who is on a caseload on a day to come nobody knows: then today's counts. */
function caseloadDay({ dateFor, knownAt }: Staff, ruleset: Ruleset): LocalDate {
  const [date, today] = [dateFor(ruleset), localDateOf(knownAt, ruleset.zone)];
  return date < today ? date : today;
}

function coachPart({ line, name }: Named): ParametersParameter {
  const { alert, coach, daysLeft, deadline, limit, missing, payers, ruleset, state } = line;
  const basis = ruleset.rules['CR-4'];
  const { quote, source } = basis ? quoteOf(ruleset, basis) : { quote: undefined, source: undefined };
  const sum = (figure: 'members' | 'memberDays'): number => payers.reduce((total, payer) => total + payer[figure], 0);
  return {
    name: 'coach',
    part: [
      { name: 'coach', valueReference: { reference: coach.practitioner, display: name } },
      { name: 'ruleset', valueUri: canonicalOf(ruleset) },
      { name: 'date', valueDate: line.date },
      { name: 'state', valueCode: state },
      ...(limit === undefined ? [] : [{ name: 'limit', valueDate: limit }]),
      ...(deadline === undefined ? [] : [{ name: 'deadline', valueDate: deadline }]),
      ...(daysLeft === undefined ? [] : [{ name: 'daysLeft', valueInteger: daysLeft }]),
      ...(alert === undefined ? [] : [{ name: 'alert', valueInteger: alert }]),
      ...missing.map(({ reason, rule }) => ({
        name: 'missing',
        part: [
          { name: 'rule', valueCode: rule },
          { name: 'reason', valueString: reason },
        ],
      })),
      { name: 'members', valueInteger: sum('members') },
      { name: 'memberDays', valueInteger: sum('memberDays') },
      ...payers.map(payerPart),
      ...(quote === undefined ? [] : [{ name: 'quote', valueString: quote }]),
      ...(source === undefined ? [] : [{ name: 'source', valueString: source }]),
    ],
  };
}

function payerPart({ lastDay, memberDays, members, outcome, payer, waivedUntil }: PayerRunway): ParametersParameter {
  return {
    name: 'payer',
    part: [
      { name: 'payer', valueReference: { reference: payer } },
      { name: 'qualified', valueCode: outcome.result },
      ...('reasons' in outcome ? outcome.reasons.map((reason) => ({ name: 'reason', valueString: reason })) : []),
      ...(waivedUntil === undefined ? [] : [{ name: 'waivedUntil', valueDate: waivedUntil }]),
      ...(lastDay === undefined ? [] : [{ name: 'lastDay', valueDate: lastDay }]),
      { name: 'members', valueInteger: members },
      { name: 'memberDays', valueInteger: memberDays },
    ],
  };
}
