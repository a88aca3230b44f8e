import type {
  Claim,
  ClaimResponse,
  Consent,
  ConsentProvision,
  Coverage,
  Encounter,
  Procedure,
  QuestionnaireResponse,
  Resource,
} from '@medplum/fhirtypes';
import { codeSystem, structure } from '../../src/fhir/canonical.ts';
import { local } from './recorded.ts';

const patient = { reference: 'Patient/client' };
const organization = { reference: 'Organization/detroit-recovery' };
const cmhsp = { reference: 'Organization/cmhsp' };
const coach = { reference: 'Practitioner/detroit-coach' };
const of = <T extends string>(resourceType: T, id: string): { resourceType: T; id: string } => ({ resourceType, id });

/** Whatever a client of a Michigan provider needs for a service to be billable, but the service itself. */
export const michiganMember: readonly Resource[] = [
  { ...of('Patient', 'client'), name: [{ family: 'Example', given: ['Mika'] }], gender: 'unknown' },
  { ...of('Organization', 'detroit-recovery'), name: 'Detroit Recovery', active: true },
  { ...of('Organization', 'cmhsp'), name: 'Example CMHSP', active: true },
  {
    ...of('Practitioner', 'detroit-coach'),
    name: [{ family: 'Coach', given: ['Robin'] }],
    qualification: [
      {
        code: local('ccar-training', 'qualification'),
        period: { start: '2020-01-01' },
        extension: [{ url: structure('hours'), valueDecimal: 40 }],
      },
      {
        code: local('recovery-attestation', 'qualification'),
        extension: [
          {
            url: structure('attestation'),
            extension: [
              { url: 'attester', valueReference: organization },
              { url: 'asOf', valueDate: '2020-01-01' },
            ],
          },
        ],
      },
    ],
  },
  {
    ...of('PractitionerRole', 'detroit-coach'),
    practitioner: coach,
    organization,
    code: [{ coding: [{ system: codeSystem('coach-role'), code: 'recovery-coach' }] }],
    period: { start: '2020-01-01' },
  },
  {
    ...of('EpisodeOfCare', 'michigan'),
    status: 'active',
    patient,
    managingOrganization: organization,
    period: { start: '2025-01-02' },
  },
  michiganCoverage(),
  eligible(),
  ...authorized(),
];

export function michiganCoverage(more: Partial<Coverage> = {}): Coverage {
  return {
    ...of('Coverage', 'client'),
    status: 'active',
    type: local('medicaid', 'funding-source'),
    subscriberId: 'MI-1',
    beneficiary: patient,
    payor: [cmhsp],
    class: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-class', code: 'plan' }] },
        value: 'michigan-cmhsp',
      },
    ],
    period: { start: '2025-01-01' },
    ...more,
  };
}

function eligible(): QuestionnaireResponse {
  const yes = (linkId: string) => ({ linkId, answer: [{ valueBoolean: true }] });
  return {
    ...of('QuestionnaireResponse', 'eligibility'),
    status: 'completed',
    subject: patient,
    authored: '2025-01-02T15:00:00Z',
    item: [yes('agreement'), yes('c1'), { linkId: 'c2', answer: [{ valueCoding: { code: 'housing' } }] }],
  };
}

function authorized(): [Claim, ClaimResponse] {
  const shared = {
    status: 'active' as const,
    use: 'preauthorization' as const,
    patient,
    type: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }],
    },
    created: '2025-01-03',
  };
  return [
    {
      ...of('Claim', 'request'),
      ...shared,
      provider: organization,
      insurer: cmhsp,
      priority: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/processpriority', code: 'normal' }] },
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/client' } }],
      billablePeriod: { start: '2025-01-01', end: '2025-06-30' },
      supportingInfo: [{ sequence: 1, category: local('info'), valueString: 'Housing is about to be lost' }],
      item: [{ sequence: 1, productOrService: local('T1012'), quantity: { value: 40 } }],
    },
    {
      ...of('ClaimResponse', 'answer'),
      ...shared,
      insurer: cmhsp,
      request: { reference: 'Claim/request' },
      outcome: 'complete',
      preAuthRef: 'PA-1',
      preAuthPeriod: { start: '2025-01-01', end: '2025-06-30' },
    },
  ];
}

/** An hour at the client's home on 5 March 2025, noted and signed. */
export function michiganVisit(id = 'visit', more: Partial<Encounter> = {}): Encounter {
  return {
    ...of('Encounter', id),
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HH' },
    type: [local('in-person', 'contact-type')],
    subject: patient,
    episodeOfCare: [{ reference: 'EpisodeOfCare/michigan' }],
    serviceProvider: organization,
    participant: [{ individual: coach }],
    period: { start: '2025-03-05T10:00:00-05:00', end: '2025-03-05T11:00:00-05:00' },
    location: [{ location: { display: "Client's home" } }],
    extension: [
      { url: structure('support-category'), valueCode: 'emotional' },
      { url: structure('member-engaged'), valueBoolean: true },
      {
        url: structure('documentation'),
        extension: [
          { url: 'status', valueCode: 'final' },
          { url: 'signedAt', valueInstant: '2025-03-05T17:00:00Z' },
          { url: 'signedBy', valueReference: coach },
        ],
      },
    ],
    ...more,
  };
}

/** Half an hour's call with the client's sister on 6 March 2025, noted and signed. */
export function familyCall(more: Partial<Procedure> = {}): Procedure {
  return {
    ...of('Procedure', 'collateral'),
    status: 'completed',
    category: local('collateral', 'contact-type'),
    code: { text: 'Call with the family' },
    subject: patient,
    performer: [{ actor: coach }, { actor: { reference: 'RelatedPerson/sister' } }],
    performedPeriod: { start: '2025-03-06T10:00:00-05:00', end: '2025-03-06T10:31:00-05:00' },
    reasonCode: [local('emotional-support', 'service-component')],
    extension: [
      { url: structure('party-type'), valueCode: 'family' },
      { url: structure('client-present'), valueBoolean: false },
      { url: structure('support-category'), valueCode: 'emotional' },
      {
        url: structure('documentation'),
        extension: [
          { url: 'status', valueCode: 'final' },
          { url: 'signedAt', valueInstant: '2025-03-06T17:00:00Z' },
          { url: 'signedBy', valueReference: coach },
        ],
      },
    ],
    ...more,
  };
}

/** The client lets the provider speak with the sister. */
export function familyConsent(more: Partial<ConsentProvision> = {}): Consent {
  return {
    ...of('Consent', 'family'),
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '64292-6' }] }],
    patient,
    dateTime: '2025-01-02',
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2CD' }] },
    provision: {
      type: 'permit',
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: 'RelatedPerson/sister' },
        },
      ],
      ...more,
    },
  };
}
