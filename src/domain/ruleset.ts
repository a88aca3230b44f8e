import { z } from 'zod';
import { remembered } from '../base/remembered.ts';
import { earliest, type LocalDate, parseLocalDate } from '../base/time.ts';
import { type DateSpan, isReversed, spanIn } from './dating.ts';
import type { Span } from './facts/facts.ts';
import { informing, ruleIds } from './rule-ids.ts';
import { Basis, parameter, withBasis } from './ruleset-basis.ts';

const isoDate = z.string().transform((text, context): LocalDate => {
  const date = parseLocalDate(text);
  if (date !== undefined) return date;
  context.addIssue({ code: 'custom', message: `${text} is not a calendar date. Write it as YYYY-MM-DD` });
  return z.NEVER;
});

const zone = z
  .string()
  .refine(
    (name) => Intl.supportedValuesOf('timeZone').includes(name),
    'is not an IANA zone. Write one such as America/New_York',
  );

const days = withBasis({ value: z.number().int().min(0).max(3_650) });

const count = z.number().int().min(1).max(1_000);

/**
 * How a rule that the file holds binds: a `gate` decides what counts, may be billed or may be shared; a `measure` informs; an
 * `advisory` warns or asks for a task. A rule that the file does not hold does not apply to the product. `measureFor`: plan types for
 * which a gate is a measure only.
 */
const RuleEntry = withBasis({
  mode: z.enum(['gate', 'measure', 'advisory']).exactOptional(),
  measureFor: z.array(z.string()).exactOptional(),
  /** what an answer with a reason, or about a kind of service, rests on instead, by the code of the reason or the kind */
  because: z.record(z.string(), Basis).exactOptional(),
});

const ruleId = z
  .string()
  .refine((id) => ruleIds.has(id), 'is not a rule of the domain model. Use an id of src/domain/rule-ids.ts');

const Product = z
  .strictObject({ value: z.string(), planType: z.string(), from: isoDate.optional(), to: isoDate.optional() })
  .refine(({ from, to }) => isSome({ start: from, end: to }), {
    path: ['to'],
    message: 'is before from. Give the row a to that is not earlier, or leave it out',
  });

const Seed = z.strictObject({
  file: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hexadecimal. Write what sha256sum says of the file'),
});

