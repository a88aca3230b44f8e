import type { Consent, Coverage, Encounter, Organization, Patient } from '@medplum/fhirtypes';

/** Invented people and papers for tests, each the least that R4 accepts. */
export function patient(family = 'Alder', more: Partial<Patient> = {}): Patient {
  return {
    resourceType: 'Patient',
    name: [{ family, given: ['Robin'] }],
    gender: 'unknown',
    birthDate: '1990-05-01',
    ...more,
  };
}

export function encounter(patientId: string, more: Partial<Encounter> = {}): Encounter {
  return {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${patientId}` },
    period: { start: '2026-03-01T10:00:00-05:00', end: '2026-03-01T10:40:00-05:00' },
    ...more,
  };
}

export function organization(name: string): Organization {
  return { resourceType: 'Organization', active: true, name };
}

export function coverage(patientId: string, payerId: string, more: Partial<Coverage> = {}): Coverage {
  return {
    resourceType: 'Coverage',
    status: 'active',
    beneficiary: { reference: `Patient/${patientId}` },
    subscriberId: 'M-1',
    payor: [{ reference: `Organization/${payerId}` }],
    period: { start: '2026-01-01' },
    ...more,
  };
}

/** A permit for payment and operations that names one recipient. */
export function consent(patientId: string, recipientId: string, more: Partial<Consent> = {}): Consent {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '64292-6' }] }],
    patient: { reference: `Patient/${patientId}` },
    dateTime: '2026-01-01',
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2CD' }] },
    provision: {
      type: 'permit',
      period: { start: '2026-01-01' },
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: `Organization/${recipientId}` },
        },
      ],
      purpose: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HPAYMT' },
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HOPERAT' },
      ],
    },
    ...more,
  };
}
