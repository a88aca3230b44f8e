import { inputTypes as a1Notification } from './a-1-notification.ts';
import { inputTypes as a2FirstNinetyDays } from './a-2-first-ninety-days.ts';
import { inputTypes as a3ReviewPackage } from './a-3-review-package.ts';
import { inputTypes as a4WellnessPlanFirewall } from './a-4-wellness-plan-firewall.ts';
import { inputTypes as a6Registration } from './a-6-registration.ts';
import { inputTypes as b2BillableDay } from './b-2-billable-day.ts';
import { inputTypes as b4CaseRate } from './b-4-case-rate.ts';
import { inputTypes as cr4CredentialRunway } from './cr-4-credential-runway.ts';
import { inputTypes as cr6Roster } from './cr-6-roster.ts';
import { inputTypes as cr7Diploma } from './cr-7-diploma.ts';
import { inputTypes as cr8ApprovedTraining } from './cr-8-approved-training.ts';
import { inputTypes as cr9Supervision } from './cr-9-supervision.ts';
import { inputTypes as ct5Connection } from './ct-5-connection.ts';
import { inputTypes as ct6NoReplacement } from './ct-6-no-replacement.ts';
import { inputTypes as ct7Purpose } from './ct-7-purpose.ts';
import { inputTypes as d1Documentation } from './d-1-documentation.ts';
import { inputTypes as m0Billable } from './m-0-billable.ts';
import { inputTypes as m1M2Eligibility } from './m-1-m-2-eligibility.ts';
import { inputTypes as m3M4ServiceCode } from './m-3-m-4-service-code.ts';
import { inputTypes as m5Units } from './m-5-units.ts';
import { inputTypes as m6Funding } from './m-6-funding.ts';
import { inputTypes as m7Supports } from './m-7-supports.ts';
import { inputTypes as m8ActivityNote } from './m-8-activity-note.ts';
import { inputTypes as m9PostAcute } from './m-9-post-acute.ts';
import { inputTypes as m10M20Requests } from './m-10-m-20-requests.ts';
import { inputTypes as m11Authorization } from './m-11-authorization.ts';
import { inputTypes as m12Supervision } from './m-12-supervision.ts';
import { inputTypes as m13Recovery } from './m-13-recovery.ts';
import { inputTypes as m14Training } from './m-14-training.ts';
import { inputTypes as m15Oversight } from './m-15-oversight.ts';
import { inputTypes as m16Lost } from './m-16-lost.ts';
import { inputTypes as m17Relapse } from './m-17-relapse.ts';
import { inputTypes as m18FamilyConsent } from './m-18-family-consent.ts';
import { inputTypes as m19TreatmentPlan } from './m-19-treatment-plan.ts';
import { inputTypes as m21CommunityCapability } from './m-21-community-capability.ts';
import { inputTypes as m22Licence } from './m-22-licence.ts';
import { inputTypes as m23Residential } from './m-23-residential.ts';
import { inputTypes as m24Exclusions } from './m-24-exclusions.ts';
import { inputTypes as m25Associate } from './m-25-associate.ts';
import { inputTypes as m26Submission } from './m-26-submission.ts';
import { inputTypes as m27Readiness } from './m-27-readiness.ts';
import { inputTypes as m28Activities } from './m-28-activities.ts';
import { inputTypes as m30Engagement } from './m-30-engagement.ts';
import { inputTypes as or1BillingOrganization } from './or-1-billing-organization.ts';
import { inputTypes as or3Agreements } from './or-3-agreements.ts';
import { inputTypes as psPlanOfSafeCare } from './ps-plan-of-safe-care.ts';
import { inputTypes as q1AdverseEvents } from './q-1-adverse-events.ts';
import { inputTypes as q2Outcomes } from './q-2-outcomes.ts';
import { inputTypes as q3QualityPlan } from './q-3-quality-plan.ts';
import { inputTypes as rfReferral } from './rf-referral.ts';
import { ruleInputTypes } from './rules.ts';
import { inputTypes as sc1ServiceComponents } from './sc-1-service-components.ts';
import { inputTypes as t1OnsetMeeting } from './t-1-onset-meeting.ts';
import { inputTypes as t2FiveInThirty } from './t-2-five-in-thirty.ts';
import { inputTypes as t3Weekly } from './t-3-weekly.ts';
import { inputTypes as t4SupportWork } from './t-4-support-work.ts';
import { inputTypes as wpWellnessPlan } from './wp-wellness-plan.ts';
import { inputTypes as x3Ethics } from './x-3-ethics.ts';
import { inputTypes as xFidelity } from './x-fidelity.ts';

