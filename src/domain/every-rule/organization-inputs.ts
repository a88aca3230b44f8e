/** R4 types outside of a member's compartment, by the rule that reads them: only what a question needs is read. */
const byRule: Readonly<Record<string, readonly OrganizationInput[]>> = {
  'CR-6': ['PractitionerRole', 'VerificationResult'],
  'CR-8': ['PractitionerRole'],
  'CR-9': ['Appointment', 'PractitionerRole'],
  'OR-1': ['PractitionerRole'],
  'OR-3': ['OrganizationAffiliation'],
  'OR-4': ['OrganizationAffiliation', 'PractitionerRole', 'ServiceRequest'],
  'RF-1': ['PractitionerRole', 'ServiceRequest'],
  'RF-2': ['PractitionerRole', 'ServiceRequest'],
  'X-3': ['Appointment', 'PractitionerRole'],
  'Q-3': ['DocumentReference', 'QuestionnaireResponse'],
  'PS-4': ['OrganizationAffiliation'],
  'M-12': ['Appointment', 'PractitionerRole'],
  'M-21': ['DocumentReference'],
  'M-30': ['Appointment', 'PractitionerRole'],
};

export type OrganizationInput =
  | 'Appointment'
  | 'DocumentReference'
  | 'OrganizationAffiliation'
  | 'PractitionerRole'
  | 'QuestionnaireResponse'
  | 'ServiceRequest'
  | 'VerificationResult';

/** What these rules read about the organisation. */
export function organizationInputs(rules: readonly string[]): OrganizationInput[] {
  return [...new Set(rules.flatMap((rule) => byRule[rule] ?? []))].sort();
}
