import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeSystem } from '@medplum/fhirtypes';
import type { Reasons } from '../domain/reasons.ts';

const file = join(import.meta.dirname, '../../profiles/codesystem-reason.json');
let held: Reasons | undefined;

/** The reasons that rules give, each with its sentence and its rule: `profiles/codesystem-reason.json`, read when first asked for. */
export function heldReasons(): Reasons {
  held ??= new Map(
    ((JSON.parse(readFileSync(file, 'utf8')) as CodeSystem).concept ?? []).map(({ code, display = code, property }) => [
      code,
      {
        sentence: `${display.charAt(0).toLowerCase()}${display.slice(1)}`,
        rule: property?.find((one) => one.code === 'rule')?.valueCode,
      },
    ]),
  );
  return held;
}
