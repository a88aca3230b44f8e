import type { Question } from './answer.ts';
import { dateIn } from './dating.ts';
import type { ChargeFact } from './facts/authorizations.ts';
import type { Service } from './facts/michigan-services.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';

const standing: ReadonlySet<string> = new Set(['billable', 'billed', 'unknown']);

/**
 * One charge for a service of an organisation; a planned or refused one is none. A charge of the day and code that names no service, as
 * a client's own may, can be for this one: a person must say for which it is [D].
 *
 * @param code of the service, where it is known
 */
export function chargedAlready(
  question: Question,
  parts: readonly Service[],
  code: string | undefined,
  charges: readonly ChargeFact[],
): { readonly outcome: Outcome; readonly evidence: readonly string[] } {
  const { organization } = question.episode;
  const here = charges.filter(
    (one) => standing.has(one.status) && (one.organization === undefined || one.organization === organization),
  );
  const own = here.filter(({ services }) => parts.some(({ reference }) => services.includes(reference)));
  const unnamed = code === undefined ? [] : here.filter((one) => mayBeFor(question, code, one));
  return {
    outcome: all(
      isUncharged(own),
      unnamed.length > 0 ? indeterminate('missing: service of a ChargeItem of the day') : met,
    ),
    evidence: [...own, ...unnamed].map(({ reference }) => reference),
  };
}

function mayBeFor({ date, episode, ruleset }: Question, code: string, charge: ChargeFact): boolean {
  return (
    charge.services.length === 0 &&
    charge.codes.includes(code) &&
    dateIn(ruleset.zone, charge.at) === date &&
    (charge.episode === undefined || charge.episode === episode.reference)
  );
}

function isUncharged(charged: readonly ChargeFact[]): Outcome {
  if (charged.some(({ status }) => status !== 'unknown')) return notMet('already-charged');
  return charged.length > 0 ? indeterminate('missing: status of a ChargeItem of the service') : met;
}
