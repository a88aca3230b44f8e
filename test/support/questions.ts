import { localDate } from '../../src/base/time.ts';
import type { Question } from '../../src/domain/answer.ts';
import type { Judged } from '../../src/domain/ct-1-documented-contact.ts';
import { dateIn } from '../../src/domain/dating.ts';
import type { Contact } from '../../src/domain/facts/facts.ts';
import { met, type Outcome } from '../../src/domain/outcome.ts';
import type { Ruleset } from '../../src/domain/ruleset.ts';
import { contact, employer, episode, payer, ruleset } from './facts.ts';

const decision = { basis: 'decision', reason: 'invented for this test' } as const;

export function parameter<T>(value: T): { value: T } & typeof decision {
  return { value, ...decision };
}

/** The MassHealth ruleset with these rules, and these parameters beside those that every ruleset must have. */
export function rulesetWith(
  rules: Readonly<Record<string, Partial<Ruleset['rules'][string]>>>,
  parameters: Partial<Ruleset['parameters']> = {},
): Ruleset {
  const base = ruleset('masshealth-mce');
  const entries = Object.entries(rules).map(([id, entry]) => [id, { ...decision, ...entry }]);
  return { ...base, rules: Object.fromEntries(entries), parameters: { ...required(base), ...parameters } };
}

export function required({ parameters }: Ruleset): Ruleset['parameters'] {
  const { credentialYears, criticalDays, dueSoonDays, reciprocityDays, windowDays } = parameters;
  return { credentialYears, criticalDays, dueSoonDays, reciprocityDays, windowDays };
}

export function judged(start: string, more: Partial<Contact> = {}, outcome: Outcome = met): Judged {
  const date = dateIn('America/New_York', start);
  if (date === undefined) throw new Error(`no date: ${start}`);
  return { contact: contact(start, more), date, outcome };
}

/** About an episode that began on 1 January 2025, asked on a day when all was known. */
export function question(asked: Ruleset, date: string, more: Partial<Question> = {}): Question {
  return {
    ruleset: asked,
    planType: 'mco',
    payer,
    episode: { reference: episode, organization: employer, careManager: [], start: '2025-01-01', end: undefined },
    date: localDate(date),
    knownAt: '2026-01-01T12:00:00Z',
    contacts: [],
    ...more,
  };
}
