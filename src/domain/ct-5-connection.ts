import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import { supportsGoals } from './ct-7-purpose.ts';
import { all } from './outcome.ts';

/** R4 types that CT-5 reads. */
export const inputTypes = ['Encounter', 'Communication'] as const;

const listed: ReadonlySet<string> = new Set(['in-person', 'phone', 'text']);

/**
 * CT-5 "Connections can be made in person, over the phone, or by text provided that the Member is engaged and responsive" (Tufts, case
 * rate 2; Optum 18b). Engagement is CT-2's, judged before. E-mail and audio-visual contacts are kept with a warning, since the
 * bulletin counts them [D].
 */
export function isConnection({ ruleset }: Pick<Question, 'ruleset'>, { contact, outcome }: Judged): RuleAnswer {
  if (!ruleset.rules['CT-5']) return notApplicable('CT-5', 'rule-not-in-ruleset');
  const warning =
    contact.modality === 'remote' || contact.modality === 'unknown'
      ? { warning: 'modality-not-stated' }
      : listed.has(contact.modality)
        ? {}
        : { warning: 'modality-not-listed' };
  return answer('CT-5', outcome, contact.evidence, { modality: contact.modality, ...warning });
}

/** A contact as a connection of the case rate: what CT-5 and CT-7 say of it, as far as the ruleset holds them. */
export interface Connection extends Judged {
  readonly warning: string | undefined;
}

export function connectionsOf(question: Pick<Question, 'contacts' | 'ruleset'>): Connection[] {
  return question.contacts.map((judged) => {
    const connection = isConnection(question, judged);
    const purpose = supportsGoals(question, judged);
    const outcomes = [judged.outcome, connection.outcome, purpose.outcome].filter(
      ({ result }) => result !== 'not-applicable',
    );
    const { warning } = connection.figures;
    return { ...judged, outcome: all(...outcomes), warning: warning?.toString() };
  });
}
