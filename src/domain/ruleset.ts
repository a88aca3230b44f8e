import { parse } from 'yaml';
import { z } from 'zod';
import { type Failure, failure, type Issue } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { earliest, type LocalDate, parseLocalDate } from '../base/time.ts';
import { type DateSpan, spanIn } from './dating.ts';
import type { Span } from './facts/facts.ts';

const isoDate = z.string().transform((text, context): LocalDate => {
  const date = parseLocalDate(text);
  if (date !== undefined) return date;
  context.addIssue({ code: 'custom', message: `${text} is not a calendar date` });
  return z.NEVER;
});

const zone = z.string().refine((name) => Intl.supportedValuesOf('timeZone').includes(name), 'is not an IANA zone');

/** What a parameter or rule rests on: the payer's sentence, a public rule, or our own decision with its reason. */
const Basis = z.union([
  z.object({ quote: z.array(z.string().min(3)).min(1), source: z.object({ file: z.string(), section: z.string() }) }),
  z.object({ basis: z.literal('decision'), reason: z.string().min(10) }),
  z.object({ basis: z.literal('public-rule'), source: z.string().min(3) }),
]);

const days = z.object({ value: z.number().int().min(0).max(3_650) }).and(Basis);

/** A number, code or list that a rule reads, beside what it rests on. */
function parameter<T extends z.ZodType>(value: T) {
  return z.object({ value }).and(Basis).exactOptional();
}

const count = z.number().int().min(1).max(1_000);

/**
 * How a rule that the file holds binds: a `gate` decides billability, a `measure` informs, an `advisory` only warns. A rule that the
 * file does not hold does not apply to the product. `measureFor`: plan types for which a gate is a measure only.
 */
const RuleEntry = Basis.and(
  z.object({
    mode: z.enum(['gate', 'measure', 'advisory']).exactOptional(),
    measureFor: z.array(z.string()).exactOptional(),
  }),
);

const Product = z.object({ value: z.string(), planType: z.string(), from: isoDate.optional(), to: isoDate.optional() });

/**
 * One payer product and effective period, as the YAML file says it. `contactDefinition`: whether the bulletin's definition of contact
 * and caseload binds; where it does not, the 21 days are a measure.
 */
export const Ruleset = z.object({
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
  seed: z.object({ file: z.string(), sha256: z.string().length(64) }),
  /** the sentence that each rule rests on, by the rule's name */
  rules: z.record(z.string(), RuleEntry),
  parameters: z.object({
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
    notificationDays: parameter(z.number().int().min(14, 'is under the 14 days that an MCE must allow').max(365)),
    /** days from the start, the first included, that need no prior approval */
    exemptDays: parameter(z.number().int().min(90, 'is under the 90 days that an MCE must allow').max(3_650)),
    /** day of service from which the end of the exemption is announced */
    exemptAlertDay: parameter(count),
    /** A-3, B-2: what a plan asks for after the exemption */
    postExemption: parameter(z.enum(['none', 'concurrent-review', 'prior-auth'])),
    /** what a plan asks for during the exemption */
    registration: parameter(z.enum(['none', 'notification', 'registration'])),
    /** B-1, B-4: what a billable day or unit is charged as */
    charge: parameter(
      z.object({ code: z.string(), modifiers: z.array(z.string()), unit: z.enum(['day', 'quarter-hour']) }),
    ),
    /** CR-9, M-12: most days between two supervisions */
    supervisionDays: parameter(count),
    /** CR-4: days before the limit at which somebody is told */
    credentialAlertDays: parameter(z.array(count)),
    /** CR-8: codes of the approved trainings, by whom they are for */
    approvedTrainings: parameter(z.object({ coach: z.array(z.string()), supervisor: z.array(z.string()) })),
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
    /** M-16: days without a contact after which a client counts as lost */
    lostAfterDays: parameter(count),
  }),
  measures: z
    .array(
      z
        .object({
          rule: z.string(),
          /** consecutive dates that are looked at, today included */
          periodDays: z.number().int().min(1),
          /** days from the latest contact to the date by which the next one is due */
          dueDays: z.number().int().min(1),
          atLeast: z.number().int().min(1),
        })
        .and(Basis),
    )
    .default([]),
});
export type Ruleset = z.output<typeof Ruleset>;
export type Basis = z.output<typeof Basis>;

