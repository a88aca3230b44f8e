import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantId } from '../../../src/base/ids.ts';
import { ago, contactOn, post, setUpMember, spells, until } from '../../support/caseload.ts';
import { createTenant, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { encounter, patient } from '../../support/people.ts';
import { freePort, type ServerProcess, startProcess } from '../../support/process.ts';
import { type Caller, createCaller } from '../../support/server.ts';

// F01, F02, F03: kill -9 in the middle of writes and transactions.
const rounds = 20;
const writers = 8;

let database: TestDatabase;
let tenant: TenantId;
let env: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database.db, 'main');
  // Without the jobs role nobody takes outbox rows away, so that each one can be counted.
  env = {
    DATABASE_URL: (database.connection as { connectionString: string }).connectionString,
    ROLES: 'http',
    SANDBOX_WORLD: 'off',
  };
});
afterAll(async () => database.drop());

/** What a writer knows of its write: an answer, a refusal, or nothing since the connection broke. */
type Outcome = { key: string; entries: number; outcome: 'acked' | 'refused' | 'unknown' };

test(`${rounds} kills: what was acknowledged is there whole, what was refused is not, no Bundle is half stored`, {
  timeout: 240_000,
}, async () => {
  const history: Outcome[] = [];
  const port = await freePort();
  let member = '';
  let caller: Caller | undefined;
  for (let round = 0; round < rounds; round++) {
    const server = await startProcess(env, port);
    caller ??= await createCaller(database, server.url, tenant, 'ehr', 'org-a', 'system/*.cruds');
    member ||= (await caller.create(patient('Kill'))).id;
    await writeUntilKilled(server, caller, member, round, history);
  }
  const acked = history.filter(({ outcome }) => outcome === 'acked');
  expect(acked.length).toBeGreaterThan(rounds * writers);
  expect(history.some(({ outcome }) => outcome === 'unknown')).toBe(true);
  expect(history.some(({ outcome }) => outcome === 'refused')).toBe(true);
  const stored = await storedByKey();
  for (const { key, entries, outcome } of history) {
    const found = stored.get(key) ?? { resources: 0, audited: 0, queued: 0, indexed: 0 };
    const whole = { resources: entries, audited: entries, queued: entries, indexed: entries };
    const none = { resources: 0, audited: 0, queued: 0, indexed: 0 };
    if (outcome === 'acked') expect(found, `acknowledged ${key}`).toEqual(whole);
    else if (outcome === 'refused') expect(found, `refused ${key}`).toEqual(none);
    else expect([whole, none], `unknown ${key}`).toContainEqual(found);
  }
  if (caller) await expectDrained(port, caller);
});

/** What was committed and never handed to a worker is worked off by the first process with the jobs role (F03). */
async function expectDrained(port: number, ehr: Caller): Promise<void> {
  const waiting = async (): Promise<{ waiting: number }> =>
    (await database.owner.query('select count(*)::int as waiting from outbox')).rows[0];
  const killed = await startProcess(env, port);
  await setUpMember(ehr, 'last');
  await post(ehr, contactOn('last', ago(1)));
  await killed.kill('SIGKILL');
  expect((await waiting()).waiting).toBeGreaterThan(rounds * writers);
  const server = await startProcess({ ...env, ROLES: 'http,jobs' }, port);
  await until(waiting, (left) => left.waiting === 0, 30_000);
  expect((await spells(ehr, 'last')).map(({ start, value }) => [start, value])).toEqual([[ago(1), 'on']]);
  await server.kill('SIGKILL');
}

async function writeUntilKilled(
  server: ServerProcess,
  caller: Caller,
  member: string,
  round: number,
  history: Outcome[],
): Promise<void> {
  let running = true;
  const work = async (writer: number): Promise<void> => {
    for (let turn = 0; running; turn++) {
      const key = `${round}-${writer}-${turn}`;
      const kind = turn % 3;
      const entries = kind === 0 ? 1 : 7;
      const contact = { ...encounter(member), identifier: [{ system: 'urn:kill', value: key }] };
      const entry = Array.from({ length: entries }, (_, index) => {
        // The third kind is refused at its last entry, after the others were prepared.
        const resource =
          kind === 2 && index === entries - 1 ? { ...contact, subject: { reference: 'Patient/nobody' } } : contact;
        return { resource, request: { method: 'POST', url: 'Encounter' } };
      });
      const sent =
        kind === 0
          ? caller.send('POST', '/Encounter', contact)
          : caller.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
      const status = await sent.then(({ status }) => status).catch(() => undefined);
      const outcome = status === undefined || status >= 500 ? 'unknown' : status < 300 ? 'acked' : 'refused';
      history.push({ key, entries, outcome });
      if (outcome === 'unknown') return;
    }
  };
  const all = Array.from({ length: writers }, (_, writer) => work(writer));
  // Counted in answers, so that a slow machine kills in the middle of writes too; a few more milliseconds vary the place.
  const wanted = history.length + writers * 3 + Math.floor(Math.random() * writers * 6);
  while (history.length < wanted) await new Promise((later) => setTimeout(later, 2));
  await new Promise((later) => setTimeout(later, Math.random() * 10));
  await server.kill('SIGKILL');
  running = false;
  await Promise.all(all);
}

async function storedByKey(): Promise<
  Map<string, { resources: number; audited: number; queued: number; indexed: number }>
> {
  const { rows } = await database.owner.query<{
    key: string;
    resources: number;
    audited: number;
    queued: number;
    indexed: number;
  }>(
    `select r.content::jsonb #>> '{identifier,0,value}' as key, count(*)::int as resources,
        count(a.entity)::int as audited, count(o.id)::int as queued, count(k.id)::int as indexed
      from resource r
      left join (select distinct unnest(entity) as entity from audit where interaction = 'create') a on a.entity = 'Encounter/' || r.id || '/_history/1'
      left join outbox o on o.type = r.type and o.id = r.id and o.version = 1
      left join search_key k on k.id = r.id and k.key = 'Encounter.identifier=urn:kill|' || (r.content::jsonb #>> '{identifier,0,value}')
      where r.type = 'Encounter' group by 1`,
  );
  return new Map(rows.map(({ key, ...rest }) => [key, rest]));
}
