import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, addYears } from '../../../src/base/time.ts';
import { coachRole, organization, practitioner, waiverRequest } from '../../../src/cli/sandbox/people.ts';
import { ago, contactOn, payer, post, provider, settled, setUpMember, today } from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
let before: string;

/** Hired so that the two years end in ten days. */
const limit = addDays(today(), 10);
const hired = addYears(limit, -2);

beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  const admin = await server.caller('admin');
  const stored = await admin.send('PUT', `/Organization/${provider}`, organization(provider, 'Riverside', 'prov'));
  expect(stored.status, stored.text).toBe(201);
  await setUpMember(ehr, 'mce', { coachId: 'coach-soon' });
  await setUpMember(ehr, 'pace', { coachId: 'coach-soon', product: 'masshealth-pace' });
  await post(ehr, contactOn('mce', ago(2), { coach: 'coach-soon' }));
  await settled(server);
  before = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const soon = { id: 'coach-soon', given: 'Sam', family: 'Sorrel' };
  const late = { id: 'coach-late', given: 'Lee', family: 'Larch' };
  const waived = { id: 'coach-waived', given: 'Wren', family: 'Willow' };
  const past = ago(800);
  await post(
    ehr,
    practitioner(soon, provider, { hired, certified: 'working' }),
    coachRole('coach-soon-role', 'coach-soon', provider, hired),
    practitioner(late, provider, { hired: past, certified: 'working' }),
    coachRole('coach-late-role', 'coach-late', provider, past),
    practitioner(waived, provider, {
      hired: past,
      certified: 'working',
      waiver: { payer, start: ago(30), end: addDays(today(), 40), document: 'waiver-request' },
    }),
    coachRole('coach-waived-role', 'coach-waived', provider, past),
    waiverRequest('waiver-request', 'coach-waived', provider, new Date().toISOString()),
  );
  await settled(server);
}, 60_000);
afterAll(async () => server.stop());

type Told = Record<string, unknown> & { part: readonly ParametersParameter[] };

function tell(part: ParametersParameter): Told {
  const values = (part.part ?? []).map((one) => [
    one.name,
    Object.entries(one).find(([key]) => key.startsWith('value'))?.[1] ?? one.part,
  ]);
  return { ...(Object.fromEntries(values) as Record<string, unknown>), part: part.part ?? [] };
}

async function ask(path: string, caller: Caller = ehr): Promise<Told[]> {
  const answer = await caller.send('GET', `/Organization/${path}`);
  expect(answer.status, answer.text).toBe(200);
  return ((answer.json as unknown as Parameters).parameter ?? []).map(tell);
}

const coachOf = ({ coach }: Told): string => (coach as { reference: string }).reference.replace('Practitioner/', '');
const parts = ({ part }: Told, name: string): Told[] => part.filter((one) => one.name === name).map(tell);