/** Checks the rulesets of a folder: each against the schema, and names with versions against each other. */
export function parseRulesets(
  files: readonly { readonly name: string; readonly text: string }[],
): Result<readonly Ruleset[], Failure> {
  const issues: Issue[] = [];
  const rulesets: Ruleset[] = [];
  for (const { name, text } of files) {
    const parsed = Ruleset.safeParse(readYaml(text));
    if (parsed.success) rulesets.push(parsed.data);
    else
      for (const { message, path } of parsed.error.issues)
        issues.push({
          severity: 'error',
          code: 'invalid',
          text: `rulesets/${name}: ${path.join('.')}: ${message}. Correct the file.`,
        });
  }
  const keys = rulesets.map((ruleset) => `${ruleset.url}|${ruleset.version}`);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined)
    issues.push({
      severity: 'error',
      code: 'duplicate',
      text: `rulesets: ${twice} stands in two files. Give one of them another version.`,
    });
  return issues.length > 0 ? err({ category: 'invalid', issues }) : ok(rulesets);
}

function readYaml(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    return failure('invalid', 'structure', String(error));
  }
}

export function canonicalOf(ruleset: Pick<Ruleset, 'url' | 'version'>): string {
  return `${ruleset.url}|${ruleset.version}`;
}

/** A ruleset and the days on which a coverage puts its member under it. */
export interface Applicable {
  readonly ruleset: Ruleset;
  readonly days: DateSpan;
}

/**
 * Rulesets that a coverage brings to bear, each with its days: by plan type, as the Coverage says it or as a product table gives it on
 * those days, and by product, whose own file counts beside the plan type's.
 *
 * @param knownAt instant K: what was published later was not known
 */
export function applicableRulesets(
  rulesets: readonly Ruleset[],
  coverage: Span & { readonly planType: string | undefined; readonly product: string | undefined },
  knownAt: string,
): readonly Applicable[] {
  const known = rulesets.filter(({ publishedAt }) => Date.parse(publishedAt) <= Date.parse(knownAt));
  const rows = known.flatMap((ruleset) =>
    ruleset.products.flatMap((row) => (row.value === coverage.product ? [{ ...row, own: ruleset }] : [])),
  );
  return known.flatMap((ruleset) => {
    const inForce = intersect(spanIn(ruleset.zone, coverage), {
      start: ruleset.effectiveFrom,
      end: ruleset.effectiveTo,
    });
    const spans = rows
      .filter(
        ({ own, planType }) =>
          own === ruleset || (coverage.planType === undefined && ruleset.planTypes.includes(planType)),
      )
      .map(({ from, to }) => intersect(inForce, { start: from, end: to }));
    if (coverage.planType !== undefined && ruleset.planTypes.includes(coverage.planType)) spans.unshift(inForce);
    return spans.filter(isSome).map((days) => ({ ruleset, days }));
  });
}

function isSome({ end, start }: DateSpan): boolean {
  return start === undefined || end === undefined || start <= end;
}

function intersect(a: DateSpan, b: DateSpan): DateSpan {
  return { start: later(a.start, b.start), end: earliest(a.end, b.end) };
}

function later(a: LocalDate | undefined, b: LocalDate | undefined): LocalDate | undefined {
  return a !== undefined && b !== undefined ? (a > b ? a : b) : (a ?? b);
}

/** A payer's sentence as one line, or what stands in its place. */
export function quoteOf(
  { document }: Pick<Ruleset, 'document'>,
  basis: Basis,
): { readonly quote: string | undefined; readonly source: string } {
  if ('quote' in basis) return { quote: basis.quote.join(' … '), source: `${document}, ${basis.source.section}` };
  return { quote: undefined, source: 'reason' in basis ? `decision: ${basis.reason}` : `public rule: ${basis.source}` };
}
