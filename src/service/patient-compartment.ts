import { type Failure, failure } from '../base/failure.ts';
import { parseReference } from '../fhir/references.ts';
import type { Access } from '../store/access.ts';
import type { Transaction } from '../store/database.ts';
import { Params } from '../store/sql.ts';
import { within } from '../store/visibility.ts';
import type { Prepared } from './prepare.ts';

/** SQL that is true when every Patient the resource names exists for this caller; undefined when it names no other. */
export function patientsKnown(access: Access, prepared: Prepared, params: Params): string | undefined {
  const ids = otherPatients(prepared);
  if (ids.length === 0) return undefined;
  const known = within('p', access, 'Patient', params);
  return `(select count(*) from resource p where p.type = 'Patient' and p.id = any(${params.add(ids)}::text[]) and not p.deleted and ${known}) = ${ids.length}`;
}

/** Patients that the items name and neither bring along nor may see. */
export async function findUnknownPatient<T extends { readonly prepared: Prepared }>(
  tx: Transaction,
  access: Access,
  items: readonly T[],
): Promise<{ item: T; refused: Failure } | undefined> {
  const brought = new Set(
    items
      .map(({ prepared }) => prepared.resource)
      .filter(({ resourceType }) => resourceType === 'Patient')
      .map(({ id }) => id),
  );
  const wanted = [...new Set(items.flatMap(({ prepared }) => otherPatients(prepared)))].filter(
    (id) => !brought.has(id),
  );
  if (wanted.length === 0) return undefined;
  const params = new Params();
  const known = within('p', access, 'Patient', params);
  const rows = await tx.query<{ id: string }>(
    `select p.id from resource p where p.type = 'Patient' and p.id = any(${params.add(wanted)}::text[]) and not p.deleted and ${known}`,
    params.values,
  );
  if (rows.length === wanted.length) return undefined;
  const missing = wanted.find((id) => !rows.some((row) => row.id === id)) ?? '';
  const item = items.find(({ prepared }) => otherPatients(prepared).includes(missing));
  return item && { item, refused: unknownPatient(item.prepared, missing) };
}

function otherPatients({ compartment, resource }: Prepared): string[] {
  return compartment.patients.filter((id) => resource.resourceType !== 'Patient' || id !== resource.id);
}

/** The same words whether the Patient is absent, deleted or another organisation's. */
export function unknownPatient(prepared: Prepared, id: string = otherPatients(prepared)[0] ?? ''): Failure {
  const name = `Patient/${id}`;
  const place = prepared.places.find(({ holder }) => holder.reference.replace(/\/_history\/.*$/, '') === name);
  return failure(
    'invalid',
    'not-found',
    `${name} is not known here. Send the Patient first, or in the same transaction, and refer to it by the id that it was given.`,
    {
      status: 422,
      ...(place && { expression: `${place.path}.reference` }),
    },
  );
}

/** A Provenance has no patient of its own in R4: it belongs to the compartment of what it is about. */
export async function targetPatient(
  tx: Transaction,
  access: Access,
  { resource }: Prepared,
  items: readonly { readonly prepared: Prepared }[],
): Promise<string | undefined> {
  const targets = (resource as { target?: { reference?: string }[] }).target ?? [];
  for (const { reference } of targets) {
    const target = reference === undefined ? undefined : parseReference(reference);
    if (!target) continue;
    const beside = items.find(
      ({ prepared }) => prepared.resource.resourceType === target.type && prepared.resource.id === target.id,
    );
    if (beside?.prepared.compartment.patient) return beside.prepared.compartment.patient;
    const params = new Params();
    const [row] = await tx.query<{ patient: string | null }>(
      `select r.patient from resource r where r.type = ${params.add(target.type)} and r.id = ${params.add(target.id)} and ${within('r', access, target.type, params)}`,
      params.values,
    );
    if (row?.patient) return row.patient;
  }
  return undefined;
}
