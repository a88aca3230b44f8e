import type {
  Bundle,
  BundleEntry,
  Communication,
  Consent,
  Coverage,
  DocumentReference,
  Encounter,
  EpisodeOfCare,
  Extension,
  Organization,
  Patient,
  Practitioner,
  PractitionerQualification,
  PractitionerRole,
  Resource,
} from '@medplum/fhirtypes';
import { codeSystem, structure } from '../../fhir/canonical.ts';

/** Invented people and papers of the sandbox, as partners would send them. Ids are speaking, so that they can be typed. */

const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const identifierType = 'http://terminology.hl7.org/CodeSystem/v2-0203';
/** URN of the invented number ranges: nobody's real identifiers */
const numbers = 'urn:oid:2.999.42';

export interface Person {
  readonly id: string;
  readonly given: string;
  readonly family: string;
}

export function organization(id: string, name: string, kind: 'prov' | 'pay'): Organization {
  const display = kind === 'prov' ? 'Healthcare Provider' : 'Payer';
  return {
    resourceType: 'Organization',
    id,
    active: true,
    name,
    type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: kind, display }] }],
    identifier: [{ system: `${numbers}.1`, value: id }],
  };
}

export function patient({ family, given, id }: Person, more: Partial<Patient> = {}): Patient {
  return {
    resourceType: 'Patient',
    id,
    identifier: [
      { type: { coding: [{ system: identifierType, code: 'MR' }] }, system: `${numbers}.2`, value: `mrn-${id}` },
      { type: { coding: [{ system: identifierType, code: 'MB' }] }, system: `${numbers}.3`, value: `member-${id}` },
    ],
    name: [{ use: 'official', family, given: [given] }],
    gender: 'unknown',
    birthDate: '1988-05-17',
    ...more,
  };
}

export function coverage(
  id: string,
  patientId: string,
  payer: string,
  product: string,
  period: { start: string; end?: string },
): Coverage {
  return {
    resourceType: 'Coverage',
    id,
    status: 'active',
    beneficiary: { reference: `Patient/${patientId}` },
    identifier: [
      {
        type: { coding: [{ system: identifierType, code: 'MB' }] },
        system: `${numbers}.3`,
        value: `member-${patientId}`,
      },
    ],
    subscriberId: `member-${patientId}`,
    relationship: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }],
    },
    payor: [{ reference: `Organization/${payer}` }],
    class: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-class', code: 'plan' }] },
        value: product,
      },
    ],
    period,
  };
}

/** A consent for payment and operations that names one health plan, with 42 CFR Part 2's policy. */
export function consent(id: string, patientId: string, recipient: string, start: string): Consent {
  return {
    resourceType: 'Consent',
    id,
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [
      { coding: [{ system: 'http://loinc.org', code: '64292-6', display: 'Release of information consent' }] },
    ],
    patient: { reference: `Patient/${patientId}` },
    dateTime: start,
    policyRule: { coding: [{ system: actCode, code: '42CFRPart2CD' }] },
    provision: {
      type: 'permit',
      period: { start },
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: `Organization/${recipient}` },
        },
      ],
      purpose: ['HPAYMT', 'HOPERAT'].map((code) => ({
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
        code,
      })),
    },
  };
}

export function episode(id: string, patientId: string, provider: string, coach: string, start: string): EpisodeOfCare {
  return {
    resourceType: 'EpisodeOfCare',
    id,
    status: 'active',
    patient: { reference: `Patient/${patientId}` },
    managingOrganization: { reference: `Organization/${provider}` },
    careManager: { reference: `Practitioner/${coach}` },
    period: { start },
  };
}

export interface CoachPapers {
  readonly hired: string;
  /** a CARC with its last day, or on the way to one */
  readonly certified: { readonly until: string } | 'working';
  /** payer that waived the training requirement, from when to when, and the DocumentReference of what was submitted to it */
  readonly waiver?: { readonly payer: string; readonly start: string; readonly end: string; readonly document: string };
}

export function practitioner({ family, given, id }: Person, employer: string, papers: CoachPapers): Practitioner {
  const attested = (code: string): PractitionerQualification => ({
    code: qualificationCode(code),
    extension: [
      {
        url: structure('attestation'),
        extension: [
          { url: 'attester', valueReference: { reference: `Organization/${employer}` } },
          { url: 'asOf', valueDate: papers.hired },
        ],
      },
    ],
  });
  const training = ['academy', 'ethics', 'supervision', 'further-training'].map(
    (code): PractitionerQualification => ({
      code: qualificationCode(code),
      period: { start: papers.hired },
      ...(code === 'academy' && papers.waiver && { extension: [waiver(papers.waiver)] }),
    }),
  );
  // What Tufts, Optum and Michigan ask for beside: a coach may serve members of any payer.
  const further = ['diploma', 'ccar-training'].map(
    (code): PractitionerQualification => ({
      code: qualificationCode(code),
      period: { start: papers.hired },
      ...(code === 'ccar-training' && { extension: [{ url: structure('hours'), valueDecimal: 40 }] }),
    }),
  );
  const carc: PractitionerQualification[] =
    papers.certified === 'working'
      ? []
      : [
          {
            code: qualificationCode('carc'),
            identifier: [{ system: `${numbers}.4`, value: `CARC-${id}` }],
            issuer: { display: 'Massachusetts Board of Substance Abuse Counselor Certification' },
            period: { start: papers.hired, end: papers.certified.until },
          },
        ];
  return {
    resourceType: 'Practitioner',
    id,
    active: true,
    identifier: [{ system: `${numbers}.5`, value: `employee-${id}` }],
    name: [{ family, given: [given] }],
    qualification: [...carc, ...training, ...further, attested('recovery-attestation'), attested('board-requirements')],
  };
}

