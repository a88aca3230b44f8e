import type { Bundle, Observation, Parameters, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { coachRole, practitioner } from '../../../src/cli/sandbox/people.ts';
import { ago, caseloads, contactOn, payer, post, provider, settled, setUpMember } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// docs/ledger.md, "What a plan is told"; architecture, section 3 and section 4, rule 1; 42 CFR 2.13(a).
let server: TestServer;
let ehr: Caller;
let plan: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  plan = await server.caller('plan', payer, 'system/*.rs');
});
afterAll(async () => server.stop());

const codes = [
  'within-window',
  'coverage-ends',
  'no-counted-contact',
  'record-open',
  'service-begins-later',
  'service-ended',
  'service-ends',
];
const sentences = [
  '21 days after the contact',
  'coverage ends',
  'no contact that counts within 21 days',
  'the provider’s record is open',
  'service not begun',
  'service ended',
  'service ends',
  'no coverage',
  'no-coverage',
];

const period = `start=${ago(60)}&end=${addDays(ago(0), 30)}`;

/** Everything that a caller can be told of a member's caseload, by every way in. */
async function toldTo(caller: Caller, member: string): Promise<{ text: string; parts: Record<string, unknown>[] }> {
  const paths = [
    `/EpisodeOfCare/episode-${member}/$ledger?${period}`,
    ...[60, 30, 20, 10, 5, 0, -10, -30].map(
      (days) => `/EpisodeOfCare/episode-${member}/$caseload-status?asOf=${addDays(ago(0), -days)}`,
    ),
    `/Observation?patient=Patient/${member}&_count=100`,
    `/Observation?patient=Patient/${member}&code=caseload-status&_include=Observation:encounter&_include=Observation:focus`,
  ];
  const texts: string[] = [];
  const parts: Record<string, unknown>[] = [];
  for (const path of paths) {
    const answer = await caller.send('GET', path);
    expect(answer.status, answer.text).toBe(200);
    texts.push(answer.text);
    if (path.includes('$'))
      parts.push(
        ...caseloads({
          json: {
            parameter: ((answer.json as unknown as Parameters).parameter ?? []).filter(
              ({ name }) => name === 'caseload',
            ),
          },
        }),
      );
  }
  for (const { id } of await observations(caller, member))
    for (const path of [`/Observation/${id}`, `/Observation/${id}/_history`, `/Observation/${id}/_history/1`])
      texts.push((await caller.send('GET', path)).text);
  return { text: texts.join('\n'), parts };
}

async function observations(caller: Caller, member: string): Promise<Observation[]> {
  const found = await caller.send('GET', `/Observation?patient=Patient/${member}&_count=100`);
  return ((found.json as unknown as Bundle<Observation>).entry ?? []).map(({ resource }) => resource as Observation);
}

/** A coach whose papers a case changes. */
async function coachOf(
  member: string,
  change: (papers: ReturnType<typeof practitioner>) => Resource,
  hired = '2022-03-01',
  certified: 'working' | { until: string } = 'working',
) {
  const coach = { id: `coach-${member}`, given: 'Avery', family: 'Birch' };
  await post(
    ehr,
    change(practitioner(coach, provider, { hired, certified })),
    coachRole(`coach-${member}-role`, coach.id, provider, hired),
  );
}

const unsigned = (member: string, days: number) => {
  const { extension = [], ...contact } = contactOn(member, ago(days));
  return { ...contact, extension: extension.filter(({ url }) => !url.endsWith('/documentation')) };
};

/** What a provider's record can hold, with words of it that the provider is told and a plan must not be. */
const records: [name: string, words: RegExp, set: (member: string) => Promise<void>][] = [
  ['nodoc', /no-documentation/, async (member) => post(ehr, unsigned(member, 10))],
  [
    'voicemail',
    /member-not-engaged/,
    async (member) => post(ehr, contactOn(member, ago(10), { kind: 'phone', engaged: false })),
  ],
  ['refused', /cancelled/, async (member) => post(ehr, { ...contactOn(member, ago(10)), status: 'cancelled' })],
  [
    'dead',
    /contact-after-death|deceased|date of death/,
    async (member) => {
      await post(ehr, contactOn(member, ago(30)), contactOn(member, ago(10)), {
        resourceType: 'Patient',
        id: member,
        name: [{ family: 'Alder', given: ['Robin'] }],
        deceasedDateTime: ago(20),
      });
    },
  ],
  [
    'undated',
    /date of death/,
    async (member) =>
      post(ehr, contactOn(member, ago(10)), {
        resourceType: 'Patient',
        id: member,
        name: [{ family: 'Alder', given: ['Robin'] }],
        deceasedBoolean: true,
      }),
  ],
  [
    'passed',
    /CR-4 two-years-passed|coach qualified until then/,
    async (member) => {
      await coachOf(member, (papers) => papers, addDays(ago(5), -731));
      await post(ehr, contactOn(member, ago(15)));
    },
  ],
  [
    'attested',
    /recovery-attestation|CR-1/,
    async (member) => {
      const withoutRecovery = (papers: ReturnType<typeof practitioner>) => ({
        ...papers,
        qualification: (papers.qualification ?? []).filter(
          ({ code }) => code.coding?.[0]?.code !== 'recovery-attestation',
        ),
      });
      await coachOf(member, withoutRecovery, '2022-03-01', { until: '2099-01-01' });
      await post(ehr, contactOn(member, ago(10)));
    },
  ],
];

