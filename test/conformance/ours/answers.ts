import { type LocalDate, localDate } from '../../../src/base/time.ts';
import { notificationOfAdmission } from '../../../src/domain/a-1-notification.ts';
import { approvalOn } from '../../../src/domain/a-2-first-ninety-days.ts';
import { planRegistration } from '../../../src/domain/a-6-registration.ts';
import { answer, type Question, type RuleAnswer } from '../../../src/domain/answer.ts';
import { chargeCode } from '../../../src/domain/b-4-case-rate.ts';
import { isCoachQualified } from '../../../src/domain/b-5-coach-qualified.ts';
import { billingDays } from '../../../src/domain/billing.ts';
import { seriesOf } from '../../../src/domain/caseload.ts';
import { caseloadOn, newestFirst, prepareCaseload, type Series } from '../../../src/domain/cl-1-caseload.ts';
import { credentialRunway } from '../../../src/domain/cr-4-credential-runway.ts';
import { diplomaOn } from '../../../src/domain/cr-7-diploma.ts';
import { approvedTraining } from '../../../src/domain/cr-8-approved-training.ts';
import { lastSupervision } from '../../../src/domain/cr-9-supervision.ts';
import { pairEncounter } from '../../../src/domain/ct-2-message-pairs.ts';
import { holds, type MemberFacts } from '../../../src/domain/facts/facts.ts';
import { measureOn } from '../../../src/domain/measures.ts';
import { billingOrganization } from '../../../src/domain/or-1-billing-organization.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { goalsMeeting, wellnessPlanMeeting } from '../../../src/domain/t-1-onset-meeting.ts';
import { fiveInThirty } from '../../../src/domain/t-2-five-in-thirty.ts';
import { weeklyContacts } from '../../../src/domain/t-3-weekly.ts';
import { supportWork } from '../../../src/domain/t-4-support-work.ts';
import { rulesets } from '../../support/facts.ts';
import { parameter } from '../../support/questions.ts';
import type { Answer, Expectation, History } from '../rules/format.ts';
import { billingEntity, billingFacts, memberFacts, notificationFacts, practitioner, rolesOf } from './facts.ts';
import { michiganRule, serviceAnswer, supervisions } from './michigan.ts';
import { recordsRule } from './records.ts';

interface Asked {
  readonly history: History;
  readonly facts: MemberFacts;
  readonly date: LocalDate;
  readonly knownAt: string;
  readonly series: readonly Series[];
}

/** What Footbridge's rules answer to one expectation of a history. */
export function ours(history: History, expected: Expectation): Answer {
  const { asOf, knownAt } = expected;
  const facts = memberFacts(history, knownAt);
  const name = expected.ruleset ?? history.ruleset;
  const series = seriesOf(facts, withSettings(history), knownAt).filter(({ ruleset }) => ruleset.name === name);
  const asked = { history, facts, date: localDate(asOf), knownAt, series };
  const { billing, coach, measure, rule, service, status } = expected;
  return {
    ...(status === undefined ? {} : caseloadAnswer(asked, coach)),
    ...(measure === undefined ? {} : measureAnswer(asked, coach, measure.rule)),
    ...(billing === undefined ? {} : { billing: billingAnswer(asked, billing.rule) }),
    ...(service === undefined ? {} : { service: serviceAnswer(withQuestion(asked), service.contact) }),
    ...(rule === undefined ? {} : { rule: ruleAnswer(asked, rule.id, rule.of) }),
  };
}

/** A plan's own settings stand in no file, and other readings in another file than ours: a deployment gives them. */
function withSettings({ measures, modes, settings }: History): Ruleset[] {
  const own = Object.fromEntries(Object.entries(settings ?? {}).map(([name, value]) => [name, parameter(value)]));
  const read = (ruleset: Ruleset): Ruleset['rules'] =>
    Object.fromEntries(
      Object.entries(ruleset.rules).map(([id, { measureFor, ...entry }]) => {
        const mode = modes?.[id];
        return [id, mode ? { ...entry, mode } : { ...entry, ...(measureFor && { measureFor }) }];
      }),
    );
  return rulesets.map((ruleset) => ({
    ...ruleset,
    rules: read(ruleset),
    measures: ruleset.measures.map((one) => ({ ...one, ...measures?.[one.rule] })),
    parameters: { ...ruleset.parameters, ...own },
  }));
}

function seriesOfCoach({ history, series }: Asked, coach: string | undefined): readonly Series[] {
  const wanted = practitioner(coach ?? history.coaches[0]?.id ?? '');
  return series.filter((one) => one.coach === wanted);
}

function caseloadAnswer(asked: Asked, coach: string | undefined): Answer {
  for (const series of seriesOfCoach(asked, coach)) {
    const { contactDefinition } = series.ruleset;
    const told =
      contactDefinition === 'binds'
        ? caseloadOn(prepareCaseload(asked.facts, series, asked.knownAt), asked.date)
        : undefined;
    if (!told) continue;
    const { contact, lastDay, reason, status } = told;
    const found = asked.history.contacts.find(({ externalId }) =>
      [`Encounter/${externalId}`, pairEncounter(`Communication/${externalId}`)].includes(
        contact?.contact.reference ?? '',
      ),
    );
    const daysLeft =
      lastDay === undefined ? undefined : Math.round((Date.parse(lastDay) - Date.parse(asked.date)) / 86_400_000);
    return { status, lastDay, daysLeft, contactDate: contact?.date, decidingContact: found?.externalId, reason };
  }
  return { status: 'not-applicable' };
}

