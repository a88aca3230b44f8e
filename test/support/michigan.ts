import { localDate } from '../../src/base/time.ts';
import type { Question } from '../../src/domain/answer.ts';
import type { Contact } from '../../src/domain/facts/facts.ts';
import type { Authorization } from '../../src/domain/facts/michigan-authorizations.ts';
import type { Criterion, Eligibility } from '../../src/domain/facts/michigan-eligibility.ts';
import type { PeerRole, PeerRoleFact } from '../../src/domain/facts/michigan-episode.ts';
import { type Service, serviceOfContact } from '../../src/domain/facts/michigan-services.ts';
import { coach, contact, employer, episode, payer, ruleset } from './facts.ts';

/** Under Michigan's own ruleset, on a day when all was known. */
export function michigan(date = '2025-03-05', more: Partial<Question> = {}): Question {
  return {
    ruleset: ruleset('michigan-cmhsp'),
    planType: 'cmhsp',
    payer,
    episode: { reference: episode, organization: employer, careManager: [], start: '2024-01-01', end: undefined },
    date: localDate(date),
    knownAt: '2030-01-01T00:00:00Z',
    contacts: [],
    ...more,
  };
}

/** Michigan's ruleset, cut to nothing: every rule is not applicable under it. */
export function withoutRules(): Question {
  const question = michigan();
  return { ...question, ruleset: { ...question.ruleset, rules: {} } };
}

export const begin = '2025-03-05T10:00:00-05:00';

/** An hour in person at the client's home, emotional support, noted and signed. */
export function service(more: Partial<Service> = {}, of: Partial<Contact> = {}, start = begin): Service {
  return {
    ...serviceOfContact([contact(start, of)], employer),
    end: '2025-03-05T11:00:00-05:00',
    supportCategories: ['emotional'],
    nature: ['recovery-planning'],
    places: ['12'],
    ...more,
  };
}

export function as(role: PeerRole, more: Partial<PeerRoleFact> = {}): PeerRoleFact[] {
  return [
    {
      reference: 'PractitionerRole/1',
      practitioner: coach,
      organization: employer,
      role,
      engagement: undefined,
      start: '2020-01-01',
      end: undefined,
      ...more,
    },
  ];
}

const no: Criterion = { said: false, evidence: [] };

/** Agreement, c1 and a coded need in c2. */
export function eligibility(
  criteria: Partial<Eligibility['criteria']> = {},
  more: Partial<Eligibility> = {},
): Eligibility {
  return {
    reference: 'QuestionnaireResponse/1',
    authored: '2025-01-10',
    agreement: true,
    criteria: {
      c1: { said: true, evidence: [] },
      c2: { said: true, evidence: ['housing'] },
      c3: no,
      c4: no,
      c5: no,
      ...criteria,
    },
    ...more,
  };
}

/** Approved for the first half of 2025. */
export function authorization(more: Partial<Authorization> = {}): Authorization {
  return {
    reference: 'Claim/1',
    response: 'ClaimResponse/1',
    payer,
    providers: [employer],
    requested: { start: '2025-01-01', end: '2025-06-30' },
    parent: undefined,
    prior: undefined,
    justification: ['Housing is about to be lost'],
    progress: [],
    items: [{ code: 'T1012', units: 40 }],
    decision: 'complete',
    number: 'PA-1',
    hasErrors: false,
    authorized: { start: '2025-01-01', end: '2025-06-30' },
    allowance: 40,
    ...more,
  };
}
