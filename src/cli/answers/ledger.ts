import { DateTime } from 'luxon';
import { addDays, localDate } from '../../base/time.ts';
import type { FhirClient } from '../client.ts';
import { because, billed, serviceLine } from './billed.ts';
import {
  type Asked,
  ask,
  contradictionsIn,
  episodesOf,
  inWords,
  type Part,
  partsOf,
  query,
  rulesetName,
  told,
} from './parameters.ts';

const marks: Readonly<Record<string, string>> = { on: '●', off: '·', indeterminate: '?' };

const billingMarks: Readonly<Record<string, string>> = { met: '$', 'not-met': '·', indeterminate: '?' };

/** A day that is charged is not to be charged again, and to a biller anything but a day that cannot be. */
function billingMark(part: Part): string {
  const isCharged = part.part?.some((one) => one.name === 'reason' && one['valueString'] === 'already-charged');
  return isCharged ? '✓' : (billingMarks[told(part)['result'] ?? ''] ?? ' ');
}

/** `footbridge ledger MEMBER --month 2026-03`: a month of a member under every ruleset and payer, as calendars of status and billing. */
export async function ledger(client: FhirClient, asked: Asked): Promise<number> {
  const { json, knownAt, ruleset, subject, write } = asked;
  const month = DateTime.fromISO(`${asked.month ?? DateTime.utc().toFormat('yyyy-MM')}-01`, { zone: 'utc' });
  if (!month.isValid) throw new Error(`--month ${asked.month} is not a month. Write it as YYYY-MM.`);
  const start = month.toISODate();
  const end = month.endOf('month').toISODate();
  const answers: unknown[] = [];
  for (const episode of await episodesOf(client, subject)) {
    const answer = await ask(client, `EpisodeOfCare/${episode}/$ledger${query({ start, end, knownAt, ruleset })}`);
    answers.push({ episode, start, end, ledger: answer });
    if (json) continue;
    write(
      `${subject}, EpisodeOfCare/${episode}, ${month.setLocale('en').toFormat('LLLL yyyy')}   ● on  $ billable  ✓ charged  · not so  ? not decided`,
    );
    const parts = partsOf(answer);
    const series = Map.groupBy(parts.filter(({ name }) => name === 'caseload').map(told), seriesOf);
    for (const [name, spans] of series)
      for (const line of ['', name, ...calendar(month, spans.map(statusMark)), ...reasons(spans)]) write(line);
    for (const line of [...byTheDay(month, parts), ...services(parts)]) write(line);
    if (!parts.some(({ name }) => name !== 'contradiction'))
      write('\nNo coverage brings a ruleset to bear in this month, or no coach is known: nothing is decided.');
    for (const { change } of contradictionsIn(answer)) write(`\nTo correct: ${change}`);
  }
  if (json) write(JSON.stringify(answers, null, 2));
  return 0;
}

type Span = Readonly<Record<string, string>>;

function seriesOf({ coach = '', payer = '', ruleset = '' }: Span): string {
  return `${rulesetName(ruleset)}, ${payer}, ${coach}`;
}

/** Days of a span, and how they are drawn. */
interface Marked {
  readonly period: string;
  readonly mark: string;
}

function statusMark({ period = '', status = '' }: Span): Marked {
  return { period, mark: marks[status] ?? ' ' };
}

/** Weeks from Monday, each day with its mark. */
function calendar(month: DateTime, spans: readonly Marked[]): string[] {
  const days = Array.from({ length: month.daysInMonth ?? 0 }, (_, index) => month.plus({ days: index }));
  const cells = [
    ...Array.from({ length: month.weekday - 1 }, () => '     '),
    ...days.map((day) => `${String(day.day).padStart(3)}${markOn(spans, day.toISODate() ?? '')} `),
  ];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => cells.slice(week * 7, week * 7 + 7));
  return ['   Mo   Tu   We   Th   Fr   Sa   Su', ...weeks.map((week) => week.join('').trimEnd())];
}

function markOn(spans: readonly Marked[], date: string): string {
  const found = spans.find(({ period }) => {
    const [from = '', to = ''] = period.split('/');
    return from <= date && date <= to;
  });
  return found?.mark ?? ' ';
}

function reasons(spans: readonly Span[]): string[] {
  return spans.map(({ change, contactDate, period = '', reason = '', status }) => {
    const contact = contactDate === undefined ? '' : `, contact of ${contactDate}`;
    return `  ${period.replace('/', ' to ')}: ${status} (${inWords(reason)}${contact})${change === undefined ? '' : ` ${change}`}`;
  });
}

/** What is charged by the day, for each ruleset and payer, whoever coaches. */
function byTheDay(month: DateTime, parts: readonly Part[]): string[] {
  const found = Map.groupBy(
    parts.filter(({ name }) => name === 'billing'),
    (part) => {
      const { payer = '', ruleset = '' } = told(part);
      return `${rulesetName(ruleset)}, ${payer}: charged by the day`;
    },
  );
  return [...found].flatMap(([name, same]) => {
    const spans = same.map((part) => ({ period: told(part)['period'] ?? '', mark: billingMark(part) }));
    return ['', name, ...calendar(month, spans), ...billingLines(same)];
  });
}

/** A line for days that are told alike: of a charged month each day rests on another charge, and the reader on one sentence. */
function billingLines(parts: readonly Part[]): string[] {
  const lines: { start: string; end: string; words: string }[] = [];
  for (const part of parts) {
    const { charge, period = '', result = '', rule } = told(part);
    const [start = '', end = ''] = period.split('/');
    const as = charge === undefined ? '' : ` as ${charge}`;
    const words = `${billed[result] ?? result}${as} (${rule})${because(part)}`;
    const last = lines.at(-1);
    if (last?.words === words && addDays(localDate(last.end), 1) === start) last.end = end;
    else lines.push({ start, end, words });
  }
  return lines.map(({ end, start, words }) => `  ${start} to ${end}: ${words}`);
}

/** What is charged by the contact, a line each, under the ruleset and payer that it is charged to. */
function services(parts: readonly Part[]): string[] {
  const found = Map.groupBy(
    parts.filter(({ name }) => name === 'service'),
    (part) => {
      const { payer = '', ruleset = '' } = told(part);
      return `${rulesetName(ruleset)}, ${payer}: charged by the contact`;
    },
  );
  return [...found].flatMap(([name, same]) => ['', name, ...same.map((service) => `  ${serviceLine(service)}`)]);
}
