import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encounter, patient } from '../../support/people.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
let member: string;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', 'org-a');
  member = (await ehr.create(patient('Pages'))).id;
  for (let index = 0; index < 23; index++) await contact(index);
}, 30_000);
afterAll(async () => server.stop());

/** Contacts on few days, in two states, every seventh without a date: many rows are equal in what they are sorted by. */
async function contact(index: number, status = index % 2 === 0 ? ('finished' as const) : ('cancelled' as const)) {
  const start = `2026-03-0${(index % 4) + 1}T10:00:00Z`;
  const { period: _period, ...dateless } = encounter(member, { status });
  return ehr.create(index % 7 === 6 ? dateless : { ...dateless, period: { start, end: start } });
}

interface Found {
  readonly id: string;
  readonly status: string;
  readonly period?: { readonly start: string };
  readonly meta: { readonly lastUpdated: string };
}

const entriesOf = ({ json }: Answer): Found[] =>
  ((json['entry'] ?? []) as { resource: Found }[]).map(({ resource }) => resource);

function nextOf({ json }: Answer): string | undefined {
  const links = json['link'] as { relation: string; url: string }[];
  return links.find(({ relation }) => relation === 'next')?.url.split('/fhir/R4')[1];
}

/** All rows over all pages; `between` runs after each page. */
async function walk(
  path: string,
  between?: (page: number) => Promise<unknown>,
): Promise<{ rows: Found[]; pages: number }> {
  const rows: Found[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages++) {
    const answer: Answer = await ehr.send('GET', next);
    if (answer.status !== 200 || pages > 60) throw new Error(`${next}: ${answer.status} ${answer.text}`);
    rows.push(...entriesOf(answer));
    await between?.(pages);
    next = nextOf(answer);
  }
  return { rows, pages };
}

describe('paging', () => {
  test.each([
    '',
    '_sort=_lastUpdated',
    '_sort=-_id',
    '_sort=date',
    '_sort=-date',
    '_sort=status,-date',
    '_sort=-date,status,_id',
  ])('order "%s" has no gap and no repeat at any page size', async (sort) => {
    const whole = await walk(`/Encounter?patient=${member}&_count=1000&${sort}`);
    expect(whole.pages).toBe(1);
    for (const count of [1, 4, 23]) {
      const paged = await walk(`/Encounter?patient=${member}&_count=${count}&${sort}`);
      expect(paged.rows.map(({ id }) => id)).toEqual(whole.rows.map(({ id }) => id));
    }
  });

  test.each(['_sort=_id', '_sort=-_lastUpdated', '_sort=date', '_sort=status,-date'])(
    'rows that come and go while a client pages with %s neither repeat a row nor hide one that stood all the time',
    async (sort) => {
      const standing = (await walk(`/Encounter?patient=${member}&_count=1000`)).rows.map(({ id }) => id);
      const passing: string[] = [];
      const seen = await walk(`/Encounter?patient=${member}&_count=3&${sort}`, async (page) => {
        if (page > 8) return;
        passing.push((await contact(page)).id);
        if (page % 3 === 2) await ehr.send('DELETE', `/Encounter/${passing.at(-1)}`);
      });
      const ids = seen.rows.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(standing.filter((id) => !ids.includes(id))).toEqual([]);
      for (const id of passing) await ehr.send('DELETE', `/Encounter/${id}`);
    },
  );

  test('a weak condition gives the same pages as a walk through all rows', async () => {
    const all = (await walk(`/Encounter?_count=1000`)).rows.filter(({ status }) => status === 'finished');
    expect((await walk('/Encounter?status=finished&_count=2')).rows.map(({ id }) => id)).toEqual(
      all.map(({ id }) => id),
    );
  });
});

