import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Resource } from '@medplum/fhirtypes';

const block = 512;

/** The resources of an npm-style FHIR package: the JSON files directly in its `package/` folder. */
export function readPackage(file: string): Resource[] {
  const bytes = gunzipSync(readFileSync(file));
  const resources: Resource[] = [];
  for (let at = 0; at + block <= bytes.length && bytes[at] !== 0; ) {
    const name = field(bytes, at, 100);
    const size = Number.parseInt(field(bytes, at + 124, 12), 8);
    if (/^package\/[A-Z][^/]*\.json$/.test(name))
      resources.push(JSON.parse(bytes.toString('utf8', at + block, at + block + size)) as Resource);
    at += block + Math.ceil(size / block) * block;
  }
  return resources;
}

function field(bytes: Buffer, at: number, length: number): string {
  return bytes
    .toString('utf8', at, at + length)
    .replace(/\0.*$/s, '')
    .trim();
}
