import type { ChargeItem } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { derivedId, type TenantId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate, localDateOf } from '../base/time.ts';
import { accountsOf } from '../domain/accounts.ts';
import { seriesOf } from '../domain/caseload.ts';
import { type Chargeable, type ChargeSources, chargeables } from '../domain/charges.ts';
import { type CutCharge, cutCharges } from '../domain/facts/cut-charges.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import { factsFrom } from '../domain/facts/from-fhir.ts';
import { michiganFacts } from '../domain/michigan-billing.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { onDemandInputTypes } from '../domain/rules-on-demand.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import type { Access } from '../store/access.ts';
import { type AuditRow, auditInsert } from '../store/audit.ts';
import { lockCharging } from '../store/charges.ts';
import type { Transaction } from '../store/database.ts';
import { memberRows } from '../store/facts.ts';
import { lockMembers } from '../store/outbox.ts';
import { Params } from '../store/sql.ts';
import { within } from '../store/visibility.ts';
import { applyWrites, type Write } from '../store/write.ts';
import { chargeItem } from './charge-item.ts';
import { noWork } from './computed.ts';
import type { Services } from './context.ts';
import { checkQuestion, isAsked } from './episode-question.ts';
import { billingFacts } from './ledger.ts';
import { rowsOfOwner } from './owned-facts.ts';
import { checkRight, prepare, toWrite } from './prepare.ts';
import { absent } from './read.ts';
import { inTransaction, type WriteContext } from './write.ts';

export interface ChargeRequest {
  /** id of the EpisodeOfCare */
  readonly episode: string;
  readonly start: LocalDate;
  /** the last day, included */
  readonly end: LocalDate;
  /** name, url or `url|version`; undefined: all */
  readonly ruleset: string | undefined;
  /** Organization reference; undefined: all */
  readonly payer: string | undefined;
}

/** A charge of the period: made by this request, or one that stood already. */
export interface ChargeMade {
  readonly created: boolean;
  readonly id: string;
  readonly version: string;
  readonly lastUpdated: string;
  /** JSON text */
  readonly content: string;
}

/** R4 types that say what may be charged. */
export const chargeInputTypes: readonly string[] = [...new Set([...ruleInputTypes, ...onDemandInputTypes])];

/** A year and a day, as the ledger's. */
const mostDays = 367;

/**
 * `POST EpisodeOfCare/{id}/$charge` (docs/charges.md): cuts the charges of a closed period out of billable days and contacts, and freezes
 * them. What was charged already is not charged again, so asking twice makes nothing new. Where two payers or rulesets would be charged
 * for one day, nothing is made: a person must say which.
 *
 * @returns the charges of the period by date, those that stood already among them; 404 for an episode that is not the caller's
 * organisation's, 422 for a period that is not closed
 */
export async function cutPeriod(
  context: WriteContext,
  asked: ChargeRequest,
): Promise<Result<readonly ChargeMade[], Failure>> {
  const { access, services } = context;
  const question = { ...asked, knownAt: undefined, requestId: context.requestId };
  const refused =
    checkRight(access, 'ChargeItem', 'c') ?? checkPeriod(asked) ?? checkQuestion(services, access, question);
  if (refused) return err(refused);
  return inTransaction(context, async (tx) => {
    const patient = await ownEpisode(tx, access, asked.episode);
    if (patient === undefined) return err(absent('EpisodeOfCare', asked.episode));
    // Two requests for one member wait for each other, so that no day is charged twice.
    await lockMembers(tx, access.tenant, [patient]);
    await lockCharging(tx, access.tenant, [patient]);
    const owner = access.organization ?? '';
    const rows = rowsOfOwner(await memberRows(tx, access.tenant, patient, chargeInputTypes), owner);
    const known = knownBy(access.clock.now(), rows);
    const sources = sourcesOf(services, patient, rows, known.toISOString(), `EpisodeOfCare/${asked.episode}`);
    const open = checkAccounts(sources, asked, known);
    if (open) return err(open);
    return cut(tx, context, { asked, patient, known, rows, sources: narrowed(sources, asked) });
  });
}

