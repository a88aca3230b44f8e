import { expect, test } from 'vitest';
import { localDate } from '../../src/base/time.ts';
import { seriesOf } from '../../src/domain/caseload.ts';
import { caseloadOn, prepareCaseload } from '../../src/domain/cl-1-caseload.ts';
import { pairEncounter } from '../../src/domain/ct-2-message-pairs.ts';
import { type MemberFacts, type Modality, noDetails } from '../../src/domain/facts/facts.ts';
import { measureOn } from '../../src/domain/measures.ts';
import { rulesets } from '../support/facts.ts';
import { type Answer, disagreements, type Expectation, type History, loadHistories } from './rules/run.ts';

const span = ({ end, start }: { start?: string | undefined; end?: string | undefined }) => ({ start, end });
const ref = (id: string): string => `Practitioner/${id}`;

function toFacts(history: History, knownAt: string): MemberFacts {
  const organization = 'Organization/employer';
  const episode = 'EpisodeOfCare/1';
  const known = history.contacts.filter(({ recordedAt }) => Date.parse(recordedAt) <= Date.parse(knownAt));
  return {
    patient: 'Patient/1',
    deceased: history.deceased,
    episodes: [
      {
        reference: episode,
        organization,
        careManager: history.coaches.map(({ id }) => ref(id)),
        ...span(history.episode),
      },
    ],
    coverages: history.coverage.map((one, index) => ({
      reference: `Coverage/${index}`,
      payer: one.payer,
      product: one.product,
      planType: one.planType,
      ...span(one),
    })),
    contacts: known
      .filter(({ kind }) => kind !== 'message')
      .map((row) => ({
        reference: `Encounter/${row.externalId}`,
        coach: ref(row.coachId),
        episode,
        episodeProblem: undefined,
        start: row.startTime,
        status: row.status === 'entered-in-error' ? 'entered-in-error' : (row.encounterStatus ?? 'finished'),
        modality: row.modality as Modality,
        accompaniment: row.kind === 'accompaniment',
        group: row.kind === 'group',
        individualInteraction: row.individualInteraction,
        memberEngaged: row.memberEngaged,
        documentation:
          row.documentedAt === undefined
            ? []
            : [
                {
                  status: row.status === 'final' ? 'final' : 'preliminary',
                  signedAt: row.documentedAt,
                  signedBy: row.signedBy === undefined ? [] : [ref(row.signedBy)],
                  evidence: [],
                },
              ],
        evidence: [],
        details: noDetails,
      })),
    messages: known
      .filter(({ kind }) => kind === 'message')
      .map((row) => ({
        reference: `Communication/${row.externalId}`,
        coach: ref(row.coachId),
        episodes: [episode],
        medium: row.modality === 'email' ? 'email' : 'text',
        owner: 'employer',
        sent: row.startTime,
        recordedAt: row.recordedAt,
        fromMember: row.direction === 'from-member',
        automatic: row.automatic ?? false,
        purposes: [],
        goals: [],
      })),
    support: [],
    coaches: new Map(
      history.coaches.map((one) => [
        ref(one.id),
        {
          practitioner: ref(one.id),
          roles: [{ reference: `PractitionerRole/${one.id}`, organization, start: one.hire, end: one.end }],
          qualifications: one.qualifications.map((held) => ({
            code: held.code,
            number: held.number,
            issuer: held.issuer,
            attestedAsOf: held.attestedAsOf,
            waivers: (held.waivers ?? []).map((waiver) => ({ payer: waiver.payer, ...span(waiver) })),
            ...span(held),
          })),
          evidence: [],
        },
      ]),
    ),
  };
}

function ours(history: History, question: Expectation): Answer {
  const facts = toFacts(history, question.knownAt);
  const coach = ref(question.coach ?? history.coaches[0]?.id ?? '');
  const date = localDate(question.asOf);
  const all = seriesOf(facts, rulesets, question.knownAt).filter(
    (one) => one.coach === coach && one.ruleset.name === history.ruleset,
  );
  for (const series of all) {
    const caseload = prepareCaseload(facts, series, question.knownAt);
    const wanted = question.measure?.rule;
    const measure = series.ruleset.measures.find(({ rule }) => rule === wanted);
    if (measure) {
      const { count, dueDate, result } = measureOn(caseload, measure, date);
      return { measure: { rule: measure.rule, result, count, dueDate } };
    }
    const answer = series.ruleset.contactDefinition === 'binds' ? caseloadOn(caseload, date) : undefined;
    if (!answer) continue;
    const found = history.contacts.find(({ externalId }) =>
      [`Encounter/${externalId}`, pairEncounter(`Communication/${externalId}`)].includes(
        answer.contact?.contact.reference ?? '',
      ),
    );
    const daysLeft =
      answer.lastDay === undefined
        ? undefined
        : Math.round((Date.parse(answer.lastDay) - Date.parse(date)) / 86_400_000);
    return {
      status: answer.status,
      lastDay: answer.lastDay,
      daysLeft,
      contactDate: answer.contact?.date,
      decidingContact: found?.externalId,
      reason: answer.reason,
    };
  }
  return { status: 'not-applicable' };
}

test('our rules answer every history as its payer says', () => {
  expect(loadHistories().length).toBeGreaterThanOrEqual(250);
  expect(disagreements(ours)).toEqual([]);
});
