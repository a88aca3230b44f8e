import { addDays, type LocalDate } from '../base/time.ts';
import type { Caseload, CaseloadAnswer } from './cl-1-caseload.ts';
import { type Reasons, sentenceOfReason } from './reasons.ts';
import type { Hearer } from './told-caseload.ts';

interface View {
  readonly hearer: Hearer;
  readonly reasons: Reasons;
  /** whether all of the days that are spoken of are over: what is new comes too late for them */
  readonly isPast: boolean;
  readonly today: LocalDate;
}

/**
 * What somebody could do about an answer, as a sentence that names the fact and the day. A plan is told what its own coverage or any
 * contact would do, never what the provider's record lacks.
 *
 * @returns undefined where nothing that the hearer does changes it: a member who died or whose episode ended stays off
 */
export function changeOf(answer: CaseloadAnswer, caseload: Caseload, view: View): string | undefined {
  if (answer.status === 'on') return longer(answer, caseload, view);
  if (view.hearer === 'plan') return undefined;
  return answer.status === 'off' ? backOn(answer, caseload, view) : decided(answer, view);
}

/** On: by what the last day would move, which is a contact only where the contact binds it. */
function longer(answer: CaseloadAnswer, { series }: Caseload, view: View): string | undefined {
  const { because, cause, contact, lastDay } = answer;
  if (lastDay === undefined || !contact) return undefined;
  const byContact = addDays(contact.date, series.ruleset.parameters.windowDays.value);
  if (cause === 'window')
    return lastDay < view.today
      ? `Only a contact by ${lastDay} that is documented late keeps the member on after it.`
      : `A documented contact by ${lastDay} keeps the member on.`;
  const how =
    byContact > lastDay ? `without another contact through ${byContact}` : 'with a documented contact by then';
  if (cause === 'coverage') return `A coverage that goes on after ${lastDay} keeps the member on, ${how}.`;
  if (view.hearer === 'plan') return undefined;
  if (cause === 'coach')
    return `The member stays on after ${lastDay} where the coach is qualified then, ${how}, or by a contact with another coach. What is missing then: ${sentences(because, view)}.`;
  if (cause === 'death-undated') return `Supply the date of death, and the days after ${lastDay} are decided.`;
  return undefined;
}

/** Open: what is wrong must be corrected, and may take the member off; what is missing would make the member on. */
function decided({ because, cause, contact }: CaseloadAnswer, view: View): string {
  const what = sentences(because, view);
  if (cause === 'death-undated') return 'Supply the date of death, and the day is decided.';
  if (because.some(isContradiction)) return `Correct what cannot be right, and the day is decided: ${what}.`;
  const on = cause === 'contact' && contact ? ` of the contact of ${contact.date}` : '';
  return `Supply what is open${on} and the member is on: ${what}.`;
}

/** The codes of CT-1 and B-5 for facts that exclude each other (src/domain/contradictions.ts). */
function isContradiction(reason: string): boolean {
  if (reason.startsWith('missing: ')) return false;
  return /end-before-start$|^contact-(after-death|before-episode|in-the-future)$|^longer-than-a-day$|^episode-|^signed-before-the-contact$|modality|contact-type|-not-active$/.test(
    reason,
  );
}

function backOn({ because, cause }: CaseloadAnswer, { coach, series }: Caseload, view: View): string | undefined {
  const window = series.ruleset.parameters.windowDays.value;
  switch (cause) {
    case 'coach':
      return (
        coach &&
        `A contact counts again once the coach is qualified, or with another coach. ${capital(sentences(because, view))}.`
      );
    case 'contact':
    case 'window':
      return view.isPast
        ? `Only a contact of that day or of the ${window} days before it that is documented late puts the member on.`
        : `A new contact, or one of the ${window} days before that is not documented yet, puts the member on.`;
    default:
      return undefined;
  }
}

function sentences(because: readonly string[], { reasons }: View): string {
  return because.map((reason) => sentenceOfReason(reasons, reason)).join('; ');
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
