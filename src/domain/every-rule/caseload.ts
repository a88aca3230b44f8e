import type { LocalDate } from '../../base/time.ts';
import { answer, notApplicable, type RuleAnswer } from '../answer.ts';
import { type Caseload, type CaseloadAnswer, caseloadOn } from '../cl-1-caseload.ts';
import { atRisk } from '../cl-2-at-risk.ts';
import type { Judged } from '../ct-1-documented-contact.ts';
import { hasEngagement } from '../ct-2-engagement.ts';
import { isConnection } from '../ct-5-connection.ts';
import { replacesNoConnection } from '../ct-6-no-replacement.ts';
import { supportsGoals } from '../ct-7-purpose.ts';
import { dateIn } from '../dating.ts';
import { measureOn } from '../measures.ts';
import { all, indeterminate, met, notMet, type Outcome } from '../outcome.ts';
import { inWindow, type RuleContext } from './context.ts';
import { forCoaches, forContacts, forEach, type Rules } from './told.ts';

/** CT-1 to CT-7, CL-1 and CL-2 (domain model 2a). */
export const caseloadRules: Rules = {
  'CT-1': forContacts('CT-1', (_, { contact, outcome }) =>
    answer('CT-1', outcome, contact.evidence, { modality: contact.modality, status: contact.status }),
  ),
  'CT-2': forContacts('CT-2', engaged('CT-2'), ({ contact }) => contact.modality !== 'in-person'),
  'CT-3': forContacts('CT-3', engaged('CT-3'), ({ contact }) => contact.modality === 'in-person'),
  'CT-4': forContacts('CT-4', accompanied, ({ contact }) => contact.accompaniment),
  'CT-5': forContacts('CT-5', ({ question }, contact) => isConnection(question, contact)),
  'CT-6': forEach(
    'CT-6',
    'no-support-activity-in-the-window',
    (context) =>
      context.member.support.filter(({ start }) => {
        const date = dateIn(context.question.ruleset.zone, start);
        return date !== undefined && inWindow(context, date);
      }),
    ({ question }, activity) => replacesNoConnection(question, activity),
  ),
  'CT-7': forContacts('CT-7', ({ question }, contact) => supportsGoals(question, contact)),
  'CL-1': forCoaches('CL-1', (context, coach) => onCaseload(context, coach)),
  'CL-2': forCoaches('CL-2', ({ question: { date } }, coach) => fallsOff(coach, date)),
};

function engaged(rule: string): (context: RuleContext, judged: Judged) => RuleAnswer {
  return ({ question }, { contact }) =>
    answer(rule, hasEngagement(contact, question.ruleset), contact.evidence, { modality: contact.modality });
}

/** CT-4: the member was there, and at whose appointment is coded. */
function accompanied({ question }: RuleContext, { contact }: Judged): RuleAnswer {
  const { accompaniedTo } = contact.details;
  const coded = accompaniedTo === undefined ? indeterminate('missing: accompaniedTo') : met;
  const figures = accompaniedTo === undefined ? {} : { accompaniedTo };
  return answer('CT-4', all(hasEngagement(contact, question.ruleset), coded), contact.evidence, figures);
}

/** Where the definition of caseload does not bind, the ruleset holds CL-1 as a measure, and its figure answers. */
function onCaseload({ question }: RuleContext, caseload: Caseload): RuleAnswer {
  const { date, ruleset } = question;
  const measure = ruleset.measures.find(({ rule }) => rule === 'CL-1');
  if (!ruleset.rules['CL-1'] && measure) {
    const { count, dueDate, reason, result } = measureOn({ contacts: caseload.contacts, ruleset }, measure, date);
    const outcome: Outcome = result === 'met' ? met : { result, reasons: [reason] };
    return answer('CL-1', outcome, [], { count, ...(dueDate === undefined ? {} : { dueDate }) });
  }
  const found = caseloadOn(caseload, date);
  if (!found) return notApplicable('CL-1', 'no-coverage');
  const { contact, lastDay } = found;
  return answer('CL-1', outcomeOf(found), contact?.contact.evidence ?? [], {
    ...(contact ? { contactDate: contact.date } : {}),
    ...(lastDay === undefined ? {} : { lastDay, lastDayBecause: found.reason }),
  });
}

function outcomeOf({ reason, status }: CaseloadAnswer): Outcome {
  if (status === 'on') return met;
  return status === 'off' ? notMet(reason) : indeterminate(reason);
}

/** Near the last day the answer is not-met: somebody should act. Who is not on the caseload cannot fall off it. */
function fallsOff(caseload: Caseload, date: LocalDate): RuleAnswer {
  const { ruleset } = caseload.series;
  const found = caseloadOn(caseload, date);
  if (found?.status === 'indeterminate') return answer('CL-2', indeterminate(found.reason));
  if (found?.lastDay === undefined) return notApplicable('CL-2', 'not-on-the-caseload');
  const { daysLeft, risk } = atRisk(found.lastDay, date, ruleset);
  return answer('CL-2', risk === 'none' ? met : notMet(risk), found.contact?.contact.evidence, {
    daysLeft,
    lastDay: found.lastDay,
  });
}