/**
 * The rules that are answered when somebody asks (the ledger, a review, a roster), by the file that holds them, each with the R4 types
 * that it reads. Of what they say only charges are stored: a change to what no other rule reads asks for work where there are some.
 */
const onDemand: Readonly<Record<string, readonly string[]>> = {
  'a-1-notification': a1Notification,
  'a-2-first-ninety-days': a2FirstNinetyDays,
  'a-3-review-package': a3ReviewPackage,
  'a-4-wellness-plan-firewall': a4WellnessPlanFirewall,
  'a-6-registration': a6Registration,
  'b-2-billable-day': b2BillableDay,
  'b-4-case-rate': b4CaseRate,
  'cr-4-credential-runway': cr4CredentialRunway,
  'cr-6-roster': cr6Roster,
  'cr-7-diploma': cr7Diploma,
  'cr-8-approved-training': cr8ApprovedTraining,
  'cr-9-supervision': cr9Supervision,
  'ct-5-connection': ct5Connection,
  'ct-6-no-replacement': ct6NoReplacement,
  'ct-7-purpose': ct7Purpose,
  'd-1-documentation': d1Documentation,
  'm-0-billable': m0Billable,
  'm-1-m-2-eligibility': m1M2Eligibility,
  'm-10-m-20-requests': m10M20Requests,
  'm-11-authorization': m11Authorization,
  'm-12-supervision': m12Supervision,
  'm-13-recovery': m13Recovery,
  'm-14-training': m14Training,
  'm-15-oversight': m15Oversight,
  'm-16-lost': m16Lost,
  'm-17-relapse': m17Relapse,
  'm-18-family-consent': m18FamilyConsent,
  'm-19-treatment-plan': m19TreatmentPlan,
  'm-21-community-capability': m21CommunityCapability,
  'm-22-licence': m22Licence,
  'm-23-residential': m23Residential,
  'm-24-exclusions': m24Exclusions,
  'm-25-associate': m25Associate,
  'm-26-submission': m26Submission,
  'm-27-readiness': m27Readiness,
  'm-28-activities': m28Activities,
  'm-3-m-4-service-code': m3M4ServiceCode,
  'm-30-engagement': m30Engagement,
  'm-5-units': m5Units,
  'm-6-funding': m6Funding,
  'm-7-supports': m7Supports,
  'm-8-activity-note': m8ActivityNote,
  'm-9-post-acute': m9PostAcute,
  'or-1-billing-organization': or1BillingOrganization,
  'or-3-agreements': or3Agreements,
  'ps-plan-of-safe-care': psPlanOfSafeCare,
  'q-1-adverse-events': q1AdverseEvents,
  'q-2-outcomes': q2Outcomes,
  'q-3-quality-plan': q3QualityPlan,
  'rf-referral': rfReferral,
  'sc-1-service-components': sc1ServiceComponents,
  't-1-onset-meeting': t1OnsetMeeting,
  't-2-five-in-thirty': t2FiveInThirty,
  't-3-weekly': t3Weekly,
  't-4-support-work': t4SupportWork,
  'wp-wellness-plan': wpWellnessPlan,
  'x-3-ethics': x3Ethics,
  'x-fidelity': xFidelity,
};

/** What the ledger reads about a member: everything that a rule on demand reads. */
export const onDemandInputTypes: readonly string[] = [...new Set(Object.values(onDemand).flat())].sort();

/** A change to a resource of these types asks for work: always, or only where there are charges that it may make wrong. */
export const workTypes = {
  always: ruleInputTypes,
  ifCharged: onDemandInputTypes.filter((type) => !ruleInputTypes.includes(type)),
} as const;
