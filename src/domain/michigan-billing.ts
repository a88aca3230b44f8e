import type { LocalDate } from '../base/time.ts';
import { type Account, contactsIn } from './accounts.ts';
import { answer, type Question, type RuleAnswer } from './answer.ts';
import { atOnce, takesPlace } from './at-once.ts';
import { gate, inEpisode, isCovered, isOnlyEpisode } from './b-2-billable-day.ts';
import { modeOf } from './binding.ts';
import { isKnownAlive, prepareCaseload } from './cl-1-caseload.ts';
import type { Judged } from './ct-1-documented-contact.ts';
import { dateIn } from './dating.ts';
import { isEmployed, rolesInForce } from './employment.ts';
import { episodesOf } from './facts/contacts.ts';
import { type Contact, holds, type MemberFacts } from './facts/facts.ts';
import type { AuthorizedItem } from './facts/michigan-authorizations.ts';
import { type Service, serviceOfActivity, serviceOfContact } from './facts/michigan-services.ts';
import { m0Billable } from './m-0-billable.ts';
import { chargedAlready } from './m-0-charged.ts';
import { m1Eligible, m2Criteria } from './m-1-m-2-eligibility.ts';
import { serviceCode } from './m-3-m-4-service-code.ts';
import { m5Units } from './m-5-units.ts';
import { m6Funding } from './m-6-funding.ts';
import { m7Supports } from './m-7-supports.ts';
import { m8ActivityNote } from './m-8-activity-note.ts';
import { m9MonthOf } from './m-9-post-acute.ts';
import { authorizingItems, m11Authorization } from './m-11-authorization.ts';
import { beyondUnits } from './m-11-units.ts';
import { m13Performers } from './m-13-recovery.ts';
import { m14Trained } from './m-14-training.ts';
import { isFamilyContact, m18FamilyConsent } from './m-18-family-consent.ts';
import { m22Licensed } from './m-22-licence.ts';
import { m24Exclusions } from './m-24-exclusions.ts';
import type { MichiganFacts } from './michigan-facts.ts';
import { all, allTold, any, indeterminate, met, notMet, type Outcome } from './outcome.ts';

/** One service of an episode under one payer's ruleset. */
export interface JudgedService {
  readonly account: Account;
  /** the first part of it, where it was interrupted */
  readonly service: Service;
  /** the further parts that its units are summed over */
  readonly linked: readonly Service[];
  readonly date: LocalDate;
  /** M-0, with what every charge needs: coverage, episode, life, one charge */
  readonly answer: RuleAnswer;
  /** of M-1 to M-24, each as M-0 was given it */
  readonly parts: readonly RuleAnswer[];
  readonly code: string | undefined;
  readonly modifiers: readonly string[];
  readonly units: number | undefined;
}

/**
 * Each Michigan service of an episode with what it may be charged as (domain model 2e, M-0): Encounters with the client, reciprocated
 * messages, and Procedures of collateral, support work and outreach. Two Encounters are one interrupted service where the later says
 * `partOf` the earlier, both are in person, on one day and by the same performers; others stand alone, since parts that are never summed
 * can only be charged less. Of two that one performer gives at the same time neither is billable until a person says which was so [D].
 * Under a ruleset without M-0 there is none.
 *
 * @returns by begin, those that have a date
 */
export function michiganServices(
  facts: MemberFacts,
  more: MichiganFacts,
  account: Account,
  knownAt: string,
): JudgedService[] {
  if (!('M-0' in account.ruleset.rules)) return [];
  const judged = contactsIn(facts, account, knownAt);
  const { zone } = account.ruleset;
  const services = servicesOf(facts, more, account, judged);
  const ambiguous = new Set(services.flatMap(({ certain, service }) => (certain ? [] : [service.reference])));
  const found = groupsOf(
    services.map(({ service }) => service),
    zone,
  ).flatMap(([first, ...linked]) => {
    const date = dateIn(zone, first.start);
    if (date === undefined) return [];
    const planType = account.coverage.find((span) => holds(span, date))?.planType;
    const { episode, payer, ruleset } = account;
    const question = { ruleset, planType, payer, episode, date, knownAt, contacts: judged };
    const isCertain = ![first, ...linked].some(({ reference }) => ambiguous.has(reference));
    return [judge({ facts, more, account, question }, [first, ...linked], isCertain ? met : uncertainEpisode)];
  });
  return withinUnits(oneAtATime(found, zone));
}

/** A service, what would be said of it if nothing were charged yet, and what authorizes it. */
interface Candidate {
  readonly judged: JudgedService;
  readonly uncharged: Outcome;
  readonly items: readonly AuthorizedItem[];
}

