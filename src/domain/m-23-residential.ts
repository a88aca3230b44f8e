import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { hasHappened } from './binding.ts';
import { dateIn } from './dating.ts';
import type { EpisodeMode, TaskFact } from './facts/michigan-episode.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-23 reads. */
export const inputTypes = ['EpisodeOfCare', 'Task'] as const;

const takenBack: ReadonlySet<string> = new Set(['draft', 'rejected', 'cancelled', 'failed', 'entered-in-error']);

type Step = 'residential-access' | 'post-discharge';

interface Standing {
  readonly state: 'missing' | 'due' | 'done' | 'undated';
  readonly evidence: readonly string[];
}

/**
 * M-23 "must assist the client in accessing the residential services and work to ensure that the client engages in services following
 * discharge from the residential provider" (Michigan, XI.E): a residential stand-alone has a Task `residential-access`, and once that is
 * done a Task `post-discharge`. Each is due until D finds it done; no document names a deadline, so only the end of the episode
 * makes an open one contradict [D].
 */
export function m23Residential(
  question: Question,
  service: EpisodeMode | undefined,
  tasks: readonly TaskFact[],
): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['M-23']) return notApplicable('M-23', 'rule-not-in-ruleset');
  if (service?.mode === undefined) return answer('M-23', indeterminate('missing: serviceMode'));
  if (service.mode !== 'residential') return notApplicable('M-23', service.mode);
  const end = dateIn(ruleset.zone, episode.end, 'end');
  const ended = end !== undefined && end < date;
  const access = standing(question, 'residential-access', tasks);
  const after = standing(question, 'post-discharge', tasks);
  // Before the client is in, nothing after the discharge is asked for; a Task that is open already is told.
  const follows = access.state === 'done' || after.state !== 'missing' || ended;
  const outcome = all(
    judge('residential-access', access, ended),
    follows ? judge('post-discharge', after, ended) : indeterminate('post-discharge-to-come'),
  );
  return answer('M-23', outcome, [service.episode, ...access.evidence, ...after.evidence], {
    access: access.state,
    postDischarge: after.state,
  });
}

function standing(question: Question, code: Step, tasks: readonly TaskFact[]): Standing {
  const own = tasks.filter(
    (task) =>
      task.code === code &&
      !takenBack.has(task.status) &&
      (task.episode === undefined || task.episode === question.episode.reference) &&
      hasHappened(question, task.date),
  );
  const evidence = own.map(({ reference }) => reference);
  const completed = own.filter(({ status }) => status === 'completed');
  if (completed.some(({ done }) => hasHappened(question, done))) return { state: 'done', evidence };
  if (completed.some(({ done }) => done === undefined)) return { state: 'undated', evidence };
  return { state: own.length === 0 ? 'missing' : 'due', evidence };
}

function judge(step: Step, { state }: Standing, ended: boolean): Outcome {
  if (state === 'done') return met;
  if (state === 'undated') return indeterminate(`missing: date of completion of ${step}`);
  if (state === 'missing') return notMet(`no-task: ${step}`);
  return ended ? notMet(`not-done: ${step}`) : indeterminate(`due: ${step}`);
}
