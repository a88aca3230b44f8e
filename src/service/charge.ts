import type { ChargeItem } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { daysBetween, type LocalDate, localDateOf } from '../base/time.ts';
import type { Chargeable, ChargeSources } from '../domain/charges.ts';
import type { CutCharge } from '../domain/facts/cut-charges.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import type { Access } from '../store/access.ts';
import { askAboutUncharged, lockCharging } from '../store/charges.ts';
import type { Transaction } from '../store/database.ts';
import { memberRows } from '../store/facts.ts';
import { lockMembers } from '../store/outbox.ts';
import { Params } from '../store/sql.ts';
import { within } from '../store/visibility.ts';
import type { Write } from '../store/write.ts';
import { saveAccountWakes } from './account-wakes.ts';
import { conflictsIn } from './charge-conflicts.ts';
import {
  type Cutting,
  chargeInputTypes,
  chargeWrites,
  knownBy,
  sourcesOf,
  storeCharges,
  uncharged,
} from './cut-charges.ts';
import { checkQuestion, isAsked } from './episode-question.ts';
import { rowsOfOwner } from './owned-facts.ts';
import { checkRight } from './prepare.ts';
import { absent } from './read.ts';
import { choicesOf } from './uncharged-task.ts';
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
    const all = await memberRows(tx, access.tenant, patient, chargeInputTypes);
    const rows = rowsOfOwner(all, owner);
    const known = knownBy(access.clock.now(), rows);
    const sources = sourcesOf(services, patient, rows, known.toISOString(), `EpisodeOfCare/${asked.episode}`);
    const open = checkAccounts(sources, asked, known);
    if (open) return err(open);
    const { episode } = asked;
    const { tenant } = access;
    await saveAccountWakes(services, tx, { tenant, now: known }, new Map([[patient, all]]));
    return cut(tx, context, asked, { tenant, owner, patient, episode, known, rows, sources: narrowed(sources, asked) });
  });
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

async function cut(
  tx: Transaction,
  { access, requestId, services }: WriteContext,
  asked: ChargeRequest,
  cutting: Cutting,
): Promise<Result<readonly ChargeMade[], Failure>> {
  const { ever, items, wanted } = uncharged(cutting, asked);
  const twice = chargedTwice(wanted);
  if (twice) return err(twice);
  const writes = chargeWrites(services, cutting, wanted, ever);
  await storeCharges(tx, access.tenant, { clientId: access.clientId, requestId }, [{ cutting, writes }]);
  if (writes.length > 0) await askAboutUncharged(tx, access.tenant, cutting.patient);
  const standing = ever.filter((one) => one.status !== 'entered-in-error' && isWithin(one, asked, services.rulesets));
  return ok(answered(writes, items, standing));
}

/** Of two payers nobody but a person can choose. */
function chargedTwice(wanted: readonly Chargeable[]): Failure | undefined {
  const [several] = conflictsIn(wanted);
  if (!several) return undefined;
  const [what, charges] = several;
  return failure(
    'conflict',
    'multiple-matches',
    `${what} may be charged under ${choicesOf(charges)}, and is charged once. Name the one with the parameters ruleset and payer. Nothing was made.`,
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
