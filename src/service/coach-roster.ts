import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import { coachRoster, type RosterRow } from '../domain/cr-6-roster.ts';
import { canonicalOf, quoteOf, type Ruleset } from '../domain/ruleset.ts';
import type { Access } from '../store/access.ts';
import type { Services } from './context.ts';
import { askStaff, type Staff, type StaffQuestion } from './staff-question.ts';

/**
 * `Organization/{id}/$coach-roster?date&knownAt&ruleset` (docs/people.md): the record of CR-6 on any day up to K's, under each ruleset
 * that asks for one.
 */
export async function answerCoachRoster(
  services: Services,
  access: Access,
  asked: StaffQuestion,
): Promise<Result<Parameters, Failure>> {
  const rosters = await askStaff(services, access, '$coach-roster', 'CR-6', asked, (staff) =>
    Promise.resolve(staff.rulesets.map((ruleset) => rosterPart(staff, ruleset))),
  );
  if (!rosters.ok) return rosters;
  return ok({ resourceType: 'Parameters', ...(rosters.value.length > 0 && { parameter: rosters.value }) });
}

function rosterPart({ coaches, dateFor, knownAt, names, scope }: Staff, ruleset: Ruleset): ParametersParameter {
  const date = dateFor(ruleset);
  const asked = { ruleset, payer: '', organization: `Organization/${scope.organization}` };
  const { answer, rows } = coachRoster(coaches.facts.values(), date, asked, knownAt.toISOString());
  const basis = ruleset.rules['CR-6'];
  const { quote, source } = basis ? quoteOf(ruleset, basis) : { quote: undefined, source: undefined };
  return {
    name: 'roster',
    part: [
      { name: 'ruleset', valueUri: canonicalOf(ruleset) },
      { name: 'date', valueDate: date },
      { name: 'result', valueCode: answer.outcome.result },
      ...reasonsOf(answer.outcome),
      ...rows.map((row) => coachPart(row, names.get(row.coach) ?? row.coach)),
      ...(quote === undefined ? [] : [{ name: 'quote', valueString: quote }]),
      ...(source === undefined ? [] : [{ name: 'source', valueString: source }]),
    ],
  };
}

function coachPart(row: RosterRow, display: string): ParametersParameter {
  const { coach, end, hired, issuer, number, qualified, roles, start, status, verified, waivers } = row;
  return {
    name: 'coach',
    part: [
      { name: 'coach', valueReference: { reference: coach, display } },
      ...roles.map((role) => ({ name: 'role', valueCode: role })),
      ...(hired === undefined ? [] : [{ name: 'hired', valueDate: hired }]),
      { name: 'status', valueCode: status },
      ...(number === undefined ? [] : [{ name: 'number', valueString: number }]),
      ...(issuer === undefined ? [] : [{ name: 'issuer', valueString: issuer }]),
      ...(start === undefined && end === undefined
        ? []
        : [{ name: 'period', valuePeriod: { ...(start && { start }), ...(end && { end }) } }]),
      ...(verified === undefined
        ? []
        : [
            { name: 'verified', valueCode: verified.status },
            { name: 'verifiedOn', valueDate: verified.date },
          ]),
      { name: 'qualified', valueCode: qualified.result },
      ...reasonsOf(qualified),
      ...waivers.map(({ payer, qualified: under }) => ({
        name: 'waiver',
        part: [
          { name: 'payer', valueReference: { reference: payer } },
          { name: 'qualified', valueCode: under.result },
          ...reasonsOf(under),
        ],
      })),
    ],
  };
}

function reasonsOf(outcome: RosterRow['qualified']): ParametersParameter[] {
  return 'reasons' in outcome ? outcome.reasons.map((reason) => ({ name: 'reason', valueString: reason })) : [];
}
