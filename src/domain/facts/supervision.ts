import type { Appointment, PractitionerRole } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import { type Coaches, isSupervisorRole, isUndatedEnd } from './coaches.ts';
import { codesIn, localCodes } from './extensions.ts';
import type { Recorded } from './facts.ts';

/** A supervision session: an Appointment without a patient (domain model, section 3 and 8.5). */
export interface Supervision {
  readonly reference: string;
  /** Practitioner references of participants of type supervisor */
  readonly supervisors: readonly string[];
  /** Practitioner references of all others; who declined is neither */
  readonly coaches: readonly string[];
  readonly start: string | undefined;
  readonly fulfilled: boolean;
  /** Appointment.serviceType; undefined where it was not said */
  readonly kind: 'clinical' | 'non-clinical' | undefined;
}

export function supervisions(appointments: readonly Recorded<Appointment>[], coaches: Coaches): Supervision[] {
  return appointments.flatMap(({ resource }): Supervision[] => {
    const { id, participant, serviceType, start, status } = resource;
    if (status === 'entered-in-error') return [];
    if (participant.some(({ actor }) => actor?.reference?.startsWith('Patient/'))) return [];
    const people = participant.flatMap(({ actor, status: reply, type }) => {
      const practitioner = coaches.practitioner(actor?.reference);
      const leads = codesIn(type, codeSystem('coach-role')).includes('supervisor');
      return practitioner === undefined || reply === 'declined' ? [] : [{ practitioner, leads }];
    });
    const kinds = localCodes(serviceType);
    return [
      {
        reference: `Appointment/${id}`,
        supervisors: people.flatMap(({ leads, practitioner }) => (leads ? [practitioner] : [])),
        coaches: people.flatMap(({ leads, practitioner }) => (leads ? [] : [practitioner])),
        start,
        fulfilled: status === 'fulfilled',
        kind: kinds.includes('non-clinical') ? 'non-clinical' : kinds.includes('clinical') ? 'clinical' : undefined,
      },
    ];
  });
}

/** Practitioner references of everybody with a role as supervisor; on which days, its period says. */
export function supervisorsOf(roles: readonly Recorded<PractitionerRole>[], coaches: Coaches): ReadonlySet<string> {
  return new Set(
    roles.flatMap(({ resource }) => {
      return isSupervisorRole(resource) && !isUndatedEnd(resource)
        ? (coaches.practitioner(resource.practitioner?.reference) ?? [])
        : [];
    }),
  );
}
