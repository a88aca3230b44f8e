import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeSystem, Encounter, Goal, MeasureReport, Task } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { organization } from '../../../src/cli/sandbox/people.ts';
import { ruleIds } from '../../../src/domain/rule-ids.ts';
import { codeSystem } from '../../../src/fhir/canonical.ts';
import { heldMeasures } from '../../../src/profiles/measures.ts';
import { loadValidatorSync } from '../../../src/profiles/validator.ts';
import { ago, contactOn, payer, post, provider, setUpMember } from '../../support/caseload.ts';
import { local } from '../../support/recorded.ts';
import { type Answer, type Caller, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ehr: Caller;
beforeAll(async () => {
  server = await startTestServer();
  ehr = await server.caller('ehr', provider);
  await post(await server.caller('admin'), organization(provider, 'Riverside', 'prov'));
  // Sixty dates: two periods of thirty, the first with five connections, the second with four.
  await setUpMember(ehr, 'measured', { since: ago(60), product: 'tufts-commercial' });
  await post(ehr, ...[60, 55, 50, 45, 40, 30, 25, 20, 15].map((days) => connection('measured', days)));
  await setUpMember(ehr, 'other', { since: ago(40), product: 'tufts-commercial' });
  await post(ehr, ...[40, 35, 30, 25, 20].map((days) => connection('other', days)));
});
afterAll(async () => server.stop());

function connection(member: string, days: number): Encounter {
  return { ...contactOn(member, ago(days)), reasonCode: [local('advocacy', 'service-component')] };
}

function evaluate(query: string, measure = 'five-in-thirty', caller = ehr): Promise<Answer> {
  return caller.send('GET', `/Measure/${measure}/$evaluate-measure?${query}`);
}

async function report(query: string, measure?: string, caller?: Caller): Promise<MeasureReport> {
  const answer = await evaluate(query, measure, caller);
  expect(answer.status, answer.text).toBe(200);
  return answer.json as unknown as MeasureReport;
}

function counts({ group }: MeasureReport): (number | undefined)[] {
  const [{ measureScore, population = [] }] = group as [NonNullable<MeasureReport['group']>[number]];
  expect(population.map(({ code }) => code?.coding?.[0]?.code)).toEqual([
    'initial-population',
    'denominator',
    'denominator-exclusion',
    'numerator',
  ]);
  return [...population.map(({ count }) => count), measureScore?.value];
}

const period = `periodStart=${ago(60)}&periodEnd=${ago(1)}`;

describe('$evaluate-measure', () => {
  test('one member: an individual report with what it rests on, labelled as the member’s record', async () => {
    const individual = await report(`${period}&subject=Patient/measured`);
    expect(individual).toMatchObject({
      type: 'individual',
      status: 'complete',
      measure: expect.stringMatching(/Measure\/five-in-thirty\|/),
      subject: { reference: 'Patient/measured' },
      reporter: { reference: `Organization/${provider}` },
      period: { start: ago(60), end: ago(1) },
    });
    expect(counts(individual)).toEqual([2, 2, 0, 1, 0.5]);
    expect(individual.evaluatedResource).toContainEqual({ reference: `Encounter/contact-measured-${ago(60)}` });
    expect(individual.meta?.security?.map(({ code }) => code)).toContain('42CFRPart2');
    expect(loadValidatorSync().validate(individual).issues).toEqual([]);
  });

  test('the organisation: a summary over all whom it serves, that names nobody', async () => {
    const summary = await report(period);
    expect(summary.type).toBe('summary');
    expect(counts(summary)).toEqual([3, 3, 0, 2, 0.6667]);
    expect(JSON.stringify(summary)).not.toMatch(/Patient|Encounter/);
    expect(loadValidatorSync().validate(summary).issues).toEqual([]);
  });

  test('as known at an instant: what was recorded later is not counted', async () => {
    await setUpMember(ehr, 'replayed', { since: ago(60), product: 'tufts-commercial' });
    await post(ehr, ...[60, 55, 50, 45].map((days) => connection('replayed', days)));
    const first = `periodStart=${ago(60)}&periodEnd=${ago(31)}&subject=replayed`;
    const { date } = await report(first);
    const then = new Date(Date.parse(date ?? '') + 1).toISOString();
    await post(ehr, connection('replayed', 40));
    expect(counts(await report(first))).toEqual([1, 1, 0, 1, 1]);
    expect(counts(await report(`${first}&knownAt=${then}`))).toEqual([1, 1, 0, 0, 0]);
    expect(counts(await report(`${first}&knownAt=2001-01-01T00:00:00Z`)).slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect((await evaluate(`${first}&knownAt=2999-01-01T00:00:00Z`)).status).toBe(400);
  });

  test.each(['0000-01-01', '9999-01-01', '9999-12-01'])('a period from %s is refused, never a fault', async (start) => {
    const { status, text } = await evaluate(`periodStart=${start}&periodEnd=${start.slice(0, 8)}31`);
    expect([status, text]).toEqual([400, expect.stringContaining('lies outside the years 0001 to 9998')]);
    const last = await evaluate('periodStart=9998-12-01&periodEnd=9998-12-31');
    expect(last.status, last.text).toBe(200);
  });

  test('weeks, and notifications of admission', async () => {
    const weeks = counts(
      await report(`periodStart=${ago(60)}&periodEnd=${ago(47)}&subject=measured`, 'weekly-contact'),
    );
    expect(weeks).toEqual([2, 2, 0, 2, 1]);
    await setUpMember(ehr, 'admitted', { since: ago(30) });
    expect(counts(await report(`${period}&subject=admitted`, 'notification-timeliness'))).toEqual([1, 1, 0, 0, 0]);
    const notified: Task = {
      resourceType: 'Task',
      id: 'notified',
      status: 'completed',
      intent: 'order',
      code: { coding: [{ system: codeSystem('task-code'), code: 'notification-of-admission' }] },
      focus: { reference: 'EpisodeOfCare/episode-admitted' },
      for: { reference: 'Patient/admitted' },
      restriction: { recipient: [{ reference: `Organization/${payer}` }] },
      executionPeriod: { start: ago(20), end: ago(20) },
    };
    await post(ehr, notified);
    expect(counts(await report(`${period}&subject=admitted`, 'notification-timeliness'))).toEqual([1, 1, 0, 1, 1]);
  });

  test('clinical outcomes: a group for each, out of goals, stages, ends and the payer’s own specifications', async () => {
    await setUpMember(ehr, 'outcome', { since: ago(60), product: 'optum-commercial' });
    const goal: Goal = {
      resourceType: 'Goal',
      id: 'goal-outcome',
      lifecycleStatus: 'active',
      achievementStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/goal-achievement', code: 'achieved' }],
      },
      description: { text: 'Own flat' },
      subject: { reference: 'Patient/outcome' },
    };
    await post(ehr, goal, connection('outcome', 5));
    const outcomes = await report(`${period}&subject=outcome`, 'clinical-outcomes');
    const told = (outcomes.group ?? []).map(({ code, measureScore, population }) => [
      code?.coding?.[0]?.code,
      population?.[0]?.count,
      measureScore?.value,
    ]);
    expect(told).toEqual([
      ['stage-advanced', 1, undefined],
      ['stage-held', 1, undefined],
      ['goal-achieved', 1, 1],
      ['episode-completed', 0, undefined],
      ['O-1', 1, 1],
      // No Goal says that it was set at a meeting, and the present period of the case rate goes on.
      ['O-2', 1, undefined],
      ['T-4', 1, undefined],
    ]);
    expect(outcomes.evaluatedResource).toContainEqual({ reference: 'Goal/goal-outcome' });
  });

  test('without anything decided there is no score', async () => {
    const none = await report(`periodStart=${ago(60)}&periodEnd=${ago(50)}&subject=Patient/measured`);
    expect(counts(none)).toEqual([0, 0, 0, 0, undefined]);
  });

  test('another organisation’s members are not there; a plan evaluates nothing; who may not read contacts hears of none', async () => {
    const other = await server.caller('ehr', 'org-other');
    expect((await evaluate(`${period}&subject=Patient/measured`, undefined, other)).status).toBe(404);
    expect(counts(await report(period, undefined, other))).toEqual([0, 0, 0, 0, undefined]);
    expect((await evaluate(period, undefined, await server.caller('plan', payer))).status).toBe(403);
    const blind = await server.caller('ehr', provider, 'system/MeasureReport.rs');
    const seen = await report(`${period}&subject=Patient/measured`, undefined, blind);
    expect(seen).not.toHaveProperty('evaluatedResource');
    const unscoped = await server.caller('ehr', provider, 'system/Encounter.rs');
    expect((await evaluate(period, undefined, unscoped)).status).toBe(403);
  });

  test('the access stands in the audit, with whom it was about', async () => {
    await report(`${period}&subject=Patient/other`);
    const { rows } = await server.database.owner.query(
      'select entity, patients from audit where tenant = $1 and interaction = $2 and patients = $3',
      [server.tenant, '$evaluate-measure', ['other']],
    );
    expect(rows).toContainEqual({ entity: ['Measure/five-in-thirty'], patients: ['other'] });
  });

  test.each([
    ['', 'needs periodStart and periodEnd'],
    ['periodStart=2025-01-01', 'needs periodStart and periodEnd'],
    ['periodStart=2025-02-30&periodEnd=2025-03-01', 'YYYY-MM-DD'],
    ['periodStart=2025-03-02&periodEnd=2025-03-01', '1 to 367 days'],
    [`${period}&subject=Group/1`, 'no reference to a Patient'],
    [`${period}&reportType=subject-list`, 'reportType'],
    [`${period}&reportType=population&subject=measured`, 'reportType'],
    [`${period}&practitioner=1`, 'too much'],
  ])('?%s is refused in words', async (query, words) => {
    const { json, status } = await evaluate(query);
    expect([status, JSON.stringify(json)]).toEqual([400, expect.stringContaining(words)]);
  });

  test('a measure that nobody evaluates is not found, and the answer names those that are', async () => {
    const { json, status } = await evaluate(period, 'happiness');
    expect([status, JSON.stringify(json)]).toEqual([404, expect.stringContaining('five-in-thirty')]);
  });
});

test('the Measures are valid, and each is of a rule with an evaluation', () => {
  const validator = loadValidatorSync();
  expect([...heldMeasures().keys()].sort()).toEqual([
    'clinical-outcomes',
    'five-in-thirty',
    'notification-timeliness',
    'weekly-contact',
  ]);
  for (const measure of heldMeasures().values()) expect(validator.validate(measure).issues).toEqual([]);
});

test('the published rules are those that a ruleset may hold', () => {
  const file = join(import.meta.dirname, '../../../profiles/codesystem-rule.json');
  const { concept } = JSON.parse(readFileSync(file, 'utf8')) as CodeSystem;
  expect(concept?.map(({ code }) => code)).toEqual([...ruleIds]);
});
