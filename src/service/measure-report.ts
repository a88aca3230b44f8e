import type { Measure, MeasureGroup, MeasureReport, MeasureReportGroup } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate } from '../base/time.ts';
import { accountsOf } from '../domain/accounts.ts';
import { seriesOf } from '../domain/caseload.ts';
import { notifications } from '../domain/facts/authorizations.ts';
import { carePlans, goals, stageObservations } from '../domain/facts/care-plans.ts';
import { Coaches } from '../domain/facts/coaches.ts';
import { byType, type Recorded } from '../domain/facts/facts.ts';
import { factsFrom } from '../domain/facts/from-fhir.ts';
import { episodeModes } from '../domain/facts/michigan-episode.ts';
import { type MeasureFacts, type MeasureItem, measureItems } from '../domain/measure-items.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { heldMeasures } from '../profiles/measures.ts';
import type { Access } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { rowsOfMembers } from '../store/facts.ts';
import { servedMembers } from '../store/members.ts';
import { Params } from '../store/sql.ts';
import type { Services } from './context.ts';
import { knownBy } from './cut-charges.ts';
import { checkQuestion, maySeeContacts } from './episode-question.ts';
import { labelled } from './labels.ts';
import { rowsOfOwner } from './owned-facts.ts';
import { checkRight } from './prepare.ts';
import { absent } from './read.ts';

export interface MeasureQuestion {
  /** id of a Measure in `profiles/` */
  readonly measure: string;
  readonly start: LocalDate;
  /** the last day, included */
  readonly end: LocalDate;
  /** id of the Patient; undefined: all whom the caller's organisation serves */
  readonly subject: string | undefined;
  /** what was recorded later is not counted; undefined: as known now */
  readonly knownAt: Date | undefined;
  readonly requestId: string;
}

/** R4 types that the measures' rules read. */
const inputTypes = [...new Set([...ruleInputTypes, 'CarePlan', 'Goal', 'Observation', 'Procedure', 'Task'])];
const mostDays = 367;
/** Whom one request may be about: a larger organisation asks a member at a time. */
const mostMembers = 5_000;
/** Members read and judged together, so that neither memory nor the other requests feel it. */
const chunk = 25;

/**
 * `Measure/{id}/$evaluate-measure?periodStart&periodEnd&subject&knownAt` (R4 measure-operation-evaluate-measure; docs/measures.md): an individual
 * report for a member of the caller's organisation, or its summary over all of them, out of its own records as known now or at an instant. Nothing is stored.
 */
export async function evaluateMeasure(
  services: Services,
  access: Access,
  asked: MeasureQuestion,
): Promise<Result<MeasureReport, Failure>> {
  const measure = heldMeasures().get(asked.measure);
  const refused =
    checkRight(access, 'MeasureReport', 'r') ??
    checkPeriod(asked) ??
    checkQuestion(services, access, { knownAt: asked.knownAt, ruleset: undefined });
  if (refused) return err(refused);
  if (!measure) return err(unknownMeasure(asked.measure));
  if (access.organization === undefined || access.kind === 'plan')
    return err(
      failure(
        'forbidden',
        'forbidden',
        'A measure is evaluated over the records of a provider organisation, by a client of that organisation. This client speaks for none.',
      ),
    );
  return services.db.transaction(access.tenant, async (tx) => {
    const members = await servedMembers(tx, access.tenant, access.organization ?? '', asked.subject, mostMembers + 1);
    if (asked.subject !== undefined && members.length === 0) return err(absent('Patient', asked.subject));
    if (members.length > mostMembers) return err(tooMany());
    await logAnswer(tx, access, asked, members);
    const items = await itemsOf(services, tx, access, asked, measure, members);
    return ok(reportOf(measure, access, asked, items));
  });
}

/** By the code of each group of the measure, over all members. */
async function itemsOf(
  { rulesets }: Services,
  tx: Transaction,
  access: Access,
  { end, knownAt, start }: MeasureQuestion,
  measure: Measure,
  members: readonly string[],
): Promise<ReadonlyMap<string, readonly MeasureItem[]>> {
  const items = new Map<string, MeasureItem[]>((measure.group ?? []).map((group) => [codeOf(group), []]));
  for (let from = 0; from < members.length; from += chunk) {
    const some = members.slice(from, from + chunk);
    const read = await rowsOfMembers(tx, access.tenant, some, inputTypes, knownAt);
    for (const patient of some) {
      const rows = rowsOfOwner(read.get(patient) ?? [], access.organization ?? '');
      const at = knownAt ?? knownBy(access.clock.now(), rows);
      const known = factsOf(patient, rows, rulesets, at.toISOString());
      for (const [code, found] of items) found.push(...measureItems(code, known, { start, end }));
    }
  }
  return items;
}

