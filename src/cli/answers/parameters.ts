import { sentenceOfReason } from '../../domain/reasons.ts';
import { heldReasons } from '../../profiles/reasons.ts';
import type { FhirClient } from '../client.ts';

/** A part of a Parameters resource as JSON: a value, or parts of its own. */
export interface Part {
  readonly name: string;
  readonly part?: readonly Part[];
  readonly [value: string]: unknown;
}

/** Until a ruleset says otherwise, "today" of somebody at a desk is that of the payers' own zone. */
export const deskZone = 'America/New_York';

/** What a command is given beside its client. */
export interface Asked {
  readonly subject: string;
  readonly date: string | undefined;
  readonly month: string | undefined;
  readonly knownAt: string | undefined;
  readonly ruleset: string | undefined;
  /** ids of rules between commas */
  readonly rule: string | undefined;
  readonly json: boolean;
  /** comma-separated instead of a table, where a command has it */
  readonly csv: boolean;
  readonly write: (line: string) => void;
}

export interface Entry {
  readonly resource: { readonly resourceType: string; readonly id: string } & Record<string, unknown>;
}

/** What the server answers, or its own words about why not. */
export async function ask(client: FhirClient, path: string): Promise<Record<string, unknown>> {
  return bodyOf(path, await client.send('GET', path));
}

type Answer = Awaited<ReturnType<FhirClient['send']>>;

export function bodyOf(path: string, { body, status }: Answer): Record<string, unknown> {
  if (status < 400 && body) return body;
  throw new Error(refusal(body, path, status));
}

/** The words of an OperationOutcome. */
export function refusal(body: Record<string, unknown> | undefined, path: string, status: number): string {
  const issues = (body?.['issue'] ?? []) as { details?: { text?: string }; diagnostics?: string }[];
  const said = issues.flatMap(({ details, diagnostics }) => details?.text ?? diagnostics ?? []);
  return said.length > 0 ? said.join(' ') : `${path} was answered with ${status}.`;
}

/** All pages of a search. */
export async function searchAll(client: FhirClient, path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const bundle: Record<string, unknown> = await ask(client, next);
    entries.push(...((bundle['entry'] ?? []) as Entry[]));
    const links = (bundle['link'] ?? []) as { relation: string; url: string }[];
    const url = links.find(({ relation }) => relation === 'next')?.url;
    next = url === undefined ? undefined : url.slice(url.indexOf('/fhir/R4/') + '/fhir/R4/'.length);
  }
  return entries;
}

/** The member's episodes. A client that may not search them, as a plan, names one: `EpisodeOfCare/{id}`. */
export async function episodesOf(client: FhirClient, member: string): Promise<string[]> {
  if (member.startsWith('EpisodeOfCare/')) return [member.slice('EpisodeOfCare/'.length)];
  const found = await searchAll(client, `EpisodeOfCare?patient=${encodeURIComponent(member)}`);
  if (found.length === 0) throw new Error(`No EpisodeOfCare of Patient/${member} is there for this client.`);
  return found.map(({ resource }) => resource.id);
}

export function partsOf(parameters: Record<string, unknown>): Part[] {
  return (parameters['parameter'] ?? []) as Part[];
}

/** What `$ledger` says cannot be right. */
export function contradictionsIn(ledger: Record<string, unknown>): Readonly<Record<string, string>>[] {
  return partsOf(ledger)
    .filter(({ name }) => name === 'contradiction')
    .map(told);
}

/** The parts of a part by name, as text. */
export function told(part: Part): Readonly<Record<string, string>> {
  return Object.fromEntries((part.part ?? []).map((one) => [one.name, textOf(one)]));
}

/** A part's value as text. */
export function textOf(part: Part): string {
  const value = Object.entries(part).find(([key]) => key.startsWith('value'))?.[1];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  if ('reference' in value) return String(value.reference);
  return 'start' in value && 'end' in value ? `${String(value.start)}/${String(value.end)}` : JSON.stringify(value);
}

export function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) given.set(name, value);
  return given.size === 0 ? '' : `?${given.toString()}`;
}

/** `https://…/ruleset/tufts|1.0.0` as people say it. */
export function rulesetName(canonical: string): string {
  return canonical.slice(canonical.lastIndexOf('/') + 1).replace('|', ' ');
}

/** A reason that the server gives as a code, in words. */
export function inWords(reason: string): string {
  return sentenceOfReason(heldReasons(), reason);
}

/** The words of every reason of a part. */
export function reasonsIn({ part }: Part): string[] {
  return (part ?? []).flatMap((one) => (one.name === 'reason' ? [inWords(String(one['valueString']))] : []));
}
