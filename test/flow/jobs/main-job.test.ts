import type { Encounter, Observation } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../../src/base/time.ts';
import { coachRole, coverage, episode, message, patient, practitioner } from '../../../src/cli/sandbox/people.ts';
import { ruleInputTypes } from '../../../src/domain/rules.ts';
import {
  ago,
  caseloads,
  contactOn,
  payer,
  post,
  provider,
  settled,
  setUpMember,
  spells,
  until,
} from '../../support/caseload.ts';
import { type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
let plan: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  plan = await server.caller('plan', payer, 'system/*.rs');
});
afterAll(async () => server.stop());

const valueOf = (id: string) =>
  spells(ehr, id).then((all) => all.filter(({ status }) => status === 'final').at(-1)?.value);
const becomes = (id: string, value: string | undefined) =>
  until(
    () => valueOf(id),
    (found) => found === value,
  );

describe('a contact becomes an answer', () => {
  test('the plan reads that the member is on, until which day and why; without a Consent it sees nothing, and never the contact', async () => {
    await setUpMember(ehr, 'path', { consents: false });
    await post(ehr, contactOn('path', ago(3)));
    await becomes('path', 'on');
    expect((await plan.send('GET', '/Observation?patient=Patient/path')).json['entry']).toBeUndefined();
    expect((await plan.send('GET', '/EpisodeOfCare/episode-path/$caseload-status')).status).toBe(404);
    await setUpMember(ehr, 'path');
    const found = await plan.send('GET', '/Observation?patient=Patient/path');
    const [entry] = found.json['entry'] as { resource: Observation }[];
    expect(entry?.resource).toMatchObject({
      effectivePeriod: { start: ago(3), end: addDays(ago(3), 21) },
      valueCodeableConcept: { coding: [{ code: 'on' }] },
      performer: [{ reference: 'Practitioner/coach-path' }],
    });
    expect(entry?.resource.note?.map(({ text }) => text).join(' ')).toContain(
      'documented contact with the member within the past 21 days',
    );
    expect(found.text).not.toContain('Encounter/');
    expect(found.text).not.toContain('EpisodeOfCare/');
    const [answer] = caseloads(await plan.send('GET', '/EpisodeOfCare/episode-path/$caseload-status'));
    expect(answer).toMatchObject({ status: 'on', lastDay: addDays(ago(3), 21), daysLeft: 18, contactDate: ago(3) });
    expect(answer).not.toHaveProperty('decidingContact');
    const [own] = caseloads(await ehr.send('GET', '/EpisodeOfCare/episode-path/$caseload-status'));
    expect(own).toMatchObject({ decidingContact: { reference: `Encounter/contact-path-${ago(3)}` } });
  });

  test('a new deciding contact on the same day makes a new version for its owner, and none for the plan', async () => {
    await setUpMember(ehr, 'etag');
    await post(ehr, contactOn('etag', ago(3)));
    await becomes('etag', 'on');
    const [entry] = (await plan.send('GET', '/Observation?patient=Patient/etag')).json['entry'] as {
      resource: Observation;
    }[];
    const read = (caller: Caller) => caller.send('GET', `/Observation/${entry?.resource.id}`);
    const [planBefore, ownerBefore] = [await read(plan), await read(ehr)];
    const date = ago(3);
    await post(
      ehr,
      contactOn('etag', date, {
        id: 'contact-etag-second',
        start: `${date}T20:00:00Z`,
        end: `${date}T20:30:00Z`,
        signedAt: `${date}T20:40:00Z`,
      }),
    );
    await until(
      () => read(ehr),
      (now) => now.headers.get('etag') !== ownerBefore.headers.get('etag'),
    );
    const planAfter = await read(plan);
    expect([planAfter.headers.get('etag'), planAfter.text]).toEqual([planBefore.headers.get('etag'), planBefore.text]);
  });

  test('one Observation a spell: a further contact moves its last day, and the episode stays as it is', async () => {
    await setUpMember(ehr, 'moves');
    await post(ehr, contactOn('moves', ago(10)));
    await becomes('moves', 'on');
    await post(ehr, contactOn('moves', ago(2)));
    await until(
      () => spells(ehr, 'moves'),
      ([only]) => only?.end === addDays(ago(2), 21),
    );
    expect(await spells(ehr, 'moves')).toEqual([
      { status: 'final', value: 'on', start: ago(10), end: addDays(ago(2), 21) },
    ]);
    expect((await ehr.send('GET', '/EpisodeOfCare/episode-moves')).headers.get('etag')).toBe('W/"1"');
  });

  test('what disproves a spell takes it back as entered in error; a lapse is an off spell', async () => {
    await setUpMember(ehr, 'lapse');
    await post(ehr, contactOn('lapse', ago(30)));
    await becomes('lapse', 'off');
    expect(await spells(ehr, 'lapse')).toEqual([
      { status: 'final', value: 'on', start: ago(30), end: ago(9) },
      { status: 'final', value: 'off', start: ago(8), end: undefined },
    ]);
    await post(ehr, { ...contactOn('lapse', ago(30)), status: 'entered-in-error' });
    await until(
      () => spells(ehr, 'lapse'),
      (all) => all.every(({ status }) => status === 'entered-in-error'),
    );
  });

  test('a plain R4 Encounter is welcome, and what it lacks is the reason of an open answer', async () => {
    await setUpMember(ehr, 'plain');
    const { extension: _, ...plain } = contactOn('plain', ago(1));
    await post(ehr, plain);
    await until(
      () => spells(ehr, 'plain'),
      (all) => all.length === 1,
    );
    const [answer] = caseloads(await ehr.send('GET', '/EpisodeOfCare/episode-plain/$caseload-status'));
    expect(answer).toMatchObject({ status: 'indeterminate', reason: 'no-documentation' });
  });
});

