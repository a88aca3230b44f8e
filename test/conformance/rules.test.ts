import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { away, fold, seeds } from '../support/seeds.ts';
import { ours } from './ours/answers.ts';
import type { Answer, Expectation, History } from './rules/format.ts';
import { allHistories } from './rules/generate.ts';
import { disagreements, loadHistories } from './rules/run.ts';

const histories = loadHistories();
const folder = resolve(import.meta.dirname, 'rules');
if (away) console.log(`quotes of rule histories are not checked: the payers' documents are not in ${seeds}`);

test('our rules answer every history as its payer says', () => {
  expect(histories.length).toBeGreaterThanOrEqual(940);
  expect(disagreements(ours, histories)).toEqual([]);
});

test('the files are what the generator writes', () => {
  expect(histories).toEqual(JSON.parse(JSON.stringify(allHistories().sort((a, b) => (a.id < b.id ? -1 : 1)))));
});

test('the generator takes its answers from nothing of src', () => {
  const files = ['generate.ts', ...readdirSync(join(folder, 'generate')).map((name) => `generate/${name}`)];
  const imported = files.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/(?:from |import\s*\(?\s*)'([^']+)'/g)].map(
      ([, path = '']) => path,
    ),
  );
  expect(files.length).toBeGreaterThan(10);
  expect(
    [...new Set(imported)].filter((path) => !/^(luxon|node:fs|\.\/[a-z/-]+\.ts|\.\.\/format\.ts)$/.test(path)),
  ).toEqual([]);
});

test('every history asks something, once', () => {
  const empty = histories.filter(({ expect: asked }) => asked.length === 0).map(({ id }) => id);
  expect(empty).toEqual([]);
  expect(new Set(histories.map(({ id }) => id)).size).toBe(histories.length);
});

test('every token that is asked for stands in the README, or names what is missing', () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const tokens = histories.flatMap((history) =>
    history.expect.flatMap(({ billing, reason, rule, service }) => [
      ...(reason === undefined ? [] : [reason]),
      ...[billing, rule, service].flatMap((answer) => answer?.reasons ?? []),
    ]),
  );
  const named = (token: string): boolean =>
    readme.includes(`\`${token.replace(/ \d{4}-\d\d-\d\d$/, '')}\``) || /^missing: |^c[2-4]-not-present$/.test(token);
  expect(new Set(tokens).size).toBeGreaterThan(80);
  expect([...new Set(tokens)].filter((token) => !named(token))).toEqual([]);
});

describe.skipIf(away)('the payers’ own words', () => {
  const texts = new Map(
    away ? [] : readdirSync(seeds).map((name) => [name, fold(readFileSync(join(seeds, name), 'utf8'))]),
  );
  const missing = (all: readonly Pick<History, 'id' | 'quote' | 'source'>[]): string[] =>
    all.filter(({ quote, source }) => !texts.get(source)?.includes(fold(quote))).map(({ id }) => id);

  test('of every history stand in the document that it names', () => {
    expect(missing(histories)).toEqual([]);
  });

  test('a planted wrong quote and a wrong document are found', () => {
    const [first] = histories as [History];
    expect(missing([{ ...first, quote: first.quote.replace(/.$/, '22 days') }])).toEqual([first.id]);
    expect(missing([{ ...first, source: '004_3dd58c0dd7c14149.txt' }])).toEqual([first.id]);
  });
});

/** A history that asks this, answered with that. */
function compared(asked: Answer, given: Answer): string[] {
  const [first] = histories as [History];
  const question: Expectation = { asOf: '2026-03-02', knownAt: '2026-03-03T00:00:00Z', ...asked };
  return disagreements(() => given, [{ ...first, id: 'planted', expect: [question] }]);
}

test('the comparison: keys that were not asked for may be there, others must agree', () => {
  const asked: Answer = { rule: { id: 'T-2', result: 'not-met', figures: { count: 4 } } };
  expect(compared(asked, { rule: { id: 'T-2', result: 'not-met', figures: { count: 4, pending: 0 } } })).toEqual([]);
  expect(compared(asked, { rule: { id: 'T-2', result: 'met', figures: { count: 5 } } })).toEqual([
    expect.stringContaining('rule.result is "met", expected "not-met"'),
    expect.stringContaining('rule.figures.count is 5, expected 4'),
  ]);
  expect(compared(asked, {})).toHaveLength(3);
});

test.each([
  ['in other words around them', ['CR-4 two-years-passed for the coach', 'deceased'], 0],
  ['one is missing', ['two-years-passed'], 1],
  ['one is too many', ['two-years-passed', 'deceased', 'already-charged'], 1],
])('the comparison of reasons: %s', (_what, reasons, count) => {
  const asked: Answer = { billing: { rule: 'B-2', result: 'not-met', reasons: ['two-years-passed', 'deceased'] } };
  expect(compared(asked, { billing: { rule: 'B-2', result: 'not-met', reasons } })).toHaveLength(count);
});

describe('the runner on a file of answers', () => {
  const answers: Record<string, Answer[]> = Object.fromEntries(
    histories.map((history) => [history.id, history.expect.map((question) => ours(history, question))]),
  );
  function run(given: unknown): { status: number | null; lines: string[] } {
    const place = mkdtempSync(join(tmpdir(), 'footbridge-answers-'));
    try {
      const path = join(place, 'answers.json');
      writeFileSync(path, typeof given === 'string' ? given : JSON.stringify(given));
      const { status, stderr, stdout } = spawnSync(process.execPath, [join(folder, 'run.ts'), path], {
        encoding: 'utf8',
      });
      return { status, lines: `${stdout}${stderr}`.trim().split('\n') };
    } finally {
      rmSync(place, { recursive: true });
    }
  }

  test('agrees with ours, and says so by rule', () => {
    const { lines, status } = run(answers);
    expect(status).toBe(0);
    expect(lines.length).toBe(new Set(histories.map(({ rule }) => rule)).size);
    expect(lines.every((line) => / (\d+) of \1 histories agree$/.test(line))).toBe(true);
  });

  test('finds a wrong answer, one that is missing and a history that it does not know', () => {
    const { 'window-001': [, ...rest] = [], 'window-002': _left, ...others } = answers;
    const { lines, status } = run({ ...others, 'window-001': [{ status: 'on' }, ...rest], stranger: [] });
    expect(status).toBe(1);
    expect(lines.slice(0, 3)).toEqual([
      'stranger: no such history',
      'window-002: 0 answers, expected 5',
      expect.stringContaining('window-001 asOf 2024-02-07'),
    ]);
  });

  test('says what is wrong with a file that is none', () => {
    expect(run('no json')).toMatchObject({ status: 2, lines: [expect.stringContaining('is not JSON')] });
    expect(run([])).toMatchObject({ status: 2, lines: [expect.stringContaining('is not an object of lists')] });
  });
});
