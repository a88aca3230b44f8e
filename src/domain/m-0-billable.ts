import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { modeOf } from './binding.ts';
import type { PeerRoleFact } from './facts/michigan-episode.ts';
import type { Service } from './facts/michigan-services.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { isFamilyContact } from './m-18-family-consent.ts';
import { allTold, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-0 reads beside those of its parts. */
export const inputTypes = ['Encounter', 'Procedure', 'PractitionerRole'] as const;

/**
 * M-0 Michigan billable [D]: M-1, the code by M-3 or M-4, M-5, M-6, M-7, M-8, M-11, M-13, M-14 and M-24 must all be met (Michigan, IV,
 * VIII, XI and XII), and the service "must be provided by a Peer Recovery Coach/Associate" (XII), as whom VIII knows people so long in
 * recovery; a ruleset whose M-13 is no gate reads that as telling, not asking. Speaking with the family needs the client's consent
 * (M-18), without which the contact should not have been made. Every reason is told, those of gaps beside those of contradictions, each
 * with the rule that gives it.
 *
 * @param parts the answers of those rules for this service; one that is not among them leaves M-0 open
 */
export function m0Billable(
  question: Question,
  service: Service,
  roles: readonly PeerRoleFact[],
  parts: readonly RuleAnswer[],
): RuleAnswer {
  if (!question.ruleset.rules['M-0']) return notApplicable('M-0', 'rule-not-in-ruleset');
  const code = service.clientPresent === true ? 'M-3' : 'M-4';
  const gates = (rule: string): string[] =>
    rule in question.ruleset.rules && modeOf(question, rule) === 'gate' ? [rule] : [];
  const family = isFamilyContact(service) ? gates('M-18') : [];
  const wanted = ['M-1', code, 'M-5', 'M-6', 'M-7', 'M-8', 'M-11', ...gates('M-13'), 'M-14', ...family, 'M-24'];
  const outcomes = [isPeer(question, service, roles), ...wanted.map((rule) => toldBy(rule, parts))];
  const used = parts.filter(({ rule }) => wanted.includes(rule));
  const performers = roles.filter(({ practitioner }) => service.performers.includes(practitioner));
  return answer(
    'M-0',
    allTold(...outcomes),
    [...used.flatMap(({ evidence }) => evidence), ...performers.map(({ reference }) => reference)],
    figuresOf(used),
  );
}

function toldBy(rule: string, parts: readonly RuleAnswer[]): Outcome {
  const outcome = parts.find((part) => part.rule === rule)?.outcome;
  if (!outcome || outcome.result === 'not-applicable') return indeterminate(`missing: answer of ${rule}`);
  return outcome.result === 'met' ? met : { ...outcome, reasons: outcome.reasons.map((one) => `${rule} ${one}`) };
}

/** One performer who works as coach or associate for the service's organisation on its day is enough. */
function isPeer({ ruleset }: Question, service: Service, roles: readonly PeerRoleFact[]): Outcome {
  const { organization, performers } = service;
  if (performers.length === 0) return indeterminate('missing: performer');
  if (performers.some((one) => roleOf(one, service, roles, ruleset) !== undefined)) return met;
  if (organization === undefined) return indeterminate('missing: organisation of the service');
  const held = roles.some((role) => performers.includes(role.practitioner) && role.organization === organization);
  return held
    ? notMet('performer-not-in-role-on-the-day')
    : indeterminate('missing: PractitionerRole as coach or associate at the organisation');
}

/** Two parts may warn at once: a warning bears the name of its rule. */
function figuresOf(parts: readonly RuleAnswer[]): RuleAnswer['figures'] {
  const entries = parts.flatMap(({ figures, rule }) =>
    Object.entries(figures).map(([name, value]) => [name === 'warning' ? `${rule}-warning` : name, value] as const),
  );
  return Object.fromEntries(entries);
}
