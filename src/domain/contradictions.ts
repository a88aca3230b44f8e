import { isLongerThanADay } from './at-once.ts';
import { servicesAtOnce, wrongActivities } from './contradicting-times.ts';
import { coverageGaps, ofCoverages, ofOpenCoverages, ofPayers } from './contradictions/coverages.ts';
import { ofNotes } from './contradictions/notes.ts';
import { ofPeople } from './contradictions/people.ts';
import { type Contradiction, contradiction, type Scene } from './contradictions/scene.ts';
import { dateIn, dayIn, isBefore, isReversed } from './dating.ts';
import { interruptedDays } from './episode-status.ts';
import { overlapping } from './episodes.ts';
import { type Contact, type Episode, holds, type MemberFacts } from './facts/facts.ts';
import { applicableRulesets, type Ruleset } from './ruleset.ts';

export type { Contradiction } from './contradictions/scene.ts';

/**
 * Every contradiction among a member's facts as they were known at K (domain model 1: missing input is never met). The rules answer
 * `indeterminate` where one of them would decide: a contact that cannot have been so is pending (CT-1), a death without a date leaves
 * the days after the latest accepted contact open (CL-1, B-2), and of two episodes at once no day is billable (B-2). What a contact says
 * of its own episode stands, so the status goes on in both. A coverage that says no plan that is known, or no days, brings no rule to
 * bear and so has no status to say it: it is said here.
 *
 * @param knownAt instant K
 * @returns sorted; each once, whatever ruleset or coach it is seen under
 */
