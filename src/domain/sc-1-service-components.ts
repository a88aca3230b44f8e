import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { indeterminate, met, notMet } from './outcome.ts';

/** R4 types that SC-1 and SC-2 read. */
export const inputTypes = ['Encounter', 'Communication', 'Patient', 'Practitioner'] as const;

/** SC-1 "COMPONENTS OF SERVICE" (Tufts 1-14, Optum 1-16): which components the contacts up to D name; it gates nothing. */
export function serviceComponents(question: Question): RuleAnswer {
  if (!question.ruleset.rules['SC-1']) return notApplicable('SC-1', 'rule-not-in-ruleset');
  const tagged = question.contacts.filter(
    ({ contact, date, outcome }) =>
      outcome.result === 'met' && date <= question.date && contact.details.purposes.length > 0,
  );
  const components = [...new Set(tagged.flatMap(({ contact }) => contact.details.purposes))].sort();
  return answer(
    'SC-1',
    tagged.length > 0 ? met : indeterminate('missing: service component'),
    tagged.map(({ contact }) => contact.reference),
    { mode: 'measure', components: components.join(',') },
  );
}

/**
 * SC-2 "Provide linguistically appropriate and culturally sensitive peer recovery supports" (Tufts 9; Optum, Service Components): a language of the
 * member that the coach speaks too, by BCP 47 primary tags, so that `en-US` meets `en`. Advisory.
 */
export function sharedLanguage({ ruleset }: Question, member: readonly string[], coach: readonly string[]): RuleAnswer {
  if (!ruleset.rules['SC-2']) return notApplicable('SC-2', 'rule-not-in-ruleset');
  if (member.length === 0) return answer('SC-2', indeterminate('missing: Patient.communication'));
  if (coach.length === 0) return answer('SC-2', indeterminate('missing: Practitioner.communication'));
  const spoken = new Set(coach.map(primary));
  return member.some((tag) => spoken.has(primary(tag)))
    ? answer('SC-2', met, [], { mode: 'advisory' })
    : answer('SC-2', notMet('no-shared-language'), [], { mode: 'advisory', warning: 'no-shared-language' });
}

function primary(tag: string): string {
  return tag.toLowerCase().split('-')[0] ?? '';
}
