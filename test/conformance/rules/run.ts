import { readdirSync, readFileSync } from 'node:fs';
import type { Answer, Expectation, History } from './format.ts';

const folder = new URL('histories/', import.meta.url);
/** Keys that say what is asked; every other key of an expectation is an answer. */
const asked: ReadonlySet<string> = new Set(['asOf', 'knownAt', 'coach', 'ruleset']);

export function loadHistories(): History[] {
  const names = readdirSync(folder).sort();
  return names.map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as History);
}

/** One line for each expected value that the implementation's answer differs from. */
export function disagreements(
  implementation: (history: History, question: Expectation) => Answer,
  histories: readonly History[] = loadHistories(),
): string[] {
  return histories.flatMap((history) =>
    history.expect.flatMap((question) => {
      const given = implementation(history, question) as Record<string, unknown>;
      const where = `${history.id} asOf ${question.asOf} knownAt ${question.knownAt}`;
      return Object.entries(question)
        .filter(([key]) => !asked.has(key))
        .flatMap(([key, wanted]) => differences(key, wanted, given[key]))
        .map((difference) => `${where}: ${difference}`);
    }),
  );
}

/** Objects are compared by the keys that are expected, so that an answer may say more. */
function differences(path: string, wanted: unknown, got: unknown): string[] {
  const key = path.split('.').at(-1);
  if (isObject(wanted))
    return Object.entries(wanted).flatMap(([name, value]) =>
      differences(`${path}.${name}`, value, isObject(got) ? got[name] : undefined),
    );
  const same =
    key === 'reason'
      ? typeof got === 'string' && got.includes(String(wanted))
      : key === 'reasons'
        ? sameReasons(wanted as readonly string[], got)
        : canonical(got) === canonical(wanted);
  return same ? [] : [`${path} is ${canonical(got)}, expected ${canonical(wanted)}`];
}

/** Each token occurs in a reason, and each reason holds a token: a reason too many is as wrong as one that is missing. */
function sameReasons(tokens: readonly string[], got: unknown): boolean {
  const reasons = Array.isArray(got) ? got.map(String) : [];
  return (
    tokens.every((token) => reasons.some((reason) => reason.includes(token))) &&
    reasons.every((reason) => tokens.some((token) => reason.includes(token)))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Lists such as modifiers and sources have no order. */
function canonical(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? value.map(String).sort() : value) ?? 'absent';
}

/** Compares a file of answers, `{historyId: [an answer for each expectation, in order]}`: what differs, then a line for each rule. */
function compare(lists: Readonly<Record<string, readonly Answer[]>>): { lines: string[]; failed: boolean } {
  const histories = loadHistories();
  const unknown = Object.keys(lists)
    .filter((id) => !histories.some((history) => history.id === id))
    .map((id) => `${id}: no such history`);
  const misshaped = histories.flatMap(({ expect, id }) => {
    const count = lists[id]?.length ?? 0;
    return count === expect.length ? [] : [`${id}: ${count} answers, expected ${expect.length}`];
  });
  const found = disagreements(
    (history, question) => lists[history.id]?.[history.expect.indexOf(question)] ?? {},
    histories,
  );
  const wrong = new Set(found.map((line) => line.split(' ')[0]));
  const table = [...Map.groupBy(histories, ({ rule }) => rule)].map(
    ([rule, own]) => `${rule}: ${own.filter(({ id }) => !wrong.has(id)).length} of ${own.length} histories agree`,
  );
  return {
    lines: [...unknown, ...misshaped, ...found, ...table],
    failed: unknown.length + misshaped.length + found.length > 0,
  };
}

const shape = '{"history id": [an answer for each expectation, in order]}';

function readAnswers(path: string | undefined): Record<string, Answer[]> | string {
  if (path === undefined) return `Name a file of answers: ${shape}.`;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}. Write ${shape}.`;
  }
  if (isObject(content) && Object.values(content).every(Array.isArray)) return content as Record<string, Answer[]>;
  return `${path} is not an object of lists. Write ${shape}.`;
}

if (import.meta.main) {
  const answers = readAnswers(process.argv[2]);
  if (typeof answers === 'string') {
    console.error(answers);
    process.exitCode = 2;
  } else {
    const { failed, lines } = compare(answers);
    for (const line of lines) console.log(line);
    process.exitCode = failed ? 1 : 0;
  }
}
