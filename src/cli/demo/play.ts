import type { Bundle, Observation, Parameters, Patient, Resource, ServiceRequest, Task } from '@medplum/fhirtypes';
import { addDays, type LocalDate, localDateOf } from '../../base/time.ts';
import type { FhirReply } from '../client.ts';
import { consent, contact, coverage, episode, patient, transaction } from '../sandbox/people.ts';
import type { Stage } from './stage.ts';

const zone = 'America/New_York';
const provider = 'riverside-recovery';
const coach = 'coach-avery';
const payer = 'commonwealth-care-mco';

/** Ids and dates of one showing: every run has a member of its own. */
interface Scene {
  readonly member: string;
  readonly today: LocalDate;
  readonly older: LocalDate;
  readonly newer: LocalDate;
}

/** The whole path: a coach's contacts become a status, a plan asks, a referral is answered, and the audit knows who looked. */
export async function play(stage: Stage): Promise<void> {
  const today = localDateOf(new Date(), zone);
  const scene: Scene = {
    member: `demo-${Date.now().toString(36)}`,
    today,
    older: addDays(today, -10),
    newer: addDays(today, -3),
  };
  await sendContacts(stage, scene);
  await askAsOwner(stage, scene);
  await askWithoutConsent(stage, scene);
  await askWithConsent(stage, scene);
  await correct(stage, scene);
  await refer(stage, scene);
  await audit(stage, scene);
}

function encounterOf({ member }: Scene, on: LocalDate): Resource {
  return contact({
    id: `${member}-contact-${on}`,
    patient: member,
    episode: `${member}-episode`,
    coach,
    provider,
    start: `${on}T10:00:00-05:00`,
    end: `${on}T10:40:00-05:00`,
    signedAt: `${on}T11:00:00-05:00`,
  });
}

async function sendContacts(stage: Stage, scene: Scene): Promise<void> {
  const { member, newer, older } = scene;
  const since = addDays(older, -1);
  const reply = await stage
    .as('ehr')
    .send(
      'POST',
      '',
      transaction(
        patient({ id: member, given: 'Robin', family: 'Hawthorn' }),
        coverage(`${member}-coverage`, member, payer, 'masshealth-mco', { start: since }),
        episode(`${member}-episode`, member, provider, coach, since),
        encounterOf(scene, older),
        encounterOf(scene, newer),
      ),
    );
  stage.step(
    {
      title: 'The EHR sends a member with two contacts',
      sent: `POST /fhir/R4 as ehr: a transaction of Patient, Coverage, EpisodeOfCare and the coach’s Encounters of ${older} and ${newer}`,
      cameBack: `${reply.status}, ${entries(reply)
        .map((entry) => entry.response?.status)
        .join(', ')}`,
      means: 'All five are stored, or none would be. The work that they ask for is queued in the same transaction.',
    },
    [
      { what: 'status', actual: reply.status, expected: 200 },
      {
        what: 'entries',
        actual: entries(reply).map((entry) => entry.response?.status?.slice(0, 3)),
        expected: Array.from({ length: 5 }, () => '201'),
      },
    ],
  );
}

async function askAsOwner(stage: Stage, scene: Scene): Promise<void> {
  const { member, newer, today } = scene;
  const path = `EpisodeOfCare/${member}-episode/$caseload-status`;
  const asked = Date.now();
  const reply = await stage.until(
    () => stage.as('ehr').send('GET', path),
    (answer) => caseload(answer)['status'] === 'on',
  );
  const found = await stage.until(
    () => stage.as('ehr').send('GET', `Observation?patient=${member}`),
    (answer) => resources(answer).length > 0,
  );
  const lastDay = addDays(newer, 21);
  stage.step(
    {
      title: 'Is the member on the coach’s caseload?',
      sent: `GET /fhir/R4/${path} as ehr`,
      cameBack: `${sentence(reply)} The Observation could be read ${Date.now() - asked} ms later.`,
      means: `“${textOf(reply, 'quote')}” Day 21 after the contact of ${newer} is ${lastDay}.`,
    },
    [
      { what: 'status', actual: caseload(reply)['status'], expected: 'on' },
      { what: 'lastDay', actual: caseload(reply)['lastDay'], expected: lastDay },
      {
        what: 'decidingContact',
        actual: caseload(reply)['decidingContact'],
        expected: { reference: `Encounter/${member}-contact-${newer}` },
      },
      {
        what: 'Observation.effectivePeriod',
        actual: (resources(found)[0] as Observation | undefined)?.effectivePeriod,
        expected: { start: scene.older, end: lastDay },
      },
    ],
  );
  const after = await stage.as('ehr').send('GET', `${path}?asOf=${addDays(lastDay, 1)}`);
  stage.step(
    {
      title: 'And on day 22, if nothing more happens?',
      sent: `GET /fhir/R4/${path}?asOf=${addDays(lastDay, 1)} as ehr`,
      cameBack: sentence(after),
      means: `Any day can be asked about. At the first instant of ${addDays(lastDay, 1)} Footbridge writes this itself; today is ${today}.`,
    },
    [{ what: 'status', actual: caseload(after)['status'], expected: 'off' }],
  );
}

