import type { CarePlan, Goal, Observation } from '@medplum/fhirtypes';
import { structure } from '../../fhir/canonical.ts';
import type { Coaches } from './coaches.ts';
import { extensionOf, extensionsOf, literal, localCodes } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';

const snomed = 'http://snomed.info/sct';
/** Stages of change and relapse as SNOMED CT codes them (domain model, section 3). */
const stages: ReadonlySet<string> = new Set([
  '134414000',
  '134413006',
  '134412001',
  '134411008',
  '134410009',
  '134409004',
]);

/** A plan of the member's. Only what says that it is another kind is one: the firewall of A-4 must not leak by a missing code. */
export interface CarePlanFact extends Span {
  readonly reference: string;
  readonly kind: 'wellness' | 'safe-care' | 'treatment';
  readonly status: string;
  /** the meeting at which it was made */
  readonly encounter: string | undefined;
  /** Patient and Practitioner references of author and contributors */
  readonly contributors: readonly string[];
  readonly goals: readonly string[];
  readonly partOf: readonly string[];
  readonly basedOn?: readonly string[] | undefined;
  /** dates on which the member's needs were reviewed (ext `needsReviewed`) */
  readonly needsReviewed?: readonly string[] | undefined;
}

export interface GoalFact {
  readonly reference: string;
  readonly lifecycleStatus: string;
  readonly achievement: string | undefined;
  /** Encounter of ext setAt */
  readonly setAt: string | undefined;
}

/** A stage of change; `not-assessed` where the coach said that it was not (8.3.18). */
export interface StageFact {
  readonly reference: string;
  readonly encounter: string | undefined;
  readonly at: string | undefined;
  readonly stage: string;
}

export function carePlans(plans: readonly Recorded<CarePlan>[], coaches: Coaches): CarePlanFact[] {
  return plans.flatMap(({ resource }): CarePlanFact[] => {
    const { author, basedOn, contributor, encounter, goal, id, partOf, period, status } = resource;
    if (status === 'entered-in-error') return [];
    const people = [author, ...(contributor ?? [])].map((one) => literal(one?.reference));
    return [
      {
        reference: `CarePlan/${id}`,
        kind: kindOf(resource),
        status,
        encounter: literal(encounter?.reference),
        contributors: [...new Set(people.flatMap((one) => coaches.practitioner(one) ?? one ?? []))],
        goals: references(goal),
        partOf: references(partOf),
        basedOn: references(basedOn),
        needsReviewed: extensionsOf(resource, 'needs-reviewed').flatMap(({ valueDate }) => valueDate ?? []),
        start: period?.start,
        end: period?.end,
      },
    ];
  });
}

function kindOf({ category, meta }: CarePlan): CarePlanFact['kind'] {
  if (meta?.profile?.includes(structure('wellness-plan'))) return 'wellness';
  const codes = localCodes(category);
  if (codes.includes('wellness-plan')) return 'wellness';
  if (codes.includes('plan-of-safe-care')) return 'safe-care';
  return codes.includes('treatment-plan') ? 'treatment' : 'wellness';
}

function references(list: readonly { reference?: string | undefined }[] | undefined): string[] {
  return (list ?? []).flatMap(({ reference }) => literal(reference) ?? []);
}

export function goals(resources: readonly Recorded<Goal>[]): GoalFact[] {
  return resources.flatMap(({ resource }): GoalFact[] => {
    const { achievementStatus, id, lifecycleStatus } = resource;
    if (lifecycleStatus === 'entered-in-error') return [];
    return [
      {
        reference: `Goal/${id}`,
        lifecycleStatus,
        achievement: achievementStatus?.coding?.find(({ code }) => code !== undefined)?.code,
        setAt: literal(extensionOf(resource, 'set-at')?.valueReference?.reference),
      },
    ];
  });
}

export function stageObservations(observations: readonly Recorded<Observation>[]): StageFact[] {
  return observations.flatMap(({ resource }): StageFact[] => {
    const { effectiveDateTime, effectivePeriod, encounter, id, status } = resource;
    const stage = stageOf(resource);
    if (stage === undefined || !['final', 'amended', 'corrected'].includes(status)) return [];
    return [
      {
        reference: `Observation/${id}`,
        encounter: literal(encounter?.reference),
        at: effectiveDateTime ?? effectivePeriod?.start,
        stage,
      },
    ];
  });
}

function stageOf({ code, dataAbsentReason, valueCodeableConcept }: Observation): string | undefined {
  const value = valueCodeableConcept?.coding?.find(
    (coding) => coding.system === snomed && stages.has(coding.code ?? ''),
  );
  if (value?.code !== undefined) return value.code;
  const isStage = localCodes([code]).includes('stage-of-change');
  const said = valueCodeableConcept?.coding?.some((one) => one.code === 'not-assessed');
  return isStage && (said || dataAbsentReason !== undefined) ? 'not-assessed' : undefined;
}
