import { type Request, type Response, Router } from 'express';
import { issueToken, type TokenResponse, type TokenServices } from '../../auth/token.ts';
import type { Failure } from '../../base/failure.ts';
import { failure } from '../../base/failure.ts';
import { err, type Result } from '../../base/result.ts';
import type { TenantRoot } from '../http-context.ts';
import { RateLimit } from '../rate-limit.ts';
import { sendBytes } from '../send-bytes.ts';
import { readForm } from './form-body.ts';

export interface TokenRouteOptions {
  readonly services: TokenServices;
  readonly rateLimits: boolean;
  /** the tenant of a token URL */
  findRoot(pathname: string): Promise<Result<TenantRoot | undefined, Failure>>;
}

/** An honest client asks once in four minutes; a fleet behind one address stays far below this. */
const perAddress = { most: 300, windowMs: 60_000 };
/** Tokens for one client, whatever addresses its processes have. */
const perClient = { most: 120, windowMs: 60_000 };

interface Limits {
  readonly address: RateLimit;
  readonly client: RateLimit;
}

/** `POST {root}/auth/token` (RFC 6749 and RFC 7523, SMART Backend Services 2.2). Errors are those of RFC 6749, 5.2. */
export function tokenRoutes(options: TokenRouteOptions): Router {
  const router = Router();
  const { wallClock } = options.services;
  const limits: Limits = { address: new RateLimit(perAddress, wallClock), client: new RateLimit(perClient, wallClock) };
  const paths = ['/auth/token', '/sandbox/:name/auth/token'];
  router.post(paths, (request, response, next) => {
    answer(options, limits, request, response).catch(next);
  });
  router.all(paths, (_request, response) => {
    response.setHeader('Allow', 'POST');
    sendError(
      response,
      405,
      'invalid_request',
      'The token endpoint takes POST with an application/x-www-form-urlencoded body.',
    );
  });
  return router;
}

async function answer(options: TokenRouteOptions, limits: Limits, request: Request, response: Response): Promise<void> {
  const wait = options.rateLimits ? limits.address.take(request.ip ?? '') : 0;
  const result =
    wait > 0
      ? err(
          failure('busy', 'temporarily_unavailable', 'Too many token requests from this address.', {
            retryAfterSeconds: wait,
          }),
        )
      : await issue(options, limits, request, response);
  if (result.ok) sendJson(response, 200, result.value);
  else send(response, result.error);
}

async function issue(
  options: TokenRouteOptions,
  limits: Limits,
  request: Request,
  response: Response,
): Promise<Result<TokenResponse, Failure>> {
  response.setHeader('Pragma', 'no-cache');
  if (request.originalUrl.includes('?'))
    return err(failure('invalid', 'invalid_request', 'Parameters in the URL are not taken; send them in the body.'));
  if (request.headers.authorization !== undefined)
    return err(
      failure(
        'invalid',
        'invalid_request',
        'Authenticate with client_assertion alone, without an Authorization header.',
      ),
    );
  const form = await readForm(request);
  if (!form.ok) return err(failure('invalid', 'invalid_request', form.error.text, { status: form.error.status }));
  const root = await options.findRoot(request.path.replace(/\/auth\/token$/, '/fhir/R4'));
  if (!root.ok) return root;
  if (!root.value) return err(failure('not-found', 'invalid_request', 'There is no sandbox of this name.'));
  const { fhirBase, tenant, tokenUrl } = root.value;
  return issueToken(options.services, {
    tenant,
    tokenUrl,
    issuer: fhirBase,
    form: form.value,
    requestId: String(response.locals['requestId']),
    ...(options.rateLimits && { take: (clientId) => limits.client.take(`${tenant} ${clientId}`) }),
  });
}

function send(response: Response, refused: Failure): void {
  const statuses: Partial<Record<Failure['category'], number>> = {
    invalid: 400,
    unauthorized: 401,
    'not-found': 404,
    busy: 429,
    unavailable: 503,
    conflict: 503,
  };
  const [issue] = refused.issues;
  if (refused.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(refused.retryAfterSeconds));
  sendError(
    response,
    refused.status ?? statuses[refused.category] ?? 503,
    issue?.code === 'transient' ? 'temporarily_unavailable' : (issue?.code ?? 'invalid_request'),
    issue?.text ?? '',
  );
}

function sendError(response: Response, status: number, error: string, description: string): void {
  sendJson(response, status, { error, error_description: description });
}

function sendJson(response: Response, status: number, body: object): void {
  response.status(status).setHeader('Content-Type', 'application/json; charset=utf-8');
  sendBytes(response, Buffer.from(JSON.stringify(body)));
}
