import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { indeterminate, met, notMet, type Outcome } from './outcome.ts';

/**
 * M-0 Michigan billable [D]: M-1, the code by M-3 or M-4, M-5, M-6, M-7, M-8 and M-11 must all be met (Michigan, IV, XI and XII). Every
 * reason is told, those of gaps beside those of contradictions, each with the rule that gives it.
 *
 * @param parts the answers of those rules for one service; one that is not among them leaves M-0 open
 */
export function m0Billable(question: Question, parts: readonly RuleAnswer[]): RuleAnswer {
  if (!question.ruleset.rules['M-0']) return notApplicable('M-0', 'rule-not-in-ruleset');
  const code = parts.some(({ rule }) => rule === 'M-3') ? 'M-3' : 'M-4';
  const wanted = ['M-1', code, 'M-5', 'M-6', 'M-7', 'M-8', 'M-11'];
  const outcomes = wanted.map((rule): Outcome => {
    const outcome = parts.find((part) => part.rule === rule)?.outcome;
    if (!outcome || outcome.result === 'not-applicable') return indeterminate(`missing: answer of ${rule}`);
    return outcome.result === 'met' ? met : { ...outcome, reasons: outcome.reasons.map((one) => `${rule} ${one}`) };
  });
  const reasons = outcomes.flatMap((outcome) => ('reasons' in outcome ? outcome.reasons : []));
  const refused = outcomes.some(({ result }) => result === 'not-met');
  const outcome = refused ? notMet(...reasons) : reasons.length > 0 ? indeterminate(...reasons) : met;
  return answer(
    'M-0',
    outcome,
    parts.flatMap(({ evidence }) => evidence),
    Object.assign({}, ...parts.map(({ figures }) => figures)) as RuleAnswer['figures'],
  );
}