const Shape = z.strictObject({
  name: z.string().regex(/^[a-z][a-z-]+$/),
  url: z.url(),
  version: z.string(),
  title: z.string(),
  effectiveFrom: isoDate,
  effectiveTo: isoDate.optional(),
  publishedAt: z.iso.datetime({ offset: true }),
  zone,
  planTypes: z.array(z.string()),
  products: z.array(Product),
  contactDefinition: z.enum(['binds', 'measure']),
  caseload: Basis,
  /** the document that the quotes are taken from, by its name there and by the file that was read */
  document: z.string(),
  seed: Seed,
  /** further documents that single entries quote */
  otherDocuments: z.array(z.strictObject({ document: z.string(), ...Seed.shape })).default([]),
  /** the sentence that each rule rests on, by the rule's id */
  rules: z.record(ruleId, RuleEntry),
  parameters: z.strictObject({
    windowDays: days,
    reciprocityDays: days,
    dueSoonDays: days,
    criticalDays: days,
    credentialYears: days,
    /** T-1, O-2: how many days after the start an onset meeting still releases all days that were held for it */
    onsetReleaseDays: parameter(z.number().int().min(0).max(365)),
    /** T-2: consecutive dates of a period, and connections asked for in it */
    connectionPeriodDays: parameter(count),
    connectionsPerPeriod: parameter(count),
    /** days after the start by which an MCE must still accept a notification of admission */
    notificationDays: parameter(
      z.number().int().min(14, 'is under the 14 days that an MCE must allow. Write 14 or more').max(365),
    ),
    /** days from the start, the first included, that need no prior approval */
    exemptDays: parameter(
      z.number().int().min(90, 'is under the 90 days that an MCE must allow. Write 90 or more').max(3_650),
    ),
    /** day of service from which the end of the exemption is announced */
    exemptAlertDay: parameter(count),
    /** A-3, B-2: what a plan asks for after the exemption */
    postExemption: parameter(z.enum(['none', 'concurrent-review', 'prior-auth'])),
    /** kinds of document (CodeSystem review-document) that are a recovery or wellness plan */
    planDocuments: parameter(z.array(z.string()).min(1)),
    /** what a plan asks for during the exemption */
    registration: parameter(z.enum(['none', 'notification', 'registration'])),
    /** B-1, B-4: what a billable day or unit is charged as */
    charge: parameter(
      z.strictObject({ code: z.string(), modifiers: z.array(z.string()), unit: z.enum(['day', 'quarter-hour']) }),
    ),
    /** B-3: US dollars of a day by the plan's Appendix T/L, and by the contract with each payer (Organization reference) */
    minimumDayRate: parameter(z.number().positive()),
    contractDayRates: parameter(
      z.array(
        z.strictObject({
          payer: z.string().regex(/^Organization\/[A-Za-z0-9.-]{1,64}$/),
          perDay: z.number().positive(),
        }),
      ),
    ),
    /** docs/charges.md: the periods that are closed by themselves, and how many days after its last one a period is */
    billingPeriod: parameter(z.enum(['week', 'half-month', 'month'])),
    closeAfterDays: parameter(
      z.number().int().min(1, 'is under 1, and today can still change. Write 1 or more').max(365),
    ),
    /** CR-9, M-12: most days between two supervisions */
    supervisionDays: parameter(count),
    /** CR-4: days before the limit at which somebody is told */
    credentialAlertDays: parameter(z.array(count)),
    /** CR-2: names of the bodies whose certification counts; absent: any issuer's */
    certifyingBodies: parameter(z.array(z.string().min(2)).min(1)),
    /** CR-8: codes of the approved trainings, by whom they are for */
    approvedTrainings: parameter(z.strictObject({ coach: z.array(z.string()), supervisor: z.array(z.string()) })),
    /** RF-1: kinds of requester whose referral counts */
    referrerTypes: parameter(z.array(z.string())),
    /** OR-4: referrals to or from one partner from which its volume is high */
    highVolumeReferrals: parameter(count),
    /** share in percent of coaching contacts of an early-engagement coach, and the days it is taken over */
    earlyEngagementPercent: parameter(z.number().min(0).max(100)),
    earlyEngagementDays: parameter(count),
    /** M-5: minutes of a unit */
    unitMinutes: parameter(count),
    /** M-9: months of a stand-alone service */
    standAloneMonths: parameter(count),
    /** M-13: months of recovery that a coach and an associate attest */
    coachRecoveryMonths: parameter(count),
    associateRecoveryMonths: parameter(count),
    /** M-14: hours of training */
    trainingHours: parameter(count),
    /** M-25: topics of an associate's training */
    associateTopics: parameter(z.array(z.string()).min(1)),
    needDomains: parameter(z.array(z.string()).min(1)),
    /** M-30: most days between two supervisions of an associate */
    associateSupervisionDays: parameter(count),
    /** M-21, M-27: most days since the review of the needs; days before the eligibility at which its stage may lie */
    needsReviewDays: parameter(count),
    readinessDays: parameter(z.number().int().min(0).max(365)),
    /** M-16: days without a contact after which a client counts as lost */
    lostAfterDays: parameter(count),
    /** whom an adverse event is reported to, and within how many days where the authority says so */
    reportAuthorities: parameter(
      z.array(
        z.strictObject({ name: z.string().min(2), withinDays: z.number().int().min(0).max(365).exactOptional() }),
      ),
    ),
    /** CL-1: whose contacts keep a member on a caseload */
    caseloadUnit: parameter(z.enum(['coach', 'organization'])),
    /** CT-3: whether a group session is a contact with each member in it */
    groupContacts: parameter(z.enum(['individual-interaction', 'always', 'never'])),
    /** CR-4: which hire the two years run from */
    hireDate: parameter(z.enum(['current-employer', 'first-as-coach'])),
    /** which days count, and whether a new episode begins anew */
    exemptDayCount: parameter(z.enum(['calendar-days', 'billed-days'])),
    exemptRestart: parameter(z.enum(['each-episode', 'once'])),
    /** M-4: what a telephone contact with the client is billed as */
    clientPhone: parameter(z.enum(['non-face-to-face', 'individual'])),
    /** M-3: which modifier wins for a MAT group with the therapist present */
    groupPrecedence: parameter(z.enum(['therapist', 'medication-assisted'])),
    /** M-10: which dates of a separate request equal its parent's */
    separateRequestDates: parameter(z.enum(['begin-and-end', 'end'])),
  }),
  measures: z
    .array(
      withBasis({
        rule: ruleId,
        /** consecutive dates that are looked at, today included */
        periodDays: z.number().int().min(1),
        /** days from the latest contact to the date by which the next one is due */
        dueDays: z.number().int().min(1),
        atLeast: z.number().int().min(1),
      }),
    )
    .default([]),
});

