import { answer, notApplicable, type RuleAnswer } from '../answer.ts';
import type { Authorization } from '../facts/michigan-authorizations.ts';
import type { EpisodeMode } from '../facts/michigan-episode.ts';
import type { Service } from '../facts/michigan-services.ts';
import { m1Eligible, m2Criteria } from '../m-1-m-2-eligibility.ts';
import { m9PostAcute } from '../m-9-post-acute.ts';
import { m10SameDates, m20Allowance } from '../m-10-m-20-requests.ts';
import { m12Supervised } from '../m-12-supervision.ts';
import { m13Recovery } from '../m-13-recovery.ts';
import { m15Oversight } from '../m-15-oversight.ts';
import { m16Lost } from '../m-16-lost.ts';
import { m17Relapse } from '../m-17-relapse.ts';
import { isFamilyContact, m18FamilyConsent } from '../m-18-family-consent.ts';
import { m19Coordinated } from '../m-19-treatment-plan.ts';
import { m21CommunityCapability } from '../m-21-community-capability.ts';
import { m22Licensed } from '../m-22-licence.ts';
import { m23Residential } from '../m-23-residential.ts';
import { m25Associate } from '../m-25-associate.ts';
import { m26Submitted } from '../m-26-submission.ts';
import { m27Readiness } from '../m-27-readiness.ts';
import { m28Activities } from '../m-28-activities.ts';
import { m30Engagement } from '../m-30-engagement.ts';
import type { JudgedService } from '../michigan-billing.ts';
import { notMet } from '../outcome.ts';
import { inWindow, type RuleContext } from './context.ts';
import { forCoaches, forEach, once, type Rule, type Rules } from './told.ts';

/** Michigan (domain model 2e and 8.1): rules about a service answer for each service in the window. */
export const michiganRules: Rules = {
  'M-0': forServices('M-0', ({ answer: billable }) => billable),
  'M-1': once(({ facts, question }) => m1Eligible(question, facts.michigan.eligibilities)),
  'M-2': once(({ facts, question }) => m2Criteria(question, facts.michigan.eligibilities)),
  ...Object.fromEntries(
    ['M-3', 'M-4', 'M-5', 'M-6', 'M-7', 'M-8', 'M-11', 'M-14', 'M-24'].map((rule) => [rule, partOfBilling(rule)]),
  ),
  'M-9': once((context) => m9PostAcute(context.question, modeOf(context))),
  'M-10': forEach('M-10', 'no-separate-request', separateRequests, ({ facts, question }, request) =>
    m10SameDates(question, request, facts.michigan.authorizations),
  ),
  'M-12': forCoaches('M-12', ({ facts, question }, { series }) =>
    m12Supervised(question, series.coach, facts.supervisions, facts.people, facts.michigan.roles),
  ),
  'M-13': forCoaches('M-13', ({ facts, question }, { series }) =>
    m13Recovery(question, series.coach, facts.michigan.roles, facts.people),
  ),
  'M-15': forServices('M-15', ({ service }, { facts, question }) =>
    service.kind === 'outreach' ? m15Oversight(question, service, facts.michigan.roles) : undefined,
  ),
  'M-16': once(({ facts, member, question }) => m16Lost(question, member.support, facts.partyConsents)),
  'M-17': once((context) =>
    m17Relapse(context.question, modeOf(context), context.facts.stages, context.facts.episodeTasks),
  ),
  'M-18': forServices('M-18', ({ service }, { facts, question }) =>
    isFamilyContact(service) ? m18FamilyConsent(question, service, facts.partyConsents) : undefined,
  ),
  'M-19': once((context) => m19Coordinated(context.question, modeOf(context), context.facts.plans)),
  'M-20': forEach(
    'M-20',
    'no-request',
    ({ facts }) => facts.michigan.authorizations,
    ({ question }, request) => m20Allowance(question, request),
  ),
  'M-21': once(({ facts, question }) => m21CommunityCapability(question, facts.providerAttestations, facts.plans)),
  'M-22': once((context) => m22Licensed(context.question, modeOf(context), context.facts.organizations)),
  'M-23': once((context) => m23Residential(context.question, modeOf(context), context.facts.episodeTasks)),
  'M-25': forCoaches('M-25', ({ facts, question }, { series }) =>
    m25Associate(question, series.coach, facts.michigan.roles, facts.people),
  ),
  'M-26': forEach(
    'M-26',
    'nothing-to-submit',
    ({ facts }) => facts.claimsToSubmit,
    ({ facts, question }, claim) => m26Submitted(question, claim, facts.submissions),
  ),
  'M-27': once(({ facts, question }) => m27Readiness(question, facts.michigan.eligibilities, facts.stages)),
  'M-28': forServices('M-28', ({ service }, { question }) => m28Activities(question, service)),
  'M-29': forServices('M-29', ({ service }) => lineOfCommunication(service)),
  'M-30': forCoaches('M-30', ({ facts, question }, { series }) =>
    m30Engagement(question, series.coach, facts.michigan.roles, facts.supervisions, facts.people),
  ),
};

/** An answer for each service in the window that the rule has one for, the newest first. */
function forServices(id: string, rule: (service: JudgedService, context: RuleContext) => RuleAnswer | undefined): Rule {
  return (context) => {
    const told = context.services
      .filter(({ date }) => inWindow(context, date))
      .toReversed()
      .flatMap((one) => {
        const found = rule(one, context);
        return found ? [{ about: one.service.reference, on: one.date, answer: found }] : [];
      });
    return told.length > 0 ? told : [{ answer: notApplicable(id, 'no-such-service-in-the-window') }];
  };
}

/** As M-0 was given it for the service. */
function partOfBilling(rule: string): Rule {
  return forServices(rule, ({ parts }) => parts.find((part) => part.rule === rule));
}

/**
 * M-29 "keep the line of communication open" (Michigan, V): texts, e-mails and outreach do so, and XII lists none of them, so they are
 * not billed. Other services are no concern of it.
 */
function lineOfCommunication({ evidence, kind, modality }: Service): RuleAnswer | undefined {
  const unlisted = kind === 'outreach' || modality === 'text' || modality === 'email';
  return unlisted ? answer('M-29', notMet('not-listed'), evidence) : undefined;
}

function separateRequests({ facts }: RuleContext): readonly Authorization[] {
  return facts.michigan.authorizations.filter(({ parent }) => parent !== undefined);
}

function modeOf({ facts, question }: RuleContext): EpisodeMode | undefined {
  return facts.episodeModes.find(({ episode }) => episode === question.episode.reference);
}
