import type { Router } from 'express';
import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { Services } from '../service/context.ts';
import type { Access } from '../store/access.ts';
import type { Dispatch } from './dispatch.ts';
import type { FhirResponse } from './fhir-request.ts';

/** Where a request stands: the tenant that its URL names, and the path below that tenant's FHIR base. */
export interface TenantRoot {
  readonly tenant: TenantId;
  /** '' or '/sandbox/{name}' */
  readonly root: string;
  readonly fhirBase: string;
  readonly tokenUrl: string;
  /** path below the FHIR base, still encoded */
  readonly rest: string;
}

/** What the HTTP room is given by `app`. */
export interface HttpContext {
  readonly services: Services;
  readonly dispatch: Dispatch;
  /** routes beside FHIR: home page, health, token endpoint */
  readonly routes: readonly Router[];
  /** the tenant and path of a FHIR URL; undefined for any other URL */
  findRoot(pathname: string): Promise<Result<TenantRoot | undefined, Failure>>;
  authenticate(
    tenant: TenantId,
    authorization: string | undefined,
    query: URLSearchParams,
  ): Promise<Result<Access, Failure>>;
  /** what is answered without a token: metadata and the SMART configuration */
  openAnswers(root: TenantRoot, method: string, path: readonly string[]): Promise<FhirResponse> | undefined;
  onAnswered?(method: string, status: number, milliseconds: number, requestId: string): void;
  onFault?(error: unknown, requestId: string): void;
}
