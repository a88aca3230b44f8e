import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { PeerRoleFact } from './facts/michigan-episode.ts';
import type { Service } from './facts/michigan-services.ts';
import { roleOf } from './m-3-m-4-service-code.ts';
import { indeterminate, met, notMet } from './outcome.ts';

/** R4 types that M-7 reads. */
export const inputTypes = ['Encounter', 'Procedure', 'PractitionerRole'] as const;

const supports: ReadonlySet<string> = new Set(['emotional', 'informational', 'instrumental', 'affiliational']);

/**
 * M-7 "Billable services must fall within at least one of the four Types of Supports" (Michigan, XII; they stand in VI). "Associates
 * typically operate within affiliational and instrumental types …, may include limited emotional support" (VIII): informational
 * support by associates alone is warned of, and counts.
 */
export function m7Supports(question: Question, service: Service, roles: readonly PeerRoleFact[]): RuleAnswer {
  if (!question.ruleset.rules['M-7']) return notApplicable('M-7', 'rule-not-in-ruleset');
  const { evidence, performers, supportCategories } = service;
  if (supportCategories.length === 0) return answer('M-7', indeterminate('missing: supportCategory'), evidence);
  const found = [...new Set(supportCategories.filter((category) => supports.has(category)))].sort();
  if (found.length === 0) return answer('M-7', notMet('no-type-of-support'), evidence);
  const byAssociates =
    performers.length > 0 &&
    performers.every((performer) => roleOf(performer, service, roles, question.ruleset) === 'associate');
  const warning =
    byAssociates && found.includes('informational') ? { warning: 'informational-support-by-associate' } : {};
  return answer('M-7', met, evidence, { supports: found.join(' '), ...warning });
}
