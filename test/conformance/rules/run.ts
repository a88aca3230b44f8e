import { readdirSync, readFileSync } from 'node:fs';

export interface ContactRow {
  readonly externalId: string;
  readonly coachId: string;
  readonly startTime: string;
  readonly kind: string;
  readonly modality: string;
  readonly recordedAt: string;
  readonly endTime?: string | undefined;
  readonly memberEngaged?: boolean | undefined;
  readonly direction?: string | undefined;
  readonly automatic?: boolean | undefined;
  readonly documentedAt?: string | undefined;
  readonly signedBy?: string | undefined;
  readonly status?: string | undefined;
  readonly encounterStatus?: string | undefined;
  readonly groupSize?: number | undefined;
  readonly individualInteraction?: boolean | undefined;
}
export interface Coach {
  readonly id: string;
  readonly hire?: string | undefined;
  readonly end?: string | undefined;
  readonly qualifications: readonly {
    readonly code: string;
    readonly number?: string;
    readonly issuer?: string;
    readonly start?: string;
    readonly end?: string;
    readonly attestedAsOf?: string;
    readonly waivers?: readonly { readonly payer: string; readonly start?: string; readonly end?: string }[];
  }[];
}
export interface Answer {
  readonly status?: 'on' | 'off' | 'indeterminate' | 'not-applicable';
  readonly lastDay?: string | undefined;
  readonly daysLeft?: number | undefined;
  readonly contactDate?: string | undefined;
  readonly decidingContact?: string | undefined;
  readonly reason?: string | undefined;
  readonly measure?: { rule: string; result: string; count: number; dueDate?: string | undefined };
}
export interface Expectation extends Answer {
  readonly asOf: string;
  readonly knownAt: string;
  readonly coach?: string;
}
export interface History {
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly quote: string;
  readonly source: string;
  readonly zone: string;
  readonly ruleset: string;
  readonly coverage: readonly { product?: string; planType?: string; payer: string; start: string; end?: string }[];
  readonly coaches: readonly Coach[];
  readonly episode: { readonly start: string; readonly end?: string };
  readonly deceased?: string;
  readonly contacts: readonly ContactRow[];
  readonly expect: readonly Expectation[];
}

const folder = new URL('histories/', import.meta.url);

export function loadHistories(): History[] {
  const names = readdirSync(folder).sort();
  return names.map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as History);
}

/** One line for each expected value that the implementation's answer differs from. */
export function disagreements(implementation: (history: History, question: Expectation) => Answer): string[] {
  return loadHistories().flatMap((history) =>
    history.expect.flatMap((question) => {
      const given = implementation(history, question) as Record<string, unknown>;
      return Object.entries(question).flatMap(([key, wanted]) => {
        if (['asOf', 'knownAt', 'coach'].includes(key)) return [];
        const got = given[key];
        const same = key === 'reason' ? String(got).includes(String(wanted)) : canonical(got) === canonical(wanted);
        const where = `${history.id} asOf ${question.asOf} knownAt ${question.knownAt}`;
        return same ? [] : [`${where}: ${key} is ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`];
      });
    }),
  );
}

function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'absent';
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

if (import.meta.main) {
  const path = process.argv[2];
  if (path === undefined)
    throw new Error('Name a file of answers: {historyId: [an answer for each expectation, in order]}.');
  const answers = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Answer[]>;
  const found = disagreements(
    ({ expect, id }, question) =>
      answers[id]?.[
        expect.findIndex(
          (one) => one.asOf === question.asOf && one.knownAt === question.knownAt && one.coach === question.coach,
        )
      ] ?? {},
  );
  for (const line of found) console.log(line);
  process.exitCode = found.length > 0 ? 1 : 0;
}
