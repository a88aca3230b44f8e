import type { Authorization, Coach, ContactRow, Eligibility, Expectation, History } from '../format.ts';
import { after, at, day, detroit, night } from './build.ts';

/** The day of service of most histories, a Wednesday. */
export const served = '2026-03-04';

export const eligible: Eligibility = {
  authored: '2026-01-10',
  agreement: true,
  criteria: { c1: { said: true }, c2: { said: true, evidence: ['housing'] } },
};

export const authorized: Authorization = {
  id: 'a1',
  payer: 'cmhsp',
  decision: 'approved',
  number: 'PA-1',
  requested: { start: '2026-01-01', end: '2026-12-31' },
  authorized: { start: '2026-01-01', end: '2026-12-31' },
  services: [
    { code: 'T1012', units: 80 },
    { code: 'H0038', units: 40 },
  ],
  justification: 'Housing is about to be lost',
};

export const attestedRecovery = { code: 'recovery-attestation', attestedAsOf: '2020-01-01' };

export const ccar = { code: 'ccar-training', start: '2020-03-01', hours: 40 };

export function peer(role: 'coach' | 'associate', more: Partial<Coach> = {}): Coach {
  return {
    id: role === 'coach' ? 'coach-a' : 'associate-a',
    roles: [{ organization: 'employer', role, start: '2020-06-01' }],
    qualifications: [attestedRecovery, role === 'coach' ? ccar : { code: 'associate-training', start: '2020-03-01' }],
    ...more,
  };
}

/** An eligible client of a CMHSP with a coach, an authorization and block grant. */
export const client = {
  ruleset: 'michigan-cmhsp',
  zone: detroit,
  coverage: [{ product: 'michigan-cmhsp', payer: 'cmhsp', start: '2023-01-01' }],
  coaches: [peer('coach')],
  episode: { start: '2024-01-01', mode: 'supplement' },
  eligibility: [eligible],
  authorizations: [authorized],
  fundingSource: [{ source: 'block-grant', start: '2023-01-01' }],
  familyConsents: [{ id: 'f1', parties: ['sister'], start: '2024-01-01' }],
} satisfies Partial<History>;

export interface Begin {
  readonly date?: string;
  readonly time?: string;
  readonly minutes?: number;
}

/** An hour in person at the client's home, emotional support, signed as it ends. */
export function service(
  more: Partial<ContactRow> = {},
  { date = served, minutes = 60, time = '10:00' }: Begin = {},
): ContactRow {
  const startTime = at(date, time, detroit);
  const endTime = after(startTime, minutes, detroit);
  return {
    externalId: 's1',
    coachId: 'coach-a',
    startTime,
    endTime,
    kind: 'session',
    modality: 'in-person',
    memberEngaged: true,
    place: 'home',
    purpose: 'recovery-planning',
    supportCategories: ['emotional'],
    documentedAt: endTime,
    signedBy: 'coach-a',
    status: 'final',
    recordedAt: endTime,
    ...more,
  };
}

export function call(more: Partial<ContactRow> = {}, begin: Begin = {}): ContactRow {
  return service({ modality: 'phone', place: undefined, ...more }, begin);
}

export function collateral(more: Partial<ContactRow> = {}, begin: Begin = {}): ContactRow {
  const family = more.partyType === undefined ? { parties: ['sister'] } : {};
  return call({ kind: 'collateral', partyType: 'family', clientPresent: false, ...family, ...more }, begin);
}

export function group(more: Partial<ContactRow> = {}, begin: Begin = {}): ContactRow {
  return service(
    { kind: 'group', groupSize: 6, individualInteraction: true, therapistPresent: false, mat: false, ...more },
    begin,
  );
}

type Service = Omit<NonNullable<Expectation['service']>, 'contact' | 'result'>;

/** What is billed of the service s1, asked on the evening of the day after it. */
export function billed(result: 'met' | 'not-met' | 'indeterminate', more: Service = {}, date = served): Expectation {
  return { asOf: date, knownAt: night(day(date, 1), detroit), service: { contact: 's1', result, ...more } };
}

/** A rule asked in the client's zone. */
export function asked(
  id: string,
  result: NonNullable<Expectation['rule']>['result'],
  asOf: string,
  more: Omit<NonNullable<Expectation['rule']>, 'id' | 'result'> = {},
  known: string = night(day(asOf, 1), detroit),
): Expectation {
  return { asOf, knownAt: known, rule: { id, result, ...more } };
}
