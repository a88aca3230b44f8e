import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encounter, patient } from '../../support/people.ts';
import { type Caller, request, startTestServer, type TestServer } from '../../support/server.ts';

// https://hl7.org/fhir/R4/http.html
let server: TestServer;
let ehr: Caller;
let other: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', 'org-a');
  other = await server.caller('ehr', 'org-b');
});
afterAll(async () => server.stop());

const textOf = (answer: { json: unknown }): string =>
  (answer.json as { issue: { details: { text: string } }[] }).issue[0]?.details.text ?? '';

describe('create, read, update, delete, history', () => {
  test('create answers 201 with Location, ETag and what was stored', async () => {
    const answer = await ehr.send('POST', '/Patient', {
      ...patient(),
      id: 'chosen',
      meta: { versionId: '9', lastUpdated: '2001-01-01T00:00:00Z' },
    });
    expect(answer.status).toBe(201);
    const { id, meta } = answer.json as unknown as { id: string; meta: { versionId: string; lastUpdated: string } };
    expect(id).not.toBe('chosen');
    expect(meta.versionId).toBe('1');
    expect(Date.parse(meta.lastUpdated)).toBeGreaterThan(Date.now() - 60_000);
    expect(answer.headers.get('location')).toBe(`${server.url}/fhir/R4/Patient/${id}/_history/1`);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    const read = await ehr.send('GET', `/Patient/${id}`);
    expect(read.text).toBe(answer.text);
  });

  test('an update makes a version, keeps the old one, and obeys If-Match', async () => {
    const made = await ehr.create(patient());
    const changed = { ...made, birthDate: '1991-01-01' };
    const updated = await ehr.send('PUT', `/Patient/${made.id}`, changed, { 'if-match': 'W/"1"' });
    expect([updated.status, updated.headers.get('etag')]).toEqual([200, 'W/"2"']);
    const stale = await ehr.send('PUT', `/Patient/${made.id}`, changed, { 'if-match': 'W/"1"' });
    expect(stale.status).toBe(412);
    expect(textOf(stale)).toBe(
      'If-Match asks for version 1, but the current version is 2. Read it again, apply your change to that and send its ETag.',
    );
    const first = await ehr.send('GET', `/Patient/${made.id}/_history/1`);
    expect((first.json as { birthDate?: string }).birthDate).toBe('1990-05-01');
    const history = await ehr.send('GET', `/Patient/${made.id}/_history`);
    expect(history.json['total']).toBe(2);
    expect((history.json['entry'] as { response: { etag: string } }[]).map(({ response }) => response.etag)).toEqual([
      'W/"2"',
      'W/"1"',
    ]);
  });

  test('a client-assigned id creates with 201 and updates with 200; an id that differs from the URL is refused', async () => {
    const body = { ...patient(), id: 'mine-1' };
    expect((await ehr.send('PUT', '/Patient/mine-1', body)).status).toBe(201);
    expect((await ehr.send('PUT', '/Patient/mine-1', body)).status).toBe(200);
    const wrong = await ehr.send('PUT', '/Patient/mine-2', body);
    expect([wrong.status, textOf(wrong)]).toEqual([
      400,
      `The body's id is mine-1, the URL's is mine-2. Send the same id in both.`,
    ]);
  });

  test('a deleted resource is 410 to its owner, keeps its history, and can be written again', async () => {
    const made = await ehr.create(patient());
    expect((await ehr.send('DELETE', `/Patient/${made.id}`)).status).toBe(204);
    expect((await ehr.send('DELETE', `/Patient/${made.id}`)).status).toBe(204);
    expect((await ehr.send('GET', `/Patient/${made.id}`)).status).toBe(410);
    const history = await ehr.send('GET', `/Patient/${made.id}/_history`);
    expect((history.json['entry'] as { request: { method: string } }[]).map((entry) => entry.request.method)).toEqual([
      'DELETE',
      'POST',
    ]);
    const again = await ehr.send('PUT', `/Patient/${made.id}`, made);
    expect([again.status, again.headers.get('etag')]).toEqual([201, 'W/"3"']);
  });

  test('a read with the version in If-None-Match is 304', async () => {
    const made = await ehr.create(patient());
    expect((await ehr.send('GET', `/Patient/${made.id}`, undefined, { 'if-none-match': 'W/"1"' })).status).toBe(304);
    expect((await ehr.send('GET', `/Patient/${made.id}`, undefined, { 'if-none-match': 'W/"2"' })).status).toBe(200);
  });

  test('Prefer: return=minimal and return=OperationOutcome (http.html#ops)', async () => {
    const minimal = await ehr.send('POST', '/Patient', patient(), { prefer: 'return=minimal' });
    expect([minimal.status, minimal.text]).toEqual([201, '']);
    const claimed = { ...patient(), meta: { profile: ['https://example.org/StructureDefinition/unknown-to-us'] } };
    const outcome = await ehr.send('POST', '/Patient', claimed, { prefer: 'return=OperationOutcome' });
    expect(outcome.status).toBe(201);
    expect(outcome.text).toContain('https://example.org/StructureDefinition/unknown-to-us');
  });
});

