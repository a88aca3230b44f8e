import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measure } from '@medplum/fhirtypes';

const folder = join(import.meta.dirname, '../../profiles');
let held: ReadonlyMap<string, Measure> | undefined;

/** The Measures that Footbridge evaluates, by id: `profiles/measure-*.json`, read when first asked for. */
export function heldMeasures(): ReadonlyMap<string, Measure> {
  held ??= new Map(
    readdirSync(folder)
      .filter((name) => /^measure-.*\.json$/.test(name))
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Measure)
      .map((measure) => [measure.id ?? '', measure]),
  );
  return held;
}