describe('$credential-runway', () => {
  test('coaches stand by deadline, each with state, days left, alert and what is missing', async () => {
    const lines = await ask('$credential-runway?ruleset=masshealth-mce');
    expect(lines.map((line) => [coachOf(line), line['state'], line['deadline'], line['daysLeft']])).toEqual([
      ['coach-late', 'unqualified', addYears(ago(800), 2), expect.any(Number)],
      ['coach-soon', 'working', limit, 10],
      ['coach-waived', 'waived', addDays(today(), 40), 40],
    ]);
    expect(lines[0]?.['daysLeft']).toBeLessThan(0);
    expect(lines[1]).toMatchObject({ limit, alert: 30, coach: { display: 'Sam Sorrel' } });
    expect(parts(lines[1] as Told, 'missing').map(({ reason, rule }) => [rule, reason])).toEqual([
      ['CR-2', 'not-certified'],
    ]);
    expect(parts(lines[0] as Told, 'missing').map(({ reason, rule }) => [rule, reason])).toEqual([
      ['CR-2', 'not-certified'],
      ['CR-4', 'two-years-passed'],
      ['CR-5', 'not-waived'],
    ]);
    for (const line of lines) expect(line['quote']).toContain('within two years');
  });

  test('members on the caseload, and the days that a last contact would have carried them', async () => {
    const [, soon] = await ask('$credential-runway?ruleset=masshealth-mce');
    expect(soon).toMatchObject({ members: 1, memberDays: 21 });
    expect(parts(soon as Told, 'payer')).toMatchObject([
      { payer: { reference: `Organization/${payer}` }, qualified: 'met', lastDay: limit, members: 1, memberDays: 21 },
    ]);
    const current = (await ehr.send('GET', '/Coverage/coverage-mce')).json;
    const ends = addDays(limit, 5);
    await post(ehr, { ...current, period: { start: '2024-01-02', end: ends } } as never);
    await settled(server);
    const [, cut] = await ask('$credential-runway?ruleset=masshealth-mce');
    expect(cut).toMatchObject({ members: 1, memberDays: 5 });
  });

  test('where no caseload binds, the members are those whose care the coach manages', async () => {
    const lines = await ask('$credential-runway?ruleset=masshealth-pace');
    const soon = lines.find((line) => coachOf(line) === 'coach-soon');
    expect(soon).toMatchObject({ members: 1, memberDays: 21, deadline: limit });
  });

  test('a waiver lets its own payer go on, until its end', async () => {
    const lines = await ask('$credential-runway?ruleset=masshealth-mce');
    const waived = lines.find((line) => coachOf(line) === 'coach-waived') as Told;
    expect(parts(waived, 'payer')).toMatchObject([
      { payer: { reference: `Organization/${payer}` }, qualified: 'met', waivedUntil: addDays(today(), 40) },
    ]);
  });

  test('date and month: who must stop then', async () => {
    const months = await ask(`$credential-runway?ruleset=masshealth-mce&month=${limit.slice(0, 7)}`);
    expect(months.map(coachOf)).toContain('coach-soon');
    expect(months.map(coachOf)).not.toContain('coach-late');
    const after = await ask(`$credential-runway?ruleset=masshealth-mce&date=${addDays(limit, 1)}`);
    expect(after.find((line) => coachOf(line) === 'coach-soon')).toMatchObject({ state: 'unqualified', daysLeft: -1 });
  });

  test('knownAt: as the papers and the caseload were known then', async () => {
    const at = encodeURIComponent(before);
    const lines = await ask(`$credential-runway?ruleset=masshealth-mce&knownAt=${at}`);
    expect(lines.map((line) => [coachOf(line), line['state'], line['members']])).toEqual([
      ['coach-soon', 'certified', 1],
    ]);
  });

  test('an earlier role with another employer neither moves the limit nor makes its coaches ours', async () => {
    const before = {
      ...coachRole('elsewhere', 'coach-soon', 'org-elsewhere', ago(3_000)),
      period: { start: ago(3_000), end: ago(2_000) },
    };
    const stranger = { id: 'coach-stranger', given: 'Sasha', family: 'Spruce' };
    await post(
      ehr,
      before,
      practitioner(stranger, 'org-elsewhere', { hired: ago(100), certified: 'working' }),
      coachRole('stranger-role', 'coach-stranger', 'org-elsewhere', ago(100)),
    );
    const lines = await ask('$credential-runway?ruleset=masshealth-mce');
    expect(lines.find((line) => coachOf(line) === 'coach-soon')).toMatchObject({ limit, state: 'working' });
    expect(lines.map(coachOf)).not.toContain('coach-stranger');
  });

  test('no date of an attestation is in it', async () => {
    const { text } = await ehr.send('GET', '/Organization/$credential-runway');
    expect(text).not.toMatch(/asOf|attestation/);
  });
});