describe('what is hidden behaves like what does not exist (T21, T32)', () => {
  test("another organisation's resource is answered as an unknown id, byte for byte", async () => {
    const hidden = await other.create(patient('Hidden'));
    const unknown = '01890000-0000-7000-8000-000000000000';
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/_history'],
      ['GET', '/_history/1'],
      ['DELETE', ''],
    ] as const) {
      const real = await ehr.send(method, `/Patient/${hidden.id}${path}`);
      const none = await ehr.send(method, `/Patient/${unknown}${path}`);
      expect(real.status, `${method} ${path}`).toBe(none.status);
      expect(real.text.replaceAll(hidden.id, 'ID')).toBe(none.text.replaceAll(unknown, 'ID'));
    }
    expect((await other.send('GET', `/Patient/${hidden.id}`)).status).toBe(200);
  });

  test("a reference to another organisation's Patient is refused like one to nobody", async () => {
    const hidden = await other.create(patient('Hidden'));
    const real = await ehr.send('POST', '/Encounter', encounter(hidden.id));
    const none = await ehr.send('POST', '/Encounter', encounter('nobody'));
    expect([real.status, none.status]).toEqual([422, 422]);
    expect(real.text.replaceAll(hidden.id, 'ID')).toBe(none.text.replaceAll('nobody', 'ID'));
    expect(textOf(none)).toBe(
      'Patient/nobody is not known here. Send the Patient first, or in the same transaction, and refer to it by the id that it was given.',
    );
  });
});

describe('fields that the server owns (T35)', () => {
  test('labels can be raised, never lowered', async () => {
    const made = await ehr.create(patient());
    const secret = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' };
    const raised = await ehr.send('PUT', `/Patient/${made.id}`, { ...made, meta: { security: [secret] } });
    const labels = (answer: { json: unknown }): (string | undefined)[] =>
      ((answer.json as { meta?: { security?: { code?: string }[] } }).meta?.security ?? [])
        .map(({ code = '' }) => code)
        .sort((a, b) => a.localeCompare(b, 'en'));
    expect(labels(raised)).toEqual(['42CFRPart2', 'R', 'V']);
    const { meta: _meta, ...bare } = made;
    expect(labels(await ehr.send('PUT', `/Patient/${made.id}`, bare))).toEqual(['42CFRPart2', 'R', 'V']);
  });

  test('AuditEvents and rosters cannot be written, nor can a caseload status', async () => {
    const audit = { resourceType: 'AuditEvent' };
    expect((await ehr.send('POST', '/AuditEvent', audit)).status).toBe(405);
    expect(
      (await ehr.send('PUT', '/Group/g1', { resourceType: 'Group', id: 'g1', type: 'person', actual: true })).status,
    ).toBe(405);
    const made = await ehr.create(patient());
    const status = await ehr.send('POST', '/Observation', {
      resourceType: 'Observation',
      status: 'final',
      code: {
        coding: [{ system: 'https://footbridge.example/fhir/CodeSystem/caseload-status', code: 'caseload-status' }],
      },
      subject: { reference: `Patient/${made.id}` },
    });
    expect([status.status, textOf(status)]).toEqual([
      422,
      'Caseload status is computed by Footbridge from contacts. Send the contacts; read the status with GET Observation or $caseload-status.',
    ]);
  });
});

describe('an episode of care', () => {
  test('does not end for a relapse: created or changed so it is refused with what to do instead, and any other reason is taken', async () => {
    const member = await ehr.create(patient());
    const ended = (reason: string) => ({
      resourceType: 'EpisodeOfCare',
      id: 'relapsed',
      status: 'finished',
      patient: { reference: `Patient/${member.id}` },
      period: { start: '2026-01-02', end: '2026-03-01' },
      extension: [{ url: 'https://footbridge.example/fhir/StructureDefinition/end-reason', valueCode: reason }],
    });
    const refused = await ehr.send('PUT', '/EpisodeOfCare/relapsed', ended('relapse'));
    expect([refused.status, textOf(refused)]).toEqual([
      422,
      expect.stringContaining('services continue despite it (M-17)'),
    ]);
    expect((await ehr.send('GET', '/EpisodeOfCare/relapsed')).status).toBe(404);
    expect((await ehr.send('PUT', '/EpisodeOfCare/relapsed', ended('lost'))).status).toBe(201);
    expect((await ehr.send('PUT', '/EpisodeOfCare/relapsed', ended('relapse'))).status).toBe(422);
    expect((await ehr.send('GET', '/EpisodeOfCare/relapsed')).json['extension']).toEqual(ended('lost').extension);
  });
});

