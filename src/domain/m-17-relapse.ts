import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn } from './dating.ts';
import type { StageFact } from './facts/care-plans.ts';
import type { EpisodeMode, TaskFact } from './facts/michigan-episode.ts';
import { all, met, notMet } from './outcome.ts';

/** R4 types that M-17 reads. */
export const inputTypes = ['EpisodeOfCare', 'Observation', 'Task'] as const;

const relapseStage = '134409004';
const takenBack: ReadonlySet<string> = new Set(['rejected', 'cancelled', 'entered-in-error', 'failed']);

/**
 * M-17 "Services should continue despite relapse or setbacks, with consideration to increasing services during this time" (Michigan,
 * XI.G): an episode never ends for a relapse, and the latest relapse by D is followed by a Task `intensity-review` of its day or
 * later, so that one review answers every relapse before it [D].
 */
export function m17Relapse(
  question: Question,
  episode: EpisodeMode | undefined,
  stages: readonly StageFact[],
  tasks: readonly TaskFact[],
): RuleAnswer {
  const { date, ruleset } = question;
  if (!ruleset.rules['M-17']) return notApplicable('M-17', 'rule-not-in-ruleset');
  const byThen = (said: string | undefined): string | undefined => {
    const on = dateIn(ruleset.zone, said);
    const known = said === undefined || said.length <= 10 || Date.parse(said) <= Date.parse(question.knownAt);
    return on !== undefined && on <= date && known ? on : undefined;
  };
  const relapses = stages
    .filter(({ stage }) => stage === relapseStage)
    .flatMap(({ at, reference }) => {
      const on = byThen(at);
      return on === undefined ? [] : [{ on, reference }];
    });
  const last = relapses
    .map(({ on }) => on)
    .sort()
    .at(-1);
  const wrongEnd = episode?.endReason === 'relapse';
  if (last === undefined && !wrongEnd) return notApplicable('M-17', 'no-relapse');
  const reviews = tasks.filter((task) => {
    const on = byThen(task.date);
    return task.code === 'intensity-review' && !takenBack.has(task.status) && on !== undefined && on >= (last ?? '');
  });
  const outcome = all(
    wrongEnd ? notMet('episode-ended-for-relapse') : met,
    last !== undefined && reviews.length === 0 ? notMet('no-intensity-review') : met,
  );
  const evidence = [...relapses, ...reviews].map(({ reference }) => reference);
  return answer('M-17', outcome, evidence, last === undefined ? {} : { relapse: last });
}