describe('a plan is told the status, its days and what it pays by, and nothing of the provider’s record', () => {
  test.each(records)('%s', async (member, words, set) => {
    await setUpMember(ehr, member);
    await set(member);
    await settled(server);
    const own = await toldTo(ehr, member);
    expect(own.text).toMatch(words);
    expect((await observations(ehr, member)).some(({ note }) => words.test(JSON.stringify(note)))).toBe(true);
    const told = await toldTo(plan, member);
    expect(told.parts.length).toBeGreaterThan(8);
    expect(told.text).not.toMatch(words);
    expect(told.text).not.toMatch(/Encounter\/|Organization\/org-a|CR-\d|Correct |Supply |qualified|not-|missing/);
    for (const part of told.parts) {
      expect(sentences.map((one) => String(part['reason']).startsWith(one))).toContain(true);
      expect([part['status'], 'contactDate' in part]).toEqual([part['status'], part['status'] === 'on']);
      expect(part['quote']).toContain('within the past 21 days');
    }
    // The days and their status are the same for both.
    const days = (parts: Record<string, unknown>[]) => parts.map(({ status, lastDay }) => [status, lastDay]);
    const asked = (parts: Record<string, unknown>[]) => days(parts.filter((part) => !('period' in part)));
    expect(asked(told.parts)).toEqual(asked(own.parts));
    for (const { component, note } of await observations(plan, member)) {
      const reason = component?.find(({ code }) => code.coding?.[0]?.code === 'reason')?.valueCodeableConcept;
      expect(codes).toContain(reason?.coding?.[0]?.code);
      expect(note?.every(({ authorReference }) => authorReference === undefined)).toBe(true);
      expect(note?.at(-1)?.text).toContain('within the past 21 days');
    }
  });
});

test('a contact that does not count is, in what a plan may ask of any day, as if it had never been', async () => {
  await setUpMember(ehr, 'counted');
  await setUpMember(ehr, 'none');
  await post(ehr, { ...contactOn('counted', ago(10)), status: 'cancelled' });
  await settled(server);
  const about = async (caller: Caller, member: string) =>
    JSON.stringify((await toldTo(caller, member)).parts).replaceAll(member, 'member');
  expect(await about(plan, 'counted')).toBe(await about(plan, 'none'));
  expect(await about(ehr, 'counted')).not.toBe(await about(ehr, 'none'));
});

test('what changes in the provider’s record alone moves neither the plan’s version nor where its spans begin', async () => {
  await setUpMember(ehr, 'moving');
  await post(ehr, unsigned('moving', 10));
  await settled(server);
  const [before] = await observations(plan, 'moving');
  const [own] = await observations(ehr, 'moving');
  const spans = (await toldTo(plan, 'moving')).parts;
  await post(ehr, { ...unsigned('moving', 10), status: 'in-progress' });
  await settled(server);
  const [after] = await observations(plan, 'moving');
  const [ownAfter] = await observations(ehr, 'moving');
  expect(after).toEqual(before);
  expect(ownAfter?.meta?.versionId).not.toBe(own?.meta?.versionId);
  expect((await toldTo(plan, 'moving')).parts).toEqual(spans);
  expect((await plan.send('GET', `/Observation/${before?.id}`)).headers.get('etag')).toBe(
    `W/"${before?.meta?.versionId}"`,
  );
});

test('a plan reads what its own coverage would change, and by which contact the member stays on', async () => {
  await setUpMember(ehr, 'ends');
  const current = await ehr.send('GET', '/Coverage/coverage-ends');
  await ehr.send('PUT', '/Coverage/coverage-ends', { ...current.json, period: { start: ago(400), end: ago(0) } });
  await post(ehr, contactOn('ends', ago(10)));
  const [part] = caseloads(
    await plan.send('GET', `/EpisodeOfCare/episode-ends/$ledger?start=${ago(10)}&end=${ago(0)}`),
  );
  expect(part).toMatchObject({
    reason: 'coverage ends',
    contactDate: ago(10),
    change: `A coverage that goes on after ${ago(0)} keeps the member on, without another contact through ${addDays(ago(10), 21)}.`,
  });
});
