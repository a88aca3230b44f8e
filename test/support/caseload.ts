import type { Observation, Parameters, Resource } from '@medplum/fhirtypes';
import { addDays, type LocalDate, localDate, localDateOf } from '../../src/base/time.ts';
import {
  type ContactPlan,
  coachRole,
  consent,
  contact,
  coverage,
  episode,
  patient,
  practitioner,
  transaction,
} from '../../src/cli/sandbox/people.ts';
import type { Caller, TestServer } from './server.ts';

export const provider = 'org-a';
export const payer = 'org-payer';
export const zone = 'America/New_York';
export const today = (): LocalDate => localDateOf(new Date(), zone);
export const ago = (days: number, from: LocalDate = today()): LocalDate => addDays(from, -days);

/** A coach with every paper, a member with coverage, consent and episode: what a contact needs to count. */
export async function setUpMember(
  ehr: Caller,
  id: string,
  more: { since?: LocalDate; consents?: boolean; product?: string; coachId?: string } = {},
): Promise<void> {
  const {
    coachId = `coach-${id}`,
    consents = true,
    product = 'masshealth-mco',
    since = localDate('2024-01-02'),
  } = more;
  const coach = { id: coachId, given: 'Avery', family: 'Birch' };
  const papers = { hired: '2022-03-01', certified: { until: '2099-01-01' } } as const;
  await post(
    ehr,
    practitioner(coach, provider, papers),
    coachRole(`${coachId}-role`, coachId, provider, papers.hired),
    patient({ id, given: 'Robin', family: 'Alder' }),
    coverage(`coverage-${id}`, id, payer, product, { start: since }),
    episode(`episode-${id}`, id, provider, coachId, since),
    ...(consents ? [consent(`consent-${id}`, id, payer, since)] : []),
  );
}

export async function post(caller: Caller, ...resources: Resource[]): Promise<void> {
  const answer = await caller.send('POST', '', transaction(...resources));
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
}

/** A documented contact at 12:00 of a date in the ruleset's zone, signed at its end. */
export function contactOn(member: string, date: LocalDate, more: Partial<ContactPlan> = {}) {
  const offset = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(new Date(`${date}T17:00:00Z`))
    .find(({ type }) => type === 'timeZoneName')
    ?.value.slice(3);
  return contact({
    id: `contact-${member}-${date}`,
    patient: member,
    episode: `episode-${member}`,
    coach: `coach-${member}`,
    provider,
    start: `${date}T00:05:00${offset}`,
    end: `${date}T00:35:00${offset}`,
    signedAt: `${date}T00:40:00${offset}`,
    ...more,
  });
}

/** Asks until the answer is one that `fits`, and fails with the last answer when none comes. */
export async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, milliseconds = 8_000): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > end) throw new Error(`waited in vain; last: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** No work waits: what was sent has become what it becomes. */
export async function settled(server: TestServer, tenant: number = server.tenant): Promise<void> {
  await until(
    async () =>
      (
        await server.database.owner.query(
          'select count(*)::int as waiting from outbox where tenant = $1 and parked is null',
          [tenant],
        )
      ).rows[0] as { waiting: number },
    ({ waiting }) => waiting === 0,
  );
}

export interface Spell {
  readonly status: string;
  readonly value: string | undefined;
  readonly start: string | undefined;
  readonly end: string | undefined;
}

/** The member's caseload-status Observations as spells, oldest first. */
export async function spells(caller: Caller, member: string): Promise<Spell[]> {
  const found = await caller.send('GET', `/Observation?patient=Patient/${member}&_count=100`);
  const observations = ((found.json['entry'] as { resource: Observation }[] | undefined) ?? []).map(
    ({ resource }) => resource,
  );
  return observations
    .filter(({ code }) => code.coding?.[0]?.code === 'caseload-status')
    .map(({ effectivePeriod, status, valueCodeableConcept }) => ({
      status,
      value: valueCodeableConcept?.coding?.[0]?.code,
      start: effectivePeriod?.start,
      end: effectivePeriod?.end,
    }))
    .sort((a, b) => ((a.start ?? '') < (b.start ?? '') ? -1 : 1));
}

/** The parts of each caseload in an answer of $caseload-status, by name. */
export function caseloads(answer: { json: unknown }): Record<string, unknown>[] {
  const parameters = (answer.json as Parameters).parameter ?? [];
  return parameters.map(({ part }) =>
    Object.fromEntries(
      (part ?? []).map((one) => [
        one.name,
        Object.entries(one).find(([key]) => key.startsWith('value'))?.[1] ?? one.part,
      ]),
    ),
  );
}
