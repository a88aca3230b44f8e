import type { Parameters, ParametersParameter, Practitioner, Resource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coachRole, coverage, episode, organization, patient } from '../../../src/cli/sandbox/people.ts';
import { heldRules } from '../../../src/domain/every-rule.ts';
import { canonicalOf } from '../../../src/domain/ruleset.ts';
import { ago, contactOn, payer, post, provider, setUpMember } from '../../support/caseload.ts';
import { ruleset } from '../../support/facts.ts';
import { affiliation, referral, serviceRequest, supervision } from '../../support/organization.ts';
import { local } from '../../support/recorded.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  const admin = await server.caller('admin');
  const stored = await admin.send('PUT', `/Organization/${provider}`, organization(provider, 'Riverside', 'prov'));
  expect(stored.status, stored.text).toBe(201);
  await setUpMember(ehr, 'ruled', { since: ago(40) });
  await post(ehr, contactOn('ruled', ago(5)), contactOn('ruled', ago(30)));
});
afterAll(async () => server.stop());

interface Told {
  readonly rule: string;
  readonly mode: string;
  readonly source: string;
  readonly quote: string | undefined;
  readonly result: string;
  readonly reasons: readonly string[];
  readonly figures: Readonly<Record<string, unknown>>;
  readonly evidence: readonly string[];
  readonly coach: string | undefined;
  readonly about: string | undefined;
  readonly date: string | undefined;
}

