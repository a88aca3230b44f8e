import type { LocalDate } from '../base/time.ts';
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
  readonly state: 'missing' | 'due' | 'done' | 'undated' | 'too-early';
  readonly evidence: readonly string[];
}

/**
 * M-23 "must assist the client in accessing the residential services and work to ensure that the client engages in services following
 * discharge from the residential provider" (Michigan, XI.E): a residential stand-alone has a Task `residential-access`, and once that is
 * done a Task `post-discharge`. Each is due until D finds it done; no document names a deadline, so only the end of the episode
 * makes an open one contradict [D]. A post-discharge step said to be done before the client was in cannot have been, and a Task that names
 * no episode is this one's where it is not older.
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
  const after = standing(question, 'post-discharge', tasks, accessDoneOn(question, tasks));
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

/** The first day on which a completed Task says that the client is in. */
export function accessDoneOn(question: Question, tasks: readonly TaskFact[]): LocalDate | undefined {
  return tasksOf(question, 'residential-access', tasks)
    .filter(({ done, status }) => status === 'completed' && hasHappened(question, done))
    .flatMap(({ done }) => dateIn(question.ruleset.zone, done) ?? [])
    .sort()[0];
}

function tasksOf(question: Question, code: Step, tasks: readonly TaskFact[]): TaskFact[] {
  const { episode, ruleset } = question;
  const begin = dateIn(ruleset.zone, episode.start);
  const isOlder = ({ date, done }: TaskFact): boolean =>
    begin !== undefined && (dateIn(ruleset.zone, done ?? date) ?? begin) < begin;
  return tasks.filter(
    (task) =>
      task.code === code &&
      !takenBack.has(task.status) &&
      (task.episode === undefined ? !isOlder(task) : task.episode === episode.reference) &&
      hasHappened(question, task.date),
  );
}

/** @param notBefore the day before which the step cannot have been done */
function standing(question: Question, code: Step, tasks: readonly TaskFact[], notBefore?: LocalDate): Standing {
  const own = tasksOf(question, code, tasks);
  const evidence = own.map(({ reference }) => reference);
  const completed = own.filter(({ status }) => status === 'completed');
  const done = completed.filter((task) => hasHappened(question, task.done));
  const isTooEarly = (task: TaskFact): boolean =>
    notBefore !== undefined && (dateIn(question.ruleset.zone, task.done) ?? notBefore) < notBefore;
  if (done.some((task) => !isTooEarly(task))) return { state: 'done', evidence };
  if (done.length > 0) return { state: 'too-early', evidence };
  if (completed.some((task) => task.done === undefined)) return { state: 'undated', evidence };
  return { state: own.length === 0 ? 'missing' : 'due', evidence };
}

function judge(step: Step, { state }: Standing, ended: boolean): Outcome {
  if (state === 'done') return met;
  if (state === 'undated') return indeterminate(`missing: date of completion of ${step}`);
  if (state === 'too-early') return indeterminate(`${step}-before-the-client-was-in`);
  if (state === 'missing') return notMet(`no-task: ${step}`);
  return ended ? notMet(`not-done: ${step}`) : indeterminate(`due: ${step}`);
}
