import { certificatesOf, gapsOf } from '../b-5-coach-qualified.ts';
import { isReversed } from '../dating.ts';
import type { CoachFacts, Role } from '../facts/facts.ts';
import { isSelfAttested } from '../m-13-recovery.ts';
import { type Contradiction, contradiction, type Scene } from './scene.ts';

export function ofPeople(scene: Scene): Contradiction[] {
  const { facts, zones } = scene;
  const coaches = [...facts.coaches.values()];
  return [
    ...(facts.deceasedWithoutDate
      ? [
          contradiction(
            'death-without-date',
            [facts.patient],
            `${facts.patient} is said to have died, and not on which day. Send the date as Patient.deceasedDateTime; the days after the latest accepted contact are open until then.`,
          ),
        ]
      : []),
    ...coaches
      .flatMap(({ roles }) => roles)
      .filter((role) => zones.some((zone) => isReversed(zone, role)))
      .map(({ end, reference, start }) =>
        contradiction(
          'employment-end-before-start',
          [reference],
          `${reference} ends on ${end}, before the hire on ${start}. Correct period.start or period.end.`,
        ),
      ),
    ...coaches.flatMap((coach) => [
      ...ofEmployment(scene, coach),
      ...ofCertificates(scene, coach),
      ...ofWaivers(scene, coach),
      ...ofAttestations(scene, coach),
    ]),
  ];
}

/** Roles as coach where the member is served. */
function rolesHere({ facts }: Scene, { roles }: CoachFacts): Role[] {
  return roles.filter(({ organization }) => facts.episodes.some((episode) => episode.organization === organization));
}

function ofEmployment(scene: Scene, coach: CoachFacts): Contradiction[] {
  const here = rolesHere(scene, coach);
  const goesOn = coach.inactive ? here.filter(({ end, undatedEnd }) => end === undefined && !undatedEnd) : [];
  return [
    ...here
      .filter(({ start }) => start === undefined)
      .map(({ reference }) =>
        contradiction(
          'employment-without-start',
          [reference],
          `${reference} does not say from when, so the coach is known to be employed on none of its days. Send period.start, the date of hire.`,
        ),
      ),
    ...here
      .filter(({ undatedEnd }) => undatedEnd)
      .map(({ reference }) =>
        contradiction(
          'role-not-active',
          [reference],
          `${reference} is not active, and does not say until when it was, so its days are open. Send period.end, the last day of the employment.`,
        ),
      ),
    ...goesOn.map(({ reference }) =>
      contradiction(
        'practitioner-not-active',
        [coach.practitioner, reference],
        `${coach.practitioner} is not active, and ${reference} goes on. End the role with period.end, or set Practitioner.active to true.`,
      ),
    ),
  ];
}

/** Certificates none of which can count, for what they lack. */
function ofCertificates({ applying }: Scene, coach: CoachFacts): Contradiction[] {
  const held = certificatesOf(coach);
  const asking = applying.filter(({ rules }) => 'CR-2' in rules);
  const gaps = asking.map((ruleset) => held.map((one) => gapsOf(one, ruleset)));
  const lacking = gaps.filter((all) => all.length > 0 && all.every((reasons) => reasons.length > 0));
  if (coach.roles.length === 0 || lacking.length === 0) return [];
  const reasons = [...new Set(lacking.flat(2))].join(', ');
  return [
    contradiction(
      'certificate-incomplete',
      [coach.practitioner],
      `The certification of ${coach.practitioner} does not count: ${reasons}. Complete Practitioner.qualification: identifier, issuer with its name, and period.start.`,
    ),
  ];
}

/** Waivers of the member's payers that nobody is said to have approved, or for which nothing was submitted. */
function ofWaivers({ applying, facts }: Scene, coach: CoachFacts): Contradiction[] {
  if (!applying.some(({ rules }) => 'CR-5' in rules)) return [];
  const open = coach.qualifications
    .flatMap(({ waivers }) => waivers)
    .filter(({ approved, document }) => approved === undefined || document === undefined)
    .filter(({ payer }) => facts.coverages.some((coverage) => coverage.payer === payer));
  return open.slice(0, 1).map(({ approved, document, payer }) => {
    const lacks = [
      ...(approved === undefined ? ['approved, the date on which the plan approved it'] : []),
      ...(document === undefined ? ['document, a DocumentReference that is here, of what was submitted'] : []),
    ];
    return contradiction(
      'waiver-incomplete',
      [coach.practitioner],
      `The waiver of ${payer} for ${coach.practitioner} lacks ${lacks.join(' and ')}. Complete the extension waiver.`,
    );
  });
}

function ofAttestations({ applying }: Scene, coach: CoachFacts): Contradiction[] {
  const asked = new Set(
    applying.flatMap(({ rules }) => [
      ...('CR-1' in rules || 'M-13' in rules ? ['recovery-attestation'] : []),
      ...('CR-10' in rules ? ['board-requirements'] : []),
    ]),
  );
  const own = [...asked].filter((code) => {
    const said = coach.qualifications.filter((one) => one.code === code);
    return said.length > 0 && said.every((one) => isSelfAttested(one, coach));
  });
  if (own.length === 0) return [];
  return [
    contradiction(
      'self-attested',
      [coach.practitioner],
      `${coach.practitioner} attests ${own.join(' and ')} alone, and the employer must. Send it with the employer as attester.`,
    ),
  ];
}