function valueOf(part: ParametersParameter | undefined): string | undefined {
  const value: unknown = Object.entries(part ?? {}).find(([key]) => key.startsWith('value'))?.[1];
  if (typeof value === 'object' && value !== null && 'reference' in value) return String(value.reference);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** All answers of an answered Parameters, one after another. */
function answersIn({ parameter }: Parameters): Told[] {
  return (parameter ?? [])
    .flatMap(({ part }) => part ?? [])
    .filter(({ name, part }) => name === 'rule' && part !== undefined)
    .flatMap(({ part: parts = [] }) => {
      const said = (name: string): string | undefined => valueOf(parts.find((one) => one.name === name));
      return parts
        .filter(({ name }) => name === 'answer')
        .map(({ part = [] }): Told => {
          const all = (name: string) => part.filter((one) => one.name === name).map((one) => valueOf(one) ?? '');
          const figures = part.find(({ name }) => name === 'figures')?.part ?? [];
          const [coach] = all('coach');
          const [about] = all('about');
          const [date] = all('date');
          return {
            rule: said('rule') ?? '',
            mode: said('mode') ?? '',
            source: said('source') ?? '',
            quote: said('quote'),
            result: all('result')[0] ?? '',
            reasons: all('reason'),
            figures: Object.fromEntries(figures.map(({ name, ...value }) => [name, value])),
            evidence: all('evidence'),
            coach,
            about,
            date,
          };
        });
    });
}

const path = (member: string, query = ''): string => `/EpisodeOfCare/episode-${member}/$evaluate-rules?${query}`;

async function ask(query = '', caller: Caller = ehr, member = 'ruled'): Promise<Told[]> {
  const answer = await caller.send('GET', path(member, query));
  expect(answer.status, answer.text).toBe(200);
  return answersIn(answer.json as unknown as Parameters);
}

async function one(rule: string, query = '', caller: Caller = ehr, member = 'ruled'): Promise<Told> {
  const [found, ...more] = await ask(`rule=${rule}&${query}`, caller, member);
  expect([found?.rule, more]).toEqual([rule, []]);
  return found as Told;
}

describe('$evaluate-rules', () => {
  test.each([
    ['masshealth-mco', ['masshealth-mce']],
    ['masshealth-one-care', ['masshealth-one-care-sco']],
    ['masshealth-pace', ['masshealth-pace']],
    ['tufts-commercial', ['tufts']],
    ['optum-commercial', ['optum']],
    ['michigan-cmhsp', ['michigan-cmhsp']],
  ])('%s: every rule that the ruleset holds answers, in the order of the domain table', async (product, names) => {
    const member = `of-${product}`;
    await setUpMember(ehr, member, { since: ago(40), product });
    await post(ehr, contactOn(member, ago(5)));
    const told = await ask('', ehr, member);
    expect([...new Set(told.map(({ rule }) => rule))]).toEqual(names.flatMap((name) => heldRules(ruleset(name))));
    for (const { mode, reasons, result, rule, source } of told) {
      expect(['gate', 'measure', 'advisory'], rule).toContain(mode);
      expect(source, rule).not.toBe('');
      expect(reasons.length > 0, `${rule} ${result}`).toBe(result !== 'met');
      expect(reasons, rule).not.toContain('rule-not-in-ruleset');
    }
  });

  test('a product under two files is answered under each, and a gate of one may be a measure for its plan type', async () => {
    await setUpMember(ehr, 'together', { since: ago(40), product: 'tufts-together' });
    await post(ehr, contactOn('together', ago(5)));
    const { json } = await ehr.send('GET', path('together'));
    const blocks = (json as unknown as Parameters).parameter ?? [];
    const canonical = blocks.map(({ part = [] }) => valueOf(part.find(({ name }) => name === 'ruleset')));
    expect(canonical).toEqual(['masshealth-mce', 'tufts'].map((name) => canonicalOf(ruleset(name))));
    expect((await one('T-1', '', ehr, 'together')).mode).toBe('measure');
    await setUpMember(ehr, 'alone', { since: ago(40), product: 'tufts-commercial' });
    expect((await one('T-1', '', ehr, 'alone')).mode).toBe('gate');
  });

  test('an answer has its mode, typed figures, evidence and the payer’s sentence', async () => {
    expect(await one('A-2')).toMatchObject({
      mode: 'gate',
      result: 'met',
      quote: expect.stringContaining('first 90 days'),
      source: expect.stringContaining('Authorization'),
      figures: { serviceDay: { valueInteger: 41 }, lastExemptDate: { valueDate: ago(-49) } },
      evidence: ['EpisodeOfCare/episode-ruled'],
    });
    expect((await one('CR-4')).figures).toEqual({ certified: { valueBoolean: true } });
    expect((await one('B-2')).figures).toMatchObject({ closesAt: { valueInstant: expect.anything() } });
  });

  test('what rests on our own decision says so, with its reason', async () => {
    const { quote, source } = await one('B-5');
    expect([quote, source]).toEqual([undefined, expect.stringMatching(/^decision: /)]);
  });

  test('a rule about contacts answers for each of the window, a rule about coaches for each coach', async () => {
    const contacts = await ask('rule=CT-1,CT-3');
    expect(contacts.map(({ about, date, result, rule }) => [rule, about, date, result])).toEqual([
      ['CT-1', `Encounter/contact-ruled-${ago(5)}`, ago(5), 'met'],
      ['CT-3', `Encounter/contact-ruled-${ago(5)}`, ago(5), 'met'],
    ]);
    expect((await one('CL-1')).coach).toBe('Practitioner/coach-ruled');
  });

  test('date asks about another day', async () => {
    expect(await one('CL-1', `date=${ago(6)}`)).toMatchObject({ result: 'not-met' });
    expect(await one('CL-1', `date=${ago(9)}`)).toMatchObject({ result: 'met', figures: { contactDate: {} } });
    expect(await ask(`date=${ago(50)}`)).toEqual([]);
  });

  test('rule may repeat or stand between commas, ruleset bounds where they are looked for', async () => {
    const rules = async (query: string) => (await ask(query)).map(({ rule }) => rule);
    expect(await rules('rule=B-1&rule=A-2')).toEqual(['B-1', 'A-2']);
    expect(await rules('rule=A-2,%20B-1&ruleset=masshealth-mce')).toEqual(['B-1', 'A-2']);
    expect(await rules('rule=M-1')).toEqual([]);
  });

  test('knownAt replays the answer as it was, also for what stands outside of the member’s records', async () => {
    await setUpMember(ehr, 'replayed', { since: ago(40), product: 'optum-commercial' });
    await post(ehr, contactOn('replayed', ago(3)));
    const before = (await ehr.send('GET', path('replayed', `date=${ago(0)}`))).json;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const then = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await post(ehr, ...later);
    const now = await ask('', ehr, 'replayed');
    const result = (rule: string) => now.find((told) => told.rule === rule)?.result;
    expect([result('OR-3'), result('CR-9'), result('Q-3')]).toEqual(['not-met', 'met', 'met']);
    await post(ehr, contactOn('replayed', ago(1)));
    expect((await ehr.send('DELETE', '/OrganizationAffiliation/agreement-replayed')).status).toBeLessThan(300);
    const replayed = await ehr.send('GET', path('replayed', `date=${ago(0)}&knownAt=${encodeURIComponent(then)}`));
    expect(replayed.json).toEqual(before);
  });

  test('what was deleted since counts for a K before', async () => {
    await setUpMember(ehr, 'deleted', { since: ago(40), product: 'optum-commercial' });
    await post(ehr, affiliation('agreement-deleted'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const then = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const rests = { evidence: ['OrganizationAffiliation/agreement-deleted'] };
    expect(await one('OR-3', '', ehr, 'deleted')).toMatchObject(rests);
    expect((await ehr.send('DELETE', '/OrganizationAffiliation/agreement-deleted')).status).toBeLessThan(300);
    expect(await one('OR-3', '', ehr, 'deleted')).toMatchObject({ evidence: [] });
    expect(await one('OR-3', `knownAt=${encodeURIComponent(then)}`, ehr, 'deleted')).toMatchObject(rests);
  });

  test('a referral that was shared with the organisation is the member’s, one that was not is none', async () => {
    const admin = await server.caller('admin');
    const partner = { ...organization('org-ref', 'North', 'prov'), type: [local('community-partner', 'partner')] };
    expect((await admin.send('PUT', '/Organization/org-ref', partner)).status).toBe(201);
    const referrer = await server.caller('referrer', 'org-ref');
    const person = await referrer.create(patient({ id: 'referred', given: 'Robin', family: 'Alder' }));
    const shared = await referrer.create(serviceRequest(person.id));
    await referrer.create(serviceRequest(person.id));
    await referrer.create(referral(person.id, shared.id));
    await post(
      ehr,
      coverage('coverage-referred', person.id, payer, 'optum-commercial', { start: ago(40) }),
      episode('episode-referred', person.id, provider, 'coach-ruled', ago(40)),
    );
    const { evidence, result } = await one('RF-1', '', ehr, 'referred');
    expect([result, evidence]).toEqual(['met', [`ServiceRequest/${shared.id}`]]);
  });

  test('what the organisation attests about itself decides for its members', async () => {
    await setUpMember(ehr, 'capable', { since: ago(40), product: 'michigan-cmhsp' });
    const before = await one('M-21', '', ehr, 'capable');
    expect(before.reasons).toContain('missing: attestation of community capability');
    await post(ehr, {
      resourceType: 'DocumentReference',
      id: 'capability',
      status: 'current',
      type: local('community-capability', 'document-type'),
      date: `${ago(1)}T12:00:00Z`,
      custodian: { reference: `Organization/${provider}` },
      authenticator: { reference: `Organization/${provider}` },
      content: [{ attachment: { contentType: 'application/pdf', url: 'https://documents.example/capability' } }],
    });
    const { evidence, reasons } = await one('M-21', '', ehr, 'capable');
    expect([reasons, evidence]).toEqual([['missing: review of needs'], ['DocumentReference/capability']]);
  });

  test('another organisation’s agreements and sessions decide nothing', async () => {
    await setUpMember(ehr, 'apart', { since: ago(40), product: 'optum-commercial' });
    const other = await server.caller('ehr', 'org-other');
    await post(other, affiliation('agreement-elsewhere'), supervision('session-elsewhere', 'coach-apart'));
    expect(await one('OR-3', '', ehr, 'apart')).toMatchObject({ result: 'indeterminate', evidence: [] });
    expect(await one('CR-9', '', ehr, 'apart')).toMatchObject({ result: 'indeterminate', evidence: [] });
  });

  test('who may not read contacts hears results and reasons, and no contact', async () => {
    const blind = await server.caller('coach-app', provider, 'system/Observation.rs system/EpisodeOfCare.r');
    const told = await ask('', blind);
    const seeing = await ask('');
    expect(told.map(({ reasons, result, rule }) => [rule, result, reasons])).toEqual(
      seeing.map(({ reasons, result, rule }) => [rule, result, reasons]),
    );
    expect(JSON.stringify(told)).not.toMatch(/Encounter\//);
    expect(told.find(({ rule }) => rule === 'CT-1')).toMatchObject({ about: undefined, date: undefined, figures: {} });
    expect(told.find(({ rule }) => rule === 'A-2')?.evidence).toEqual(['EpisodeOfCare/episode-ruled']);
    expect(told.find(({ rule }) => rule === 'CR-1')?.evidence).toEqual([]);
  });

  test('a plan is refused in words', async () => {
    const plan = await server.caller('plan', payer, 'system/*.rs');
    const { json, status } = await plan.send('GET', path('ruled'));
    expect([status, JSON.stringify(json)]).toEqual([403, expect.stringContaining('$caseload-status')]);
  });

  test('an episode of somebody else is not there', async () => {
    const other = await server.caller('ehr', 'org-other');
    expect((await other.send('GET', path('ruled'))).status).toBe(404);
  });

  test('the access is audited under its own name', async () => {
    await ask();
    const { rows } = await server.database.owner.query(
      `select count(*)::int as asked from audit where tenant = $1 and interaction = '$evaluate-rules'`,
      [server.tenant],
    );
    expect((rows[0] as { asked: number }).asked).toBeGreaterThan(0);
  });

  test.each([
    ['rule=A-9', 'No ruleset here holds a rule A-9. Ask for CT-1'],
    ['rule=M-1&ruleset=masshealth-pace', 'B-4, B-5, CR-1'],
    ['rule=', 'empty value'],
    ['date=2026-02-30', 'YYYY-MM-DD'],
    ['date=2026-01-01&date=2026-01-02', 'too much'],
    ['day=2026-01-01', 'too much'],
    ['ruleset=nobody&rule=A-2', 'not known here'],
    ['knownAt=2126-01-01T00:00:00Z', 'future'],
  ])('?%s is refused in words', async (query, words) => {
    const { json, status } = await ehr.send('GET', path('ruled', query));
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toContain(words);
  });
});

const later: readonly Resource[] = [
  affiliation('agreement-replayed'),
  supervision('session-replayed', 'coach-replayed'),
  {
    resourceType: 'DocumentReference',
    id: 'quality-plan',
    status: 'current',
    type: local('quality-management-plan', 'document-type'),
    date: `${ago(1)}T12:00:00Z`,
    content: [{ attachment: { contentType: 'application/pdf', url: 'https://documents.example/plan' } }],
  },
];

test('CR-6 counts the organisation’s coaches as its roster does: by who issued a certificate, and by what its source said', async () => {
  const board = {
    resourceType: 'Organization',
    id: 'ruled-board',
    name: 'Massachusetts Board of Substance Abuse Counselor Certification',
  };
  const certified = (id: string): Practitioner => ({
    resourceType: 'Practitioner',
    id,
    name: [{ family: 'Invented', given: ['Person'] }],
    identifier: [{ system: 'https://riverside.example/staff', value: id }],
    qualification: [
      {
        code: local('carc', 'qualification'),
        identifier: [{ system: 'https://board.example/carc', value: `CARC-${id}` }],
        issuer: { reference: 'Organization/ruled-board' },
        period: { start: '2022-01-01' },
      },
    ],
  });
  const admin = await server.caller('admin');
  expect((await admin.send('PUT', '/Organization/ruled-board', board)).status).toBe(201);
  await post(
    ehr,
    ...['ruled-held', 'ruled-denied'].flatMap((id) => [
      certified(id),
      coachRole(`${id}-role`, id, provider, '2022-01-01'),
    ]),
    {
      resourceType: 'VerificationResult',
      id: 'ruled-word',
      status: 'val-fail',
      statusDate: '2025-01-02',
      target: [{ reference: 'Practitioner/ruled-denied' }],
      targetLocation: ['Practitioner.qualification[0]'],
    },
  );
  const roster = (await ehr.send('GET', `/Organization/${provider}/$coach-roster?ruleset=masshealth-mce`))
    .json as unknown as Parameters;
  const statuses = (roster.parameter ?? []).flatMap(({ part }) =>
    (part ?? []).flatMap((one) =>
      (one.part ?? []).filter(({ name }) => name === 'status').map(({ valueCode }) => valueCode),
    ),
  );
  const count = (status: string) => ({ valueInteger: statuses.filter((one) => one === status).length });
  const [told] = await ask('rule=CR-6&ruleset=masshealth-mce');
  expect(told).toMatchObject({ result: 'met', reasons: [] });
  expect(told?.figures).toMatchObject({ certified: count('certified'), none: count('none') });
  expect(count('none')).toEqual({ valueInteger: 1 });
});
