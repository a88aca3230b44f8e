import { addDays } from '../../base/time.ts';
import { type CaseloadAnswer, caseloadOn, transitionDates } from '../cl-1-caseload.ts';
import { atRisk } from '../cl-2-at-risk.ts';
import { canonicalOf } from '../ruleset.ts';
import type { Account, DueContext } from './accounts.ts';
import { basisOf, type Due, type DueItem, keyOf, nothingDue, planOf, urgentFrom } from './item.ts';

/**
 * CL-2: who falls off the caseload within `dueSoonDays` is to be contacted by the coach; within `criticalDays` it is urgent. One item
 * for each last day of a series: it escalates, a contact that moves the last day takes it away, and a later last day is a new one,
 * since whoever called for the first has not yet called for the second.
 */
export function caseloadRisk(account: Account, context: DueContext): Due {
  const { caseloads, episode, payer, question, ruleset } = account;
  if (ruleset.contactDefinition !== 'binds' || !('CL-2' in ruleset.rules)) return nothingDue;
  // Nobody calls a member who has died, on whatever day that was.
  if (context.facts.deceasedWithoutDate) return nothingDue;
  const items: DueItem[] = [];
  const dates = caseloads.flatMap(transitionDates);
  for (const caseload of caseloads) {
    const answer = caseloadOn(caseload, question.date);
    const lastDay = answer?.lastDay;
    if (answer?.status !== 'on' || lastDay === undefined) continue;
    const opensOn = addDays(lastDay, -ruleset.parameters.dueSoonDays.value);
    dates.push(opensOn, urgentFrom(lastDay, ruleset));
    const { risk } = atRisk(lastDay, question.date, ruleset);
    if (risk === 'none') continue;
    const { coach } = caseload.series;
    items.push({
      kind: 'contact-at-risk',
      rule: 'CL-2',
      key: keyOf(episode.reference, coach, ruleset.url, payer, lastDay),
      level: risk === 'critical' ? 'urgent' : 'routine',
      dueDate: lastDay,
      dueAt: undefined,
      opensOn,
      subject: context.facts.patient,
      coach,
      payer,
      ruleset: canonicalOf(ruleset),
      basis: basisOf(ruleset, 'CL-2'),
      focus: episode.reference,
      evidence: answer.contact?.contact.evidence ?? [],
      sentence: sentenceOf(answer, account),
      closed: undefined,
    });
  }
  return { items, dates };
}

function sentenceOf({ cause, lastDay, reason }: CaseloadAnswer, account: Account): string {
  const last = `${lastDay} is the member’s last day on the caseload for ${planOf(account)}: ${reason}.`;
  return cause === 'window'
    ? `${last} A documented contact by then keeps the member on.`
    : `${last} A contact alone does not move it: what ends on that day has to go on.`;
}
