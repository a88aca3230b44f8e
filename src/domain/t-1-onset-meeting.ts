import { addDays, earliest, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { knownDate, modeOf } from './binding.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import { type DateSpan, spanIn } from './dating.ts';
import type { CarePlanFact, GoalFact } from './facts/care-plans.ts';
import { holds } from './facts/facts.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that T-1 and O-2 read. */
export const inputTypes = ['Encounter', 'CarePlan', 'Goal', 'EpisodeOfCare'] as const;

/**
 * T-1 "At least one in-person meeting at the onset of service delivery to develop the Wellness Plan in conjunction with the Member"
 * (Tufts, case rate 1): an in-person contact from the start on, at which a plan by member and coach was made. "Onset" is undefined:
 * days are held, a meeting by start + 29 releases all of them, a later one only the days from it on [D].
 *
 * @param patient Patient reference
 */
export function wellnessPlanMeeting(question: Question, patient: string, plans: readonly CarePlanFact[]): RuleAnswer {
  return onsetMeeting('T-1', question, (judged) => {
    const made = plans.filter(({ encounter, kind }) => kind === 'wellness' && encounter === judged.contact.reference);
    const evidence = made.map(({ reference }) => reference);
    if (made.length === 0) return { outcome: indeterminate('missing: CarePlan of the meeting'), evidence };
    const joint = made.some(
      ({ contributors }) => contributors.includes(patient) && contributors.includes(judged.contact.coach),
    );
    return {
      outcome: joint ? met : indeterminate('missing: member and coach as contributors of the CarePlan'),
      evidence,
    };
  });
}

/**
 * O-2 "At least one in-person meeting at the onset of service delivery to develop initial goals with the Enrollee (this might include
 * a wellness plan, as appropriate)" (Optum 18a): as T-1, with at least one Goal; a plan is optional.
 */
export function goalsMeeting(
  question: Question,
  plans: readonly CarePlanFact[],
  goals: readonly GoalFact[],
): RuleAnswer {
  return onsetMeeting('O-2', question, ({ contact }) => {
    const made = plans.filter(({ encounter }) => encounter === contact.reference);
    const planned = made.flatMap((plan) => plan.goals);
    const set = goals.filter(({ reference, setAt }) => setAt === contact.reference || planned.includes(reference));
    return {
      outcome: set.length > 0 ? met : indeterminate('missing: Goal of the meeting'),
      evidence: [...set, ...made].map(({ reference }) => reference),
    };
  });
}

interface Linked {
  readonly outcome: Outcome;
  readonly evidence: readonly string[];
}

interface Candidate {
  readonly judged: Judged;
  readonly outcome: Outcome;
  readonly evidence: readonly string[];
}

function onsetMeeting(rule: string, question: Question, linked: (judged: Judged) => Linked): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules[rule]) return notApplicable(rule, 'rule-not-in-ruleset');
  const days = ruleset.parameters.onsetReleaseDays?.value;
  if (days === undefined) return answer(rule, indeterminate('missing-parameter: onsetReleaseDays'));
  const { end, start } = spanIn(ruleset.zone, episode);
  const today = knownDate(question);
  if (start === undefined) return answer(rule, indeterminate('missing: EpisodeOfCare.period.start'));
  if (today === undefined) return answer(rule, indeterminate('missing: knownAt'));
  const releaseBy = addDays(start, days);
  const meetings = candidates(question, { start, end }, linked);
  const figures = { mode: modeOf(question, rule), releaseBy };
  if (date < start) return answer(rule, notMet('before-the-episode'), [episode.reference], figures);
  const first = meetings.find(({ outcome }) => outcome.result === 'met');
  if (first && (first.judged.date <= releaseBy || first.judged.date <= date))
    return answer(rule, met, first.evidence, { ...figures, status: 'released', meeting: first.judged.date });
  const waitsUntil = earliest(releaseBy, end) ?? releaseBy;
  return held(rule, question, { meetings, first, releaseBy, waitsUntil, today, figures });
}

/** In-person meetings of the episode's days that were known at K, the earliest first; a refused contact is none. */
function candidates(question: Question, days: DateSpan, linked: (judged: Judged) => Linked): Candidate[] {
  return question.contacts
    .filter(({ contact, date, outcome }) => {
      const inPerson = contact.modality === 'in-person' && contact.details.encounterClass !== 'VR';
      return inPerson && holds(days, date) && outcome.result !== 'not-met';
    })
    .map((judged) => {
      const link = linked(judged);
      return {
        judged,
        outcome: all(judged.outcome, link.outcome),
        evidence: [...judged.contact.evidence, ...link.evidence],
      };
    })
    .sort((a, b) => (a.judged.date < b.judged.date ? -1 : a.judged.date > b.judged.date ? 1 : 0));
}

interface Holding {
  readonly meetings: readonly Candidate[];
  readonly first: Candidate | undefined;
  readonly releaseBy: LocalDate;
  /** the last day on which a meeting can still release the held days: the episode's own where it ends before */
  readonly waitsUntil: LocalDate;
  readonly today: LocalDate;
  readonly figures: RuleAnswer['figures'];
}

/** No meeting releases D: one that lacks something still could, and so could one that is still to come. */
function held(
  rule: string,
  { date, episode }: Question,
  { figures, first, meetings, releaseBy, today, waitsUntil }: Holding,
): RuleAnswer {
  const open = meetings.find(
    ({ judged, outcome }) => outcome.result === 'indeterminate' && (judged.date <= releaseBy || judged.date <= date),
  );
  const hold = { ...figures, status: 'held', ...(first ? { meeting: first.judged.date } : {}) };
  if (open) return answer(rule, open.outcome, open.evidence, hold);
  if (!first && (today <= waitsUntil || date >= today))
    return answer(rule, indeterminate('held-for-onset-meeting'), [episode.reference], hold);
  const evidence = first ? first.evidence : [episode.reference];
  return answer(rule, notMet(first ? 'before-the-onset-meeting' : 'no-onset-meeting'), evidence, hold);
}
