import type { EpisodeOfCare } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { today as dateOfToday, provider, settled } from '../../support/caseload.ts';
import { messageSet, type SourceMessage } from '../../support/message-sets.ts';
import { random, shuffled } from '../../support/random.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// F23 against the server: a sample of what test/unit/domain/out-of-order.test.ts proves of the rules in 10,000 orders.
let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
});
afterAll(async () => server.stop());

const seeds = [1, 2, 3, 4, 5, 6];
const orders = 3;
const today = dateOfToday();

/** Sends a version as its source counts it; If-Match holds back one that comes before its time. */
async function send({ id, resource, type, version }: SourceMessage): Promise<boolean> {
  const headers: Record<string, string> = version > 1 ? { 'if-match': `W/"${version - 1}"` } : {};
  const answer = resource
    ? await ehr.send('PUT', `/${type}/${id}`, resource, headers)
    : await ehr.send('DELETE', `/${type}/${id}`, undefined, headers);
  if (answer.status < 300) return true;
  // Before an earlier version of the same resource, or before the member.
  expect([412, 422], `${type}/${id} ${version}: ${answer.text}`).toContain(answer.status);
  return false;
}

/** Sends the messages in this order; what is refused is sent again after the others, until all are taken. */
async function deliver(messages: readonly SourceMessage[], next: () => number): Promise<number> {
  let refused = 0;
  for (let waiting = [...messages]; waiting.length > 0; ) {
    const still: SourceMessage[] = [];
    for (const message of waiting) {
      if (!(await send(message))) still.push(message);
      // Some are recomputed together, some alone.
      if (next() < 0.07) await settled(server);
    }
    if (still.length === waiting.length) throw new Error(`never taken: ${JSON.stringify(still[0])}`);
    refused += still.length;
    waiting = still;
  }
  await settled(server);
  return refused;
}

/**
 * The same words for every member. The Encounter of a pair has an id that is made of its message's, and is signed when the pair was
 * recorded: both differ from delivery to delivery and decide nothing.
 */
function alike(text: string, member: string): string {
  return text
    .replaceAll(member, 'MEMBER')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'PAIR')
    .replaceAll(/("url": "signedAt", "valueInstant": )"[^"]+"/g, '$1"RECORDED"');
}

/** What is computed of a member, told alike for each: without ids of their own, versions, times and what was taken back. */
async function computed(member: string): Promise<Record<string, unknown>> {
  const { owner } = server.database;
  const rows = async (sql: string): Promise<string[]> => {
    const { rows: found } = await owner.query<{ said: string }>(sql, [server.tenant, member]);
    return found.map(({ said }) => alike(said, member)).sort();
  };
  const said = `(content::jsonb - 'id' - 'meta')::text as said from resource where tenant = $1 and patient = $2 and not deleted`;
  const id = `episode-${member}`;
  const asked = `?start=${addDays(today, -30)}&end=${today}`;
  const answers = await Promise.all(
    [`/EpisodeOfCare/${id}/$ledger${asked}`, `/EpisodeOfCare/${id}/$caseload-status?asOf=${today}`].map((path) =>
      ehr.send('GET', path),
    ),
  );
  for (const { status, text } of answers) expect(status, text).toBe(200);
  return {
    spells: await rows(
      `select ${said} and type = 'Observation' and audience is not null and content::jsonb ->> 'status' <> 'entered-in-error'`,
    ),
    roster: await rows(
      `select concat_ws(' ', payer, coach, episode, ruleset, owner, starts, ends) as said from roster where tenant = $1 and patient = $2`,
    ),
    // A series whose contacts are all gone leaves a row that counts its spells and is never due.
    due: await rows(
      `select concat_ws(' ', episode, coach, ruleset, payer, owner, zone, next_transition) as said from caseload_series
        where tenant = $1 and patient = $2 and next_transition is not null`,
    ),
    pairs: await rows(
      `select ${said} and type = 'Encounter' and content like '%/message-evidence"%' and content::jsonb ->> 'status' <> 'entered-in-error'`,
    ),
    answers: answers.map(({ text }) => alike(text, member).split('{"name"')),
  };
}

test.each(seeds)(
  'set %i in the order in which it happened and in others: the same is computed',
  {
    timeout: 90_000,
  },
  async (seed) => {
    const next = random(seed + 1_000);
    const first = `order-${seed}-0`;
    expect(await deliver(messageSet(seed, first, today), next)).toBe(0);
    const expected = await computed(first);
    expect(expected['answers']).not.toEqual([]);
    for (let order = 1; order <= orders; order++) {
      const member = `order-${seed}-${order}`;
      await deliver(shuffled(messageSet(seed, member, today), next), next);
      expect(await computed(member), `set ${seed}, order ${order}`).toEqual(expected);
    }
  },
);

test('the sets are worth comparing: spells, rosters, pairs, and messages that had to come again', async () => {
  const { rows } = await server.database.owner.query<Record<string, number>>(
    `select (select count(*)::int from roster where tenant = $1) as roster,
        count(*) filter (where type = 'Observation')::int as spells,
        count(*) filter (where content like '%/message-evidence"%')::int as pairs from resource where tenant = $1`,
    [server.tenant],
  );
  for (const what of ['roster', 'spells', 'pairs'])
    expect(rows[0]?.[what], what).toBeGreaterThan((seeds.length * orders) / 2);
});

test('a signature that comes before its note, and both before the contact: it is documented', {
  timeout: 60_000,
}, async () => {
  const seed = Array.from({ length: 200 }, (_, index) => index).find((one) => {
    const types = messageSet(one, 'm', today).map(({ type }) => type);
    return types.includes('Provenance');
  });
  const all = messageSet(seed as number, 'signed', today);
  const rank = ({ type }: SourceMessage): number =>
    ['Provenance', 'Patient', 'DocumentReference'].indexOf(type) + 1 || 9;
  const backwards = all.toSorted((a, b) => rank(a) - rank(b));
  expect(backwards[0]?.type).toBe('Provenance');
  await deliver(backwards, () => 1);
  const early = await computed('signed');
  await deliver(messageSet(seed as number, 'later', today), () => 1);
  expect(early).toEqual(await computed('later'));
});

test('a deletion that comes before what it deletes is refused, not lost', async () => {
  const [person] = messageSet(1, 'early', today).filter(({ type }) => type === 'Patient');
  await ehr.send('PUT', '/Patient/early', person?.resource);
  const early = await ehr.send('DELETE', '/EpisodeOfCare/early', undefined, { 'if-match': 'W/"1"' });
  expect(early.status, early.text).toBe(412);
  const served: EpisodeOfCare = {
    resourceType: 'EpisodeOfCare',
    id: 'early',
    status: 'active',
    patient: { reference: 'Patient/early' },
  };
  expect((await ehr.send('PUT', '/EpisodeOfCare/early', served)).status).toBe(201);
  const gone = await ehr.send('DELETE', '/EpisodeOfCare/early', undefined, { 'if-match': 'W/"1"' });
  expect(gone.status).toBe(204);
  // Without If-Match, and for what nobody has heard of, nothing changes: it is not there.
  expect((await ehr.send('DELETE', '/EpisodeOfCare/unheard-of')).status).toBe(204);
});