describe('media types, methods and bodies that are not ours', () => {
  test.each([
    ['an XML answer', { accept: 'application/fhir+xml' }, 406],
    ['another FHIR version', { accept: 'application/fhir+json; fhirVersion=5.0' }, 406],
    ['HTML only', { accept: 'text/html' }, 406],
    ['JSON that is not wanted', { accept: 'application/json;q=0.0' }, 406],
    ['CSV of a resource', { accept: 'text/csv' }, 406],
    ['JSON of any kind', { accept: 'text/html, application/json;q=0.5' }, 404],
    ['anything', { accept: '*/*' }, 404],
  ])('Accept for %s', async (_name, headers, status) => {
    expect((await ehr.send('GET', '/Patient/none', undefined, headers as Record<string, string>)).status).toBe(status);
  });

  test.each([['application/fhir+xml'], ['text/plain'], ['application/fhir+json; charset=latin1']])(
    'a body of %s is 415',
    async (type) => {
      const answer = await ehr.send('POST', '/Patient', '<Patient/>', { 'content-type': type });
      expect(answer.status).toBe(415);
      expect(textOf(answer)).toContain('is not taken. Send application/fhir+json');
    },
  );

  test('a method that a path does not take is 405 with Allow; an unknown type and path are 404 in words', async () => {
    const patched = await ehr.send('PATCH', '/Patient/1', {});
    expect([patched.status, patched.headers.get('allow')]).toEqual([405, expect.stringContaining('GET')]);
    expect(textOf(await ehr.send('GET', '/Bogus/1'))).toBe(
      'This server does not serve Bogus. GET metadata lists the types it serves.',
    );
    expect((await ehr.send('GET', '/Patient/1/$nothing')).status).toBe(404);
  });

  test.each([
    ['{"resourceType":"Patient",'],
    ['[]'],
    ['"text"'],
    ['{"resourceType":"Encounter"}'],
    ['{"resourceType":"Patient","unknown":1}'],
    ['{"a":1,"a":2}'],
    [''],
  ])('a body of %j is refused in an OperationOutcome, and nothing is stored', async (body) => {
    const before = await server.database.owner.query('select count(*) from resource');
    const answer = await ehr.send('POST', '/Patient', body);
    expect([400, 422]).toContain(answer.status);
    expect(answer.json['resourceType']).toBe('OperationOutcome');
    expect(textOf(answer).length).toBeGreaterThan(20);
    expect((await server.database.owner.query('select count(*) from resource')).rows).toEqual(before.rows);
  });

  test('without a token, and with a made-up one, the answer is 401 with WWW-Authenticate', async () => {
    const none = await request(`${server.url}/fhir/R4/Patient/1`, 'GET', undefined, {});
    const wrong = await request(`${server.url}/fhir/R4/Patient/1`, 'GET', undefined, {
      authorization: 'Bearer made-up',
    });
    expect([none.status, wrong.status]).toEqual([401, 401]);
    expect(wrong.headers.get('www-authenticate')).toContain('Bearer');
  });

  test('scopes that do not reach are 403 and name the scope', async () => {
    const reader = await server.caller('ehr', 'org-a', 'system/Patient.rs');
    const answer = await reader.send('POST', '/Patient', patient());
    expect([answer.status, textOf(answer)]).toEqual([403, expect.stringContaining('system/Patient.c')]);
    expect((await reader.send('GET', '/Encounter/1')).status).toBe(403);
  });
});

test('every read and write leaves an audit row with client, entity, patient and outcome', async () => {
  const made = await ehr.create(patient());
  await ehr.send('GET', `/Patient/${made.id}`, undefined, { 'x-request-id': 'seen-once' });
  await ehr.send('GET', '/Patient/never', undefined, { 'x-request-id': 'not-there' });
  const { rows } = await server.database.owner.query(
    `select client_id, interaction, entity, patients, outcome from audit where request_id in ('seen-once', 'not-there') order by seq`,
  );
  expect(rows).toEqual([
    {
      client_id: ehr.clientId,
      interaction: 'read',
      entity: [`Patient/${made.id}/_history/1`],
      patients: [made.id],
      outcome: 200,
    },
    { client_id: ehr.clientId, interaction: 'read', entity: ['Patient/never'], patients: [], outcome: 404 },
  ]);
});

test('no audit, no answer: when the audit row cannot be written, nothing is read and nothing is stored (T82, F42)', async () => {
  const made = await ehr.create(patient());
  await server.database.owner.query('revoke insert on audit from footbridge_app');
  try {
    const read = await ehr.send('GET', `/Patient/${made.id}`);
    expect(read.status).toBeGreaterThanOrEqual(500);
    expect(read.text).not.toContain('Alder');
    expect(
      (await ehr.send('PUT', '/Patient/unaudited', { ...patient(), id: 'unaudited' })).status,
    ).toBeGreaterThanOrEqual(500);
  } finally {
    await server.database.owner.query('grant insert on audit to footbridge_app');
  }
  expect((await ehr.send('GET', '/Patient/unaudited')).status).toBe(404);
});