async function askWithoutConsent(stage: Stage, { member }: Scene): Promise<void> {
  const search = await stage.as('plan').send('GET', `Observation?patient=${member}`);
  const direct = await stage.as('plan').send('GET', `EpisodeOfCare/${member}-episode/$caseload-status`);
  stage.step(
    {
      title: 'The health plan asks, without the member’s consent',
      sent: `GET /fhir/R4/Observation?patient=${member}, then $caseload-status, as plan`,
      cameBack: `${search.status} with ${resources(search).length} entries, then ${direct.status}: ${issueText(direct)}`,
      means:
        'The plan covers this member, but 42 CFR Part 2 wants the member’s consent. What it may not know looks like what does not exist.',
    },
    [
      { what: 'search', actual: [search.status, resources(search).length], expected: [200, 0] },
      { what: '$caseload-status', actual: direct.status, expected: 404 },
    ],
  );
}

async function askWithConsent(stage: Stage, { member, newer }: Scene): Promise<void> {
  const stored = await stage
    .as('ehr')
    .send('PUT', `Consent/${member}-consent`, consent(`${member}-consent`, member, payer, addDays(newer, -8)));
  const search = await stage.as('plan').send('GET', `Observation?patient=${member}`);
  const direct = await stage.as('plan').send('GET', `EpisodeOfCare/${member}-episode/$caseload-status`);
  const observation = resources(search)[0] as Observation | undefined;
  stage.step(
    {
      title: 'The member consents, and the plan asks again',
      sent: `PUT /fhir/R4/Consent/${member}-consent as ehr, naming the plan; then the same questions as plan`,
      cameBack: `${stored.status}; ${resources(search).length} Observation: ${observation?.valueCodeableConcept?.coding?.[0]?.code} from ${observation?.effectivePeriod?.start} to ${observation?.effectivePeriod?.end}; ${sentence(direct)}`,
      means:
        'The plan learns the status, until which day and why, and not one contact: encounter and focus are left out.',
    },
    [
      { what: 'consent', actual: stored.status, expected: 201 },
      { what: 'value', actual: observation?.valueCodeableConcept?.coding?.[0]?.code, expected: 'on' },
      {
        what: 'hidden',
        actual: [observation?.encounter, observation?.focus, caseload(direct)['decidingContact']],
        expected: [undefined, undefined, undefined],
      },
      { what: 'status', actual: caseload(direct)['status'], expected: 'on' },
    ],
  );
}

async function correct(stage: Stage, scene: Scene): Promise<void> {
  const { member, newer, older } = scene;
  const wrong = { ...encounterOf(scene, newer), status: 'entered-in-error' };
  const stored = await stage.as('ehr').send('PUT', `Encounter/${member}-contact-${newer}`, wrong);
  const path = `EpisodeOfCare/${member}-episode/$caseload-status`;
  const lastDay = addDays(older, 21);
  const now = await stage.until(
    () => stage.as('plan').send('GET', `Observation?patient=${member}`),
    (answer) => (resources(answer)[0] as Observation | undefined)?.effectivePeriod?.end === lastDay,
  );
  const answer = await stage.as('ehr').send('GET', path);
  stage.step(
    {
      title: 'The later contact was entered in error',
      sent: `PUT /fhir/R4/Encounter/${member}-contact-${newer} with status entered-in-error as ehr`,
      cameBack: `${stored.status}; ${sentence(answer)}`,
      means: `The contact of ${older} decides now. The plan’s Observation is the same one, in a new version that ends on ${lastDay}.`,
    },
    [
      { what: 'update', actual: stored.status, expected: 200 },
      { what: 'lastDay', actual: caseload(answer)['lastDay'], expected: lastDay },
      {
        what: 'what the plan reads',
        actual: (resources(now)[0] as Observation | undefined)?.effectivePeriod?.end,
        expected: lastDay,
      },
    ],
  );
}

