import type { Annotation, ObservationComponent } from '@medplum/fhirtypes';
import { codeSystem } from '../fhir/canonical.ts';
import type { Access } from './access.ts';

/** A current row of `resource` as statements return it. */
export interface ResourceRow {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly last_updated: Date;
  readonly deleted: boolean;
  readonly owner: string;
  readonly patient: string | null;
  readonly view_version: number;
  readonly view_updated: Date;
  readonly content: string;
}

/** The columns of a ResourceRow over an alias. */
export function rowColumns(alias: string): string {
  return [
    'type',
    'id',
    'version',
    'last_updated',
    'deleted',
    'owner',
    'patient',
    'view_version',
    'view_updated',
    'content',
  ]
    .map((column) => `${alias}.${column}`)
    .join(', ');
}

/** A resource as one caller sees it: JSON text, and the version and time that belong to that view. */
export interface Presented {
  readonly content: string;
  readonly version: number;
  readonly lastUpdated: Date;
}

/** Elements that point to a contact or an episode: a plan may learn the status without learning of the contact itself. */
const hiddenFromPlans: Readonly<Record<string, readonly string[]>> = {
  Observation: ['encounter', 'focus', 'derivedFrom', 'partOf', 'basedOn', 'hasMember'],
  CarePlan: ['encounter'],
};

export function isMaskedType(type: string): boolean {
  return type in hiddenFromPlans;
}

export function isMasked(type: string, access: Pick<Access, 'kind'>): boolean {
  return access.kind === 'plan' && isMaskedType(type);
}

/**
 * Takes out what this caller may not see. The version and time of a masked view move only when the view itself changes: a new
 * deciding contact on the same day must not show in an ETag (architecture, section 3).
 */
export function present(row: ResourceRow, access: Pick<Access, 'kind'>): Presented {
  if (!isMasked(row.type, access)) return { content: row.content, version: row.version, lastUpdated: row.last_updated };
  const masked = maskForPlan(JSON.parse(row.content) as Record<string, unknown>, row.type);
  const meta = {
    ...(masked['meta'] as object | undefined),
    versionId: String(row.view_version),
    lastUpdated: row.view_updated.toISOString(),
  };
  return { content: JSON.stringify({ ...masked, meta }), version: row.view_version, lastUpdated: row.view_updated };
}

/** The resource without what a plan does not see; for comparing two versions behind the mask, too. */
export function maskForPlan(resource: Readonly<Record<string, unknown>>, type: string): Record<string, unknown> {
  const hidden = hiddenFromPlans[type] ?? [];
  const shown = Object.fromEntries(Object.entries(resource).filter(([name]) => !hidden.includes(name)));
  return type === 'Observation' ? withoutOwnNotes(shown) : shown;
}

/**
 * A note that has an author is its provider's own word about its own record. An Observation from before notes were told apart has no
 * component `reason`: of its notes none is shown until it is computed anew.
 */
function withoutOwnNotes(resource: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { component, note } = resource as { component?: ObservationComponent[]; note?: Annotation[] };
  const isToldApart = component?.some(({ code }) =>
    code.coding?.some((one) => one.system === codeSystem('component') && one.code === 'reason'),
  );
  const shown = isToldApart ? (note ?? []).filter(isNobodys) : [];
  return Object.fromEntries(
    Object.entries(resource).flatMap(([name, value]) => {
      if (name !== 'note') return [[name, value]];
      return shown.length > 0 ? [[name, shown]] : [];
    }),
  );
}

function isNobodys({ authorReference, authorString }: Annotation): boolean {
  return authorReference === undefined && authorString === undefined;
}
