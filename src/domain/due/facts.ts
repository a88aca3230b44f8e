import type { Resource, Task } from '@medplum/fhirtypes';
import { dueTagSystem } from '../../fhir/canonical.ts';
import { type AdverseEventFact, adverseEvents } from '../facts/adverse-events.ts';
import {
  type AuthorizationFact,
  authorizations,
  type NotificationFact,
  notifications,
} from '../facts/authorizations.ts';
import { type StageFact, stageObservations } from '../facts/care-plans.ts';
import type { Recorded } from '../facts/facts.ts';
import { type FamilyPlan, type FamilyState, familyPlans, familyStates } from '../facts/family-plans.ts';
import {
  type EpisodeMode,
  episodeModes,
  episodeTasks,
  type PartyConsent,
  partyConsents,
  type TaskFact,
} from '../facts/michigan-episode.ts';

/** What falls due reads beside what the caseload does. */
export interface DueFacts {
  readonly notifications: readonly NotificationFact[];
  readonly authorizations: readonly AuthorizationFact[];
  readonly stages: readonly StageFact[];
  readonly tasks: readonly TaskFact[];
  readonly states: readonly FamilyState[];
  readonly plans: readonly FamilyPlan[];
  readonly events: readonly AdverseEventFact[];
  readonly consents: readonly PartyConsent[];
  readonly modes: readonly EpisodeMode[];
}

/**
 * Out of the versions of one organisation that were current at K. A Task that Footbridge opened asks for work and proves none: as a
 * review it counts once a person has taken it on, as a report of an event never, since its own state tells whether that was made.
 */
export function dueFacts(recorded: readonly Recorded[]): DueFacts {
  const of = <T extends Resource['resourceType']>(type: T): Recorded<Extract<Resource, { resourceType: T }>>[] =>
    recorded.filter(({ resource }) => resource.resourceType === type) as never;
  const tasks = of('Task');
  const others = tasks.filter(({ resource }) => !isOpenedByFootbridge(resource));
  return {
    notifications: notifications(tasks),
    authorizations: authorizations(of('ClaimResponse')),
    stages: stageObservations(of('Observation')),
    tasks: episodeTasks(tasks.filter((one) => others.includes(one) || one.resource.status !== 'requested')),
    states: familyStates(of('Observation')),
    plans: familyPlans(of('CarePlan')),
    events: adverseEvents(of('AdverseEvent'), others),
    consents: partyConsents(of('Consent')),
    modes: episodeModes(of('EpisodeOfCare')),
  };
}

function isOpenedByFootbridge({ meta }: Task): boolean {
  return meta?.tag?.some(({ system }) => system === dueTagSystem) === true;
}
