import { randomUUID } from 'node:crypto';
import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import express, { type Express, type Request, type Response } from 'express';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseJson } from '../fhir/parse-json.ts';
import { decodePath } from './bundle.ts';
import type { Dispatch } from './dispatch.ts';
import type { FhirRequest, FhirResponse } from './fhir-request.ts';
import type { HttpContext, TenantRoot } from './http-context.ts';
import { idempotently } from './idempotency.ts';
import { acceptedFormats, checkContentType, notAcceptable } from './media-types.ts';
import { failureResponse } from './outcome.ts';
import { sendBytes } from './send-bytes.ts';

/** Largest body taken: about 1,000 entries of a Bundle. */
const bodyLimitBytes = 16 * 1024 * 1024;

/** The HTTP surface: every answer, refusals included, leaves through `send`. */
export function createHttpApp(context: HttpContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use((request, response, next) => {
    response.locals['requestId'] = safeRequestId(request.headers['x-request-id']);
    response.setHeader('X-Request-Id', response.locals['requestId'] as string);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const started = performance.now();
    response.on('finish', () =>
      context.onAnswered?.(
        request.method,
        response.statusCode,
        performance.now() - started,
        String(response.locals['requestId']),
      ),
    );
    next();
  });
  for (const route of context.routes) app.use(route);
  app.use((request, response) => {
    void answer(context, request, response);
  });
  app.use((error: unknown, _request: Request, response: Response, next: (error: unknown) => void) => {
    if (response.headersSent) next(error);
    else send(response, failureResponse(refusedByExpress(error) ?? fault(context, error, response)));
  });
  return app;
}

/** Requests that one connection may have under way: more are pipelined by nobody who means to read the answers. */
const mostPipelined = 16;

/**
 * Node's server with the limits of T75: headers in 10 s, the whole request in 60 s, checked every second; a connection on which
 * nothing moves for 60 s is ended, and so is one that piles up requests, since their answers wait in memory until they are read.
 */
export function createHttpServer(app: Express): Server {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 15_000 },
    app,
  );
  server.maxConnections = 5_000;
  server.setTimeout(60_000);
  const underWay = new WeakMap<Socket, number>();
  server.prependListener('request', ({ socket }, response) => {
    const now = (underWay.get(socket) ?? 0) + 1;
    underWay.set(socket, now);
    response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    if (now > mostPipelined) socket.destroy();
  });
  return server;
}

/**
 * How `server` is ended without losing an accepted request (F34): it refuses new connections, ends those without a request under way,
 * and lets each answer end its own, for at most `mostMs`. To be called before the server listens.
 */
export function prepareDrain(server: Server): (mostMs: number) => Promise<void> {
  const sockets = new Set<Socket>();
  const underWay = new Set<ServerResponse>();
  let draining = false;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', (_request, response) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    if (draining) response.setHeader('Connection', 'close');
  });
  return async (mostMs) => {
    draining = true;
    const closed = new Promise<void>((done) => server.close(() => done()));
    // Without this a busy client keeps its connection, and the server, until the time is over and requests are cut off.
    for (const response of underWay) if (!response.headersSent) response.setHeader('Connection', 'close');
    const busy = new Set([...underWay].map(({ socket }) => socket));
    // Node counts a connection that has sent nothing, or half a head, as busy.
    for (const socket of sockets) if (!busy.has(socket)) socket.destroy();
    const late = setTimeout(() => server.closeAllConnections(), mostMs);
    await closed;
    clearTimeout(late);
  };
}

async function answer(context: HttpContext, request: Request, response: Response): Promise<void> {
  try {
    const result = await handleFhir(context, request, response);
    send(response, result.ok ? result.value : failureResponse(result.error));
  } catch (error) {
    send(response, failureResponse(fault(context, error, response)));
  }
}