/** What is refused anyway takes nobody's time; what is charged already does. */
function oneAtATime(found: readonly Candidate[], zone: string): Candidate[] {
  const parts = found
    .filter(({ uncharged }) => uncharged.result !== 'not-met')
    .flatMap((candidate) =>
      [candidate.judged.service, ...candidate.judged.linked].map((part) => ({ ...part, candidate })),
    )
    .filter(({ status }) => takesPlace.has(status));
  const overlaps = Map.groupBy(atOnce(zone, parts), ([part]) => part.candidate);
  return found.map((candidate) => {
    const others = (overlaps.get(candidate) ?? [])
      .flatMap(([, beside]) => beside)
      .filter((part) => part.candidate !== candidate);
    if (others.length === 0) return candidate;
    const { judged, uncharged } = candidate;
    const { evidence, figures, outcome, rule } = judged.answer;
    const open = indeterminate('another-service-at-the-same-time');
    const told = [...evidence, ...others.map(({ reference }) => reference)];
    return {
      ...candidate,
      judged: { ...judged, answer: answer(rule, allTold(outcome, open), told, figures) },
      uncharged: allTold(uncharged, open),
    };
  });
}

/** What comes after the last authorized unit is not billable, and M-11 says so of it. */
function withinUnits(found: readonly Candidate[]): JudgedService[] {
  const counted = found.filter(({ uncharged }) => uncharged.result === 'met');
  const beyond = beyondUnits(counted.map(({ items, judged }) => ({ items, judged, units: judged.units })));
  const services = new Set([...beyond].map(({ judged }) => judged));
  return found.map(({ judged }) => {
    if (!services.has(judged)) return judged;
    const { evidence, figures, outcome, rule } = judged.answer;
    const refused = answer(rule, allTold(outcome, notMet(`M-11 ${unitsUsedUp}`)), evidence, figures);
    const parts = judged.parts.map((part) =>
      part.rule === 'M-11' ? answer('M-11', notMet(unitsUsedUp), part.evidence, part.figures) : part,
    );
    return { ...judged, answer: refused, parts };
  });
}

const unitsUsedUp = 'authorized-units-used-up';

const uncertainEpisode = indeterminate('ambiguous-episode');

type Parts = readonly [Service, ...Service[]];

interface Asked {
  readonly facts: MemberFacts;
  readonly more: MichiganFacts;
  readonly account: Account;
  readonly question: Question;
}

function judge({ account, facts, more, question }: Asked, parts: Parts, certain: Outcome): Candidate {
  const [service, ...linked] = parts;
  const { date, ruleset } = question;
  const of = (rule: (part: Service) => RuleAnswer): RuleAnswer => joined(parts.map(rule));
  const units = m5Units(question, parts);
  const code = of((part) => serviceCode(question, part, more.roles));
  const answers = [
    m1Eligible(question, more.eligibilities),
    m2Criteria(question, more.eligibilities),
    code,
    units,
    of((part) => m6Funding(question, part, more.fundings)),
    of((part) => m7Supports(question, part, more.roles)),
    of((part) => m8ActivityNote(question, part, more.roles)),
    of((part) => m11Authorization(question, part, more.authorizations, textOf(code, 'code'))),
    of((part) => m13Performers(question, part, more.roles, facts.coaches)),
    of((part) => m14Trained(question, part, more.roles, facts.coaches)),
    ...(isFamilyContact(service) ? [of((part) => m18FamilyConsent(question, part, more.consents))] : []),
    of((part) => m24Exclusions(question, part)),
  ];
  const m0 = m0Billable(question, service, more.roles, answers);
  const death = dateIn(ruleset.zone, facts.deceased, 'end');
  const charged = chargedAlready(question, parts, textOf(code, 'code'), more.charges);
  const conditions = conditionsOf(question, more);
  const uncharged = allTold(
    m0.outcome,
    certain,
    isCovered(date, account.coverage),
    inEpisode(question),
    isOnlyEpisode(question, facts.episodes),
    death !== undefined && date > death ? notMet('deceased') : met,
    isAlive(facts, question, account),
    ...conditions.flatMap(gate),
    isKnownStaff(facts, question, service),
  );
  const outcome = allTold(uncharged, charged.outcome);
  const evidence = [...m0.evidence, ...conditions.flatMap((one) => one.evidence), ...charged.evidence];
  const judged = {
    account,
    service,
    linked,
    date,
    answer: answer('M-0', outcome, evidence, m0.figures),
    parts: answers,
    code: textOf(code, 'code'),
    modifiers: (textOf(code, 'modifiers') ?? '').split(' ').filter((one) => one !== ''),
    units: typeof units.figures['units'] === 'number' ? units.figures['units'] : undefined,
  };
  return { judged, uncharged, items: authorizingItems(question, service, more.authorizations, judged.code) };
}

