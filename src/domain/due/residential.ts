import { dateIn } from '../dating.ts';
import { accessDoneOn, m23Residential } from '../m-23-residential.ts';
import { canonicalOf } from '../ruleset.ts';
import { type Account, type DueContext, whyOver } from './accounts.ts';
import { basisOf, type Due, type DueItem, keyOf, nothingDue } from './item.ts';

/** The words of each state in which no Task of ours is needed. */
const closings: Readonly<Record<string, string>> = {
  done: 'It was done.',
  due: 'Another Task for it is open.',
  undated: 'It was completed; when is missing.',
};

/**
 * M-23 as work, for a stand-alone admission beside residential services elsewhere: from the first day the client is to be helped into
 * them, and from the day on which that was done to engage in services after the discharge. No document names a day for either.
 */
export function residentialDue(account: Account, context: DueContext): Due {
  const { episode, question, ruleset, span } = account;
  const { modes, tasks } = context.more;
  const mode = modes.find((one) => one.episode === episode.reference);
  const told = m23Residential(question, mode, tasks);
  const { access, postDischarge } = told.figures;
  // Undefined where the rule is not the ruleset's, or the episode is no such admission.
  if (access === undefined || span.start === undefined || question.date < span.start) return nothingDue;
  const arrived = accessDoneOn(question, tasks);
  const shared = {
    rule: 'M-23',
    level: 'routine' as const,
    dueDate: undefined,
    dueAt: undefined,
    subject: context.facts.patient,
    coach: episode.careManager[0],
    payer: account.payer,
    ruleset: canonicalOf(ruleset),
    basis: basisOf(ruleset, 'M-23'),
    focus: episode.reference,
    evidence: told.evidence,
  };
  const over = whyOver(account, context);
  const into: DueItem = {
    ...shared,
    kind: 'residential-access',
    key: keyOf(episode.reference, 'residential-access'),
    opensOn: span.start,
    sentence: `The episode began on ${span.start} beside residential services: help the client into them. Complete this Task when the client is there.`,
    closed: closings[String(access)] ?? over,
  };
  const after: DueItem = {
    ...shared,
    kind: 'post-discharge',
    key: keyOf(episode.reference, 'post-discharge'),
    opensOn: arrived,
    sentence: `The client was helped into residential services${arrived === undefined ? '' : ` on ${arrived}`}: see that the client engages in services after the discharge. Complete this Task when that is so.`,
    closed: closings[String(postDischarge)] ?? over,
  };
  return {
    items: access === 'done' || postDischarge !== 'missing' ? [into, after] : [into],
    dates: tasks.map(({ done }) => dateIn(ruleset.zone, done)),
  };
}
