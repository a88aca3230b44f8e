import type { TenantId } from '../base/ids.ts';
import { addDays, earliest, localDateOf } from '../base/time.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import { firstAhead } from '../domain/lies-ahead.ts';
import type { Transaction } from '../store/database.ts';
import { saveWakes, type Wake, wakesOf } from '../store/due.ts';
import type { NightOf } from './caseload-series.ts';
import type { Services } from './context.ts';
import { knownBy } from './cut-charges.ts';

/*
 * A day that is past is judged by what is known, so its answer changes by itself only where something that was known to lie ahead comes true:
 * a note that was signed for tomorrow, a denial dated next week, a ruleset that is published then. Each member who is charged has a wake for
 * the first such night; no other night judges the charged days anew, of which a year has hundreds.
 */

/** Those of these members whose charges a night has to look at. */
export async function accountsDue(
  tx: Transaction,
  tenant: TenantId,
  patients: readonly string[],
  night: NightOf,
): Promise<readonly string[]> {
  const wakes = await wakesOf(tx, tenant, patients.map(accountOf));
  const due = new Set(
    wakes.flatMap(({ next_date, subject, zone }) => (zone === night.zone && next_date <= night.date ? [subject] : [])),
  );
  return patients.filter((patient) => due.has(accountOf(patient)));
}

/**
 * Notes when these members' charges are to be looked at again.
 *
 * @param rows of chargeInputTypes, by member: all that is known of who is charged, nothing of who is not
 */
export async function saveAccountWakes(
  services: Pick<Services, 'rulesets'>,
  tx: Transaction,
  { now, tenant }: { readonly tenant: TenantId; readonly now: Date },
  rows: ReadonlyMap<string, readonly Recorded[]>,
): Promise<void> {
  const before = await wakesOf(tx, tenant, [...rows.keys()].map(accountOf));
  const after = [...rows].flatMap(([patient, own]) => (own.length === 0 ? [] : nextWakes(services, patient, own, now)));
  await saveWakes(tx, tenant, before, after);
}

/** FHIR's Account is whom charges are for. */
function accountOf(patient: string): string {
  return `Account/${patient}`;
}

/** The next night of each zone. */
function nextWakes(
  { rulesets }: Pick<Services, 'rulesets'>,
  patient: string,
  rows: readonly Recorded[],
  now: Date,
): Wake[] {
  const knownAt = knownBy(now, rows).toISOString();
  return [...new Set(rulesets.map(({ zone }) => zone))].flatMap((zone) => {
    const today = localDateOf(knownAt, zone);
    const published = rulesets
      .filter((one) => one.zone === zone)
      .map(({ publishedAt }) => addDays(localDateOf(publishedAt, zone), 1))
      .filter((date) => date > today);
    const next = earliest(firstAhead(rows, zone, knownAt), ...published);
    return next === undefined ? [] : [{ subject: accountOf(patient), zone, next_date: next }];
  });
}