describe('$coach-roster', () => {
  test('each coach employed on the day, with certification, role, hire and qualification', async () => {
    const [roster, ...others] = await ask('$coach-roster?ruleset=masshealth-mce');
    expect(others).toEqual([]);
    expect(roster).toMatchObject({ result: 'met', date: today() });
    const coaches = parts(roster as Told, 'coach');
    expect(coaches.map((one) => [coachOf(one), one['role'], one['hired'], one['status'], one['qualified']])).toEqual([
      ['coach-late', 'recovery-coach', ago(800), 'working', 'not-met'],
      ['coach-soon', 'recovery-coach', hired, 'working', 'met'],
      ['coach-waived', 'recovery-coach', ago(800), 'working', 'not-met'],
    ]);
    const reasons = coaches[0]?.part.flatMap(({ name, valueString }) => (name === 'reason' ? [valueString] : []));
    expect(reasons).toEqual(['CR-4 two-years-passed', 'CR-5 not-waived']);
    expect(parts(coaches[2] as Told, 'waiver')).toMatchObject([
      { payer: { reference: `Organization/${payer}` }, qualified: 'met' },
    ]);
  });

  test('as it was known before a coach lost her certificate, with its number, issuer and period', async () => {
    const [roster] = await ask(`$coach-roster?ruleset=masshealth-mce&knownAt=${encodeURIComponent(before)}`);
    expect(parts(roster as Told, 'coach')).toMatchObject([
      {
        status: 'certified',
        number: 'CARC-coach-soon',
        issuer: 'Massachusetts Board of Substance Abuse Counselor Certification',
        period: { start: '2022-03-01', end: '2099-01-01' },
        qualified: 'met',
      },
    ]);
  });

  test('any past date: nobody before the first was hired; a day to come is open', async () => {
    const [early] = await ask(`$coach-roster?ruleset=masshealth-mce&date=${ago(801)}`);
    expect(parts(early as Told, 'coach')).toEqual([]);
    const [ahead] = await ask(`$coach-roster?ruleset=masshealth-mce&date=${addDays(today(), 1)}`);
    expect(ahead).toMatchObject({ result: 'indeterminate', reason: 'date-in-the-future' });
  });

  test('a source that was asked is told with its word; a denial contradicts the certificate', async () => {
    const verification = (status: string, statusDate: string) => ({
      resourceType: 'VerificationResult',
      id: 'verification-soon',
      status,
      statusDate,
      target: [{ reference: 'Practitioner/coach-checked' }],
      targetLocation: ["Practitioner.qualification.where(code.coding.code='carc')"],
      primarySource: [{ who: { display: 'Board' }, validationDate: statusDate }],
    });
    const checked = { id: 'coach-checked', given: 'Chris', family: 'Cedar' };
    await post(
      ehr,
      practitioner(checked, provider, { hired: ago(900), certified: { until: addDays(today(), 900) } }),
      coachRole('coach-checked-role', 'coach-checked', provider, ago(900)),
      verification('validated', ago(20)) as never,
    );
    const row = async (date: string) => {
      const [roster] = await ask(`$coach-roster?ruleset=masshealth-mce&date=${date}`);
      return parts(roster as Told, 'coach').find((one) => coachOf(one) === 'coach-checked');
    };
    expect(await row(ago(21))).not.toHaveProperty('verified');
    expect(await row(ago(20))).toMatchObject({ verified: 'validated', verifiedOn: ago(20), status: 'certified' });
    await post(ehr, verification('val-fail', ago(3)) as never);
    expect(await row(ago(4))).toMatchObject({ status: 'certified', qualified: 'met' });
    expect(await row(ago(3))).toMatchObject({ verified: 'failed', qualified: 'not-met', status: 'working' });
    const lines = await ask('$credential-runway?ruleset=masshealth-mce');
    expect(lines.find((line) => coachOf(line) === 'coach-checked')).toMatchObject({ state: 'unqualified' });
  });

  describe('as CSV', () => {
    const titles =
      'ruleset,date,coach,name,role,hired,status,number,issuer,from,until,verified,verified on,qualified,reasons,waived by';
    const read = (path: string, headers: Record<string, string> = {}, caller = ehr) =>
      caller.send('GET', `/Organization/${path}`, undefined, headers);

    test.each([
      ['Accept', '', 'text/csv'],
      ['Accept before a lighter JSON', '', 'application/fhir+json;q=0.5, text/csv'],
      ['_format', '&_format=text/csv', '*/*'],
      ['_format in short', '&_format=csv', 'application/fhir+json'],
    ])('by %s: a line a coach under the titles, for a spreadsheet to open', async (_name, more, accept) => {
      const { headers, status, text } = await read(`$coach-roster?ruleset=masshealth-mce${more}`, { accept });
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      expect(headers.get('content-disposition')).toBe('attachment; filename="coach-roster.csv"');
      const [head, ...lines] = text.split('\r\n');
      expect([head, lines.at(-1)]).toEqual([titles, '']);
      const late = `,${today()},coach-late,Lee Larch,recovery-coach,${ago(800)},working,,,,,,,not-met,CR-4 two-years-passed; CR-5 not-waived,`;
      expect(lines.map((line) => line.replace(/^masshealth-mce [\d.]+/, ''))).toContain(late);
    });

    test('a name that a spreadsheet would run is text; of the organisation by name it is the same table', async () => {
      const formula = { resourceType: 'Practitioner', id: 'coach-formula', name: [{ text: '=HYPERLINK("x"),1' }] };
      await post(ehr, formula as never, coachRole('coach-formula-role', 'coach-formula', provider, ago(10)));
      const own = await read('$coach-roster', { accept: 'text/csv' });
      expect(own.text).toContain(',coach-formula,"\'=HYPERLINK(""x""),1",recovery-coach,');
      const named = await read(`${provider}/$coach-roster`, { accept: 'text/csv' });
      expect(named.text).toBe(own.text);
      expect((await ehr.send('DELETE', '/PractitionerRole/coach-formula-role')).status).toBe(204);
    });

    test('nobody employed: the titles alone', async () => {
      const { text } = await read(`$coach-roster?ruleset=masshealth-mce&date=${ago(1_000)}`, { accept: 'text/csv' });
      expect(text).toBe(`${titles}\r\n`);
    });

    test('a refusal is an OperationOutcome, and JSON is what who likes it better gets', async () => {
      const plan = await server.caller('plan', payer);
      const refused = await read(`${provider}/$coach-roster`, { accept: 'text/csv' }, plan);
      expect([refused.status, refused.json['resourceType']]).toEqual([403, 'OperationOutcome']);
      const json = await read('$coach-roster', { accept: 'text/csv;q=0.5, application/fhir+json' });
      expect(json.json['resourceType']).toBe('Parameters');
    });

    test('what is no table is not acceptable in CSV alone, and JSON where that is taken too', async () => {
      for (const path of ['/Organization/$credential-runway', `/Organization/${provider}`, '/metadata']) {
        const only = await ehr.send('GET', path, undefined, { accept: 'text/csv' });
        expect([path, only.status, only.text]).toEqual([path, 406, expect.stringContaining('application/fhir+json')]);
        const either = await ehr.send('GET', path, undefined, { accept: 'text/csv, application/fhir+json;q=0.1' });
        expect([path, either.status]).toEqual([path, 200]);
      }
    });

    test('in a batch it is JSON, as every entry', async () => {
      const request = { method: 'GET' as const, url: 'Organization/$coach-roster' };
      const bundle = { resourceType: 'Bundle', type: 'batch', entry: [{ request }] };
      const accept = 'text/csv, application/fhir+json;q=0.5';
      const { json, status } = await ehr.send('POST', '', bundle, { accept });
      expect(status).toBe(200);
      expect(json['entry']).toMatchObject([{ response: { status: '200' }, resource: { resourceType: 'Parameters' } }]);
    });
  });

  test('every ruleset that asks for the record, and no other', async () => {
    const rosters = await ask('$coach-roster');
    expect(rosters.map(({ ruleset }) => String(ruleset).split('/').at(-1)?.split('|')[0])).toEqual([
      'masshealth-mce',
      'masshealth-one-care-sco',
      'masshealth-pace',
    ]);
  });
});

