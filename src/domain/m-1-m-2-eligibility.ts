import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn } from './dating.ts';
import type { Criterion, CriterionId, Eligibility } from './facts/michigan-eligibility.ts';
import { all, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-1 and M-2 read. */
export const inputTypes = ['QuestionnaireResponse'] as const;

/**
 * M-1 "the first and at least one other must be present in addition to the client's agreement to participate in services" (Michigan,
 * IV): agreement ∧ c1 ∧ (c2 ∨ c3 ∨ c4 ∨ c5), by the latest response of the day or before. c1 contradicts itself ("… or could be met"):
 * it is kept as an attestation that needs are unmet elsewhere [D]. The client may take the agreement back, or give it anew, in a
 * response of its own.
 */
export function m1Eligible(question: Question, responses: readonly Eligibility[]): RuleAnswer {
  if (!question.ruleset.rules['M-1']) return notApplicable('M-1', 'rule-not-in-ruleset');
  const latest = latestEligibility(question, responses);
  if (!latest) return answer('M-1', indeterminate('missing: eligibility response'));
  const agreed = latestAgreement(question, responses, latest);
  const outcome = all(
    saidOutcome(agreed.agreement, 'agreement', 'no-agreement'),
    saidOutcome(latest.criteria.c1.said, 'c1', 'c1-not-present'),
    anyFurther(question, latest),
  );
  return answer('M-1', outcome, [...new Set([latest.reference, agreed.reference])]);
}

/** The last word on the agreement: of the response that decides, or of one about the agreement alone that came after it. */
function latestAgreement(question: Question, responses: readonly Eligibility[], latest: Eligibility): Eligibility {
  const inOrder = latestFirst(question, responses);
  return inOrder.slice(0, inOrder.indexOf(latest)).find(({ agreement }) => agreement !== undefined) ?? latest;
}

/**
 * M-2 "a documented need in at least one domain", "a demonstrated history of recovery failure", "a primary drug of choice that will
 * require longer term involvement … (such as …)", "chronicity and severity" (Michigan, IV.2-5). Each criterion needs what it rests on
 * beside the yes: a coded domain or drug, or a reason in words; c4's list is open. A coded domain of c2's own list (parameter
 * `needDomains`) is a documented need without a yes beside it; a code outside that list, as `none`, documents no need [D].
 */
export function m2Criteria(question: Question, responses: readonly Eligibility[]): RuleAnswer {
  if (!question.ruleset.rules['M-2']) return notApplicable('M-2', 'rule-not-in-ruleset');
  const latest = latestEligibility(question, responses);
  if (!latest) return answer('M-2', indeterminate('missing: eligibility response'));
  const figures = Object.fromEntries(
    further.map((id) => [id, criterionOutcome(question, id, latest.criteria[id]).result]),
  );
  return answer('M-2', anyFurther(question, latest), [latest.reference], figures);
}

const further: readonly CriterionId[] = ['c2', 'c3', 'c4', 'c5'];

function anyFurther(question: Question, { criteria }: Eligibility): Outcome {
  return any(...further.map((id) => criterionOutcome(question, id, criteria[id])));
}

function criterionOutcome({ ruleset }: Question, id: CriterionId, criterion: Criterion): Outcome {
  const { codes = [], evidence, said } = criterion;
  if (id !== 'c2') return documented(id, said, evidence);
  const domains = ruleset.parameters.needDomains?.value;
  if (domains === undefined) return indeterminate('missing-parameter: needDomains');
  const needs = codes.filter((code) => domains.includes(code));
  return documented(id, said ?? (needs.length > 0 ? true : undefined), [
    ...needs,
    ...evidence.filter((one) => !codes.includes(one)),
  ]);
}

function documented(id: CriterionId, said: boolean | undefined, evidence: readonly string[]): Outcome {
  const outcome = saidOutcome(said, id, `${id}-not-present`);
  return outcome.result === 'met' && evidence.length === 0 ? indeterminate(`missing: evidence of ${id}`) : outcome;
}

function saidOutcome(said: boolean | undefined, missing: string, contradiction: string): Outcome {
  if (said === undefined) return indeterminate(`missing: ${missing}`);
  return said ? met : notMet(contradiction);
}

/** A response says nothing about days before it was written; of two on one day the later written decides. */
export function latestEligibility(question: Question, responses: readonly Eligibility[]): Eligibility | undefined {
  return latestFirst(question, responses).find(({ isAgreementAlone }) => isAgreementAlone !== true);
}

function latestFirst({ date, knownAt, ruleset }: Question, responses: readonly Eligibility[]): Eligibility[] {
  return responses
    .filter(({ authored }) => {
      const written = dateIn(ruleset.zone, authored);
      if (authored === undefined || written === undefined || written > date) return false;
      return authored.length <= 10 || Date.parse(authored) <= Date.parse(knownAt);
    })
    .sort((a, b) => compare(dateIn(ruleset.zone, b.authored), dateIn(ruleset.zone, a.authored)) || laterFirst(a, b));
}

/** A bare date has no hour: against an instant of the same day the instant is the more exact, and decides [D]. */
function laterFirst(a: Eligibility, b: Eligibility): number {
  const [ofA, ofB] = [a.authored ?? '', b.authored ?? ''];
  return Number(ofB.length > 10) - Number(ofA.length > 10) || Date.parse(ofB) - Date.parse(ofA);
}

function compare(a: string | undefined, b: string | undefined): number {
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}