describe('_count and _total', () => {
  test('_count=0 and _summary=count answer the number alone', async () => {
    for (const path of ['_count=0', '_summary=count']) {
      const { json } = await ehr.send('GET', `/Encounter?patient=${member}&${path}`);
      expect(json).toMatchObject({ type: 'searchset', total: 23 });
      expect(json).not.toHaveProperty('entry');
    }
  });

  test.each([
    ['a code', 'status=finished', 12],
    ['a date', 'date=ge2026-03-01', 20],
    ['a reference to no Patient', 'service-provider=Organization/none', 0],
    ['two of them', 'status=finished&date=ge2026-03-01', 10],
  ])('the number alone is answered for %s that much of a type may meet, too', async (_what, query, total) => {
    for (const path of ['_count=0', '_summary=count']) {
      const { json, status } = await ehr.send('GET', `/Encounter?${query}&${path}`);
      expect([status, json['total']]).toEqual([200, total]);
    }
  });

  test('the total is that of all pages, on every page, and is left out unless asked for', async () => {
    const first = await ehr.send('GET', `/Encounter?patient=${member}&_count=5&_total=accurate`);
    expect([first.json['total'], entriesOf(first).length]).toEqual([23, 5]);
    const second = await ehr.send('GET', nextOf(first) ?? '');
    expect([second.json['total'], entriesOf(second).length]).toEqual([23, 5]);
    expect((await ehr.send('GET', `/Encounter?patient=${member}&_count=5`)).json).not.toHaveProperty('total');
    const none = await ehr.send('GET', '/Encounter?patient=nobody&_total=accurate');
    expect(none.json).toMatchObject({ total: 0 });
  });

  test('more than the most is the most, and a full last page has no next link', async () => {
    const most = await ehr.send('GET', `/Encounter?patient=${member}&_count=999999999`);
    expect([most.status, entriesOf(most).length, nextOf(most)]).toEqual([200, 23, undefined]);
    expect(nextOf(await ehr.send('GET', `/Encounter?patient=${member}&_count=23`))).toBeUndefined();
    expect((await ehr.send('GET', '/Encounter?_count=-1')).status).toBe(400);
    expect((await ehr.send('GET', '/Encounter?_count=1e3')).status).toBe(400);
  });
});

describe('_sort', () => {
  test('by date puts what has none last in both directions', async () => {
    const starts = async (sort: string): Promise<(string | undefined)[]> =>
      (await walk(`/Encounter?patient=${member}&_count=1000&_sort=${sort}`)).rows.map(({ period }) => period?.start);
    const [up, down] = [await starts('date'), await starts('-date')];
    const dated = up.filter((start) => start !== undefined);
    expect(dated.length).toBe(20);
    expect(up.slice(20)).toEqual([undefined, undefined, undefined]);
    expect(down.slice(20)).toEqual([undefined, undefined, undefined]);
    expect(dated).toEqual([...dated].sort());
    expect(down.slice(0, 20)).toEqual([...dated].sort().reverse());
  });

  test('by several keys, each in its own direction', async () => {
    const { rows } = await walk(`/Encounter?patient=${member}&_count=1000&_sort=status,-date`);
    const wanted = [...rows].sort(
      (a, b) => a.status.localeCompare(b.status) || (b.period?.start ?? '').localeCompare(a.period?.start ?? ''),
    );
    const shape = (list: Found[]): string[] => list.map(({ status, period }) => `${status} ${period?.start}`);
    expect(shape(rows)).toEqual(shape(wanted));
  });

  test('by what is not known is refused, or passed over when the client is lenient', async () => {
    const strict = await ehr.send('GET', '/Encounter?_sort=shoe-size');
    expect([strict.status, strict.text.includes('shoe-size')]).toEqual([400, true]);
    const lenient = await ehr.send('GET', '/Encounter?_sort=shoe-size&_count=1', undefined, {
      prefer: 'handling=lenient',
    });
    expect(lenient.status).toBe(200);
    expect((await ehr.send('GET', '/Encounter?_sort=date,_id,status,type,class')).status).toBe(400);
  });
});

test('an unknown parameter is refused in words, and passed over, named and left out of the self link when lenient', async () => {
  const strict = await ehr.send('GET', `/Encounter?patient=${member}&shoe-size=43`);
  expect(strict.status).toBe(400);
  expect(strict.json['issue']).toMatchObject([{ severity: 'error', code: 'not-supported' }]);
  const lenient = await ehr.send('GET', `/Encounter?patient=${member}&shoe-size=43&_count=2`, undefined, {
    prefer: 'handling=lenient',
  });
  expect(lenient.status).toBe(200);
  const modes = (lenient.json['entry'] as { search: { mode: string } }[]).map(({ search }) => search.mode);
  expect(modes).toEqual(['match', 'match', 'outcome']);
  const links = lenient.json['link'] as { relation: string; url: string }[];
  expect(links.every(({ url }) => !url.includes('shoe-size'))).toBe(true);
  // What is known but wrong is refused all the same.
  const wrong = await ehr.send('GET', '/Encounter?date=soon', undefined, { prefer: 'handling=lenient' });
  expect(wrong.status).toBe(400);
});
