import { type AdverseEventFact, adverseEvents } from '../facts/adverse-events.ts';
import {
  type AuthorizationFact,
  authorizations,
  type NotificationFact,
  notifications,
} from '../facts/authorizations.ts';
import { type StageFact, stageObservations } from '../facts/care-plans.ts';
import { isOpenedByFootbridge } from '../facts/extensions.ts';
import { byType, type Recorded } from '../facts/facts.ts';
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
 * Out of the versions of one organisation that were current at K. A Task that Footbridge opened for an adverse event is no report of it
 * here: whether that one was made, its own state tells.
 */
export function dueFacts(recorded: readonly Recorded[]): DueFacts {
  const of = byType(recorded);
  const tasks = of('Task');
  return {
    notifications: notifications(tasks),
    authorizations: authorizations(of('ClaimResponse')),
    stages: stageObservations(of('Observation')),
    tasks: episodeTasks(tasks),
    states: familyStates(of('Observation')),
    plans: familyPlans(of('CarePlan')),
    events: adverseEvents(
      of('AdverseEvent'),
      tasks.filter(({ resource }) => !isOpenedByFootbridge(resource)),
    ),
    consents: partyConsents(of('Consent')),
    modes: episodeModes(of('EpisodeOfCare')),
  };
}