/**
 * One payer product and effective period, as the YAML file says it. `contactDefinition`: whether the bulletin's definition of contact
 * and caseload binds; where it does not, the 21 days are a measure.
 */
export const Ruleset = Shape.superRefine((ruleset, context) => {
  if (!isSome({ start: ruleset.effectiveFrom, end: ruleset.effectiveTo }))
    context.addIssue({
      code: 'custom',
      path: ['effectiveTo'],
      message: 'is before effectiveFrom. Give a later date, or leave it out while the document is in force',
    });
  for (const [id, { mode }] of Object.entries(ruleset.rules))
    if (mode === 'gate' && informing.has(id))
      context.addIssue({
        code: 'custom',
        path: ['rules', id, 'mode'],
        message:
          'gate would refuse nothing, since no day, service or contact is refused for this rule. Write measure or advisory',
      });
  const { billingPeriod, closeAfterDays } = ruleset.parameters;
  if ((billingPeriod === undefined) !== (closeAfterDays === undefined))
    context.addIssue({
      code: 'custom',
      path: ['parameters', billingPeriod === undefined ? 'billingPeriod' : 'closeAfterDays'],
      message:
        'is missing: billingPeriod and closeAfterDays say together when a period is closed. Give both, or neither',
    });
  const files = [ruleset.seed.file, ...ruleset.otherDocuments.map(({ file }) => file)];
  for (const [path, basis] of basesOf(ruleset))
    if ('quote' in basis && !files.includes(basis.source.file))
      context.addIssue({
        code: 'custom',
        path: [...path, 'source', 'file'],
        message: `${basis.source.file} is neither the file of seed nor of otherDocuments. Name it there with its SHA-256`,
      });
});
export type Ruleset = z.output<typeof Ruleset>;
export type { Basis } from './ruleset-basis.ts';

/** Every entry that rests on something, with its place in the file. */
export function basesOf(
  ruleset: Pick<Ruleset, 'caseload' | 'measures' | 'parameters' | 'rules'>,
): readonly (readonly [path: readonly (string | number)[], basis: Basis])[] {
  return [
    [['caseload'], ruleset.caseload],
    ...Object.entries(ruleset.parameters).map(([key, basis]) => [['parameters', key], basis] as const),
    ...Object.entries(ruleset.rules).flatMap(([key, basis]) => [
      [['rules', key], basis] as const,
      ...Object.entries(basis.because ?? {}).map(([code, one]) => [['rules', key, 'because', code], one] as const),
    ]),
    ...ruleset.measures.map((basis, index) => [['measures', index], basis] as const),
  ];
}

/** The days on which a version holds. */
export function inForce({ effectiveFrom, effectiveTo }: Pick<Ruleset, 'effectiveFrom' | 'effectiveTo'>): DateSpan {
  return { start: effectiveFrom, end: effectiveTo };
}

export function canonicalOf(ruleset: Pick<Ruleset, 'url' | 'version'>): string {
  return `${ruleset.url}|${ruleset.version}`;
}

