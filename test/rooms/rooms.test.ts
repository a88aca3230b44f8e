import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** Rooms from top to bottom; rooms of one line do not import each other (architecture, section 2). */
const lines: readonly (readonly string[])[] = [
  ['app'],
  ['http', 'mllp', 'jobs', 'console', 'cli'],
  ['service'],
  ['auth', 'exchange'],
  ['store'],
  ['mapping', 'profiles'],
  ['domain'],
  ['fhir'],
  ['base'],
];

const importPattern = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

function violations(source: string): string[] {
  const lineOf = (room: string): number => lines.findIndex((line) => line.includes(room));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((file) => {
    const room = file.split('/')[0] ?? '';
    const text = readFileSync(join(source, file), 'utf8');
    const imported = [...text.matchAll(importPattern)].map(([, path = '']) =>
      relative(source, resolve(dirname(join(source, file)), path)),
    );
    return imported
      .filter((path) => !path.startsWith('..'))
      .map((path) => ({ path, target: path.split('/')[0] ?? '' }))
      .filter(({ target }) => target !== room && lineOf(target) <= lineOf(room))
      .map(({ path }) => `${file} imports ${path}`);
  });
}

test('imports point down only', () => {
  expect(violations(resolve(import.meta.dirname, '../../src'))).toEqual([]);
});

test('every folder of src is a room', () => {
  const rooms = readdirSync(resolve(import.meta.dirname, '../../src'));
  expect(rooms.filter((room) => !lines.flat().includes(room))).toEqual([]);
});

test('a planted violation is found, upward and sideways', () => {
  const source = mkdtempSync(join(tmpdir(), 'footbridge-rooms-'));
  try {
    for (const room of ['domain', 'store', 'http', 'jobs']) mkdirSync(join(source, room));
    writeFileSync(join(source, 'domain/rule.ts'), `import { db } from '../store/db.ts';\n`);
    writeFileSync(
      join(source, 'jobs/work.ts'),
      `import type { A } from '../http/app.ts';\nconst b = await import('../store/db.ts');\n`,
    );
    expect(violations(source).sort()).toEqual([
      'domain/rule.ts imports store/db.ts',
      'jobs/work.ts imports http/app.ts',
    ]);
  } finally {
    rmSync(source, { recursive: true });
  }
});
