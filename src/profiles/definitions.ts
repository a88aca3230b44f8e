import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CodeSystem,
  OperationDefinition,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import { definitionTypes } from '../fhir/served-types.ts';

/** A conformance resource of ours, as it is published. */
export type Definition = (CodeSystem | OperationDefinition | SearchParameter | StructureDefinition | ValueSet) & {
  readonly id: string;
  readonly url: string;
};

/** Our own definitions of the read-only types among the JSON files directly in `profiles/`, in the order of their names. */
export function loadDefinitions(folder: string = join(import.meta.dirname, '../../profiles')): readonly Definition[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Definition)
    .filter(({ resourceType }) => definitionTypes.includes(resourceType));
}
