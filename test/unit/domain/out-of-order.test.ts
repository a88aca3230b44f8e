import { expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import type { Recorded } from '../../../src/domain/facts/facts.ts';
import { provider } from '../../support/caseload.ts';
import { computedFrom } from '../../support/computed.ts';
import { messageSet, type SourceMessage } from '../../support/message-sets.ts';
import { random, shuffled } from '../../support/random.ts';

// F23: the final state does not depend on the order of arrival, where the source gives an order.
const sets = 500;
const shuffles = 20;
const member = 'member';
const today = localDate('2025-03-20');
/** Later than the last arrival by more than a day. */
const knownAt = '2025-03-24T16:00:00Z';
const computed = (rows: readonly Recorded[]) => computedFrom(rows, member, knownAt);
const arrivalMs = 20 * 60_000;

/**
 * The messages in the order in which they are taken: one that comes before an earlier version of its resource, or before the member,
 * is refused and sent again until it is taken.
 */
function taken(arriving: readonly SourceMessage[], namesMember: ReadonlySet<SourceMessage>): SourceMessage[] {
  const order: SourceMessage[] = [];
  const versions = new Map<string, number>();
  const fits = (one: SourceMessage): boolean =>
    (versions.has(`Patient/${member}`) || !namesMember.has(one)) &&
    (versions.get(`${one.type}/${one.id}`) ?? 0) === one.version - 1;
  for (let waiting = [...arriving]; waiting.length > 0; ) {
    const still: SourceMessage[] = [];
    for (const one of waiting) {
      if (!fits(one)) {
        still.push(one);
        continue;
      }
      versions.set(`${one.type}/${one.id}`, one.version);
      order.push(one);
    }
    if (still.length === waiting.length) throw new Error('a set that can never arrive');
    waiting = still;
  }
  return order;
}

/** The current versions as they stand after that: rows in the order of their first arrival, a message known since its first version. */
function standing(order: readonly SourceMessage[]): Recorded[] {
  const rows = new Map<string, Recorded>();
  for (const [index, { id, resource, type }] of order.entries()) {
    const key = `${type}/${id}`;
    const at = new Date(Date.parse(`${today}T12:00:00Z`) + index * arrivalMs).toISOString();
    const before = rows.get(key);
    if (!resource) rows.delete(key);
    else
      rows.set(key, {
        resource,
        owner: provider,
        recordedAt: before && type === 'Communication' ? before.recordedAt : at,
      });
  }
  return [...rows.values()];
}

test(`${sets} sets of messages in ${shuffles} orders each: the same spells, next transitions and ledger`, {
  timeout: 180_000,
}, () => {
  let worthComparing = 0;
  let moved = 0;
  for (let seed = 1; seed <= sets; seed++) {
    const messages = messageSet(seed, member, today);
    const next = random(seed + 1_000_000);
    const naming = new Set(
      messages.filter(({ resource }) => JSON.stringify(resource)?.includes(`"Patient/${member}"`)),
    );
    const expected = computed(standing(messages));
    const words = JSON.stringify(expected);
    if (expected.spells.some(({ spells }) => spells.length > 2)) worthComparing++;
    for (let turn = 0; turn < shuffles; turn++) {
      const order = taken(shuffled(messages, next), naming);
      if (order.some((one, index) => one !== messages[index])) moved++;
      expect(JSON.stringify(computed(standing(order))), `set ${seed}, order ${turn}`).toBe(words);
    }
  }
  expect(worthComparing).toBeGreaterThan(sets / 3);
  expect(moved).toBe(sets * shuffles);
});

test('the order that the source gives does matter: without it the same messages say something else', () => {
  let different = 0;
  for (let seed = 1; seed <= 50; seed++) {
    const messages = messageSet(seed, member, today);
    const backwards = computed(standing(messages.toReversed()));
    if (JSON.stringify(backwards) !== JSON.stringify(computed(standing(messages)))) different++;
  }
  expect(different).toBeGreaterThan(10);
});
