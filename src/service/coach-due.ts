import type { TenantId } from '../base/ids.ts';
import type { LocalDate } from '../base/time.ts';
import { type CoachDueInput, coachDueDates, coachDueOf } from '../domain/due/credentials.ts';
import type { DueItem } from '../domain/due/item.ts';
import { Coaches } from '../domain/facts/coaches.ts';
import { byType, type Recorded } from '../domain/facts/facts.ts';
import { payersServed } from '../store/caseload.ts';
import type { Transaction } from '../store/database.ts';
import { dueResourcesOfCoaches, saveWakes, type Wake, wakesOf } from '../store/due.ts';
import { rowsOfCoaches } from '../store/facts.ts';
import { lockCoaches } from '../store/outbox.ts';
import type { NightOf } from './caseload-series.ts';
import { idOf } from './caseload-series.ts';
import { storeComputed, writesOf } from './computed.ts';
import type { Services } from './context.ts';
import { dueChanges, dueIds } from './due-resources.ts';
import { rowsOfOwner } from './owned-facts.ts';

/** Brings the credential alerts of these coaches in line with the facts, at each of their employers (CR-4, docs/due.md). */
export async function recomputeCoaches(
  services: Services,
  tx: Transaction,
  what: { readonly tenant: TenantId; readonly coaches: readonly string[]; readonly now: Date; readonly asOf?: NightOf },
): Promise<void> {
  const { asOf, coaches, now, tenant } = what;
  if (coaches.length === 0) return;
  await lockCoaches(tx, tenant, coaches);
  const [rows, served, before] = await Promise.all([
    rowsOfCoaches(tx, tenant, coaches),
    payersServed(tx, tenant, coaches),
    wakesOf(
      tx,
      tenant,
      coaches.map((id) => `Practitioner/${id}`),
    ),
  ]);
  const inputs = coaches.flatMap((coach) =>
    employersOf(rows, coach).flatMap((owner): (CoachDueInput & { owner: string })[] => {
      const facts = coachesOf(rowsOfOwner(rows, owner)).facts.get(`Practitioner/${coach}`);
      const payers = served
        .filter((one) => one.coach === coach && one.owner === owner)
        .map(({ payer }) => `Organization/${payer}`);
      const asked = { organization: `Organization/${owner}`, payers, rulesets: services.rulesets, asOf };
      return facts ? [{ ...asked, coach: facts, knownAt: now.toISOString(), owner }] : [];
    }),
  );
  const items = new Map<string, DueItem[]>();
  for (const input of inputs) items.set(input.owner, [...(items.get(input.owner) ?? []), ...coachDueOf(input)]);
  const ids = [...items].flatMap(([owner, own]) => dueIds(tenant, owner, own));
  const standing = await dueResourcesOfCoaches(tx, tenant, coaches, ids);
  const owners = new Set([...items.keys(), ...standing.map(({ owner }) => owner)]);
  const changes = [...owners].sort().flatMap((owner) => {
    const own = items.get(owner) ?? [];
    const named = new Set(dueIds(tenant, owner, own));
    return dueChanges(
      tenant,
      owner,
      own,
      standing.filter((row) => row.owner === owner || named.has(row.id)),
    );
  });
  await storeComputed(tx, tenant, writesOf(services, now, changes));
  await saveWakes(tx, tenant, before, wakesIn(inputs));
}

function employersOf(rows: readonly Recorded[], coach: string): string[] {
  const roles = rows.flatMap(({ resource }) => (resource.resourceType === 'PractitionerRole' ? [resource] : []));
  const own = roles.filter(({ practitioner }) => idOf(practitioner?.reference) === coach);
  return [...new Set(own.map(({ organization }) => idOf(organization?.reference)))].filter((id) => id !== '').sort();
}

function coachesOf(rows: readonly Recorded[]): Coaches {
  const of = byType(rows);
  const papers = { organizations: of('Organization'), documents: of('DocumentReference') };
  return new Coaches(of('Practitioner'), of('PractitionerRole'), of('VerificationResult'), papers);
}

/** The first date of each coach and zone. */
function wakesIn(inputs: readonly CoachDueInput[]): Wake[] {
  const next = new Map<string, { subject: string; zone: string; next_date: LocalDate }>();
  for (const input of inputs)
    for (const { date, zone } of coachDueDates(input)) {
      const key = `${input.coach.practitioner} ${zone}`;
      const known = next.get(key);
      if (!known || date < known.next_date) next.set(key, { subject: input.coach.practitioner, zone, next_date: date });
    }
  return [...next.values()];
}