export function contradictionsOf(facts: MemberFacts, rulesets: readonly Ruleset[], knownAt: string): Contradiction[] {
  const applying = applyingTo(facts, rulesets, knownAt);
  const zones = [...new Set(applying.map(({ zone }) => zone))];
  const scene: Scene = { facts, rulesets, applying, knownAt, zones };
  const found = [
    ...ofContacts(scene),
    ...ofTimes(scene),
    ...ofEpisodes(scene),
    ...ofCoverages(scene),
    ...ofOpenCoverages(scene),
    ...ofPayers(scene),
    ...coverageGaps(scene),
    ...ofPeople(scene),
  ];
  const keyOf = ({ code, episode, evidence }: Contradiction): string => [code, episode ?? '', ...evidence].join(' ');
  return [...new Map(found.map((one) => [keyOf(one), one])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);
}

/** The rulesets that apply to the member; where none does, those that there are. */
function applyingTo(facts: MemberFacts, rulesets: readonly Ruleset[], knownAt: string): readonly Ruleset[] {
  const applying = facts.coverages.flatMap((coverage) =>
    applicableRulesets(rulesets, coverage, knownAt).map(({ ruleset }) => ruleset),
  );
  return applying.length > 0 ? [...new Set(applying)] : rulesets;
}

/** Encounter statuses of a contact that is said to have begun; what is planned or cancelled contradicts nothing. */
const begun: ReadonlySet<string> = new Set(['in-progress', 'onleave', 'finished']);

function ofContacts(scene: Scene): Contradiction[] {
  const { facts, zones } = scene;
  const encounters = facts.contacts.filter(({ status }) => status !== 'entered-in-error' && status !== 'cancelled');
  return [
    ...encounters.flatMap((contact) => ofEncounter(scene, contact)),
    ...encounters.filter(({ status }) => begun.has(status)).flatMap((contact) => ofNotes(scene, contact)),
    ...(facts.unattributed ?? [])
      .filter(({ status }) => begun.has(status))
      .map(({ episodes, reference }) =>
        contradiction(
          'contact-without-coach',
          [reference, ...episodes],
          `${reference} names nobody who could be its coach, so it is on no caseload. Name the coach in participant.individual, or take it out of the episode.`,
        ),
      ),
    ...facts.messages
      .filter(({ automatic }) => !automatic)
      .flatMap(({ fromMember, reference, sent }) => [
        ...(liesAhead(scene, sent) ? [future(reference, sent, 'sent')] : []),
        ...(fromMember && zones.some((zone) => isAfter(zone, sent, facts.deceased, 'end'))
          ? [afterDeath(scene, reference, sent)]
          : []),
      ]),
  ];
}

function ofEncounter(scene: Scene, { details, episode, reference, start, status }: Contact): Contradiction[] {
  const { facts, zones } = scene;
  if (zones.every((zone) => dayIn(zone, start) === undefined))
    return [
      contradiction(
        'contact-without-date',
        [reference],
        `${reference} begins at ${start}, which is no day and no instant with an offset. Correct period.start.`,
      ),
    ];
  const found: Contradiction[] = [];
  if (zones.some((zone) => isReversed(zone, { start, end: details.end })))
    found.push(
      contradiction(
        'contact-end-before-start',
        [reference],
        `${reference} ends at ${details.end}, before it begins at ${start}. Correct period.start or period.end.`,
      ),
    );
  if (found.length === 0 && zones.some((zone) => isLongerThanADay(zone, { start, end: details.end })))
    found.push(
      contradiction(
        'contact-longer-than-a-day',
        [reference],
        `${reference} lasts from ${start} to ${details.end}, longer than a day. Correct period.start or period.end, or send an Encounter for each contact.`,
      ),
    );
  if (!begun.has(status)) return found;
  if (liesAhead(scene, start)) found.push(future(reference, start, 'period.start'));
  if (zones.some((zone) => isAfter(zone, start, facts.deceased, 'end')))
    found.push(afterDeath(scene, reference, start));
  const own = facts.episodes.find((one) => one.reference === episode);
  if (own && zones.some((zone) => isAfter(zone, own.start, start)))
    found.push(
      contradiction(
        'contact-before-episode',
        [reference, episode],
        `${reference} took place at ${start}, before ${episode} begins on ${own.start}. Correct the contact's date or episodeOfCare, or the episode's period.start.`,
        { episode },
      ),
    );
  return [...found, ...(own ? inDoubt(scene, reference, start, own) : [])];
}

/** A contact on a day on which the status of its episode says that nobody was served. */
function inDoubt({ zones }: Scene, reference: string, start: string, episode: Episode): Contradiction[] {
  const status = zones
    .flatMap((zone) => {
      const date = dayIn(zone, start);
      return interruptedDays(episode, zone).filter((days) => date !== undefined && holds(days, date));
    })
    .map((days) => days.status)[0];
  if (status === undefined) return [];
  return [
    contradiction(
      'contact-in-doubtful-episode',
      [reference, episode.reference],
      `${reference} took place at ${start}, while ${episode.reference} is said to have been ${status}. Correct the contact's date, or the episode's status and statusHistory.`,
      { episode: episode.reference },
    ),
  ];
}

/** As CT-1 says it of a contact. */
function liesAhead({ knownAt, zones }: Scene, at: string): boolean {
  return zones.some((zone) => isBefore(zone, knownAt, at));
}

function isAfter(
  zone: string,
  at: string | undefined,
  limit: string | undefined,
  side: 'start' | 'end' = 'start',
): boolean {
  const date = dateIn(zone, at);
  const last = dateIn(zone, limit, side);
  return date !== undefined && last !== undefined && date > last;
}

function future(reference: string, at: string, element: string): Contradiction {
  return contradiction(
    'contact-in-the-future',
    [reference],
    `${reference} is said to have taken place at ${at}, which lies ahead. Correct ${element}, or send it as planned.`,
  );
}

function afterDeath({ facts }: Scene, reference: string, at: string): Contradiction {
  return contradiction(
    'contact-after-death',
    [reference, facts.patient],
    `${reference} took place at ${at}, after the member's death on ${facts.deceased}. Correct the contact's date, or Patient.deceased.`,
  );
}

function ofTimes({ facts, knownAt, rulesets, zones }: Scene): Contradiction[] {
  const charging = facts.coverages
    .flatMap((coverage) => applicableRulesets(rulesets, coverage, knownAt))
    .find(({ ruleset }) => 'M-5' in ruleset.rules)?.ruleset;
  const found = [...wrongActivities(facts, zones), ...(charging ? servicesAtOnce(facts, charging.zone) : [])];
  return found.map(({ code, evidence, text }) => contradiction(code, evidence, text));
}

function ofEpisodes({ facts: { episodes }, zones }: Scene): Contradiction[] {
  return episodes.flatMap((episode) => {
    const { end, organization, reference, start } = episode;
    if (zones.some((zone) => isReversed(zone, episode)))
      return [
        contradiction(
          'episode-end-before-start',
          [reference],
          `${reference} ends on ${end}, before it begins on ${start}. Correct period.start or period.end.`,
          { episode: reference },
        ),
      ];
    const undated = episode.undatedStatus === undefined ? [] : [withoutDate(reference, episode.undatedStatus)];
    const twins = zones
      .flatMap((zone) => overlapping(episode, episodes, zone))
      .map((other) => {
        const [first, second] = [reference, other.reference].sort() as [string, string];
        return contradiction(
          'two-episodes-at-once',
          [first, second],
          `${first} and ${second} run at the same time at ${organization}. End one, or mark one entered-in-error, and name the episode in each contact.`,
          { episode: first },
        );
      });
    return [...undated, ...twins];
  });
}

function withoutDate(episode: string, status: 'finished' | 'onhold'): Contradiction {
  const since = status === 'finished' ? 'period.end' : 'statusHistory with the day from which it is so';
  return contradiction(
    'episode-status-without-date',
    [episode],
    `${episode} is ${status}, and nobody says since when. Send ${since}; the days after the latest accepted contact are open until then.`,
    { episode },
  );
}