describe('every input of a rule asks for recomputation', () => {
  const undo: Record<string, { make: (id: string) => Promise<void>; after: string | undefined }> = {
    Encounter: { make: (id) => remove(`/Encounter/contact-${id}-${ago(3)}`), after: undefined },
    Patient: {
      make: (id) => post(ehr, patient({ id, given: 'Robin', family: 'Alder' }, { deceasedDateTime: ago(1) })),
      after: 'off',
    },
    EpisodeOfCare: {
      make: (id) =>
        post(ehr, {
          ...episode(`episode-${id}`, id, provider, `coach-${id}`, '2024-01-02'),
          status: 'finished',
          period: { start: '2024-01-02', end: ago(1) },
        }),
      after: 'off',
    },
    Practitioner: {
      make: (id) =>
        post(ehr, {
          ...practitioner({ id: `coach-${id}`, given: 'A', family: 'B' }, provider, {
            hired: '2022-03-01',
            certified: { until: ago(1) },
          }),
        }),
      after: 'off',
    },
    PractitionerRole: {
      make: (id) =>
        post(ehr, {
          ...coachRole(`coach-${id}-role`, `coach-${id}`, provider, '2022-03-01'),
          period: { start: '2022-03-01', end: ago(1) },
        }),
      after: 'off',
    },
  };
  async function remove(path: string): Promise<void> {
    expect((await ehr.send('DELETE', path)).status).toBe(204);
  }

  test.each(Object.keys(undo))('%s', async (type) => {
    const id = `input-${type.toLowerCase()}`;
    await setUpMember(ehr, id);
    await post(ehr, contactOn(id, ago(3)));
    await becomes(id, 'on');
    await undo[type]?.make(id);
    await becomes(id, undo[type]?.after);
  });

  test('Coverage: its end ends the spell, and another payer\u2019s begins one of its own', async () => {
    await setUpMember(ehr, 'covered');
    await post(ehr, contactOn('covered', ago(6)));
    await becomes('covered', 'on');
    await post(
      ehr,
      coverage('coverage-covered', 'covered', payer, 'masshealth-mco', { start: '2024-01-02', end: ago(4) }),
    );
    await post(ehr, coverage('coverage-covered-2', 'covered', 'org-other-payer', 'masshealth-acpp', { start: ago(3) }));
    await until(
      () => spells(ehr, 'covered'),
      (all) => all.length === 2 && all[0]?.end === ago(4),
    );
    expect(await spells(ehr, 'covered')).toEqual([
      { status: 'final', value: 'on', start: ago(6), end: ago(4) },
      { status: 'final', value: 'on', start: ago(3), end: addDays(ago(6), 21) },
    ]);
  });

  test('DocumentReference and Provenance: a final note signed by the coach documents the contact, and its retraction undoes it', async () => {
    await setUpMember(ehr, 'noted');
    const { extension, ...rest } = contactOn('noted', ago(2));
    const plain: Encounter = {
      ...rest,
      extension: (extension ?? []).filter(({ url }) => !url.endsWith('/documentation')),
    };
    await post(ehr, plain);
    await until(
      () => spells(ehr, 'noted'),
      (all) => all.length === 1 && all[0]?.value === undefined,
    );
    const note = await ehr.create({
      resourceType: 'DocumentReference',
      status: 'current',
      docStatus: 'final',
      type: { coding: [{ system: 'http://loinc.org', code: '11506-3' }] },
      subject: { reference: 'Patient/noted' },
      content: [{ attachment: { contentType: 'text/plain', data: 'bm90ZQ==' } }],
      context: { encounter: [{ reference: `Encounter/${plain.id}` }] },
    });
    await ehr.create({
      resourceType: 'Provenance',
      target: [{ reference: `DocumentReference/${note.id}` }],
      recorded: new Date().toISOString(),
      agent: [{ who: { reference: 'Practitioner/coach-noted' } }],
      signature: [
        {
          type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
          when: new Date(Date.now() - 1_000).toISOString(),
          who: { reference: 'PractitionerRole/coach-noted-role' },
        },
      ],
    });
    await becomes('noted', 'on');
    expect(
      (await ehr.send('PUT', `/DocumentReference/${note.id}`, { ...note, docStatus: 'entered-in-error' })).status,
    ).toBe(200);
    await becomes('noted', undefined);
  });

  test('Communication: a reciprocated pair of texts is one Encounter, taken back with its message', async () => {
    await setUpMember(ehr, 'texts');
    const at = (days: number) => `${ago(days)}T15:00:00Z`;
    await post(ehr, message('texts-1', 'Practitioner/coach-texts', 'Patient/texts', 'texts', at(6)));
    await settled(server);
    expect(await spells(ehr, 'texts')).toEqual([]);
    await post(ehr, message('texts-2', 'Patient/texts', 'Practitioner/coach-texts', 'texts', at(4)));
    await becomes('texts', 'on');
    const pair = (
      (await ehr.send('GET', '/Encounter?patient=Patient/texts')).json['entry'] as { resource: Encounter }[]
    )[0]?.resource;
    expect(pair).toMatchObject({ class: { code: 'VR' }, status: 'finished', period: { start: at(4) } });
    expect(await spells(ehr, 'texts')).toMatchObject([{ start: ago(4), end: addDays(ago(4), 21) }]);
    await post(ehr, {
      ...message('texts-2', 'Patient/texts', 'Practitioner/coach-texts', 'texts', at(4)),
      status: 'entered-in-error',
    });
    await until(
      () => ehr.send('GET', `/Encounter/${pair?.id}`),
      ({ json }) => json['status'] === 'entered-in-error',
    );
    await until(
      () => valueOf('texts'),
      (value) => value === undefined,
    );
  });

  test('a write of an input type queues its work itself, and a write of no other type does', async () => {
    const quiet = await startTestServer({ ROLES: 'http' });
    try {
      const caller = await quiet.caller('ehr', provider);
      await setUpMember(caller, 'queued');
      await post(
        caller,
        contactOn('queued', ago(1)),
        message('m-1', 'Practitioner/coach-queued', 'Patient/queued', 'queued', `${ago(1)}T15:00:00Z`),
      );
      const queued = await quiet.database.owner.query<{ type: string }>(
        'select distinct type from outbox order by type',
      );
      const written = new Set([
        'Communication',
        'Consent',
        'Coverage',
        'Encounter',
        'EpisodeOfCare',
        'Patient',
        'Practitioner',
        'PractitionerRole',
      ]);
      expect(queued.rows.map(({ type }) => type)).toEqual(ruleInputTypes.filter((type) => written.has(type)));
    } finally {
      await quiet.stop();
    }
  });
});
