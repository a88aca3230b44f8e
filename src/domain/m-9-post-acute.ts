import { addDays, addMonths, type LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { knownDate } from './binding.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import { dateIn, spanIn } from './dating.ts';
import type { EpisodeMode } from './facts/michigan-episode.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-9 reads. */
export const inputTypes = ['EpisodeOfCare', 'Encounter'] as const;

/**
 * M-9 "PRSS services may continue for up to six (6) months as clinically appropriate" and, stand-alone, "must meet a minimum requirement
 * of one (1) face-to-face encounter per month" (Michigan, XI.E): six months from S0, the end of acute care, through S0 + 6 months − 1
 * day. Months are anchored at S0 and clamped to the month's end; each is judged once it has passed, and one that the episode's end cuts
 * short, or that was over before it began, is not [D]. While the first month runs nothing is met yet but by an encounter in it. Services in a residential setting have no S0 (M-23).
 */
export function m9PostAcute(question: Question, service: EpisodeMode | undefined): RuleAnswer {
  const { date, ruleset } = question;
  if (!ruleset.rules['M-9']) return notApplicable('M-9', 'rule-not-in-ruleset');
  const limit = ruleset.parameters.standAloneMonths?.value;
  if (limit === undefined) return answer('M-9', indeterminate('missing-parameter: standAloneMonths'));
  if (service?.mode === undefined) return answer('M-9', indeterminate('missing: serviceMode'));
  if (service.mode === 'residential') return notApplicable('M-9', 'residential');
  const begin = dateIn(ruleset.zone, service.acuteCareEnd);
  if (begin === undefined)
    return service.mode === 'supplement'
      ? notApplicable('M-9', 'acute-care-goes-on')
      : answer('M-9', indeterminate('missing: acuteCareEnd'), [service.episode]);
  if (date < begin) return notApplicable('M-9', 'acute-care-goes-on');
  const lastDay = addDays(addMonths(begin, limit), -1);
  const months = service.mode === 'stand-alone' ? passedMonths(question, begin, limit) : [];
  const judged = months.map((month) => metFaceToFace(question.contacts, month));
  const without = judged.filter(({ result }) => result !== 'met').length;
  const first = service.mode === 'stand-alone' && months.length === 0 ? firstMonth(question, begin) : met;
  const outcome = all(date <= lastDay ? met : notMet('six-months-passed'), first, ...judged);
  const evidence = months.flatMap((month) =>
    faceToFace(question.contacts, month).map(({ contact }) => contact.reference),
  );
  return answer('M-9', outcome, [service.episode, ...evidence], {
    lastDay,
    ...(service.mode === 'stand-alone' ? { monthsPassed: months.length, monthsWithout: without } : {}),
  });
}

/** A requirement of whole months has nothing to show before the first is over, unless the encounter took place already. */
function firstMonth({ contacts, date, episode, ruleset }: Question, begin: LocalDate): Outcome {
  const end = addDays(addMonths(begin, 1), -1);
  const ended = dateIn(ruleset.zone, episode.end, 'end');
  const isCutShort = ended !== undefined && ended < end;
  const isMet = metFaceToFace(contacts, { start: begin, end: date }).result === 'met';
  return isCutShort || isMet ? met : indeterminate('no-month-has-ended');
}

/**
 * M-9 of the month that holds D, for a ruleset that makes it a condition of billing: the six months, and, stand-alone, a face-to-face
 * encounter in D's own anchored month, which can come until the month is over; a month that the episode's end cuts short asks for none [D].
 */
export function m9MonthOf(question: Question, service: EpisodeMode | undefined): RuleAnswer {
  const told = m9PostAcute({ ...question, contacts: [] }, service);
  const { date, ruleset } = question;
  const begin = dateIn(ruleset.zone, service?.acuteCareEnd);
  const { lastDay } = told.figures;
  if (lastDay === undefined || begin === undefined || service === undefined) return told;
  const evidence = [service.episode];
  if (date > String(lastDay)) return answer('M-9', notMet('six-months-passed'), evidence);
  if (service.mode !== 'stand-alone') return answer('M-9', met, evidence);
  const months = monthsFrom(begin, ruleset.parameters.standAloneMonths?.value ?? 0);
  const month = months.find(({ end, start }) => start <= date && date <= end);
  const whole = month !== undefined && isWithin(question, month);
  const found = whole ? metFaceToFace(question.contacts, month) : met;
  const today = knownDate(question);
  const open = month !== undefined && (today === undefined || today <= month.end);
  return answer('M-9', found.result === 'not-met' && open ? indeterminate('month-not-ended') : found, evidence);
}

interface Month {
  readonly start: LocalDate;
  readonly end: LocalDate;
}

/** The anchored months that passed before D and that the episode asks an encounter in, each reckoned from the anchor so that no day is lost for good. */
function passedMonths(question: Question, begin: LocalDate, limit: number): Month[] {
  return monthsFrom(begin, limit).filter((month) => month.end < question.date && isWithin(question, month));
}

/** Whether the episode had begun by the month's end and ran on through it: of another month nobody asks for an encounter. */
function isWithin({ episode, ruleset }: Question, month: Month): boolean {
  const { end, start } = spanIn(ruleset.zone, episode);
  return (start === undefined || start <= month.end) && (end === undefined || month.end <= end);
}

function monthsFrom(begin: LocalDate, limit: number): Month[] {
  return Array.from({ length: limit }, (_, index) => ({
    start: addMonths(begin, index),
    end: addDays(addMonths(begin, index + 1), -1),
  }));
}

function faceToFace(contacts: readonly Judged[], { end, start }: Month): Judged[] {
  return contacts.filter(({ contact, date }) => contact.modality === 'in-person' && date >= start && date <= end);
}

function metFaceToFace(contacts: readonly Judged[], month: Month): Outcome {
  const found = any(...faceToFace(contacts, month).map(({ outcome }) => outcome));
  if (found.result === 'met') return met;
  const reason = `no-face-to-face-from ${month.start}`;
  return found.result === 'indeterminate' ? indeterminate(reason) : notMet(reason);
}