/** Everything that says what may be charged for one episode, out of its owner's rows and the directory's. */
export function sourcesOf(
  { rulesets }: Pick<Services, 'rulesets'>,
  patient: string,
  rows: readonly Recorded[],
  knownAt: string,
  episode: string,
): ChargeSources {
  const facts = factsFrom(patient, rows, rulesets[0]?.zone ?? 'America/New_York');
  const isOf = (one: { readonly episode: { readonly reference: string } }): boolean =>
    one.episode.reference === episode;
  return {
    facts,
    billing: billingFacts(rows),
    michigan: michiganFacts(rows),
    series: seriesOf(facts, rulesets, knownAt).filter(isOf),
    accounts: accountsOf(facts, rulesets, knownAt).filter(isOf),
    knownAt,
  };
}

/** What is stored is known, also to a process whose clock is behind. */
export function knownBy(now: Date, rows: readonly Recorded[]): Date {
  return new Date(rows.reduce((most, { recordedAt }) => Math.max(most, Date.parse(recordedAt)), now.getTime()));
}

function checkPeriod({ end, start }: ChargeRequest): Failure | undefined {
  const length = daysBetween(start, end) + 1;
  if (length >= 1 && length <= mostDays) return undefined;
  return failure(
    'invalid',
    'value',
    `start ${start} to end ${end} is ${length} days. Charge 1 to ${mostDays} days at once, end on or after start.`,
  );
}

/** Today can still change, in the zone of any ruleset that would charge it. */
function checkAccounts(sources: ChargeSources, asked: ChargeRequest, known: Date): Failure | undefined {
  const { accounts } = narrowed(sources, asked);
  if (asked.payer !== undefined && !sources.accounts.some(({ payer }) => payer === asked.payer))
    return failure(
      'invalid',
      'business-rule',
      `${asked.payer} covers no day of this episode under any ruleset. Name the payer of a Coverage of the member, or leave payer out.`,
      { status: 422, expression: `Parameters.parameter.where(name='payer')` },
    );
  const unclosed = accounts.find(({ ruleset }) => asked.end >= localDateOf(known.toISOString(), ruleset.zone));
  return (
    unclosed &&
    failure(
      'invalid',
      'business-rule',
      `The period is not closed: in ${unclosed.ruleset.zone} it is ${localDateOf(known.toISOString(), unclosed.ruleset.zone)}, and end is ${asked.end}. Charge up to the day before.`,
      { status: 422, expression: `Parameters.parameter.where(name='end')` },
    )
  );
}

function narrowed(sources: ChargeSources, { payer, ruleset }: ChargeRequest): ChargeSources {
  const isOf = (one: Chargeable['account']): boolean =>
    isAsked(one.ruleset, ruleset) && (payer === undefined || one.payer === payer);
  return { ...sources, series: sources.series.filter(isOf), accounts: sources.accounts.filter(isOf) };
}

interface Cutting {
  readonly asked: ChargeRequest;
  readonly patient: string;
  readonly known: Date;
  readonly rows: readonly Recorded[];
  readonly sources: ChargeSources;
}

async function cut(
  tx: Transaction,
  context: WriteContext,
  { asked, known, patient, rows, sources }: Cutting,
): Promise<Result<readonly ChargeMade[], Failure>> {
  const { access } = context;
  const items = rows.filter((row): row is Recorded<ChargeItem> => row.resource.resourceType === 'ChargeItem');
  const ever = cutCharges(items).filter(({ episode }) => episode === `EpisodeOfCare/${asked.episode}`);
  const wanted = chargeables(sources, asked).filter((one) => !isKept(one, ever));
  const twice = chargedTwice(wanted);
  if (twice) return err(twice);
  const writes: Write[] = [];
  for (const one of wanted) {
    const id = derivedId(access.tenant, 'charge', asked.episode, ...nameOf(one), priorOf(one, ever).length + 1);
    const resource = chargeItem(id, `Patient/${patient}`, one, known.toISOString());
    const prepared = prepare(context.services, resource, { type: 'ChargeItem', id, fhirBase: context.fhirBase });
    if (!prepared.ok)
      throw new Error(
        `Footbridge would cut an invalid charge: ${prepared.error.issues.map(({ text }) => text).join(' ')}`,
      );
    writes.push(toWrite(prepared.value, { now: known, owner: access.organization ?? '', before: undefined }));
  }
  await store(tx, access.tenant, writes, [
    auditOf(context, '$charge', `EpisodeOfCare/${asked.episode}`, patient, 200),
    ...writes.map(({ id }) => auditOf(context, 'create', `ChargeItem/${id}/_history/1`, patient, 201)),
  ]);
  const standing = ever.filter(
    (one) => one.status !== 'entered-in-error' && isWithin(one, asked, context.services.rulesets),
  );
  return ok(answered(writes, items, standing));
}

