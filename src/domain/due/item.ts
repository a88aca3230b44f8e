import { addDays, type LocalDate } from '../../base/time.ts';
import { type Basis, quoteOf, type Ruleset } from '../ruleset.ts';

/** What is to be done; also the code of its Task. */
export type DueKind =
  | 'contact-at-risk'
  | 'notification-of-admission'
  | 'authorization-due'
  | 'registration'
  | 'credential-alert'
  | 'outreach'
  | 'intensity-review'
  | 'plan-of-safe-care'
  | 'adverse-event-report'
  | 'residential-access'
  | 'post-discharge'
  | 'fact-contradiction';

/** One thing that somebody has to do, or no longer has to: `closed` says why not. */
export interface DueItem {
  readonly kind: DueKind;
  /** the rule that asks for it; absent for a contradiction between facts, which no payer's rule names */
  readonly rule: string | undefined;
  /** what it is about, the same for as long as it is the same thing to do; unique within the kind */
  readonly key: string;
  readonly level: 'routine' | 'urgent';
  /** the last day in time; absent where no document names one */
  readonly dueDate: LocalDate | undefined;
  /** end of the due date as an instant, where the rule says so */
  readonly dueAt: string | undefined;
  /** the day on which it came up; absent where the facts have no date for it */
  readonly opensOn: LocalDate | undefined;
  /** reference of the Patient or Practitioner that it is for */
  readonly subject: string;
  /** Practitioner who is to do it; absent: the organisation */
  readonly coach: string | undefined;
  /** Organization reference */
  readonly payer: string | undefined;
  /** `url|version` */
  readonly ruleset: string | undefined;
  /** the sentence that the rule rests on, and where it stands */
  readonly basis: string | undefined;
  /** reference of the resource that it is about */
  readonly focus: string;
  readonly evidence: readonly string[];
  /** for a person: what, by when and why. It holds dates, never a count of days, so that it changes with the facts alone */
  readonly sentence: string;
  readonly closed: string | undefined;
}

/**
 * Items of one topic, and the dates on which they change by themselves beside those on which the facts of an account begin and end; dates
 * that are past do no harm.
 */
export interface Due {
  readonly items: readonly DueItem[];
  readonly dates: readonly (LocalDate | undefined)[];
}

export const nothingDue: Due = { items: [], dates: [] };

export function keyOf(...parts: readonly (string | undefined)[]): string {
  return parts.map((part) => part ?? '').join(' ');
}

/** The day from which the days left are so few that the ruleset calls them critical. */
export function urgentFrom(dueDate: LocalDate, { parameters }: Pick<Ruleset, 'parameters'>): LocalDate {
  return addDays(dueDate, -parameters.criticalDays.value);
}

export function levelOn(date: LocalDate, urgent: LocalDate): DueItem['level'] {
  return date >= urgent ? 'urgent' : 'routine';
}

export function dayAfter(date: LocalDate | undefined): LocalDate | undefined {
  return date === undefined ? undefined : addDays(date, 1);
}

/** The payer's sentence for a rule, as one line. */
export function basisOf(ruleset: Ruleset, rule: string): string | undefined {
  const basis: Basis | undefined = ruleset.rules[rule];
  if (!basis) return undefined;
  const { quote, source } = quoteOf(ruleset, basis);
  return quote === undefined ? source : `“${quote}” (${source})`;
}

/** The plan by the product that its ruleset is for and by its own record: of two payers under one ruleset each is told apart. */
export function planOf({
  payer,
  ruleset,
}: {
  readonly payer: string;
  readonly ruleset: Pick<Ruleset, 'title'>;
}): string {
  return `${payer} (${ruleset.title})`;
}
