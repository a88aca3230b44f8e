import { localDateOf, wallClock } from '../../base/time.ts';
import type { FhirClient } from '../client.ts';
import { because, billed, serviceLine } from './billed.ts';
import {
  type Asked,
  ask,
  contradictionsIn,
  deskZone,
  episodesOf,
  inWords,
  type Part,
  partsOf,
  query,
  rulesetName,
  told,
} from './parameters.ts';
import { askRules, ruleSentences } from './rules.ts';

/** `footbridge explain MEMBER`: the reasoning for one day as sentences, each with the payer's own. */
export async function explain(client: FhirClient, asked: Asked): Promise<number> {
  const { json, knownAt, ruleset, subject, write } = asked;
  const date = asked.date ?? localDateOf(knownAt ?? wallClock.now(), deskZone);
  const answers: unknown[] = [];
  for (const episode of await episodesOf(client, subject)) {
    const status = await ask(
      client,
      `EpisodeOfCare/${episode}/$caseload-status${query({ asOf: date, knownAt, ruleset })}`,
    );
    const ledger = await ask(
      client,
      `EpisodeOfCare/${episode}/$ledger${query({ start: date, end: date, knownAt, ruleset })}`,
    );
    const rules = await askRules(client, episode, date, asked);
    answers.push({ episode, date, status, ledger, rules });
    if (json) continue;
    write(`${subject}, EpisodeOfCare/${episode}, on ${date}${knownAt === undefined ? '' : ` as known at ${knownAt}`}`);
    const spans = partsOf(ledger);
    for (const caseload of partsOf(status)) {
      write('');
      for (const line of sentences(caseload, spans)) write(line);
    }
    for (const billing of spans.filter(({ name }) => name === 'billing')) write(`\n${billingLine(billing)}`);
    for (const service of spans.filter(({ name }) => name === 'service')) write(`\n${serviceText(service)}`);
    for (const line of rules ? ruleSentences(rules) : []) write(line);
    for (const { change } of contradictionsIn(ledger)) write(`\nTo correct: ${change}`);
    if (partsOf(status).length === 0)
      write('\nNo coverage brings a ruleset to bear, or no coach is known: nothing is decided.');
  }
  if (json) write(JSON.stringify(answers, null, 2));
  return 0;
}

function sentences(caseload: Part, spans: readonly Part[]): string[] {
  const {
    coach = '',
    contactDate,
    daysLeft,
    decidingContact,
    lastDay,
    payer = '',
    quote,
    reason = '',
    ruleset = '',
    source,
    status = '',
  } = told(caseload);
  const same = spans
    .filter(({ name }) => name === 'caseload')
    .map(told)
    .find((span) => span['coach'] === coach && span['ruleset'] === ruleset && span['payer'] === payer);
  const headline: Record<string, string> = {
    on: `on the caseload of ${coach} through ${lastDay}, ${daysLeft === '1' ? '1 day' : `${daysLeft} days`} left`,
    off: `not on the caseload of ${coach}`,
    indeterminate: `not decided for ${coach}`,
    'not-applicable': `no caseload rule decides for ${coach}`,
  };
  return [
    `${rulesetName(ruleset)}, ${payer}: ${headline[status] ?? status}.`,
    ...(contactDate === undefined
      ? []
      : [`  Deciding contact: ${contactDate}${decidingContact === undefined ? '' : ` (${decidingContact})`}.`]),
    status === 'on' ? `  The last day is that by: ${inWords(reason)}.` : `  Because: ${inWords(reason)}.`,
    ...(same?.['change'] === undefined ? [] : [`  What would change it: ${same['change']}`]),
    ...(quote === undefined ? [`  Source: ${source}`] : [`  “${quote}”`, `  ${source}`]),
    ...(caseload.part ?? [])
      .filter(({ name }) => name === 'measure')
      .map((measure) => `  ${measureLine(told(measure))}`),
  ];
}

function measureLine({ count, dueDate, reason, result, rule }: Readonly<Record<string, string>>): string {
  const due = dueDate === undefined ? '' : `; the next is due by ${dueDate}`;
  return `${rule} informs: ${result}, ${count} counted${due} (${reason}).`;
}

function billingLine(billing: Part): string {
  const { charge, payer = '', result = '', rule = '', ruleset = '' } = told(billing);
  const head = `${rulesetName(ruleset)}, ${payer}: the day is ${billed[result] ?? result}${charge === undefined ? '' : ` as ${charge}`} (${rule})${because(billing)}.`;
  return [head, ...sentence(billing)].join('\n');
}

function serviceText(service: Part): string {
  const { payer = '', rule = '', ruleset = '' } = told(service);
  return [`${rulesetName(ruleset)}, ${payer}: ${serviceLine(service)} (${rule}).`, ...sentence(service)].join('\n');
}

function sentence(part: Part): string[] {
  const { quote, source } = told(part);
  return [...(quote === undefined ? [] : [`  “${quote}”`]), ...(source === undefined ? [] : [`  ${source}`])];
}