/** All that such a client can be registered for. */
const scopesOf = { auditor: 'system/AuditEvent.rs', admin: 'system/Organization.cruds' };

describe.each(['$credential-runway', '$coach-roster'])('%s: who may ask', (operation) => {
  test('a plan and a referrer are refused in words', async () => {
    for (const kind of ['plan', 'referrer'] as const) {
      const caller = await server.caller(kind, kind === 'plan' ? payer : 'org-clinic');
      const { status, text } = await caller.send('GET', `/Organization/${provider}/${operation}`);
      expect([kind, status]).toEqual([kind, 403]);
      expect(text).toContain('employer’s own clients');
    }
  });

  test('the coach app and the organisation by name; an auditor and an admin name it', async () => {
    const app = await server.caller('coach-app', provider);
    const named = await ask(`${provider}/${operation}`, app);
    expect(named).toEqual(await ask(operation));
    for (const kind of ['auditor', 'admin'] as const) {
      const caller = await server.caller(kind, undefined, scopesOf[kind]);
      expect(await ask(`${provider}/${operation}`, caller)).toEqual(named);
      const without = await caller.send('GET', `/Organization/${operation}`);
      expect([without.status, without.text]).toEqual([400, expect.stringContaining('speaks for none')]);
      const unknown = await caller.send('GET', `/Organization/nobody/${operation}`);
      expect(unknown.status).toBe(404);
    }
  });

  test('another provider’s organisation is as if it were not there', async () => {
    const other = await server.caller('ehr', 'org-b');
    const answers = await Promise.all(
      [provider, 'nobody'].map((id) => other.send('GET', `/Organization/${id}/${operation}`)),
    );
    expect(answers.map(({ status, text }) => [status, text.replaceAll(/org-a|nobody/g, '')])).toEqual([
      [404, expect.any(String)],
      [404, answers[0]?.text.replaceAll('org-a', '')],
    ]);
    expect(await ask(operation, other)).not.toContainEqual(expect.objectContaining({ state: 'working' }));
  });

  test('scopes must reach without a condition', async () => {
    const narrow = await server.caller('ehr', provider, 'system/Organization.rs system/Practitioner.rs');
    const refused = await narrow.send('GET', `/Organization/${operation}`);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('system/PractitionerRole.r')]);
    const filtered = await server.caller(
      'ehr',
      provider,
      'system/Practitioner.rs?active=true system/PractitionerRole.rs',
    );
    const conditioned = await filtered.send('GET', `/Organization/${operation}`);
    expect([conditioned.status, conditioned.text]).toEqual([403, expect.stringContaining('without one')]);
  });

  test('the access is in the audit, with every coach told of', async () => {
    await ask(operation);
    const rows = await server.database.owner.query(
      'select entity, outcome from audit where interaction = $1 and client_id = $2 order by seq desc limit 1',
      [operation, ehr.clientId],
    );
    expect(rows.rows).toEqual([
      {
        entity: expect.arrayContaining([
          `Organization/${provider}`,
          'Practitioner/coach-late',
          'Practitioner/coach-soon',
        ]),
        outcome: 200,
      },
    ]);
  });

  test.each([
    ['date=2026-02-30', 'YYYY-MM-DD'],
    ['ruleset=nobody', 'not known here'],
    ['knownAt=2126-01-01T00:00:00Z', 'future'],
    ['asOf=2026-01-01', 'too much'],
  ])('?%s is refused in words', async (query, words) => {
    const { status, text } = await ehr.send('GET', `/Organization/${operation}?${query}`);
    expect([status, text]).toEqual([400, expect.stringContaining(words)]);
  });
});

test('a month that is none is refused in words', async () => {
  const { status, text } = await ehr.send('GET', '/Organization/$credential-runway?month=2026-13');
  expect([status, text]).toEqual([400, expect.stringContaining('YYYY-MM')]);
});
