import type { Bundle, ChargeItem, Organization, Task } from '@medplum/fhirtypes';
import type { TenantId } from '../../src/base/ids.ts';
import { ok } from '../../src/base/result.ts';
import { localDate, startOfLocalDate } from '../../src/base/time.ts';
import { organization } from '../../src/cli/sandbox/people.ts';
import { codeSystem, structure } from '../../src/fhir/canonical.ts';
import { moveTenantClock } from '../../src/store/tenant-clock.ts';
import { provider, zone } from './caseload.ts';
import { createTenant } from './database.ts';
import { type Caller, createCaller, type TestServer } from './server.ts';

/** The provider organisation, which has its billing periods closed from a day on. */
export function closingFrom(start: string | undefined, more: { id?: string; end?: string } = {}): Organization {
  const { end, id = provider } = more;
  const period = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
  return {
    ...organization(id, 'Riverside', 'prov'),
    extension: [{ url: structure('billing-close'), valuePeriod: period }],
  };
}

/** A tenant of its own whose clock stands, with an EHR of the provider and an admin. */
export interface Books {
  readonly tenant: TenantId;
  readonly ehr: Caller;
  readonly admin: Caller;
  caller(kind: 'ehr', organization: string): Promise<Caller>;
  /** moves the clock to a time of day in New York */
  moveTo(date: string, time?: string): Promise<void>;
  charges(member: string): Promise<ChargeItem[]>;
  tasks(member: string, code: string): Promise<Task[]>;
}

export async function openBooks(server: TestServer, name: string, date: string): Promise<Books> {
  const { database, running, url } = server;
  const tenant = await createTenant(database.db, name, startOfLocalDate(localDate(date), zone), false);
  const caller = (kind: 'ehr' | 'admin', whose?: string): Promise<Caller> =>
    createCaller(database, `${url}/sandbox/${name}`, tenant, kind, whose, 'system/*.cruds');
  const ehr = await caller('ehr', provider);
  const all = async <T>(path: string): Promise<T[]> => {
    const { json, status, text } = await ehr.send('GET', path);
    if (status !== 200) throw new Error(text);
    return ((json as unknown as Bundle).entry ?? []).map(({ resource }) => resource as T);
  };
  return {
    tenant,
    ehr,
    admin: await caller('admin'),
    caller,
    async moveTo(to, time = '00:00:00') {
      const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
      const at = startOfLocalDate(localDate(to), zone).getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1_000;
      const { db, wallClock } = running.services;
      const moved = await db.transaction(tenant, async (tx) =>
        ok(await moveTenantClock(tx, tenant, new Date(at), wallClock, false)),
      );
      if (!moved.ok) throw new Error(JSON.stringify(moved.error));
    },
    async charges(member) {
      const found = await all<ChargeItem>(`/ChargeItem?patient=Patient/${member}&_count=100`);
      return found.sort((a, b) => ((a.occurrenceDateTime ?? '') < (b.occurrenceDateTime ?? '') ? -1 : 1));
    },
    tasks: (member, code) =>
      all<Task>(`/Task?patient=Patient/${member}&code=${encodeURIComponent(`${codeSystem('task-code')}|${code}`)}`),
  };
}