/** Rules that the file makes a condition of billing where our reading of them only informs or advises. */
function conditionsOf(question: Question, { modes, organizations }: MichiganFacts): RuleAnswer[] {
  const mode = modes.find((one) => one.episode === question.episode.reference);
  return [
    ...(modeOf(question, 'M-9') === 'gate' ? [m9MonthOf(question, mode)] : []),
    ...(modeOf(question, 'M-22') === 'gate' ? [m22Licensed(question, mode, organizations)] : []),
  ];
}

/** Of a role that nobody dated, or of a Practitioner who is no longer active, B-5 does not know that it was held on the day. */
function isKnownStaff(
  { coaches }: MemberFacts,
  { date, episode, payer, ruleset }: Question,
  service: Service,
): Outcome {
  const asked = { ruleset, payer, organization: episode.organization };
  const known = service.performers.flatMap((performer) => {
    const coach = coaches.get(performer);
    return coach && rolesInForce(coach, date, asked).length > 0 ? [isEmployed(coach, date, asked)] : [];
  });
  return known.length === 0 ? met : any(...known);
}

/** A death that nobody has dated leaves every day after the latest accepted contact open. */
function isAlive(facts: MemberFacts, { date, knownAt }: Question, account: Account): Outcome {
  if (!facts.deceasedWithoutDate) return met;
  const { undatedDeath } = prepareCaseload(facts, { ...account, coach: '' }, knownAt);
  return isKnownAlive({ undatedDeath }, date) ? met : indeterminate('missing: date of death');
}

function textOf({ figures }: RuleAnswer, name: string): string | undefined {
  const value = figures[name];
  return typeof value === 'string' ? value : undefined;
}

/** A rule's answers for the parts of one service: every part must do, and what they are charged as must agree. */
function joined(answers: readonly RuleAnswer[]): RuleAnswer {
  const [first, ...others] = answers;
  if (!first) throw new Error('a service has at least one part');
  if (others.length === 0) return first;
  const differ = others.some(
    ({ figures }) => figures['code'] !== first.figures['code'] || figures['modifiers'] !== first.figures['modifiers'],
  );
  const agree = differ ? indeterminate('linked-parts-of-different-codes') : met;
  return answer(
    first.rule,
    all(...answers.map(({ outcome }) => outcome), agree),
    answers.flatMap(({ evidence }) => evidence),
    Object.assign({}, ...answers.map(({ figures }) => figures)),
  );
}

interface Found {
  readonly service: Service;
  /** whether it is certain to be of this episode */
  readonly certain: boolean;
}

function servicesOf(
  facts: MemberFacts,
  { activities }: MichiganFacts,
  { episode, ruleset }: Account,
  judged: readonly Judged[],
): Found[] {
  const byEncounter = Map.groupBy(
    judged.map(({ contact }) => contact),
    ({ reference }) => reference,
  );
  const contacts = [...byEncounter.values()].map((same) => ({
    service: serviceOfContact(same as [Contact, ...Contact[]], episode.organization),
    certain: same.every(({ episodeProblem }) => episodeProblem === undefined),
  }));
  const activity = facts.support.flatMap((one) => {
    if (one.start === undefined || one.organization === undefined) return [];
    const possible = episodesOf(facts.episodes, [], one.organization, one.start, ruleset.zone);
    if (!possible.includes(episode.reference)) return [];
    return [{ service: serviceOfActivity(one, activities.get(one.reference)), certain: possible.length === 1 }];
  });
  return [...contacts, ...activity].sort((a, b) => compare(a.service, b.service));
}

function compare(a: Service, b: Service): number {
  return Date.parse(a.start ?? '') - Date.parse(b.start ?? '') || (a.reference < b.reference ? -1 : 1);
}

/** The services, the parts of an interrupted one together; in the order given. */
function groupsOf(services: readonly Service[], zone: string): Parts[] {
  const byReference = new Map(services.map((service) => [service.reference, service]));
  const before = (service: Service): Service | undefined => {
    const earlier = service.partOf === undefined ? undefined : byReference.get(service.partOf);
    return earlier && goesOn(earlier, service, zone) ? earlier : undefined;
  };
  const rootOf = (service: Service): string => {
    const earlier = before(service);
    return earlier ? rootOf(earlier) : service.reference;
  };
  return [...Map.groupBy(services, rootOf).values()] as unknown as Parts[];
}

/** Whether `later` is the rest of `earlier` after a break, as M-5 sums them; a part that did not take place sums to nothing. */
function goesOn(earlier: Service, later: Service, zone: string): boolean {
  const both = [earlier, later];
  return (
    both.every(
      ({ kind, modality, status }) => kind === 'contact' && modality === 'in-person' && status !== 'cancelled',
    ) &&
    // Strictly: so no chain of references can be a ring.
    Date.parse(earlier.start ?? '') < Date.parse(later.start ?? '') &&
    dateIn(zone, earlier.start) === dateIn(zone, later.start) &&
    [...earlier.performers].sort().join(' ') === [...later.performers].sort().join(' ')
  );
}
