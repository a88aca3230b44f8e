import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { coverage, episode } from '../../../src/cli/sandbox/people.ts';
import { ago, contactOn, payer, post, provider, settled, setUpMember } from '../../support/caseload.ts';
import { random } from '../../support/random.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

/**
 * "A full recomputation from the contacts must give the same bytes in canonical form" (architecture, section 5): random histories are
 * written piece by piece, each piece recomputed as it comes; then everything computed is thrown away and computed anew.
 */
let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
});
afterAll(async () => server.stop());

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

test.each(seeds)(
  'history %i: computed piece by piece and computed anew, it is the same',
  { timeout: 60_000 },
  async (seed) => {
    const member = `random-${seed}`;
    const next = random(seed);
    const upTo = (most: number): number => Math.floor(next() * most);
    await setUpMember(ehr, member);
    const days = new Set<number>();
    for (let step = 0; step < 14; step++) {
      const day = upTo(90);
      const known = [...days][upTo(days.size)];
      const kind = upTo(10);
      if (kind < 6 || known === undefined) {
        days.add(day);
        await post(ehr, { ...contactOn(member, ago(day)), ...(kind === 0 && { status: 'in-progress' as const }) });
      } else if (kind === 6) await post(ehr, { ...contactOn(member, ago(known)), status: 'entered-in-error' });
      else if (kind === 7) {
        days.delete(known);
        expect((await ehr.send('DELETE', `/Encounter/contact-${member}-${ago(known)}`)).status).toBe(204);
      } else if (kind === 8)
        await post(
          ehr,
          coverage(`coverage-${member}`, member, payer, 'masshealth-mco', {
            start: ago(100 - upTo(40)),
            end: ago(upTo(20)),
          }),
        );
      else
        await post(ehr, {
          ...episode(`episode-${member}`, member, provider, `coach-${member}`, addDays(ago(120), upTo(60))),
        });
      // Some changes are recomputed together, some alone.
      if (next() < 0.6) await settled(server);
    }
    await settled(server);
    const incremental = await canonical(member);
    await computeAnew(member);
    expect(await canonical(member), `seed ${seed}`).toEqual(incremental);
  },
);

test('the histories are worth comparing: a third and more have several spells, and roster rows', async () => {
  const all = await Promise.all(seeds.map((seed) => canonical(`random-${seed}`)));
  expect(all.filter(({ spells }) => spells.length > 2).length).toBeGreaterThan(seeds.length / 3);
  expect(all.filter(({ roster }) => roster.length > 0).length).toBeGreaterThan(seeds.length / 3);
});

/** What a recomputation says, without ids, versions and times, sorted. */
async function canonical(member: string): Promise<{ spells: string[]; roster: string[] }> {
  const { rows: observations } = await server.database.owner.query<{ content: string }>(
    `select content from resource where tenant = $1 and patient = $2 and type = 'Observation' and audience is not null and not deleted`,
    [server.tenant, member],
  );
  const spells = observations
    .map(({ content }) => JSON.parse(content) as Record<string, unknown>)
    .filter(({ status }) => status !== 'entered-in-error')
    .map(({ id: _id, meta: _meta, ...rest }) => JSON.stringify(rest));
  const { rows: roster } = await server.database.owner.query<Record<string, unknown>>(
    `select payer, coach, patient, episode, ruleset, owner, starts::text, ends::text from roster where tenant = $1 and patient = $2`,
    [server.tenant, member],
  );
  return { spells: spells.sort(), roster: roster.map((row) => JSON.stringify(row)).sort() };
}

async function computeAnew(member: string): Promise<void> {
  const where = 'where tenant = $1 and patient = $2';
  const values = [server.tenant, member];
  const { owner } = server.database;
  await owner.query(`delete from resource ${where} and type = 'Observation' and audience is not null`, values);
  await owner.query(`delete from resource_history ${where} and type = 'Observation' and audience is not null`, values);
  await owner.query(`delete from caseload_series ${where}`, values);
  await owner.query(`delete from roster ${where}`, values);
  await owner.query(
    `insert into outbox (tenant, type, id, version, patient) values ($1, 'Patient', $2, 0, $2)`,
    values,
  );
  await settled(server);
}
