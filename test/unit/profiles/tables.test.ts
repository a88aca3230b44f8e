import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { makeTables } from '../../../scripts/make-constraints.ts';

const root = resolve(import.meta.dirname, '../../..');
const packages = resolve(root, '../shared/fhir-packages');

test('the committed constraint tables are what the script makes of the definitions', () => {
  const there = existsSync(packages);
  if (!there) console.log('../shared/fhir-packages is not there: the US Core tables are not compared.');
  const tables = makeTables(there ? packages : undefined);
  expect([...tables.keys()]).toContain('footbridge.json');
  for (const [name, text] of tables)
    expect(
      readFileSync(join(root, 'profiles/generated', name), 'utf8') === text,
      `${name} differs: run node scripts/make-constraints.ts`,
    ).toBe(true);
});

test('they hold facts, not prose', () => {
  const text = readFileSync(join(root, 'profiles/generated/r4.json'), 'utf8');
  expect(text).not.toMatch(/"(human|text|definition|comment|requirements)":"/);
  expect(text.length).toBeLessThan(400_000);
});