async function refer(stage: Stage, { member, today }: Scene): Promise<void> {
  const person: Patient = patient({ id: `${member}-referred`, given: 'Sky', family: 'Tamarack' });
  const request: ServiceRequest = {
    resourceType: 'ServiceRequest',
    id: `${member}-request`,
    status: 'active',
    intent: 'order',
    code: { coding: [{ system: 'http://snomed.info/sct', code: '461481000124109' }], text: 'Referral to peer support' },
    subject: { reference: `Patient/${person.id}` },
    authoredOn: today,
    requester: { reference: 'Organization/elm-street-clinic' },
    reasonCode: [{ text: 'Asks for someone who has walked this way' }],
  };
  const task: Task = {
    resourceType: 'Task',
    id: `${member}-task`,
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    focus: { reference: `ServiceRequest/${request.id}` },
    for: { reference: `Patient/${person.id}` },
    authoredOn: new Date().toISOString(),
    requester: { reference: 'Organization/elm-street-clinic' },
    owner: { reference: `Organization/${provider}` },
  };
  const sent = await stage.as('referrer').send('POST', '', transaction(person, request, task));
  const inbox = await stage
    .as('ehr')
    .send('GET', `Task?owner=Organization/${provider}&status=requested&_id=${task.id}&_include=Task:focus`);
  const others = await stage.as('ehr-harbor').send('GET', `Task/${task.id}`);
  stage.step(
    {
      title: 'A clinic refers someone',
      sent: 'POST /fhir/R4 as referrer: a transaction of Patient, ServiceRequest and Task; then the coach organisation looks into its inbox',
      cameBack: `${sent.status}; the organisation finds ${resources(inbox)
        .map(({ resourceType }) => resourceType)
        .join(' and ')}; another organisation gets ${others.status}`,
      means: 'A Task opens the request and the person to the organisation that it is addressed to, and to nobody else.',
    },
    [
      { what: 'referral', actual: sent.status, expected: 200 },
      {
        what: 'inbox',
        actual: resources(inbox).map(({ resourceType }) => resourceType),
        expected: ['Task', 'ServiceRequest'],
      },
      { what: 'another organisation', actual: others.status, expected: 404 },
    ],
  );
  await answerReferral(stage, task);
}

async function answerReferral(stage: Stage, task: Task): Promise<void> {
  const path = `Task/${task.id}`;
  const put = (status: Task['status'], more: Partial<Task> = {}) =>
    stage.as('ehr').send('PUT', path, { ...task, status, ...more });
  const tooSoon = await put('completed');
  const accepted = await put('accepted');
  const started = await put('in-progress', { businessStatus: { text: 'intake-scheduled' } });
  const seen = await stage.as('referrer').send('GET', path);
  stage.step(
    {
      title: 'The coach organisation answers, and the clinic sees what became of it',
      sent: `PUT /fhir/R4/${path} as ehr: completed, then accepted, then in-progress; GET as referrer`,
      cameBack: `${tooSoon.status}: ${issueText(tooSoon)} Then ${accepted.status}, ${started.status}; the clinic reads ${String(seen.body?.['status'])}, ${(seen.body as Task | undefined)?.businessStatus?.text}`,
      means: 'A referral moves through Gravity’s states only; a wrong turn is answered with the ways that are open.',
    },
    [
      { what: 'too soon', actual: tooSoon.status, expected: 422 },
      { what: 'answers', actual: [accepted.status, started.status], expected: [200, 200] },
      { what: 'what the clinic reads', actual: seen.body?.['status'], expected: 'in-progress' },
    ],
  );
}

async function audit(stage: Stage, { member }: Scene): Promise<void> {
  const reply = await stage.as('auditor').send('GET', `AuditEvent?patient=${member}&agent=sandbox-plan`);
  const events = resources(reply);
  stage.step(
    {
      title: 'Who saw this member’s record?',
      sent: `GET /fhir/R4/AuditEvent?patient=${member}&agent=sandbox-plan as auditor`,
      cameBack: `${reply.status}, ${events.length} AuditEvents of the plan`,
      means:
        'Each access is recorded in the transaction that makes it: no audit, no answer. They read as IHE BALP AuditEvents.',
    },
    [
      { what: 'status', actual: reply.status, expected: 200 },
      { what: 'some events', actual: events.length > 0, expected: true },
    ],
  );
}

function entries({ body }: FhirReply): NonNullable<Bundle['entry']> {
  return (body as Bundle | undefined)?.entry ?? [];
}

function resources(reply: FhirReply): Resource[] {
  return entries(reply).flatMap(({ resource }) => resource ?? []);
}

/** The parts of the first caseload, by name. */
function caseload({ body }: FhirReply): Record<string, string | number | object | undefined> {
  const part = (body as Parameters | undefined)?.parameter?.[0]?.part ?? [];
  return Object.fromEntries(
    part.map((one) => [one.name, Object.entries(one).find(([name]) => name.startsWith('value'))?.[1]]),
  );
}

function textOf(reply: FhirReply, part: string): string {
  const value = caseload(reply)[part];
  return typeof value === 'string' ? value : '';
}

function sentence(reply: FhirReply): string {
  const { daysLeft, lastDay, reason, status } = caseload(reply) as Record<string, string | number | undefined>;
  if (status === undefined) return `${reply.status}: ${issueText(reply)}`;
  return `${reply.status}: ${status}${lastDay === undefined ? '' : ` until ${lastDay} (${daysLeft} days left)`}, because: ${reason}.`;
}

function issueText({ body }: FhirReply): string {
  const issue = (body as { issue?: { details?: { text?: string } }[] } | undefined)?.issue?.[0];
  return issue?.details?.text ?? '';
}