function measureAnswer(asked: Asked, coach: string | undefined, rule: string): Answer {
  for (const series of seriesOfCoach(asked, coach)) {
    const measure = series.ruleset.measures.find((one) => one.rule === rule);
    if (!measure) continue;
    const { count, dueDate, result } = measureOn(
      { contacts: prepareCaseload(asked.facts, series, asked.knownAt).contacts, ruleset: series.ruleset },
      measure,
      asked.date,
    );
    return { measure: { rule, result, count, dueDate } };
  }
  return {};
}

function billingAnswer({ date, facts, history, knownAt, series }: Asked, rule: string): NonNullable<Answer['billing']> {
  const more = billingFacts(history, knownAt);
  const [day] = billingDays(facts, more, series, knownAt, { start: date, end: date });
  if (!day) return { rule, result: 'not-applicable' };
  const { figures, outcome } = day.answer;
  const charge = day.series.ruleset.parameters.charge?.value;
  return {
    rule: day.answer.rule,
    result: outcome.result,
    reasons: 'reasons' in outcome ? outcome.reasons : [],
    charge: outcome.result === 'met' && charge ? [charge.code, ...charge.modifiers].join('-') : undefined,
    warning: figures['warning']?.toString(),
  };
}

/** The question that a rule is asked on demand: about the episode, with all coaches' contacts. */
function withQuestion(asked: Asked): Asked & { readonly question: Question } {
  const { date, facts, history, knownAt, series } = asked;
  const [first] = series;
  if (!first) throw new Error(`${history.id}: no coverage brings ${history.ruleset} to bear`);
  const contacts = series.flatMap((one) => prepareCaseload(facts, one, knownAt).contacts).sort(newestFirst);
  const planType = first.coverage.find((days) => holds(days, date))?.planType;
  const { episode, payer, ruleset } = first;
  return { ...asked, question: { ruleset, planType, payer, episode, date, knownAt, contacts } };
}

function ruleAnswer(asked: Asked, id: string, of: string | undefined): NonNullable<Answer['rule']> {
  if (asked.series.length === 0) return { id, of, result: 'not-applicable', reasons: ['no-coverage'] };
  const withIt = withQuestion(asked);
  const told =
    michiganRule(withIt, id, of) ?? recordsRule(withIt, id, of) ?? memberRule(withIt, id) ?? peopleRule(withIt, id, of);
  if (!told) throw new Error(`${asked.history.id}: nobody answers ${id}`);
  const { figures, outcome } = told;
  return { id, of, result: outcome.result, reasons: 'reasons' in outcome ? outcome.reasons : [], figures };
}

function memberRule(
  { facts, history, knownAt, question }: Asked & { question: Question },
  id: string,
): RuleAnswer | undefined {
  const { authorizations, goals, plans } = billingFacts(history, knownAt);
  const death = history.deceased === undefined ? undefined : localDate(history.deceased);
  switch (id) {
    case 'A-1':
      return notificationOfAdmission(question, notificationFacts(history));
    case 'A-2':
      return approvalOn(question, authorizations);
    case 'A-6':
      return planRegistration(question, notificationFacts(history));
    case 'B-1':
      return chargeCode(question);
    case 'O-2':
      return goalsMeeting(question, plans, goals);
    case 'T-1':
      return wellnessPlanMeeting(question, facts.patient, plans);
    case 'T-2':
      return fiveInThirty(question, death);
    case 'T-3':
      return weeklyContacts(question, death);
    case 'T-4':
      return supportWork(question, facts.support, death);
    default:
      return undefined;
  }
}

/** Rules about a coach: `of`, or the first of the history. */
function peopleRule(
  { facts, history, question }: Asked & { question: Question },
  id: string,
  of: string | undefined,
): RuleAnswer | undefined {
  const { date, payer, ruleset } = question;
  const coach = facts.coaches.get(practitioner(of ?? history.coaches[0]?.id ?? ''));
  const asked = { ruleset, payer, organization: billingEntity(history) };
  const supervisors = history.coaches.flatMap((one) => {
    const supervises = rolesOf(history, one).some(({ role }) => role === 'supervisor');
    const found = supervises ? facts.coaches.get(practitioner(one.id)) : undefined;
    return found ? [found] : [];
  });
  switch (id) {
    case 'B-5':
      return answer('B-5', isCoachQualified(coach, date, asked));
    case 'CR-4':
      return credentialRunway(coach, date, asked);
    case 'CR-7':
      return diplomaOn(coach, date, ruleset);
    case 'CR-8':
      return approvedTraining(coach, supervisors, date, ruleset);
    case 'CR-9':
      return lastSupervision(practitioner(of ?? ''), supervisions(history), question);
    case 'OR-1':
      return billingOrganization(
        { ruleset, date, organization: asked.organization },
        billingFacts(history, question.knownAt).organizations,
        facts.coaches.values(),
      );
    default:
      return undefined;
  }
}
