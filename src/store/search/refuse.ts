import { type Failure, failure } from '../../base/failure.ts';
import { err, type Result } from '../../base/result.ts';

/** What a client sent, short enough to be told back. */
export function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** @param code of R4's issue-type; not-supported is what lenient handling passes over */
export function refuse(code: string, text: string): Result<never, Failure> {
  return err(failure('invalid', code, text));
}
