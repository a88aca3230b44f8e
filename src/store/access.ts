import type { TenantId } from '../base/ids.ts';
import type { Clock, LocalDate } from '../base/time.ts';

export type ClientKind = 'ehr' | 'coach-app' | 'referrer' | 'plan' | 'auditor' | 'admin';

/** SMART v2 rights: create, read, update, delete, search. */
export type Right = 'c' | 'r' | 'u' | 'd' | 's';

/** One granted scope, e.g. `system/Observation.rs?category=laboratory`. Several grants add up. */
export interface Grant {
  /** a resource type, or '*' */
  readonly type: string;
  readonly rights: ReadonlySet<Right>;
  /** search conditions that a resource must meet, all of them; empty when the scope names none */
  readonly filter: readonly { readonly param: string; readonly value: string }[];
}

/** What is true of a caller, as data: the visibility builder turns it into SQL. Found by `auth` for each request, never cached. */
export interface Access {
  readonly tenant: TenantId;
  readonly clientId: string;
  readonly kind: ClientKind;
  /** id of the Organization that the client speaks for; undefined for auditor and admin */
  readonly organization: string | undefined;
  readonly grants: readonly Grant[];
  /** the tenant's clock: recorded times and domain dates */
  readonly clock: Clock;
  /** the tenant's calendar date, on which coverage and consent must be in force */
  readonly today: LocalDate;
}

/** The grants that carry `right` on `type`; none means that the caller's scopes do not reach. */
export function grantsFor(access: Access, type: string, right: Right): readonly Grant[] {
  return access.grants.filter((grant) => (grant.type === '*' || grant.type === type) && grant.rights.has(right));
}
