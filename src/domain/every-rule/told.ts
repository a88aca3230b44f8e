import type { LocalDate } from '../../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from '../answer.ts';
import type { Caseload } from '../cl-1-caseload.ts';
import type { Judged } from '../ct-1-documented-contact.ts';
import { indeterminate } from '../outcome.ts';
import { contactsInWindow, type RuleContext } from './context.ts';

/** An answer of a rule, and what of the episode it is about: nothing more is said where it is about the episode itself. */
export interface ToldAnswer {
  readonly answer: RuleAnswer;
  /** Practitioner reference */
  readonly coach?: string;
  /** reference of the contact, activity, plan or request */
  readonly about?: string;
  readonly on?: LocalDate;
}

/** All that a rule answers in a context: at least one answer. */
export type Rule = (context: RuleContext) => readonly ToldAnswer[];

export type Rules = Readonly<Record<string, Rule>>;

/** One answer about the episode. */
export function once(rule: (context: RuleContext) => RuleAnswer): Rule {
  return (context) => [{ answer: rule(context) }];
}

/** An answer for each coach of the episode. Where none is known, nobody can say. */
export function forCoaches(id: string, rule: (context: RuleContext, coach: Caseload) => RuleAnswer): Rule {
  return (context) => {
    const told = context.caseloads.map((one) => ({ coach: one.series.coach, answer: rule(context, one) }));
    return told.length > 0 ? told : [{ answer: answer(id, indeterminate('missing: coach')) }];
  };
}

/** An answer for each contact of the window that the rule speaks of. */
export function forContacts(
  id: string,
  rule: (context: RuleContext, contact: Judged) => RuleAnswer,
  speaksOf: (contact: Judged) => boolean = () => true,
): Rule {
  return (context) => {
    const told = contactsInWindow(context)
      .filter(speaksOf)
      .map((one) => ({
        coach: one.contact.coach,
        about: one.contact.reference,
        on: one.date,
        answer: rule(context, one),
      }));
    return told.length > 0 ? told : [{ answer: notApplicable(id, 'no-such-contact-in-the-window') }];
  };
}

/** An answer for each of some records, about it. */
export function forEach<T extends { readonly reference: string }>(
  id: string,
  none: string,
  records: (context: RuleContext) => readonly T[],
  rule: (context: RuleContext, record: T) => RuleAnswer,
): Rule {
  return (context) => {
    const told = records(context).map((one) => ({ about: one.reference, answer: rule(context, one) }));
    return told.length > 0 ? told : [{ answer: notApplicable(id, none) }];
  };
}
