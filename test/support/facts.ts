import { loadRulesets } from '../../src/app/rulesets.ts';
import {
  type CoachFacts,
  type Contact,
  type MemberFacts,
  noDetails,
  type Qualification,
  type Waiver,
} from '../../src/domain/facts/facts.ts';
import type { Ruleset } from '../../src/domain/ruleset.ts';

export const rulesets = loadRulesets();

export function ruleset(name: string): Ruleset {
  const found = rulesets.find((one) => one.name === name);
  if (!found) throw new Error(`no ruleset ${name}`);
  return found;
}

export const coach = 'Practitioner/coach';
export const payer = 'Organization/mce';
export const employer = 'Organization/riverside';
export const episode = 'EpisodeOfCare/1';

const qualification = (code: string, more: Partial<Qualification> = {}): Qualification => ({
  code,
  number: undefined,
  issuer: undefined,
  start: undefined,
  end: undefined,
  attestedAsOf: undefined,
  waivers: [],
  ...more,
});

export const attestations: readonly Qualification[] = [
  qualification('recovery-attestation', { attestedAsOf: '2020-01-01' }),
  qualification('board-requirements', { attestedAsOf: '2020-01-01' }),
];
export const board = 'Massachusetts Board of Substance Abuse Counselor Certification';
export const carc = (start = '2021-01-01', end?: string): Qualification =>
  qualification('carc', { number: 'CARC-1', issuer: 'Organization/board', issuerName: board, start, end });
export const working: readonly Qualification[] = ['academy', 'ethics', 'supervision', 'further-training'].map((code) =>
  qualification(code, { start: '2020-01-01' }),
);
/** What a payer approved on the waiver's first day, with the document that was submitted. */
export const approvedWaiver = (payer: string, start: string, end: string | undefined): Waiver => ({
  payer,
  approved: start,
  document: 'DocumentReference/waiver',
  start,
  end,
});
export { qualification };

export function coachFacts(more: Partial<CoachFacts> = {}): CoachFacts {
  return {
    practitioner: coach,
    roles: [{ reference: 'PractitionerRole/1', organization: employer, start: '2020-06-01', end: undefined }],
    qualifications: [...attestations, carc()],
    evidence: [coach],
    ...more,
  };
}

/** A contact that every rule accepts, documented within the hour. */
export function contact(start: string, more: Partial<Contact> = {}): Contact {
  const reference = `Encounter/${start}`;
  return {
    reference,
    coach,
    episode,
    episodeProblem: undefined,
    start,
    status: 'finished',
    modality: 'in-person',
    accompaniment: false,
    group: false,
    individualInteraction: undefined,
    memberEngaged: true,
    documentation: [
      { status: 'final', signedAt: start.length > 10 ? start : `${start}T20:00:00Z`, signedBy: [coach], evidence: [] },
    ],
    evidence: [reference],
    details: noDetails,
    ...more,
  };
}

export function memberFacts(more: Partial<MemberFacts> = {}): MemberFacts {
  return {
    patient: 'Patient/1',
    deceased: undefined,
    episodes: [{ reference: episode, organization: employer, careManager: [], start: '2024-01-01', end: undefined }],
    coverages: [
      {
        reference: 'Coverage/1',
        payer,
        product: 'masshealth-mco',
        planType: undefined,
        start: '2024-01-01',
        end: undefined,
      },
    ],
    contacts: [],
    messages: [],
    support: [],
    coaches: new Map([[coach, coachFacts()]]),
    ...more,
  };
}
