import { DateTime } from 'luxon';
import type { FhirClient } from '../client.ts';
import { type Asked, bodyOf, deskZone, inWords, type Part, query, rulesetName, told } from './parameters.ts';

/** What every rule answers for an episode and day; undefined for a client whose answers these are not, as a plan. */
export async function askRules(
  client: FhirClient,
  episode: string,
  date: string,
  { knownAt, rule, ruleset }: Pick<Asked, 'knownAt' | 'rule' | 'ruleset'>,
): Promise<Record<string, unknown> | undefined> {
  const path = `EpisodeOfCare/${episode}/$evaluate-rules${query({ date, knownAt, rule, ruleset })}`;
  const answer = await client.send('GET', path);
  return answer.status === 403 ? undefined : bodyOf(path, answer);
}

interface Answer {
  readonly result: string;
  readonly reasons: readonly string[];
  readonly coach: string | undefined;
  readonly about: string | undefined;
  readonly date: string | undefined;
  readonly figures: string;
  readonly evidence: readonly string[];
}

interface Rule {
  readonly id: string;
  readonly mode: string;
  readonly quote: string | undefined;
  readonly source: string;
  readonly answers: readonly Answer[];
}

/** The rules' answers as sentences, a block for each ruleset: what wants somebody's hand on top, in full, and of that
 * first what binds; then what is met, in a line each. */
export function ruleSentences(parameters: Record<string, unknown>): string[] {
  return ((parameters['parameter'] ?? []) as Part[]).flatMap((block) => {
    const { date, payer, ruleset = '' } = told(block);
    const rules = (block.part ?? []).filter(({ part }) => part !== undefined).map(toRule);
    const of = (...results: readonly string[]): Rule[] => rules.flatMap((rule) => narrowed(rule, results));
    const open = of('not-met', 'indeterminate').sort((a, b) => Number(b.mode === 'gate') - Number(a.mode === 'gate'));
    const fine = of('met');
    const aside = of('not-applicable');
    const binds = open.filter(({ mode }) => mode === 'gate').length;
    return [
      '',
      `The rules of ${rulesetName(ruleset)}, ${payer}, on ${date}: ${counted(open.length, 'is', 'are')} not met or open (${counted(binds, 'binds', 'bind')}), ${counted(fine.length, 'is', 'are')} met.`,
      ...open.flatMap(inFull),
      ...fine.map(inShort),
      ...(aside.length === 0 ? [] : [`  – Nothing to answer: ${aside.map(setAside).join(', ')}.`]),
    ];
  });
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function toRule(part: Part): Rule {
  const { mode = '', quote, rule: id = '', source = '' } = told(part);
  const answers = (part.part ?? []).filter(({ name }) => name === 'answer').map(toAnswer);
  return { id, mode, quote, source, answers };
}

function toAnswer(part: Part): Answer {
  const { about, coach, date, result = '' } = told(part);
  const parts = part.part ?? [];
  const all = (wanted: string): string[] =>
    parts.filter(({ name }) => name === wanted).map((one) => told({ name: wanted, part: [one] })[wanted] ?? '');
  const figures = parts.find(({ name }) => name === 'figures');
  return {
    result,
    reasons: all('reason').map(inWords),
    coach,
    about,
    date,
    figures: figures ? figuresInWords(told(figures)) : '',
    evidence: all('evidence'),
  };
}

/** The rule with those of its answers; none where it has no such answer. */
function narrowed(rule: Rule, results: readonly string[]): Rule[] {
  const answers = rule.answers.filter(({ result }) => results.includes(result));
  return answers.length === 0 ? [] : [{ ...rule, answers }];
}

const binding: Readonly<Record<string, string>> = { gate: 'binds', measure: 'informs', advisory: 'advises' };
const mostReferences = 6;
const mostFigures = 8;

/** Every reason of every answer, those alike together, and once what the rule rests on. */
function inFull({ answers, id, mode, quote, source }: Rule): string[] {
  const alike = Map.groupBy(answers, ({ reasons, result }) => [result, ...reasons].join('\n'));
  const lines = [...alike.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const mark = first.result === 'not-met' ? '✗' : '?';
    const word = first.result === 'not-met' ? 'not met' : 'open';
    const figures = same.length === 1 && first.figures !== '' ? ` (${first.figures})` : '';
    const evidence = [...new Set(same.flatMap((one) => one.evidence))];
    return [
      `  ${mark} ${id} (${binding[mode] ?? mode}) is ${word}${forWhom(same)}: ${first.reasons.join('; ')}${figures}.`,
      ...(evidence.length === 0 ? [] : [`      It rests on ${listed(evidence)}.`]),
    ];
  });
  return [...lines, ...(quote === undefined ? [`      ${source}`] : [`      “${quote}”`, `      ${source}`])];
}

function inShort({ answers, id, quote, source }: Rule): string {
  const figures = answers.length === 1 ? (answers[0]?.figures ?? '') : '';
  const about = quote === undefined ? cut(source) : `“${cut(quote)}”`;
  return `  ✓ ${id} is met${forWhom(answers)}${figures === '' ? '' : `: ${figures}`}. ${about}`;
}

function setAside({ answers, id }: Rule): string {
  return `${id} (${[...new Set(answers.flatMap(({ reasons }) => reasons))].join('; ')})`;
}

function forWhom(answers: readonly Answer[]): string {
  const dates = [...new Set(answers.flatMap(({ date }) => date ?? []))].sort();
  const others = [...new Set(answers.flatMap(({ about, date }) => (date === undefined ? (about ?? []) : [])))];
  const coaches = [...new Set(answers.flatMap(({ coach, date }) => (date === undefined ? (coach ?? []) : [])))];
  if (dates.length > 0) return ` for what took place on ${dates.join(', ')}`;
  const named = [...others, ...coaches];
  return named.length > 0 ? ` for ${listed(named)}` : '';
}

function listed(references: readonly string[]): string {
  const more = references.length - mostReferences;
  const shown = references.slice(0, mostReferences).join(', ');
  return more > 0 ? `${shown} and ${more} more (--json tells all)` : shown;
}

/** `lastExemptDate 2026-05-30` as people say it: last exempt date 2026-05-30. */
function figuresInWords(figures: Readonly<Record<string, string>>): string {
  const words = (name: string): string =>
    name.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
  const say: Readonly<Record<string, string>> = { true: 'yes', false: 'no' };
  const shown = (value: string): string => say[value] ?? (isInstant.test(value) ? timeAtDesk(value) : value);
  const told = Object.entries(figures).map(([name, value]) => `${words(name)} ${shown(value)}`);
  const more = told.length - mostFigures;
  return [...told.slice(0, mostFigures), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** An instant would say another date than the day that it ends. */
const isInstant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function timeAtDesk(instant: string): string {
  return DateTime.fromISO(instant, { zone: deskZone, locale: 'en' }).toFormat('yyyy-MM-dd HH:mm:ss ZZZZ');
}

const shortest = 70;

function cut(text: string): string {
  if (text.length <= shortest) return text;
  return `${text.slice(0, text.lastIndexOf(' ', shortest))} …`;
}