/** A ruleset and the days on which a coverage puts its member under it. */
export interface Applicable {
  readonly ruleset: Ruleset;
  readonly days: DateSpan;
  /** of the coverage, or of the product on these days */
  readonly planType: string | undefined;
  /** the coverage does not say from when */
  readonly undated?: boolean;
}

/** The days of an account or series under one coverage. */
export function coverageDays({ days, planType, undated }: Applicable): DateSpan & Omit<Applicable, 'days' | 'ruleset'> {
  return { ...days, planType, ...(undated && { undated }) };
}

/** A file for some plan types is not for a coverage that says another: what the contract says goes before its product's row. */
function isOfOtherPlans({ planTypes }: Ruleset, said: string | undefined): boolean {
  return said !== undefined && planTypes.length > 0 && !planTypes.includes(said);
}

/**
 * Rulesets that a coverage brings to bear, each with its days: by plan type, as the Coverage says it or as a product table gives it on
 * those days, and by product, whose own file counts beside the plan type's.
 *
 * @param knownAt instant K: what was published later was not known
 */
export function applicableRulesets(
  rulesets: readonly Ruleset[],
  coverage: PlanSpan,
  knownAt: string,
): readonly Applicable[] {
  return applicableTo(coverage, rulesets, knownAt);
}

type PlanSpan = Span & { readonly planType: string | undefined; readonly product: string | undefined };

/** Each rule asks it anew for the same few coverages of a member. */
const applicableTo = remembered(
  (coverage: PlanSpan, rulesets: readonly Ruleset[], knownAt: string): readonly Applicable[] => {
    const known = rulesets.filter(({ publishedAt }) => Date.parse(publishedAt) <= Date.parse(knownAt));
    const rows = known.flatMap((ruleset) =>
      ruleset.products.flatMap((row) => (row.value === coverage.product ? [{ ...row, own: ruleset }] : [])),
    );
    return known.flatMap((ruleset) => {
      if (isReversed(ruleset.zone, coverage)) return [];
      const covered = intersect(spanIn(ruleset.zone, coverage), inForce(ruleset));
      const spans = rows
        .filter(
          ({ own, planType }) =>
            (own === ruleset && !isOfOtherPlans(ruleset, coverage.planType)) ||
            (coverage.planType === undefined && ruleset.planTypes.includes(planType)),
        )
        .map(({ from, planType, to }) => ({
          days: intersect(covered, { start: from, end: to }),
          planType: coverage.planType ?? planType,
        }));
      if (coverage.planType !== undefined && ruleset.planTypes.includes(coverage.planType))
        spans.unshift({ days: covered, planType: coverage.planType });
      const undated = coverage.start === undefined ? { undated: true } : {};
      return spans.filter(({ days }) => isSome(days)).map((span) => ({ ruleset, ...span, ...undated }));
    });
  },
);

/** Whether a span holds any day. */
export function isSome({ end, start }: DateSpan): boolean {
  return start === undefined || end === undefined || start <= end;
}

export function intersect(a: DateSpan, b: DateSpan): DateSpan {
  return { start: later(a.start, b.start), end: earliest(a.end, b.end) };
}

function later(a: LocalDate | undefined, b: LocalDate | undefined): LocalDate | undefined {
  return a !== undefined && b !== undefined ? (a > b ? a : b) : (a ?? b);
}

/** A payer's sentence as one line, or what stands in its place. */
export function quoteOf(
  { document, otherDocuments = [] }: Pick<Ruleset, 'document'> & Partial<Pick<Ruleset, 'otherDocuments'>>,
  basis: Basis,
): { readonly quote: string | undefined; readonly source: string } {
  if ('reason' in basis) return { quote: undefined, source: `decision: ${basis.reason}` };
  if (!('quote' in basis)) return { quote: undefined, source: `public rule: ${basis.source}` };
  const { file, section } = basis.source;
  const other = otherDocuments.find((one) => one.file === file);
  return { quote: basis.quote.join(' … '), source: `${other?.document ?? document}, ${section}` };
}
