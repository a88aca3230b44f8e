import type { CarePlan, Observation } from '@medplum/fhirtypes';
import { codesIn, extensionOf, extensionsOf, literal, localCodes, partOf } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';

/** A Plan of Safe Care: a CarePlan of local category `plan-of-safe-care` (domain model, sections 3 and 8.5). */
export interface FamilyPlan extends Span {
  readonly reference: string;
  readonly status: string;
  readonly dcfStatus: string | undefined;
  /** reference of the infant's own plan */
  readonly infantPlan: string | undefined;
  readonly domains: readonly { readonly domain: string; readonly status: string }[];
  readonly activities: readonly { readonly domains: readonly string[]; readonly owners: readonly string[] }[];
}

/** One Observation of pregnancy or parenting; `present` undefined where it says neither yes nor no. */
export interface FamilyState {
  readonly reference: string;
  readonly what: 'pregnancy' | 'parenting';
  readonly present: boolean | undefined;
  readonly on: string | undefined;
}

const loinc = 'http://loinc.org';
const snomed = 'http://snomed.info/sct';
const pregnancyStatus = '82810-3';
const pregnant = '77386006';
const notPregnant = '60001007';

export function familyPlans(plans: readonly Recorded<CarePlan>[]): FamilyPlan[] {
  return plans
    .map(({ resource }) => resource)
    .filter(
      ({ category, status }) => status !== 'entered-in-error' && localCodes(category).includes('plan-of-safe-care'),
    )
    .map((plan) => ({
      reference: `CarePlan/${plan.id}`,
      status: plan.status,
      dcfStatus: extensionOf(plan, 'dcf-status')?.valueCode,
      infantPlan: literal(extensionOf(plan, 'infant-plan')?.valueReference?.reference),
      domains: extensionsOf(plan, 'domain-status').flatMap((extension) => {
        const domain = partOf(extension, 'domain')?.valueCode;
        const status = partOf(extension, 'status')?.valueCode;
        return domain !== undefined && status !== undefined ? [{ domain, status }] : [];
      }),
      activities: (plan.activity ?? [])
        .filter(({ detail }) => detail?.status !== 'entered-in-error' && detail?.status !== 'cancelled')
        .map(({ detail }) => ({
          domains: localCodes(detail?.code ? [detail.code] : []),
          owners: (detail?.performer ?? []).flatMap(({ reference }) => literal(reference) ?? []),
        })),
      start: plan.period?.start,
      end: plan.period?.end,
    }));
}

export function familyStates(observations: readonly Recorded<Observation>[]): FamilyState[] {
  return observations.flatMap(({ resource }): FamilyState[] => {
    const { code, effectiveDateTime, effectivePeriod, id, status, valueBoolean, valueCodeableConcept } = resource;
    if (!['final', 'amended', 'corrected'].includes(status)) return [];
    const base = { reference: `Observation/${id}`, on: effectiveDateTime ?? effectivePeriod?.start };
    const values = codesIn(valueCodeableConcept ? [valueCodeableConcept] : [], snomed);
    if (codesIn([code], loinc).includes(pregnancyStatus)) {
      const present = values.includes(pregnant) ? true : values.includes(notPregnant) ? false : undefined;
      return [{ ...base, what: 'pregnancy', present }];
    }
    return localCodes([code]).includes('parenting') ? [{ ...base, what: 'parenting', present: valueBoolean }] : [];
  });
}
