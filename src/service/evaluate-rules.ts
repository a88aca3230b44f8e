import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { LocalDate } from '../base/time.ts';
import type { Account } from '../domain/accounts.ts';
import { basisWithin } from '../domain/deciding-basis.ts';
import { ruleFacts } from '../domain/every-rule/facts.ts';
import { organizationInputs } from '../domain/every-rule/organization-inputs.ts';
import type { ToldAnswer } from '../domain/every-rule/told.ts';
import { evaluateRules, heldRules, type RuleAnswers, type RulesetAnswers } from '../domain/every-rule.ts';
import { codesOfReason } from '../domain/reasons.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { onDemandInputTypes } from '../domain/rules-on-demand.ts';
import { type Basis, canonicalOf, quoteOf, type Ruleset } from '../domain/ruleset.ts';
import type { Access } from '../store/access.ts';
import type { Services } from './context.ts';
import { askEpisode, type EpisodeQuestion, isAsked } from './episode-question.ts';
import { type Reader, readerOf } from './readable.ts';
import { figureParts } from './rule-figures.ts';

export interface RulesQuestion extends EpisodeQuestion {
  /** undefined: the date of K in each ruleset's zone */
  readonly date: LocalDate | undefined;
  /** ids such as `A-2`; undefined: all that a ruleset holds */
  readonly rules: ReadonlySet<string> | undefined;
}

/**
 * `EpisodeOfCare/{id}/$evaluate-rules?date&knownAt&ruleset&rule` (docs/evaluate-rules.md): what every rule of every ruleset in force on
 * the day answers, with what it rests on, from what was recorded by K. These answers are the provider's own; a plan reads the status.
 */
export async function answerEveryRule(
  services: Services,
  access: Access,
  asked: RulesQuestion,
): Promise<Result<Parameters, Failure>> {
  const refused = forPlan(access) ?? unknownRule(services.rulesets, asked);
  if (refused) return err(refused);
  const types = [...new Set([...ruleInputTypes, ...onDemandInputTypes])];
  const found = await askEpisode(services, access, '$evaluate-rules', asked, types, (accounts) =>
    organizationInputs(idsOf(accounts, asked.rules)),
  );
  if (!found.ok) return found;
  const { accounts, facts: member, knownAt, organization, recorded, series } = found.value;
  if (!member) return ok({ resourceType: 'Parameters' });
  const facts = ruleFacts(member.patient, recorded, organization);
  const asking = { member, facts, series, knownAt: knownAt.toISOString(), date: asked.date };
  const reader = readerOf(access);
  const parameter = evaluateRules(accounts, asking, asked.rules).map((one) => rulesetPart(one, reader));
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

function idsOf(accounts: readonly Account[], rules: ReadonlySet<string> | undefined): string[] {
  const held = accounts.flatMap(({ ruleset }) => heldRules(ruleset));
  return rules ? held.filter((id) => rules.has(id)) : held;
}

function forPlan({ kind }: Access): Failure | undefined {
  if (kind !== 'plan') return undefined;
  return failure(
    'forbidden',
    'forbidden',
    'What each rule answers is the provider’s own. Read the caseload status instead: EpisodeOfCare/{id}/$caseload-status, or $ledger for a period.',
  );
}

function unknownRule(rulesets: readonly Ruleset[], { rules, ruleset }: RulesQuestion): Failure | undefined {
  const of = rulesets.filter((one) => isAsked(one, ruleset));
  const ids = [...new Set(of.flatMap(heldRules))];
  const unknown = [...(rules ?? [])].find((id) => !ids.includes(id));
  // A ruleset that nobody knows is told of first, with the names of those that are there.
  if (unknown === undefined || of.length === 0) return undefined;
  const where = ruleset === undefined ? 'No ruleset here holds' : `The ruleset ${ruleset.slice(0, 100)} does not hold`;
  return failure('invalid', 'value', `${where} a rule ${unknown.slice(0, 40)}. Ask for ${ids.join(', ')}.`);
}

function rulesetPart({ context, rules }: RulesetAnswers, reader: Reader): ParametersParameter {
  const { date, payer, planType, ruleset } = context.question;
  return {
    name: 'ruleset',
    part: [
      { name: 'ruleset', valueUri: canonicalOf(ruleset) },
      { name: 'payer', valueReference: { reference: payer } },
      ...(planType === undefined ? [] : [{ name: 'planType', valueCode: planType }]),
      { name: 'date', valueDate: date },
      ...rules.map((rule) => rulePart(ruleset, rule, reader)),
    ],
  };
}

function rulePart(ruleset: Ruleset, { basis, mode, rule, told }: RuleAnswers, reader: Reader): ParametersParameter {
  const rests = basisOf(ruleset, rule, told) ?? basis;
  const { quote, source } = quoteOf(ruleset, rests);
  return {
    name: 'rule',
    part: [
      { name: 'rule', valueCode: rule },
      { name: 'mode', valueCode: mode },
      { name: 'basis', valueCode: rests.basis ?? 'quote' },
      ...(quote === undefined ? [] : [{ name: 'quote', valueString: quote }]),
      { name: 'source', valueString: source },
      ...told.map((one) => answerPart(one, reader)),
    ],
  };
}

/** What the rule says of the one reason for which it is not met, where it says something of that reason. */
function basisOf({ rules }: Ruleset, rule: string, told: RuleAnswers['told']): Basis | undefined {
  const entry = rules[rule];
  const decides = told.flatMap(({ answer: { outcome } }) =>
    outcome.result === 'not-met' || outcome.result === 'indeterminate' ? [outcome.reasons[0] ?? ''] : [],
  );
  const found = new Set(entry && decides.map((reason) => basisWithin(entry, codesOfReason(reason))));
  return found.size === 1 ? [...found][0] : undefined;
}

function answerPart({ about, answer, coach, on }: ToldAnswer, reader: Reader): ParametersParameter {
  const { evidence, figures, outcome } = answer;
  // Who may not read what the answer is about hears its result and its reasons, not what was recorded of it.
  const hears = about === undefined || reader.mayRead(about);
  const reasons = 'reasons' in outcome ? outcome.reasons : [];
  return {
    name: 'answer',
    part: [
      ...(coach === undefined ? [] : [{ name: 'coach', valueReference: { reference: coach } }]),
      ...(about !== undefined && hears ? [{ name: 'about', valueReference: { reference: about } }] : []),
      ...(on !== undefined && hears ? [{ name: 'date', valueDate: on }] : []),
      { name: 'result', valueCode: outcome.result },
      ...reasons.map((reason) => ({ name: 'reason', valueString: reader.withoutHidden(reason) })),
      ...(hears ? figureParts(figures, reader) : []),
      ...evidence.filter(reader.mayRead).map((reference) => ({ name: 'evidence', valueReference: { reference } })),
    ],
  };
}
