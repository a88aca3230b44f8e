import type { ChargeItem, Resource, Task } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { extensionOf } from '../domain/facts/extensions.ts';
import { checkChargeStep } from '../domain/frozen-charge.ts';
import { checkReferralStep } from '../domain/referral.ts';
import { codeSystem, structure } from '../fhir/canonical.ts';
import { referenceId } from '../fhir/references.ts';
import type { Access } from '../store/access.ts';
import type { LockedRow } from '../store/lock.ts';
import { isCaseloadStatus } from './prepare.ts';

/**
 * What a valid resource must obey besides, given the version that it would replace: caseload status is computed and never sent, no episode
 * ends for a relapse, a charge that Footbridge cut is frozen, a referral's Task takes the steps of its state machine.
 *
 * @param current the version that stands; undefined: none, or a tombstone
 * @param before its row, tombstones included
 * @returns undefined where it does; 422 that says what may be done instead
 */
export function checkBusinessRules(
  resource: Resource,
  current: Resource | undefined,
  before: LockedRow | undefined,
  access: Access,
): Failure | undefined {
  return (
    refuseComputed(resource) ??
    refuseEndForRelapse(resource) ??
    checkCharge(resource, current) ??
    checkReferral(resource, current, before, access)
  );
}

function refuseComputed(resource: Resource): Failure | undefined {
  if (!isCaseloadStatus(resource, codeSystem('caseload-status'))) return undefined;
  return failure(
    'invalid',
    'business-rule',
    'Caseload status is computed by Footbridge from contacts. Send the contacts; read the status with GET Observation or $caseload-status.',
    {
      status: 422,
      expression: 'Observation.code',
    },
  );
}

/** M-17 "Services should continue despite relapse or setbacks" (Michigan, XI.G). */
function refuseEndForRelapse(resource: Resource): Failure | undefined {
  if (resource.resourceType !== 'EpisodeOfCare') return undefined;
  if (extensionOf(resource, 'end-reason')?.valueCode !== 'relapse') return undefined;
  return failure(
    'invalid',
    'business-rule',
    'An episode does not end for a relapse: services continue despite it (M-17). Leave the episode open and record the relapse as a stage of change, or send the reason for which it ends.',
    { status: 422, expression: `EpisodeOfCare.extension.where(url = '${structure('end-reason')}').value` },
  );
}

/** What Footbridge cut is frozen but for its status. */
function checkCharge(resource: Resource, current: Resource | undefined): Failure | undefined {
  if (resource.resourceType !== 'ChargeItem') return undefined;
  const checked = checkChargeStep(current as ChargeItem | undefined, resource);
  return checked.ok ? undefined : checked.error;
}

function checkReferral(
  resource: Resource,
  current: Resource | undefined,
  before: LockedRow | undefined,
  access: Access,
): Failure | undefined {
  if (resource.resourceType !== 'Task') return undefined;
  const mine = !before || before.owner === (access.organization ?? '');
  const addressed = referenceId(resource.owner?.reference, 'Organization') === access.organization;
  const actor = mine ? (addressed ? 'both' : 'requester') : addressed ? 'target' : 'other';
  const checked = checkReferralStep(current as Task | undefined, resource, actor);
  return checked.ok ? undefined : checked.error;
}
