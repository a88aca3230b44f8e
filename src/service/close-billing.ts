import type { Organization } from '@medplum/fhirtypes';
import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import { type Closing, type ClosingOrganization, closingsDue } from '../domain/billing-periods.ts';
import type { Chargeable } from '../domain/charges.ts';
import { extensionOf } from '../domain/facts/extensions.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import type { Period } from '../domain/ledger.ts';
import {
  closedThrough,
  closeNoted,
  noteClosings,
  notedClosings,
  organizationsThatClose,
} from '../store/billing-close.ts';
import { derivedTasks, lockCharging } from '../store/charges.ts';
import type { Transaction } from '../store/database.ts';
import { rowsOfMembers } from '../store/facts.ts';
import { lockMembers } from '../store/outbox.ts';
import { cursorOf, finishRun, holdRun, type Run } from '../store/schedule.ts';
import { tenantNow } from '../store/tenant-clock.ts';
import type { Write } from '../store/write.ts';
import { saveAccountWakes } from './account-wakes.ts';
import { conflictId, conflictOpened, conflictsIn, type Disputed } from './charge-conflicts.ts';
import { self, storeComputed, writesOf } from './computed.ts';
import type { Services } from './context.ts';
import {
  type Cutting,
  chargeInputTypes,
  chargeWrites,
  knownBy,
  sourcesOf,
  storeCharges,
  uncharged,
} from './cut-charges.ts';
import { rowsOfOwner } from './owned-facts.ts';

/** What a run closes, and the member after whom it goes on. */
export interface PlannedClose {
  readonly closings: readonly Closing[];
  readonly cursor: string | null;
}

/**
 * What a nightly run closes, in the zone and on the date that are its own: noted when it begins, so that whoever takes it over goes on
 * with the same.
 */
export function planClosings(services: Services, run: Run): Promise<Result<PlannedClose, Failure>> {
  return services.db.transaction(run.tenant, async (tx) => {
    await holdRun(tx, run, 0);
    const cursor = await cursorOf(tx, run);
    if (cursor === null) {
      const organizations = (await organizationsThatClose(tx, run.tenant)).flatMap(closingOf);
      const through = await closedThrough(tx, run.tenant);
      await noteClosings(tx, run, closingsDue(services.rulesets, organizations, through, run));
    }
    return ok({ closings: await notedClosings(tx, run), cursor });
  });
}

function closingOf(organization: Organization): ClosingOrganization[] {
  const { id } = organization;
  const period = extensionOf(organization, 'billing-close')?.valuePeriod;
  return id === undefined || !period ? [] : [{ id, start: period.start, end: period.end }];
}

/** Ends a run: from here on its periods are closed. */
export async function finishClosings(services: Services, tx: Transaction, run: Run): Promise<void> {
  await closeNoted(tx, run, await tenantNow(tx, run.tenant, services.wallClock));
  await finishRun(tx, run);
}

/**
 * Cuts what these members may be charged for in the periods that a run closes, as known now, behind its fence: all of them or none. A
 * day or contact that may be charged under several payers or rulesets is left out, and a Task for the biller says so.
 */
export function closeMembers(
  services: Services,
  run: Run,
  closings: readonly Closing[],
  patients: readonly string[],
): Promise<Result<void, Failure>> {
  const { tenant } = run;
  return services.db.transaction(tenant, async (tx) => {
    await lockMembers(tx, tenant, patients);
    await lockCharging(tx, tenant, patients);
    const now = await tenantNow(tx, tenant, services.wallClock);
    const rows = await rowsOfMembers(tx, tenant, patients, chargeInputTypes);
    const closed = patients.flatMap((patient) =>
      closeMember(services, { tenant, patient, now }, rows.get(patient) ?? [], closings),
    );
    await storeCharges(
      tx,
      tenant,
      { clientId: self },
      closed.filter(({ writes }) => writes.length > 0),
    );
    await openConflicts(services, tx, now, closed);
    await saveAccountWakes(services, tx, { tenant, now }, rows);
    // Last, since the run's row is what its transactions meet at; whoever lost the run rolls all of this back.
    return ok(await holdRun(tx, run, patients.length));
  });
}

interface Closed {
  readonly cutting: Cutting;
  readonly writes: readonly Write[];
  readonly disputed: readonly Disputed[];
}

function closeMember(
  services: Services,
  member: Pick<Cutting, 'patient' | 'tenant'> & { readonly now: Date },
  rows: readonly Recorded[],
  closings: readonly Closing[],
): Closed[] {
  return [...Map.groupBy(closings, ({ organization }) => organization)].flatMap(([owner, own]) => {
    let known = rowsOfOwner(rows, owner);
    const episodes = known.filter((row) => row.owner === owner && row.resource.resourceType === 'EpisodeOfCare');
    return episodes.map(({ resource: { id: episode = '' } }) => {
      const closed = closeEpisode(services, { ...member, owner, episode }, known, own);
      // The day of a readmission may be charged in either of two episodes, and is charged once.
      known = [...known, ...closed.writes.map(toRecorded)];
      return closed;
    });
  });
}

function toRecorded({ content, lastUpdated, owner }: Write): Recorded {
  return { resource: JSON.parse(content) as Recorded['resource'], owner, recordedAt: lastUpdated.toISOString() };
}

function closeEpisode(
  services: Services,
  { now, ...whose }: Pick<Cutting, 'patient' | 'tenant' | 'owner' | 'episode'> & { readonly now: Date },
  rows: readonly Recorded[],
  closings: readonly Closing[],
): Closed {
  const known = knownBy(now, rows);
  const sources = sourcesOf(services, whose.patient, rows, known.toISOString(), `EpisodeOfCare/${whose.episode}`);
  const cutting: Cutting = { ...whose, known, rows, sources };
  const writes: Write[] = [];
  const disputed: Disputed[] = [];
  for (const [period, rulesets] of periodsIn(closings)) {
    const { ever, wanted } = uncharged(cutting, period);
    const conflicts = new Map(
      [...conflictsIn(wanted)].filter(([, charges]) => charges.some((one) => isOf(one, rulesets))),
    );
    const plain = wanted.filter((one) => isOf(one, rulesets) && !conflicts.has(one.service ?? one.date));
    writes.push(...chargeWrites(services, cutting, plain, ever));
    if (conflicts.size > 0) disputed.push({ ...whose, period, conflicts, known: known.toISOString() });
  }
  return { cutting, writes, disputed };
}

/** Rulesets that close the same days are closed together. */
function periodsIn(closings: readonly Closing[]): [Period, ReadonlySet<string>][] {
  return [...Map.groupBy(closings, ({ end, start }) => `${start} ${end}`).values()].flatMap(
    (same): [Period, ReadonlySet<string>][] => {
      const [first] = same;
      return first ? [[first, new Set(same.map(({ ruleset }) => ruleset))]] : [];
    },
  );
}

function isOf({ account }: Chargeable, rulesets: ReadonlySet<string>): boolean {
  return rulesets.has(account.ruleset.url);
}

async function openConflicts(services: Services, tx: Transaction, now: Date, closed: readonly Closed[]): Promise<void> {
  const disputed = closed.flatMap((one) => one.disputed);
  const [first] = disputed;
  if (!first) return;
  const patients = [...new Set(disputed.map(({ patient }) => patient))];
  const standing = await derivedTasks(tx, first.tenant, patients);
  const changes = disputed.flatMap((one) =>
    conflictOpened(
      one,
      standing.find(({ id }) => id === conflictId(one)),
    ),
  );
  await storeComputed(tx, first.tenant, writesOf(services, now, changes));
}
