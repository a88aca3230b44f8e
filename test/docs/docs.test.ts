import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('docs/environment.md tells every variable that the server reads, and no other', () => {
  const config = /const environment = z\.object\(\{([\s\S]*?)\n\}\);/.exec(read('src/app/config.ts'))?.[1] ?? '';
  const known = [...config.matchAll(/^ {2}([A-Z_]+):/gm)]
    .map(([, name = '']) => name)
    .sort((a, b) => a.localeCompare(b));
  const told = [...read('docs/environment.md').matchAll(/^\| `([A-Z_]+)` \|/gm)]
    .map(([, name = '']) => name)
    .sort((a, b) => a.localeCompare(b));
  expect(known.length).toBeGreaterThan(8);
  expect(told).toEqual(known);
});

test('docs/dependencies.md gives a reason for every dependency, and for nothing that is gone', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const used = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  );
  const told = [...read('docs/dependencies.md').matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );
  const covers = (name: string, entry: string): boolean =>
    entry.endsWith('/*') ? name.startsWith(entry.slice(0, -1)) : name === entry;
  expect(used.filter((name) => !told.some((entry) => covers(name, entry)))).toEqual([]);
  expect(told.filter((entry) => !used.some((name) => covers(name, entry)))).toEqual([]);
});

test('links in README and docs lead to files that are there', () => {
  const pages = [
    'README.md',
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target]) => join(page, '..', target ?? ''))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});

test('docker-compose.yml has the production shape, and the image copies folders that exist', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { environment?: { ROLES?: string } }>;
  };
  const roles = Object.values(compose.services)
    .flatMap(({ environment }) => environment?.ROLES ?? [])
    .sort();
  expect([
    Object.keys(compose.services).includes('postgres'),
    Object.keys(compose.services).includes('redis'),
    roles,
  ]).toEqual([true, true, ['http', 'http', 'jobs', 'jobs']]);
  const copied = [...read('Dockerfile').matchAll(/^COPY (\S+) \1$/gm)].map(([, folder]) => folder ?? '');
  expect(copied.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
});

test('what the pages say to run with npm is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const pages = [
    'README.md',
    'test/conformance/rules/README.md',
    ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
  ];
  const said = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => [...read(page).matchAll(/npm run (?!--)([\w:-]+)/g)].map(([, name = '']) => name));
  expect(said).toContain('histories');
  expect(said.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('the histories’ runner runs as its page says, whatever Node the host has', () => {
  const { status, stderr } = spawnSync('npm', ['run', '-s', 'histories', '--', 'no-such-file.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([2, expect.stringContaining('no-such-file.json')]);
});
