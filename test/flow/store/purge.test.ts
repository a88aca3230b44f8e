import { expect, test } from 'vitest';
import { ok } from '../../../src/base/result.ts';
import { purgeExpired } from '../../../src/store/schedule.ts';
import { createTenant, createTestDatabase } from '../../support/database.ts';

test('an Idempotency-Key is kept for 30 days, and not longer (T85)', async () => {
  const { db, drop, owner } = await createTestDatabase();
  try {
    const tenant = await createTenant(db, 'main');
    const now = new Date('2026-03-31T12:00:00Z');
    for (const [key, created] of [
      ['old', '2026-03-01T11:59:59Z'],
      ['kept', '2026-03-01T12:00:01Z'],
    ])
      await owner.query(
        `insert into idempotency_key (tenant, client_id, route, key, body_hash, status, headers, body, created_at) values ($1, 'c', 'POST', $2, '\\x00', 201, '{}', '', $3)`,
        [tenant, key, created],
      );
    await db.transaction(tenant, async (tx) => ok(await purgeExpired(tx, tenant, now)));
    const { rows } = await owner.query<{ key: string }>('select key from idempotency_key');
    expect(rows.map(({ key }) => key)).toEqual(['kept']);
  } finally {
    await drop();
  }
});
