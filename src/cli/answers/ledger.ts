import { DateTime } from 'luxon';
import type { FhirClient } from '../client.ts';
import { serviceLine } from './billed.ts';
import {
  type Asked,
  ask,
  contradictionsIn,
  episodesOf,
  type Part,
  partsOf,
  query,
  rulesetName,
  told,
} from './parameters.ts';

const marks: Readonly<Record<string, string>> = { on: '●', off: '·', indeterminate: '?', 'not-applicable': ' ' };

/** `footbridge ledger MEMBER --month 2026-03`: a month of a member under every ruleset, as calendars. */
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
      `${subject}, EpisodeOfCare/${episode}, ${month.setLocale('en').toFormat('LLLL yyyy')}   ● on  · off  ? not decided`,
    );
    const parts = partsOf(answer);
    const series = Map.groupBy(parts.filter(({ name }) => name === 'caseload').map(told), seriesOf);
    for (const [name, spans] of series)
      for (const line of ['', name, ...calendar(month, spans), ...reasons(spans)]) write(line);
    for (const line of services(parts)) write(line);
    for (const { change } of contradictionsIn(answer)) write(`\nTo correct: ${change}`);
  }
  if (json) write(JSON.stringify(answers, null, 2));
  return 0;
}

type Span = Readonly<Record<string, string>>;

function seriesOf({ coach = '', ruleset = '' }: Span): string {
  return `${rulesetName(ruleset)}, ${coach}`;
}

/** Weeks from Monday, each day with its mark. */
function calendar(month: DateTime, spans: readonly Span[]): string[] {
  const days = Array.from({ length: month.daysInMonth ?? 0 }, (_, index) => month.plus({ days: index }));
  const cells = [
    ...Array.from({ length: month.weekday - 1 }, () => '     '),
    ...days.map((day) => `${String(day.day).padStart(3)}${marks[statusOn(spans, day.toISODate() ?? '')] ?? ' '} `),
  ];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => cells.slice(week * 7, week * 7 + 7));
  return ['   Mo   Tu   We   Th   Fr   Sa   Su', ...weeks.map((week) => week.join('').trimEnd())];
}

function statusOn(spans: readonly Span[], date: string): string {
  const found = spans.find(({ period = '' }) => {
    const [from = '', to = ''] = period.split('/');
    return from <= date && date <= to;
  });
  return found?.['status'] ?? '';
}

function reasons(spans: readonly Span[]): string[] {
  return spans.map(({ change, contactDate, period = '', reason, status }) => {
    const contact = contactDate === undefined ? '' : `, contact of ${contactDate}`;
    return `  ${period.replace('/', ' to ')}: ${status} (${reason}${contact})${change === undefined ? '' : ` ${change}`}`;
  });
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
