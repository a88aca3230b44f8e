import { addDays } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { wasKnown } from './binding.ts';
import { dateIn } from './dating.ts';
import type { StageFact } from './facts/care-plans.ts';
import type { Eligibility } from './facts/michigan-eligibility.ts';
import { latestEligibility } from './m-1-m-2-eligibility.ts';
import { indeterminate, met } from './outcome.ts';

/** R4 types that M-27 reads. */
export const inputTypes = ['QuestionnaireResponse', 'Observation'] as const;

/**
 * M-27 clients are billed by their "stage of readiness for addiction treatment that coincides with ASAM PPC-2R" (Michigan, IV): a stage of
 * change on the day of the eligibility response that M-1 reads, or in the `readinessDays` before it [D]; of several the last. A stage
 * that somebody found later was not what eligibility rested on. The stages are the transtheoretical ones; the guidance names none.
 */
export function m27Readiness(
  question: Question,
  responses: readonly Eligibility[],
  stages: readonly StageFact[],
): RuleAnswer {
  const { parameters, rules, zone } = question.ruleset;
  if (!rules['M-27']) return notApplicable('M-27', 'rule-not-in-ruleset');
  const most = parameters.readinessDays?.value;
  if (most === undefined) return answer('M-27', indeterminate('missing-parameter: readinessDays'));
  const response = latestEligibility(question, responses);
  const eligible = dateIn(zone, response?.authored);
  if (!response || eligible === undefined) return answer('M-27', indeterminate('missing: eligibility response'));
  const near = stages
    .flatMap((stage) => {
      const on = dateIn(zone, stage.at);
      const fits = on !== undefined && on <= eligible && addDays(on, most) >= eligible && wasKnown(question, stage.at);
      return fits ? [{ on, ...stage }] : [];
    })
    .sort((a, b) => Date.parse(b.at ?? '') - Date.parse(a.at ?? ''));
  const last = near.find(({ stage }) => stage !== 'not-assessed');
  const evidence = [response.reference, ...(last ? [last] : near).map(({ reference }) => reference)];
  if (!last)
    return answer(
      'M-27',
      indeterminate(near.length > 0 ? 'stage-not-assessed' : 'missing: stage at eligibility'),
      evidence,
    );
  return answer('M-27', met, evidence, { stage: last.stage, stageDate: last.on });
}
