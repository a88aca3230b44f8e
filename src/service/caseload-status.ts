import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate, localDateOf } from '../base/time.ts';
import { seriesOf } from '../domain/caseload.ts';
import { type Caseload, caseloadOn, prepareCaseload, type Series } from '../domain/cl-1-caseload.ts';
import { measureOn } from '../domain/measures.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { canonicalOf, quoteOf, type Ruleset } from '../domain/ruleset.ts';
import { type Access, grantsFor } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { memberRows } from '../store/facts.ts';
import { Params } from '../store/sql.ts';
import { visible } from '../store/visibility.ts';
import type { Services } from './context.ts';
import { checkRight } from './prepare.ts';
import { absent } from './read.ts';
import { factsByOwner } from './recompute.ts';

export interface CaseloadQuestion {
  readonly episode: string;
  /** the day asked about; undefined: the day of `knownAt` in each ruleset's zone */
  readonly asOf: LocalDate | undefined;
  /** what was recorded by then counts; undefined: now */
  readonly knownAt: Date | undefined;
  /** name, url or `url|version`; undefined: all */
  readonly ruleset: string | undefined;
  readonly requestId: string;
}

/** `EpisodeOfCare/{id}/$caseload-status` (architecture, section 3): the answer for any day, from what was recorded by then. */
export async function answerCaseloadStatus(
  services: Services,
  access: Access,
  asked: CaseloadQuestion,
): Promise<Result<Parameters, Failure>> {
  const refused = checkRight(access, 'Observation', 'r') ?? checkQuestion(services, access, asked);
  if (refused) return err(refused);
  return services.db.transaction(access.tenant, async (tx) => {
    const episode = await findEpisode(tx, access, asked.episode);
    await logAnswer(tx, access, asked, episode?.patient);
    if (!episode) return err(absent('EpisodeOfCare', asked.episode));
    const rows = await memberRows(tx, access.tenant, episode.patient, ruleInputTypes, asked.knownAt);
    const facts = factsByOwner(episode.patient, rows, services.rulesets).get(episode.owner);
    const knownAt = asked.knownAt ?? access.clock.now();
    const reference = `EpisodeOfCare/${asked.episode}`;
    const series = facts ? seriesOf(facts, services.rulesets, knownAt.toISOString()) : [];
    const parameter = series
      .filter((one) => one.episode.reference === reference && isAsked(one.ruleset, asked.ruleset))
      .filter(({ payer }) => access.kind !== 'plan' || payer === `Organization/${access.organization}`)
      .map((one) => {
        const date = asked.asOf ?? localDateOf(knownAt, one.ruleset.zone);
        return caseloadPart(
          prepareCaseload(facts as NonNullable<typeof facts>, one, knownAt.toISOString()),
          date,
          maySeeContacts(access),
        );
      });
    return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
  });
}

/** A caller whose clock is a little ahead means now. */
const clockSkewMs = 5 * 60_000;

function checkQuestion(
  { rulesets }: Services,
  access: Access,
  { knownAt, ruleset }: CaseloadQuestion,
): Failure | undefined {
  if (knownAt && knownAt.getTime() > access.clock.now().getTime() + clockSkewMs)
    return failure(
      'invalid',
      'value',
      `knownAt lies in the future; it is ${access.clock.now().toISOString()} now. Ask for an instant that is past, or leave it out.`,
    );
  if (ruleset !== undefined && !rulesets.some((one) => isAsked(one, ruleset)))
    return failure(
      'invalid',
      'value',
      `ruleset ${ruleset.slice(0, 100)} is not known here. Use one of ${rulesets.map(({ name }) => name).join(', ')}, its url, or url|version.`,
    );
  return undefined;
}

function isAsked(ruleset: Ruleset, asked: string | undefined): boolean {
  return asked === undefined || asked === ruleset.name || asked === ruleset.url || asked === canonicalOf(ruleset);
}

/** The status is visible or not, whoever may read the episode itself: the builder is asked about an Observation of this owner and payer. */
async function findEpisode(
  tx: Transaction,
  access: Access,
  id: string,
): Promise<{ patient: string; owner: string } | undefined> {
  const params = new Params();
  const audience = params.add(access.organization ?? '');
  const status = `select e.tenant, 'Observation'::text as type, ''::text as id, e.owner, e.patient, false as mixed, ${audience}::text as audience`;
  const [row] = await tx.query<{ patient: string; owner: string }>(
    `select e.patient, e.owner from resource e cross join lateral (${status}) s
      where e.tenant = ${params.add(access.tenant)} and e.type = 'EpisodeOfCare' and e.id = ${params.add(id)}
        and e.patient is not null and not e.deleted and ${visible('s', access, 'r', 'Observation', params)}`,
    params.values,
  );
  return row;
}

async function logAnswer(
  tx: Transaction,
  access: Access,
  { episode, requestId }: CaseloadQuestion,
  patient: string | undefined,
): Promise<void> {
  const params = new Params();
  const row = {
    clientId: access.clientId,
    interaction: '$caseload-status',
    type: 'EpisodeOfCare',
    entity: [`EpisodeOfCare/${episode}`],
    patients: patient === undefined ? [] : [patient],
    outcome: patient === undefined ? 404 : 200,
    requestId,
  };
  await tx.query(auditInsert(access.tenant, [row], params), params.values);
}

function maySeeContacts(access: Access): boolean {
  return access.kind !== 'plan' && grantsFor(access, 'Encounter', 'r').length > 0;
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
  const { count, dueDate, reason, result } = measureOn(caseload, measure, date);
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