async function handleFhir(
  context: HttpContext,
  request: Request,
  response: Response,
): Promise<Result<FhirResponse, Failure>> {
  const url = new URL(request.originalUrl, 'http://localhost');
  const root = await context.findRoot(url.pathname);
  if (!root.ok) return root;
  if (!root.value)
    return err(
      failure(
        'not-found',
        'not-found',
        'There is nothing at this address. The FHIR base is /fhir/R4; / tells the rest.',
      ),
    );
  const formats = acceptedFormats(request.headers.accept, url.searchParams);
  if (!formats.ok) return formats;
  const path = decodePath(root.value.rest);
  if (!path || /%00|\0/.test(request.originalUrl))
    return err(
      failure(
        'invalid',
        'value',
        'The URL holds a broken or forbidden escape. Encode it as RFC 3986 says, without %00.',
      ),
    );
  const open = context.openAnswers(root.value, request.method, path);
  if (open !== undefined) {
    const answered = await open;
    return formats.value.includes('json') ? ok(answered) : err(notAcceptable('CSV of this'));
  }
  const access = await context.authenticate(root.value.tenant, request.headers.authorization, url.searchParams);
  if (!access.ok) return access;
  // Only now: nobody without a token makes us read megabytes.
  const body = await readBody(request);
  if (!body.ok) return body;
  const asked = { access: access.value, body: body.value, formats: formats.value, path, query: url.searchParams };
  return runFhir(
    context.dispatch,
    fhirRequest(context, request, root.value, asked, String(response.locals['requestId'])),
  );
}

function fhirRequest(
  context: HttpContext,
  request: Request,
  root: TenantRoot,
  asked: Pick<FhirRequest, 'access' | 'body' | 'formats' | 'path' | 'query'>,
  requestId: string,
): FhirRequest {
  asked.query.delete('_format');
  asked.query.delete('_pretty');
  return {
    ...asked,
    services: context.services,
    requestId,
    fhirBase: root.fhirBase,
    method: request.method,
    headers: request.headers as Record<string, string | undefined>,
    dispatch: context.dispatch,
  };
}

function runFhir(dispatch: Dispatch, request: FhirRequest): Promise<Result<FhirResponse, Failure>> {
  const key = request.headers['idempotency-key'];
  return key === undefined ? dispatch(request) : idempotently(request, key, dispatch);
}

async function readBody(request: Request): Promise<Result<unknown, Failure>> {
  if ((request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    return err(
      failure(
        'unsupported',
        'not-supported',
        'Compressed bodies are not taken. Send the body without Content-Encoding.',
        { status: 415 },
      ),
    );
  const bytes = await readBytes(request);
  if (!bytes.ok) return bytes;
  if (bytes.value.length === 0) return ok(undefined);
  const type = checkContentType(request.headers['content-type'], request.path);
  if (!type.ok) return type;
  return type.value === 'form' ? ok(new URLSearchParams(bytes.value.toString('utf8'))) : parseJson(bytes.value);
}

/** Express's own reader tells of a body that is too long only when that has come to its end, which may be never (T55). */
function readBytes(request: Request): Promise<Result<Buffer, Failure>> {
  const cutOff = err(failure('invalid', 'structure', 'The body could not be read to its end. Send it again, whole.'));
  const tooLong = err(
    failure('too-costly', 'too-long', `The body is larger than ${bodyLimitBytes / 1024 / 1024} MiB. Send it in parts.`),
  );
  if (Number(request.headers['content-length'] ?? 0) > bodyLimitBytes) return Promise.resolve(tooLong);
  // The sender may have gone while its token was checked; nothing would tell us again.
  if (request.destroyed) return Promise.resolve(cutOff);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyLimitBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve(tooLong);
    });
    request.on('end', () => resolve(ok(Buffer.concat(chunks))));
    request.on('error', () => resolve(cutOff));
    request.on('close', () => resolve(cutOff));
  });
}

/** What Express itself refuses before any of us sees the request: a broken escape in a path, for one. */
function refusedByExpress(error: unknown): Failure | undefined {
  const { status } = (error ?? {}) as { status?: number };
  if (status === undefined || status >= 500) return undefined;
  return failure(
    'invalid',
    'structure',
    'The request could not be read. Check the escapes in its URL, and send it again.',
  );
}

function fault(context: HttpContext, error: unknown, response: Response): Failure {
  const id = String(response.locals['requestId'] ?? '');
  context.onFault?.(error, id);
  return failure(
    'fault',
    'exception',
    `Footbridge failed on this request; nothing was stored. Report it with the id ${id}.`,
  );
}

function send(response: Response, answer: FhirResponse): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.body === undefined) {
    response.end();
    return;
  }
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'application/fhir+json; charset=utf-8');
  response.setHeader('Vary', 'Authorization, Accept');
  sendBytes(response, Buffer.from(answer.body));
}

/** A caller's own request id where it is plain, else a new one: it stands in headers and logs (T60). */
function safeRequestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
}
