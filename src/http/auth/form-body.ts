import type { Request } from 'express';
import { err, ok, type Result } from '../../base/result.ts';

/** Why a form could not be read: the HTTP status, and what to tell the sender. */
export interface FormRefusal {
  readonly status: number;
  readonly text: string;
}

const formLimitBytes = 64 * 1024;

/**
 * Reads an application/x-www-form-urlencoded body. Express's own reader answers a body that is too long only when that has come to its
 * end, so that a sender without a token could keep us reading.
 */
export async function readForm(request: Request): Promise<Result<URLSearchParams, FormRefusal>> {
  const type = /^application\/x-www-form-urlencoded\s*(?:;\s*charset="?([^"\s;]*)"?\s*)?$/i.exec(
    request.headers['content-type'] ?? '',
  );
  const charset = (type?.[1] ?? 'utf-8').toLowerCase();
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (!type) return refuse(400, 'Send the parameters as an application/x-www-form-urlencoded body.');
  if ((charset !== 'utf-8' && charset !== 'utf8') || encoding.toLowerCase() !== 'identity')
    return refuse(415, 'Send the body as UTF-8 and without Content-Encoding.');
  const bytes = await read(request);
  if (bytes === 'too long')
    return refuse(
      413,
      `The body is larger than ${formLimitBytes / 1024} KiB. A token request needs a few KiB: send nothing else in it.`,
    );
  if (bytes === 'cut off') return refuse(400, 'The body could not be read to its end. Send it again, whole.');
  return ok(new URLSearchParams(bytes.toString('utf8')));
}

function read(request: Request): Promise<Buffer | 'too long' | 'cut off'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= formLimitBytes) {
        chunks.push(chunk);
      } else if (size - chunk.length <= formLimitBytes) {
        chunks.length = 0;
        resolve('too long');
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve('cut off'));
    request.on('close', () => resolve('cut off'));
  });
}

function refuse(status: number, text: string): Result<never, FormRefusal> {
  return err({ status, text });
}
