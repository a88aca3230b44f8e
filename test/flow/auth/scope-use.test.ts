import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantScopes } from '../../../src/auth/scopes.ts';
import { encounter, patient } from '../../support/people.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

// T14: what the scopes of a token reach, interaction by interaction.
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => server.stop());

describe('what a token reaches', () => {
  /** One interaction and the right that SMART 2.2 asks for it. */
  interface Cell {
    readonly name: string;
    readonly right: string;
    send(caller: Caller, id: string): ReturnType<Caller['send']>;
  }
  const bundle = (type: string, method: string, url: string, resource?: unknown) => ({
    resourceType: 'Bundle',
    type,
    entry: [{ ...(resource !== undefined && { resource }), request: { method, url } }],
  });
  const cells: readonly Cell[] = [
    { name: 'create', right: 'c', send: (caller) => caller.send('POST', '/Patient', patient()) },
    { name: 'read', right: 'r', send: (caller, id) => caller.send('GET', `/Patient/${id}`) },
    { name: 'vread', right: 'r', send: (caller, id) => caller.send('GET', `/Patient/${id}/_history/1`) },
    { name: 'history', right: 'r', send: (caller, id) => caller.send('GET', `/Patient/${id}/_history`) },
    {
      name: 'update',
      right: 'u',
      send: (caller, id) => caller.send('PUT', `/Patient/${id}`, { ...patient('Birch'), id }),
    },
    { name: 'search', right: 's', send: (caller) => caller.send('GET', '/Patient?family=Alder') },
    {
      name: 'search by POST',
      right: 's',
      send: (caller) =>
        caller.send('POST', '/Patient/_search', 'family=Alder', {
          'content-type': 'application/x-www-form-urlencoded',
        }),
    },
    { name: 'delete', right: 'd', send: (caller, id) => caller.send('DELETE', `/Patient/${id}`) },
    {
      name: 'transaction create',
      right: 'c',
      send: (caller) => caller.send('POST', '', bundle('transaction', 'POST', 'Patient', patient())),
    },
    {
      name: 'transaction delete',
      right: 'd',
      send: (caller, id) => caller.send('POST', '', bundle('transaction', 'DELETE', `Patient/${id}`)),
    },
  ];

  test('every interaction needs its own letter: 403 without it, an answer with it alone (T14)', async () => {
    const owner = await server.caller('ehr', 'org-matrix');
    const wrong: string[] = [];
    for (const held of ['c', 'r', 'u', 'd', 's', 'cud', 'rs']) {
      const caller = await server.caller('ehr', 'org-matrix', `system/Patient.${held}`);
      for (const { name, right, send } of cells) {
        const { id } = await owner.create(patient());
        const { status, json } = await send(caller, id);
        const allowed = held.includes(right);
        const fits = allowed ? status < 300 : status === 403 && json['resourceType'] === 'OperationOutcome';
        if (!fits) wrong.push(`${name} with .${held}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('a scope of another type reaches nothing, and each entry of a batch is asked for itself (T14)', async () => {
    const owner = await server.caller('ehr', 'org-matrix');
    const caller = await server.caller('ehr', 'org-matrix', 'system/Encounter.cruds');
    const { id } = await owner.create(patient());
    for (const { name, send } of cells) expect((await send(caller, id)).status, name).toBe(403);
    const batch = await caller.send('POST', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        { request: { method: 'GET', url: `Patient/${id}` } },
        { request: { method: 'GET', url: 'Encounter' } },
        { resource: encounter(id), request: { method: 'POST', url: 'Encounter' } },
      ],
    });
    const entries = batch.json['entry'] as { response: { status: string } }[];
    expect(entries.map(({ response }) => response.status.slice(0, 3))).toEqual(['403', '200', '201']);
  });

  test('403 names the scope that is missing (T14)', async () => {
    const caller = await server.caller('ehr', 'org-a', 'system/Patient.s');
    const { text } = await caller.send('GET', '/Encounter');
    expect(text).toContain('system/Encounter.s');
  });

  test('a condition narrows read, search and history (T14)', async () => {
    const owner = await server.caller('ehr', 'org-filter');
    const narrow = await server.caller('ehr', 'org-filter', 'system/Encounter.cruds?status=finished system/Patient.rs');
    const { id: member } = await owner.create(patient());
    const inside = await owner.create(encounter(member));
    const outside = await owner.create(encounter(member, { status: 'planned' }));
    const statusOf = async (path: string): Promise<number> => (await narrow.send('GET', path)).status;
    expect(await statusOf(`/Encounter/${inside.id}`)).toBe(200);
    expect(await statusOf(`/Encounter/${inside.id}/_history`)).toBe(200);
    for (const path of ['', '/_history/1', '/_history'])
      expect(await statusOf(`/Encounter/${outside.id}${path}`), path).toBe(404);
    expect((await narrow.send('GET', '/Encounter?_total=accurate')).json['total']).toBe(1);
    expect((await narrow.send('GET', `/Encounter?_id=${outside.id}&_total=accurate`)).json['total']).toBe(0);
    const included = await narrow.send('GET', `/Patient?_id=${member}&_revinclude=Encounter:patient`);
    expect(included.text).toContain(inside.id);
    expect(included.text).not.toContain(outside.id);
  });

  test('a condition gives no writes at all, in a new token or in an old one (T14)', async () => {
    const owner = await server.caller('ehr', 'org-filter');
    const narrow = await server.caller('ehr', 'org-filter', 'system/Encounter.cruds?status=finished');
    const { id: member } = await owner.create(patient());
    const { id } = await owner.create(encounter(member, { status: 'planned' }));
    const body = { ...encounter(member), id };
    expect((await narrow.send('DELETE', `/Encounter/${id}`)).status).toBe(403);
    expect((await narrow.send('PUT', `/Encounter/${id}`, body)).status).toBe(403);
    expect((await narrow.send('POST', '/Encounter', encounter(member))).status).toBe(403);
    expect((await owner.send('GET', `/Encounter/${id}`)).json['meta']).toMatchObject({ versionId: '1' });
    const condition = 'system/Encounter.cruds?status=finished';
    expect(grantScopes(condition, 'system/*.cruds', 'ehr')).toMatchObject({
      value: 'system/Encounter.rs?status=finished',
    });
    expect(grantScopes('system/Encounter.cud', condition, 'ehr').ok).toBe(false);
  });
});