/** By the url, not the version: a new version of a ruleset charges no day again. */
function nameOf({ account, date, service }: Chargeable): [url: string, payer: string, what: string] {
  return [account.ruleset.url, account.payer, service ?? date];
}

function priorOf(one: Chargeable, ever: readonly CutCharge[]): CutCharge[] {
  const name = nameOf(one).join(' ');
  return ever.filter(
    (prior) => name === [prior.ruleset.split('|')[0], prior.payer, prior.service ?? prior.date].join(' '),
  );
}

/** What a person set to not-billable or aborted stays so; only an error frees the day to be charged anew. */
function isKept(one: Chargeable, ever: readonly CutCharge[]): boolean {
  return priorOf(one, ever).some(({ status }) => status !== 'entered-in-error');
}

/** One unit for (organisation, member, D), and one charge for a contact: of two payers nobody but a person can choose. */
function chargedTwice(wanted: readonly Chargeable[]): Failure | undefined {
  const same = Map.groupBy(wanted, ({ date, service }) => service ?? date);
  const several = [...same].find(([, charges]) => charges.length > 1);
  if (!several) return undefined;
  const [what, charges] = several;
  const names = charges.map(({ account }) => `${account.ruleset.name} for ${account.payer}`).join(' and ');
  return failure(
    'conflict',
    'multiple-matches',
    `${what} may be charged under ${names}, and is charged once. Name the one with the parameters ruleset and payer. Nothing was made.`,
    { status: 422 },
  );
}

/** What stands is told although its coverage may have gone: it was charged. */
function isWithin({ date, payer, ruleset }: CutCharge, asked: ChargeRequest, rulesets: readonly Ruleset[]): boolean {
  const [url] = ruleset.split('|');
  return (
    asked.start <= date &&
    date <= asked.end &&
    (asked.payer === undefined || asked.payer === payer) &&
    (asked.ruleset === undefined || rulesets.some((one) => one.url === url && isAsked(one, asked.ruleset)))
  );
}

function answered(
  writes: readonly Write[],
  items: readonly Recorded<ChargeItem>[],
  standing: readonly CutCharge[],
): ChargeMade[] {
  const old = standing.flatMap(({ date, reference }) => {
    const found = items.find(({ resource }) => `ChargeItem/${resource.id}` === reference)?.resource;
    if (!found) return [];
    const { lastUpdated = '', versionId = '' } = found.meta ?? {};
    const content = JSON.stringify(found);
    return [{ date, made: { created: false, id: found.id ?? '', version: versionId, lastUpdated, content } }];
  });
  const made = writes.map(({ content, id, lastUpdated, version }) => ({
    date: (JSON.parse(content) as ChargeItem).occurrenceDateTime ?? '',
    made: { created: true, id, version: String(version), lastUpdated: lastUpdated.toISOString(), content },
  }));
  return [...old, ...made].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)).map((one) => one.made);
}

/** The member of an episode that the caller's own organisation wrote. A plan owns none, and hears the same as of one that is not there. */
async function ownEpisode(tx: Transaction, access: Access, id: string): Promise<string | undefined> {
  const params = new Params();
  const own = params.add(access.organization ?? '');
  const [row] = await tx.query<{ patient: string }>(
    `select e.patient from resource e where e.type = 'EpisodeOfCare' and e.id = ${params.add(id)} and e.owner = ${own} and ${own} <> ''
      and e.patient is not null and not e.deleted and ${within('e', access, 'EpisodeOfCare', params)}`,
    params.values,
  );
  return row?.patient;
}

async function store(
  tx: Transaction,
  tenant: TenantId,
  writes: readonly Write[],
  audits: readonly AuditRow[],
): Promise<void> {
  const params = new Params();
  await tx.query(auditInsert(tenant, audits, params), params.values);
  await applyWrites(tx, tenant, writes, noWork);
}

function auditOf(
  { access, requestId }: WriteContext,
  interaction: string,
  entity: string,
  patient: string | undefined,
  outcome: number,
): AuditRow {
  const [type = ''] = entity.split('/');
  const patients = patient === undefined ? [] : [patient];
  return { clientId: access.clientId, interaction, type, entity: [entity], patients, outcome, requestId };
}
