import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Failure, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Access } from '../access.ts';
import type { Position } from './sort.ts';

const lifetimeMs = 3_600_000;

/** What a cursor is bound to: another client, another query or another tenant cannot use it (T37). */
export interface CursorScope {
  readonly access: Access;
  readonly key: Buffer;
  /** the search as asked, without the cursor */
  readonly asked: string;
  /** wall clock, in milliseconds */
  readonly nowMs: number;
}

/** A signed place in a result. It carries no right: the page behind it is decided anew. */
export function signCursor(scope: CursorScope, position: Position): string {
  const payload = Buffer.from(JSON.stringify([position.values, position.id, scope.nowMs + lifetimeMs])).toString(
    'base64url',
  );
  return `${payload}.${signature(scope, payload).toString('base64url')}`;
}

export function readCursor(scope: CursorScope, cursor: string): Result<Position, Failure> {
  const [payload = '', signed = '', more] = cursor.split('.');
  const given = Buffer.from(more === undefined ? signed : '', 'base64url');
  const wanted = signature(scope, payload);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    return err(
      failure(
        'invalid',
        'value',
        'The page link is not one that this client got for this search. Start the search again.',
      ),
    );
  }
  const [values, id, until] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string[], string, number];
  if (until < scope.nowMs)
    return err(failure('invalid', 'expired', 'The page link is older than an hour. Start the search again.'));
  return ok({ values, id });
}

function signature({ access, asked, key }: CursorScope, payload: string): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([access.tenant, access.clientId, asked, payload]))
    .digest();
}