function codeOf({ code }: Pick<MeasureGroup, 'code'>): string {
  return code?.coding?.[0]?.code ?? '';
}

function factsOf(
  patient: string,
  rows: readonly Recorded[],
  rulesets: Services['rulesets'],
  knownAt: string,
): MeasureFacts {
  const of = byType(rows);
  const facts = factsFrom(patient, rows, rulesets[0]?.zone ?? 'America/New_York');
  return {
    facts,
    notifications: notifications(of('Task')),
    goals: goals(of('Goal')),
    plans: carePlans(of('CarePlan'), new Coaches(of('Practitioner'), of('PractitionerRole'))),
    stages: stageObservations(of('Observation')),
    modes: episodeModes(of('EpisodeOfCare')),
    series: seriesOf(facts, rulesets, knownAt),
    accounts: accountsOf(facts, rulesets, knownAt),
    knownAt,
  };
}

function reportOf(
  measure: Measure,
  access: Access,
  { end, start, subject }: MeasureQuestion,
  items: ReadonlyMap<string, readonly MeasureItem[]>,
): MeasureReport {
  const all = [...items.values()].flat();
  const evidence = subject !== undefined && maySeeContacts(access) ? all.flatMap((item) => item.evidence) : [];
  const resources = [...new Set(evidence)].sort().map((reference) => ({ reference }));
  return {
    resourceType: 'MeasureReport',
    ...(subject !== undefined && { meta: labelled(undefined, true, undefined) }),
    status: 'complete',
    type: subject === undefined ? 'summary' : 'individual',
    measure: `${measure.url}|${measure.version}`,
    ...(subject !== undefined && { subject: { reference: `Patient/${subject}` } }),
    date: access.clock.now().toISOString(),
    reporter: { reference: `Organization/${access.organization}` },
    period: { start, end },
    ...(measure.improvementNotation && { improvementNotation: measure.improvementNotation }),
    group: (measure.group ?? []).map((group) => groupOf(group, items.get(codeOf(group)) ?? [])),
    ...(resources.length > 0 && { evaluatedResource: resources }),
  };
}

/**
 * Counts by R4's populations. What nobody can decide yet is a denominator exclusion, neither a success nor a failure; without anything
 * decided there is no score.
 */
function groupOf(group: MeasureGroup, items: readonly MeasureItem[]): MeasureReportGroup {
  const all = items.length;
  const numerator = items.filter(({ outcome }) => outcome.result === 'met').length;
  const open = items.filter(({ outcome }) => outcome.result !== 'met' && outcome.result !== 'not-met').length;
  const counts: Readonly<Record<string, number>> = {
    'initial-population': all,
    denominator: all,
    'denominator-exclusion': open,
    numerator,
  };
  return {
    ...(group.code && { code: group.code }),
    population: (group.population ?? []).map(({ code }) => ({
      ...(code && { code }),
      count: counts[code?.coding?.[0]?.code ?? ''] ?? 0,
    })),
    ...(all > open && { measureScore: { value: Math.round((numerator / (all - open)) * 10_000) / 10_000 } }),
  };
}

function checkPeriod({ end, start }: MeasureQuestion): Failure | undefined {
  const length = daysBetween(start, end) + 1;
  if (length >= 1 && length <= mostDays) return undefined;
  return failure(
    'invalid',
    'value',
    `periodStart=${start} to periodEnd=${end} is ${length} days. Ask for 1 to ${mostDays} days, periodEnd on or after periodStart.`,
  );
}

function unknownMeasure(id: string): Failure {
  const known = [...heldMeasures().keys()].join(', ');
  return failure('not-found', 'not-found', `Footbridge evaluates no measure ${id.slice(0, 64)}. It knows ${known}.`);
}

function tooMany(): Failure {
  return failure(
    'too-costly',
    'too-costly',
    `A summary may be over ${mostMembers} members; your organisation serves more. Ask for one member at a time with subject.`,
    { status: 422 },
  );
}

async function logAnswer(
  tx: Transaction,
  access: Access,
  { measure, requestId }: MeasureQuestion,
  patients: readonly string[],
): Promise<void> {
  const params = new Params();
  const row = {
    clientId: access.clientId,
    interaction: '$evaluate-measure',
    type: 'Measure',
    entity: [`Measure/${measure}`],
    patients,
    outcome: 200,
    requestId,
  };
  await tx.query(auditInsert(access.tenant, [row], params), params.values);
}
