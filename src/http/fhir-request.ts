import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { Services } from '../service/context.ts';
import type { Access } from '../store/access.ts';
import type { Transaction } from '../store/database.ts';
import type { Format } from './media-types.ts';

/** One FHIR interaction as asked: by HTTP, or by an entry of a batch or transaction. */
export interface FhirRequest {
  readonly services: Services;
  readonly access: Access;
  readonly requestId: string;
  /** `{PUBLIC_URL}{tenant root}/fhir/R4`, without a slash at the end */
  readonly fhirBase: string;
  readonly method: string;
  /** path segments below the FHIR base, decoded: ['Encounter', '123', '_history', '1'] */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** what the caller takes, what it likes best first */
  readonly formats: readonly [Format, ...Format[]];
  /** the parsed body, as it came over the wire */
  readonly body: unknown;
  /** the transaction that a Bundle's entries, or an idempotent request, share */
  readonly tx?: Transaction | undefined;
  /** answers an entry of a batch or transaction as if it had come alone */
  readonly dispatch: (request: FhirRequest) => FhirAnswer;
}

export interface FhirResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** text, ready to send, JSON where no header says otherwise; absent where the answer has no body */
  readonly body?: string;
}

export type FhirAnswer = Promise<Result<FhirResponse, Failure>>;

export interface SearchParameterClaim {
  readonly name: string;
  readonly type: 'date' | 'reference' | 'string' | 'token' | 'uri' | 'number' | 'quantity' | 'composite' | 'special';
  readonly definition?: string;
}

/** A file in `interaction/` or `operation/` exports one of these as `interaction`; being there is all it takes to be served. */
export interface Interaction {
  /** R4 restful-interaction code (`read`, `search-type`, …) or operation name with `$` */
  readonly code: string;
  readonly level: 'instance' | 'type' | 'system';
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** segments: `:type`, `:id`, `:vid` match anything of that form, everything else itself */
  readonly path: string;
  /** what it can answer in besides JSON */
  readonly formats?: readonly Format[];
  /** types it serves; absent: all */
  readonly types?: readonly string[];
  /** for interactions that share a path: whether this body is theirs */
  accepts?(body: unknown): boolean;
  /** a search of its own makes its own claims: what it can be asked by */
  readonly searchParameters?: readonly SearchParameterClaim[];
  /** OperationDefinition canonical, for operations */
  readonly definition?: string;
  handle(request: FhirRequest): FhirAnswer;
}
