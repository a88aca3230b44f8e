/** What is published of a reason: its sentence, in lower case where it does not begin with a name, and the rule that gives it. */
export interface ReasonEntry {
  readonly sentence: string;
  readonly rule: string | undefined;
}

/** By code; those of CodeSystem `reason`. */
export type Reasons = ReadonlyMap<string, ReasonEntry>;

const ofRule = /^([A-Z]{1,2}-\d{1,2}) (.+)$/s;
const around = /^(caseload-off|caseload|coach-not-qualified|no accepted contact within \d+ days): (.+)$/s;

const headings: Readonly<Record<string, string>> = {
  'caseload-off': 'the member is off the caseload',
  caseload: 'whether the member is on the caseload is open',
  'coach-not-qualified': 'the coach is not qualified on that day',
};

/** The rule that gives a reason: the one that it names itself, the innermost of one within another, or its code's. */
export function ruleOfReason(reasons: Reasons, reason: string): string | undefined {
  const [, , within] = around.exec(reason) ?? [];
  if (within !== undefined) return within.split(', ').flatMap((one) => ruleOfReason(reasons, one) ?? [])[0];
  const [, rule] = ofRule.exec(reason) ?? [];
  return rule ?? reasons.get(reason)?.rule;
}

/** A reason as people say it, with the rule that it names; what no sentence is published for says itself, without its hyphens. */
export function sentenceOfReason(reasons: Reasons, reason: string): string {
  const [, heading, within] = around.exec(reason) ?? [];
  if (heading !== undefined && within !== undefined) {
    const parts = within.split(', ').map((one) => sentenceOfReason(reasons, one));
    return `${headings[heading] ?? heading}: ${parts.join('; ')}`;
  }
  const [, rule, code] = ofRule.exec(reason) ?? [];
  if (rule !== undefined && code !== undefined) return `${sentenceOfReason(reasons, code)} (${rule})`;
  const known = reasons.get(reason);
  if (known) return known.sentence;
  const [, missing] = /^missing: (.+)$/s.exec(reason) ?? [];
  if (missing !== undefined) return `${missing} is missing`;
  // What names a record, counts something or is a sentence already is told as it is.
  return /^[a-z]+(-[a-z0-9]+)+$/.test(reason) ? reason.replaceAll('-', ' ') : reason;
}

/** The codes within a reason, without the rules that they name. */
export function codesOfReason(reason: string): string[] {
  const [, , within] = around.exec(reason) ?? [];
  if (within !== undefined) return within.split(', ').flatMap(codesOfReason);
  return [ofRule.exec(reason)?.[2] ?? reason];
}