function qualificationCode(code: string): { coding: [{ system: string; code: string }] } {
  return { coding: [{ system: codeSystem('qualification'), code }] };
}

function waiver({ document, end, payer, start }: NonNullable<CoachPapers['waiver']>): Extension {
  return {
    url: structure('waiver'),
    extension: [
      { url: 'payer', valueReference: { reference: `Organization/${payer}` } },
      { url: 'period', valuePeriod: { start, end } },
      { url: 'approved', valueDate: start },
      { url: 'document', valueReference: { reference: `DocumentReference/${document}` } },
    ],
  };
}

/** What an employer submitted to a payer for a coach. */
export function waiverRequest(id: string, coach: string, employer: string, date: string): DocumentReference {
  return {
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    docStatus: 'final',
    type: { text: 'Request to waive the training requirement' },
    subject: { reference: `Practitioner/${coach}` },
    date,
    custodian: { reference: `Organization/${employer}` },
    content: [{ attachment: { contentType: 'text/plain', title: 'Request to waive the training requirement' } }],
  };
}

export function coachRole(id: string, coach: string, employer: string, hired: string): PractitionerRole {
  return {
    resourceType: 'PractitionerRole',
    id,
    active: true,
    practitioner: { reference: `Practitioner/${coach}` },
    organization: { reference: `Organization/${employer}` },
    code: [{ coding: [{ system: codeSystem('coach-role'), code: 'recovery-coach' }] }],
    specialty: [
      { coding: [{ system: 'http://nucc.org/provider-taxonomy', code: '175T00000X', display: 'Peer Specialist' }] },
    ],
    telecom: [{ system: 'phone', value: '617-555-0100' }],
    period: { start: hired },
  };
}

export interface ContactPlan {
  readonly id: string;
  readonly patient: string;
  readonly episode: string;
  readonly coach: string;
  readonly provider: string;
  /** with offset */
  readonly start: string;
  readonly end: string;
  readonly kind?: 'in-person' | 'phone' | 'video' | 'group';
  readonly engaged?: boolean;
  /** when the coach signed the note, which stays with the sender; absent: no note yet */
  readonly signedAt?: string;
}

export function contact(plan: ContactPlan): Encounter {
  const {
    coach,
    end,
    engaged = true,
    episode: episodeId,
    id,
    kind = 'in-person',
    patient: member,
    provider,
    signedAt,
    start,
  } = plan;
  const remote = kind === 'phone' || kind === 'video';
  const extension: Extension[] = [{ url: structure('member-engaged'), valueBoolean: engaged }];
  if (kind === 'group')
    extension.push({
      url: structure('group-session'),
      extension: [
        { url: 'id', valueString: `group-${start.slice(0, 10)}` },
        { url: 'size', valuePositiveInt: 6 },
      ],
    });
  if (signedAt !== undefined)
    extension.push({
      url: structure('documentation'),
      extension: [
        { url: 'status', valueCode: 'final' },
        { url: 'signedAt', valueInstant: signedAt },
        { url: 'signedBy', valueReference: { reference: `Practitioner/${coach}` } },
      ],
    });
  return {
    resourceType: 'Encounter',
    id,
    extension,
    status: 'finished',
    class: remote
      ? { system: actCode, code: 'VR', display: 'virtual' }
      : { system: actCode, code: 'AMB', display: 'ambulatory' },
    type: [{ coding: [{ system: codeSystem('contact-type'), code: kind }], text: `Recovery coaching, ${kind}` }],
    subject: { reference: `Patient/${member}` },
    episodeOfCare: [{ reference: `EpisodeOfCare/${episodeId}` }],
    participant: [{ individual: { reference: `Practitioner/${coach}` } }],
    period: { start, end },
    serviceProvider: { reference: `Organization/${provider}` },
  };
}

export function message(id: string, from: string, to: string, member: string, sent: string): Communication {
  return {
    resourceType: 'Communication',
    id,
    status: 'completed',
    medium: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode',
            code: 'SMSWRIT',
            display: 'SMS message',
          },
        ],
      },
    ],
    subject: { reference: `Patient/${member}` },
    sender: { reference: from },
    recipient: [{ reference: to }],
    sent,
  };
}

/** Resources under their own ids, all or none. */
export function transaction(...resources: readonly Resource[]): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map(
      (resource): BundleEntry => ({
        resource,
        request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
      }),
    ),
  };
}
