import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { spanIn } from './dating.ts';
import type { CarePlanFact } from './facts/care-plans.ts';
import { holds } from './facts/facts.ts';
import type { EpisodeMode } from './facts/michigan-episode.ts';
import { any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-19 reads. */
export const inputTypes = ['CarePlan', 'EpisodeOfCare'] as const;

const notInUse: ReadonlySet<string> = new Set(['draft', 'revoked', 'unknown']);

/**
 * M-19 "the PRSS service plan must be coordinated with the client's individualized treatment plan" where PRSS supplements treatment
 * (Michigan, XI.C): the plan in force on D names a treatment plan by `partOf` or `basedOn`; of several plans the one that began last
 * is asked [D], and a treatment plan that is not in force on D guides nothing then. A stand-alone service has a plan of its own. Whether a plan that is linked but is not here, or does not say that it is
 * a treatment plan, is one, nobody can tell.
 */
export function m19Coordinated(
  question: Question,
  service: EpisodeMode | undefined,
  plans: readonly CarePlanFact[],
): RuleAnswer {
  const { date, ruleset } = question;
  if (!ruleset.rules['M-19']) return notApplicable('M-19', 'rule-not-in-ruleset');
  if (service?.mode === undefined) return answer('M-19', indeterminate('missing: serviceMode'));
  if (service.mode !== 'supplement') return notApplicable('M-19', service.mode);
  const own = plans
    .filter(({ kind, status }) => kind === 'wellness' && !notInUse.has(status))
    .filter((plan) => holds(spanIn(ruleset.zone, plan), date))
    .sort((a, b) => (a.start === b.start ? 0 : (a.start ?? '') < (b.start ?? '') ? 1 : -1))[0];
  if (!own) return answer('M-19', indeterminate('missing: PRSS service plan'), [service.episode]);
  const links = [...own.partOf, ...(own.basedOn ?? [])];
  const outcome =
    links.length === 0
      ? notMet('plan-without-treatment-plan')
      : any(...links.map((link): Outcome => isTreatmentPlan(link, plans, question)));
  return answer('M-19', outcome, [service.episode, own.reference, ...links]);
}

function isTreatmentPlan(link: string, plans: readonly CarePlanFact[], { date, ruleset }: Question): Outcome {
  const linked = plans.find(({ reference }) => reference === link);
  if (!linked) return indeterminate(`missing: ${link}`);
  if (linked.kind === 'treatment') {
    if (linked.status === 'revoked') return notMet('treatment-plan-revoked');
    if (notInUse.has(linked.status)) return indeterminate(`treatment-plan-${linked.status}`);
    return holds(spanIn(ruleset.zone, linked), date) ? met : notMet('treatment-plan-not-in-force');
  }
  return linked.kind === 'safe-care'
    ? notMet('linked-plan-is-no-treatment-plan')
    : indeterminate(`missing: category treatment-plan of ${link}`);
}
