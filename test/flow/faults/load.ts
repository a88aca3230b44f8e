import { expect } from 'vitest';
import { encounter } from '../../support/people.ts';
import type { Answer, Caller } from '../../support/server.ts';
import type { Stage } from './stage.ts';

/** One write of a load: what was asked, and what was answered, if anything was. */
export interface Sent {
  readonly key: string;
  readonly entries: number;
  readonly answer: Answer | undefined;
  readonly at: number;
  readonly milliseconds: number;
}

export interface Load {
  readonly sent: readonly Sent[];
  /** lets requests under way end and sends no more */
  stop(): Promise<readonly Sent[]>;
}

/** `writers` clients that create single contacts and transactions of five, one after the other, until stopped. */
export function startLoad({ caller, member }: Pick<Stage, 'caller' | 'member'>, writers = 6, name = 'load'): Load {
  const sent: Sent[] = [];
  let running = true;
  const work = async (writer: number): Promise<void> => {
    for (let turn = 0; running; turn++) {
      const key = `${name}-${writer}-${turn}`;
      const entries = turn % 2 === 0 ? 1 : 5;
      const at = performance.now();
      const answer = await write(caller, member, key, entries).catch(() => undefined);
      sent.push({ key, entries, answer, at, milliseconds: performance.now() - at });
      // A client that is refused waits a little, else it would only measure how fast we refuse.
      if (answer === undefined || answer.status >= 500) await new Promise((later) => setTimeout(later, 20));
    }
  };
  const all = Array.from({ length: writers }, (_, writer) => work(writer));
  const stop = async (): Promise<readonly Sent[]> => {
    running = false;
    await Promise.all(all);
    return sent;
  };
  return { sent, stop };
}

/** Creates one contact, or `entries` of them in one transaction, each with `key` as its identifier. */
export function write(
  caller: Caller,
  member: string,
  key: string,
  entries: number,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const resource = { ...encounter(member), identifier: [{ system: 'urn:fault', value: key }] };
  if (entries === 1) return caller.send('POST', '/Encounter', resource, headers);
  const entry = Array.from({ length: entries }, () => ({ resource, request: { method: 'POST', url: 'Encounter' } }));
  return caller.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry }, headers);
}

/** Every answer is a success or a 503 that says when to come again: no 500, no answer without an OperationOutcome. */
export function expectOnlyStoredOrUnavailable(sent: readonly Sent[]): void {
  for (const { key, answer } of sent) {
    expect(answer, `${key} got no answer`).toBeDefined();
    if (!answer || answer.status < 300) continue;
    expect(answer.status, `${key}: ${answer.text}`).toBe(503);
    expect(Number(answer.headers.get('retry-after')), key).toBeGreaterThan(0);
    expect(answer.json['resourceType'], key).toBe('OperationOutcome');
  }
}

interface Stored {
  readonly resources: number;
  readonly audited: number;
  readonly queued: number;
}

/** What was acknowledged is stored whole with its audit and outbox rows; what was not is stored whole or not at all. */
export async function expectNothingHalf({ database }: Pick<Stage, 'database'>, sent: readonly Sent[]): Promise<void> {
  const { rows } = await database.owner.query<{ key: string } & Stored>(
    `select r.content::jsonb #>> '{identifier,0,value}' as key, count(*)::int as resources,
        count(a.entity)::int as audited, count(o.id)::int as queued
      from resource r
      left join (select distinct unnest(entity) as entity from audit where interaction = 'create') a on a.entity = 'Encounter/' || r.id || '/_history/1'
      left join outbox o on o.type = r.type and o.id = r.id and o.version = 1
      where r.type = 'Encounter' group by 1`,
  );
  const stored = new Map(rows.map(({ key, ...rest }) => [key, rest]));
  const none: Stored = { resources: 0, audited: 0, queued: 0 };
  for (const { key, entries, answer } of sent) {
    const whole: Stored = { resources: entries, audited: entries, queued: entries };
    const found = stored.get(key) ?? none;
    if (answer !== undefined && answer.status < 300) expect(found, `acknowledged ${key}`).toEqual(whole);
    else expect([whole, none], `unanswered or refused ${key}`).toContainEqual(found);
  }
}

/** Waits until a write is stored again, and tells how long that took. */
export async function healed({ caller, member }: Pick<Stage, 'caller' | 'member'>, withinMs = 15_000): Promise<number> {
  const from = performance.now();
  for (let turn = 0; ; turn++) {
    const answer = await write(caller, member, `healed-${from}-${turn}`, 1).catch(() => undefined);
    const waited = performance.now() - from;
    if (answer?.status === 201) return waited;
    if (waited > withinMs) throw new Error(`not healed after ${withinMs} ms: ${answer?.status} ${answer?.text}`);
    await new Promise((later) => setTimeout(later, 20));
  }
}
