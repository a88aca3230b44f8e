import type { CodeableConcept, Resource } from '@medplum/fhirtypes';
import { Coaches } from '../../src/domain/facts/coaches.ts';
import type { Recorded } from '../../src/domain/facts/facts.ts';
import { canonicalBase } from '../../src/fhir/canonical.ts';

export function recorded<R extends Resource>(resource: R, owner = 'riverside'): Recorded<R> {
  return { resource, owner, recordedAt: '2025-01-02T00:00:00Z' };
}

/** A concept in one of Footbridge's own code systems. */
export function local(code: string, name = 'any'): CodeableConcept {
  return coded(`${canonicalBase}/CodeSystem/${name}`, code);
}

export function coded(system: string, code: string): CodeableConcept {
  return { coding: [{ system, code }] };
}

/** Role 7 is the coach's, role 8 the supervisor's. */
export const coaches = new Coaches(
  [],
  ['coach', 'supervisor'].map((name, index) =>
    recorded({
      resourceType: 'PractitionerRole' as const,
      id: String(7 + index),
      practitioner: { reference: `Practitioner/${name}` },
      organization: { reference: 'Organization/riverside' },
    }),
  ),
);

/** Role 7 is the coach's, as a peer specialist. */
export const coached = new Coaches(
  [recorded({ resourceType: 'Practitioner' as const, id: 'coach' })],
  [
    recorded({
      resourceType: 'PractitionerRole' as const,
      id: '7',
      practitioner: { reference: 'Practitioner/coach' },
      organization: { reference: 'Organization/riverside' },
      specialty: [coded('http://nucc.org/provider-taxonomy', '175T00000X')],
    }),
  ],
);
