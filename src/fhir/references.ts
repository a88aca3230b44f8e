/** A place in a resource that holds a literal reference. */
export interface ReferencePlace {
  readonly holder: { reference: string };
  /** FHIRPath of the place */
  readonly path: string;
}

/** A reference of the form `Type/id`, with or without a version. */
const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

/** Every literal reference in a resource, contained resources included, in document order. */
export function referencePlaces(resource: object): ReferencePlace[] {
  const places: ReferencePlace[] = [];
  const walk = (value: object, path: string): void => {
    for (const [name, child] of Object.entries(value)) {
      if (name === 'reference' && typeof child === 'string')
        places.push({ holder: value as { reference: string }, path });
      else if (typeof child === 'object' && child !== null)
        walk(child, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`);
    }
  };
  walk(resource, (resource as { resourceType?: string }).resourceType ?? '');
  return places;
}

/** Type and id of a relative literal reference; undefined for absolute, urn, contained, conditional and logical ones. */
export function parseReference(reference: string): { type: string; id: string } | undefined {
  const match = relative.exec(reference);
  return match?.[1] && match[2] ? { type: match[1], id: match[2] } : undefined;
}

/** The id in `Type/id` when the reference is of that type. */
export function referenceId(reference: string | undefined, type: string): string | undefined {
  const parsed = reference === undefined ? undefined : parseReference(reference);
  return parsed?.type === type ? parsed.id : undefined;
}

const primary = ['subject', 'patient', 'beneficiary', 'for', 'individual'] as const;

export interface Compartment {
  /** the Patient whose compartment holds the resource; a Patient holds itself */
  readonly patient: string | undefined;
  /** every Patient that it names */
  readonly patients: readonly string[];
}

/** Which Patients a resource is about, by the elements that R4's Patient compartment uses, else by the one Patient it names. */
export function patientCompartment(
  resource: { resourceType: string; id?: string },
  places: readonly ReferencePlace[],
): Compartment {
  const own = resource.resourceType === 'Patient' ? resource.id : undefined;
  const named = new Set(
    places.map(({ holder }) => referenceId(holder.reference, 'Patient')).filter((id) => id !== undefined),
  );
  if (own !== undefined) return { patient: own, patients: [own, ...[...named].filter((id) => id !== own)] };
  const elements = resource as unknown as Record<string, { reference?: string } | undefined>;
  const subject = primary
    .map((element) => referenceId(elements[element]?.reference, 'Patient'))
    .find((id) => id !== undefined);
  return { patient: subject ?? [...named][0], patients: [...named] };
}
