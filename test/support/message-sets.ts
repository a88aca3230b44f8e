import type { Encounter, Resource } from '@medplum/fhirtypes';
import { addDays, type LocalDate } from '../../src/base/time.ts';
import {
  coachRole,
  coverage,
  episode,
  message,
  patient,
  practitioner,
  transaction as _transaction,
} from '../../src/cli/sandbox/people.ts';
import { contactOn, payer, provider } from './caseload.ts';
import { random } from './random.ts';

/** What a source sends at once: one version of one resource. Versions of a resource are numbered, and that is all the order there is. */
export interface SourceMessage {
  readonly type: Resource['resourceType'];
  readonly id: string;
  readonly version: number;
  /** undefined: it is deleted */
  readonly resource: Resource | undefined;
}
