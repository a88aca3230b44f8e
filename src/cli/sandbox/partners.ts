import type { ClientKind } from '../../store/access.ts';
import { organization } from './people.ts';

/** Who is in the sandbox: organisations of the directory, and the clients that speak for them. */
export interface Partner {
  readonly name: string;
  readonly kind: ClientKind;
  readonly organization: string | undefined;
  readonly scopes: string;
}

const provider = 'system/*.cruds';
const plan = 'system/Observation.rs system/CarePlan.rs system/Group.rs system/Organization.rs';
const referrer =
  'system/ServiceRequest.cruds system/Task.cruds system/Patient.cruds system/Organization.rs system/Practitioner.cruds system/PractitionerRole.cruds';

/** The first of each kind is the one that the README speaks of. */
export const partners: readonly Partner[] = [
  { name: 'ehr', kind: 'ehr', organization: 'riverside-recovery', scopes: provider },
  { name: 'ehr-harbor', kind: 'ehr', organization: 'harbor-peer-support', scopes: provider },
  { name: 'ehr-lakeshore', kind: 'ehr', organization: 'lakeshore-prss', scopes: provider },
  { name: 'coach-app', kind: 'coach-app', organization: 'riverside-recovery', scopes: provider },
  { name: 'referrer', kind: 'referrer', organization: 'elm-street-clinic', scopes: referrer },
  { name: 'plan', kind: 'plan', organization: 'commonwealth-care-mco', scopes: plan },
  { name: 'plan-one-care', kind: 'plan', organization: 'bay-one-care', scopes: plan },
  { name: 'plan-pace', kind: 'plan', organization: 'elder-pace', scopes: plan },
  { name: 'plan-tufts', kind: 'plan', organization: 'tufts-health-plan', scopes: plan },
  { name: 'plan-optum', kind: 'plan', organization: 'optum', scopes: plan },
  { name: 'plan-cmhsp', kind: 'plan', organization: 'great-lakes-cmhsp', scopes: plan },
  { name: 'auditor', kind: 'auditor', organization: undefined, scopes: 'system/AuditEvent.rs system/Provenance.rs' },
  {
    name: 'admin',
    kind: 'admin',
    organization: undefined,
    scopes: 'system/Organization.cruds system/Location.cruds system/HealthcareService.cruds',
  },
];

/** The tenant's directory: organisations are named by all, and written by the admin. */
export const directory = [
  organization('riverside-recovery', 'Riverside Recovery Center', 'prov'),
  organization('harbor-peer-support', 'Harbor Peer Support', 'prov'),
  organization('lakeshore-prss', 'Lakeshore Peer Recovery Services', 'prov'),
  organization('elm-street-clinic', 'Elm Street Community Clinic', 'prov'),
  organization('commonwealth-care-mco', 'Commonwealth Care MCO (MassHealth MCE)', 'pay'),
  organization('bay-one-care', 'Bay One Care and SCO', 'pay'),
  organization('elder-pace', 'Elder Services PACE', 'pay'),
  organization('tufts-health-plan', 'Tufts Health Plan (sandbox)', 'pay'),
  organization('optum', 'Optum (sandbox)', 'pay'),
  organization('great-lakes-cmhsp', 'Great Lakes CMHSP', 'pay'),
];
