import { describe, expect, test } from 'vitest';
import { type DueFacts, dueFacts } from '../../../../src/domain/due/facts.ts';
import type { AdverseEventFact } from '../../../../src/domain/facts/adverse-events.ts';
import type { SupportActivity } from '../../../../src/domain/facts/facts.ts';
import { dueTagSystem } from '../../../../src/fhir/canonical.ts';
import { datesAfter, dueAt, itemAt, type Known } from '../../../support/due.ts';
import {
  attestations,
  coach,
  coachFacts,
  contact,
  employer,
  episode,
  memberFacts,
  payer,
  qualification,
  ruleset,
} from '../../../support/facts.ts';
import { parameter } from '../../../support/questions.ts';

const coverage = (product: string, more: object = {}) => {
  const [plain] = memberFacts().coverages;
  if (!plain) throw new Error('no coverage');
  return { ...plain, product, ...more };
};
const under = (product: string, more: Known['more'] = {}, facts: Known['facts'] = {}): Known => ({
  facts: { coverages: [coverage(product)], ...facts },
  more,
});
const manager = 'Practitioner/manager';
const managed = (end?: string) => ({
  episodes: [{ reference: episode, organization: employer, careManager: [manager], start: '2025-01-01', end }],
});

describe('M-16: outreach', () => {
  const trained = coachFacts({
    qualifications: [...attestations, qualification('ccar-training', { start: '2020-01-01', hours: 40 })],
  });
  const lost = (more: Known['more'] = {}, support: SupportActivity[] = []): Known => ({
    facts: {
      ...managed(),
      coverages: [coverage('cmhsp-medicaid', { planType: 'cmhsp' })],
      contacts: [contact('2025-03-01T15:00:00Z')],
      coaches: new Map([[coach, trained]]),
      support,
    },
    more,
  });
  const attempt: SupportActivity = {
    reference: 'Procedure/1',
    coaches: [manager],
    organization: employer,
    start: '2025-03-24T15:00:00Z',
    end: undefined,
    status: 'completed',
    category: 'outreach',
    partyType: undefined,
    clientPresent: undefined,
    purposes: [],
    outcome: [],
  };

  test('opens on the day on which the client counts as lost, urgent until an attempt is recorded', () => {
    expect(itemAt('outreach', '2025-03-22', lost())).toBeUndefined();
    expect(itemAt('outreach', '2025-03-23', lost())).toMatchObject({
      rule: 'M-16',
      level: 'urgent',
      opensOn: '2025-03-23',
      dueDate: undefined,
      coach: manager,
      closed: undefined,
    });
    const tried = itemAt('outreach', '2025-03-24', lost({}, [attempt]));
    expect(tried).toMatchObject({ level: 'routine', closed: undefined });
    expect(tried?.sentence).toMatch(/Attempts recorded: 1/);
    expect(tried?.key).toBe(itemAt('outreach', '2025-04-30', lost())?.key);
    expect(datesAfter('2025-03-01', lost())).toContain('2025-03-23');
  });

  test('names the emergency contact only while a consent lets it be asked', () => {
    const consent = { reference: 'Consent/1', parties: ['emergency-contact'], start: '2025-01-01', end: '2025-03-25' };
    const said = (date: string, parties = consent.parties) =>
      itemAt('outreach', date, lost({ consents: [{ ...consent, parties }] }))?.sentence;
    expect(said('2025-03-25')).toMatch(/A consent lets you ask/);
    expect(said('2025-03-26')).toMatch(/No consent lets you ask/);
    expect(said('2025-03-25', ['Practitioner/1'])).toMatch(/No consent lets you ask/);
    expect(datesAfter('2025-03-24', lost({ consents: [consent] }))).toContain('2025-03-26');
  });

  test('is gone with a contact, and with the episode', () => {
    const known = lost();
    const again = [...(known.facts?.contacts ?? []), contact('2025-03-26T15:00:00Z')];
    expect(itemAt('outreach', '2025-03-26', { ...known, facts: { ...known.facts, contacts: again } })).toBeUndefined();
    const ended = { ...known, facts: { ...known.facts, ...managed('2025-03-25') } };
    expect(itemAt('outreach', '2025-03-25', ended)?.closed).toBeUndefined();
    expect(itemAt('outreach', '2025-03-26', ended)).toBeUndefined();
    const died = { ...known, facts: { ...known.facts, deceasedWithoutDate: true } };
    expect(itemAt('outreach', '2025-03-25', died)?.closed).toMatch(/has died/);
  });
});

describe('M-17: the review of the intensity', () => {
  const relapse = { reference: 'Observation/1', encounter: undefined, at: '2025-03-10', stage: '134409004' };
  const known = (more: Known['more'] = {}, end?: string): Known => ({
    facts: { ...managed(end), coverages: [coverage('cmhsp-medicaid', { planType: 'cmhsp' })] },
    more: { stages: [relapse], ...more },
  });
  const review = (date: string, status = 'accepted') => ({
    reference: 'Task/1',
    code: 'intensity-review',
    date,
    status,
  });

  test('opens on the day of the relapse and is closed by a review of that day or later', () => {
    expect(itemAt('intensity-review', '2025-03-09', known())).toBeUndefined();
    expect(itemAt('intensity-review', '2025-03-10', known())).toMatchObject({
      opensOn: '2025-03-10',
      closed: undefined,
    });
    expect(itemAt('intensity-review', '2025-03-12', known({ tasks: [review('2025-03-09')] }))?.closed).toBeUndefined();
    expect(itemAt('intensity-review', '2025-03-12', known({ tasks: [review('2025-03-10')] }))?.closed).toMatch(
      /reviewed/,
    );
    expect(itemAt('intensity-review', '2025-03-12', known({}, '2025-03-11'))?.closed).toMatch(/ended/);
  });

  test('a later relapse is another thing to do', () => {
    const again = { ...relapse, reference: 'Observation/2', at: '2025-04-01' };
    const first = itemAt('intensity-review', '2025-03-31', known({ stages: [relapse, again] }));
    const second = itemAt('intensity-review', '2025-04-01', known({ stages: [relapse, again] }));
    expect([first?.opensOn, second?.opensOn]).toEqual(['2025-03-10', '2025-04-01']);
    expect(second?.key).not.toBe(first?.key);
  });

  test('the Task that Footbridge opened for it is no review until somebody takes it on', () => {
    const task = (status: string, tag: object = { tag: [{ system: dueTagSystem, code: 'x' }] }) => ({
      resource: {
        resourceType: 'Task',
        id: '1',
        meta: tag,
        status,
        intent: 'order',
        authoredOn: '2025-03-10',
        code: { coding: [{ code: 'intensity-review' }] },
        focus: { reference: 'AdverseEvent/1' },
      } as never,
      owner: 'riverside',
      recordedAt: '2025-03-10T12:00:00Z',
    });
    expect(dueFacts([task('requested')]).tasks).toEqual([]);
    expect(dueFacts([task('accepted')]).tasks).toHaveLength(1);
    expect(dueFacts([task('requested', {})]).tasks).toHaveLength(1);
    const event = {
      resource: {
        resourceType: 'AdverseEvent',
        id: '1',
        actuality: 'actual',
        subject: { reference: 'Patient/1' },
      } as never,
      owner: 'riverside',
      recordedAt: '2025-03-10T12:00:00Z',
    };
    expect(dueFacts([event, task('completed')]).events[0]?.reports).toEqual([]);
    expect(dueFacts([event, task('completed', {})]).events[0]?.reports).toHaveLength(1);
  });
});

describe('M-23: into residential services, and after the discharge', () => {
  const mode = (said: 'residential' | 'stand-alone') => [
    { episode, mode: said, acuteCareEnd: undefined, endReason: undefined },
  ];
  const known = (tasks: DueFacts['tasks'] = [], end?: string, said: 'residential' | 'stand-alone' = 'residential') => ({
    facts: { ...managed(end), coverages: [coverage('cmhsp-medicaid', { planType: 'cmhsp' })] },
    more: { modes: mode(said), tasks },
  });
  const task = (code: string, status: string, done?: string) => ({
    reference: `Task/${code}`,
    code,
    date: '2025-01-03',
    status,
    episode,
    done,
  });
  const arrived = task('residential-access', 'completed', '2025-01-10');

  test('opens with the episode, and the second only once the client is in', () => {
    expect(itemAt('residential-access', '2024-12-31', known())).toBeUndefined();
    expect(itemAt('residential-access', '2025-01-01', known())).toMatchObject({
      rule: 'M-23',
      opensOn: '2025-01-01',
      coach: manager,
      closed: undefined,
    });
    expect(itemAt('post-discharge', '2025-01-09', known([arrived]))).toBeUndefined();
    expect(itemAt('residential-access', '2025-01-09', known([arrived]))?.closed).toMatch(/Another Task/);
    expect(datesAfter('2025-01-09', known([arrived]))).toContain('2025-01-10');
    expect(itemAt('residential-access', '2025-01-10', known([arrived]))?.closed).toMatch(/was done/);
    expect(itemAt('post-discharge', '2025-01-10', known([arrived]))).toMatchObject({
      opensOn: '2025-01-10',
      closed: undefined,
    });
  });

  test('is closed by another’s Task, its completion, and the end of the episode; no other admission has it', () => {
    const open = known([arrived, task('post-discharge', 'accepted')]);
    expect(itemAt('post-discharge', '2025-02-01', open)?.closed).toMatch(/Another Task/);
    const done = known([arrived, task('post-discharge', 'completed', '2025-03-01')]);
    expect(itemAt('post-discharge', '2025-03-01', done)?.closed).toMatch(/was done/);
    expect(itemAt('residential-access', '2025-03-02', known([], '2025-03-01'))?.closed).toMatch(/ended/);
    expect(itemAt('residential-access', '2025-02-01', known([], undefined, 'stand-alone'))).toBeUndefined();
  });
});

describe('PS-1: the Plan of Safe Care', () => {
  const pregnant = (on: string, present: boolean | undefined = true) => ({
    reference: `Observation/${on}`,
    what: 'pregnancy' as const,
    present,
    on,
  });
  const plan = {
    reference: 'CarePlan/1',
    status: 'active',
    dcfStatus: undefined,
    infantPlan: undefined,
    domains: [],
    activities: [],
    start: '2025-03-20',
    end: '2025-03-25',
  };
  const at = (date: string, more: Known['more'], product = 'tufts-together') =>
    itemAt('plan-of-safe-care', date, under(product, more));

  test('is due from the day on which it is said, while no plan is active', () => {
    const states = [pregnant('2025-03-10')];
    expect(at('2025-03-09', { states })).toBeUndefined();
    expect(at('2025-03-10', { states })).toMatchObject({ rule: 'PS-1', opensOn: '2025-03-10', closed: undefined });
    expect(at('2025-03-19', { states, plans: [plan] })?.closed).toBeUndefined();
    expect(at('2025-03-20', { states, plans: [plan] })?.closed).toMatch(/is active/);
    expect(at('2025-03-26', { states, plans: [plan] })?.closed).toBeUndefined();
    expect(datesAfter('2025-03-19', under('tufts-together', { states, plans: [plan] }))).toEqual(
      expect.arrayContaining(['2025-03-20', '2025-03-26']),
    );
  });

  test('a further word keeps the day; a denial ends it, and a second pregnancy is another thing to do', () => {
    const states = [
      pregnant('2025-03-10'),
      pregnant('2025-03-20'),
      pregnant('2025-05-01', false),
      pregnant('2025-09-01'),
    ];
    const key = (date: string) => at(date, { states })?.key;
    expect(key('2025-03-25')).toBe(key('2025-03-15'));
    expect(at('2025-05-01', { states })).toBeUndefined();
    expect(key('2025-09-02')).not.toBe(key('2025-03-15'));
    expect(at('2025-09-02', { states })?.opensOn).toBe('2025-09-01');
  });

  test('two payers that ask for it make one item, open while one of them covers the member', () => {
    const two = (end?: string): Known => ({
      facts: {
        coverages: [coverage('tufts-together', { end }), coverage('tufts-together', { payer: 'Organization/zz' })],
      },
      more: { states: [pregnant('2025-03-10')] },
    });
    const items = (known: Known) => dueAt('2025-03-15', known).filter(({ kind }) => kind === 'plan-of-safe-care');
    expect(items(two()).map(({ closed, payer: who }) => [closed, who])).toEqual([[undefined, payer]]);
    expect(items(two('2025-03-14')).map(({ closed, payer: who }) => [closed, who])).toEqual([
      [undefined, 'Organization/zz'],
    ]);
  });
});

describe('Q-1: reports of adverse events', () => {
  const event = (reports: { reference: string; status: string }[] = [], on = '2025-03-10'): AdverseEventFact => ({
    reference: 'AdverseEvent/1',
    on,
    reports,
  });
  const optum = ruleset('optum');
  const named: Known['rulesets'] = [
    {
      ...optum,
      parameters: {
        ...optum.parameters,
        reportAuthorities: parameter([{ name: 'the state agency', withinDays: 3 }, { name: 'the plan' }]),
      },
    },
  ];
  const reports = (date: string, events: AdverseEventFact[], rules: Known['rulesets'] = named) =>
    dueAt(date, {
      ...under('optum', { events }, { coverages: [coverage(optum.products[0]?.value ?? '')] }),
      rulesets: rules,
    }).filter(({ kind }) => kind === 'adverse-event-report');

  test('one for each authority, with the day that it names', () => {
    expect(reports('2025-03-09', [event()])).toEqual([]);
    expect(reports('2025-03-10', [event()]).map(({ dueDate, level }) => [dueDate, level])).toEqual([
      [undefined, 'urgent'],
      ['2025-03-13', 'urgent'],
    ]);
  });

  test('while none is set there is one, which asks for it', () => {
    const [only, ...more] = reports('2025-03-10', [event()], [optum]);
    expect(more).toEqual([]);
    expect(only?.sentence).toMatch(/reportAuthorities/);
  });

  test('a report that others made closes it once it is completed; an event without a date has happened', () => {
    const done = (status: string) => reports('2025-03-10', [event([{ reference: 'Task/1', status }])])[0]?.closed;
    expect(done('in-progress')).toBeUndefined();
    expect(done('completed')).toBe('The event was reported.');
    const undated = { ...event(), on: undefined };
    expect(reports('2025-03-10', [undated]).map(({ opensOn }) => opensOn)).toEqual([undefined, undefined]);
  });
});

test('a contradiction is an item of its own, about its episode and never about a ServiceRequest', () => {
  const contradiction = {
    code: 'contact-in-the-future',
    reason: 'contact-in-the-future',
    evidence: ['Encounter/2', 'ServiceRequest/1'],
    episode: undefined,
    text: 'Two ends.',
  } as const;
  const at = (more: object) =>
    itemAt('fact-contradiction', '2025-03-10', { contradictions: [{ ...contradiction, ...more }] });
  expect(at({})).toMatchObject({ focus: 'Encounter/2', rule: undefined, sentence: 'Two ends.', closed: undefined });
  expect(at({ episode })?.focus).toBe(episode);
  expect(at({ evidence: ['ServiceRequest/1'] })?.focus).toBe('Patient/1');
});

test('without coverage, episode or facts nothing is due', () => {
  expect(dueAt('2025-03-10', { facts: { coverages: [] } })).toEqual([]);
  expect(dueAt('2025-03-10', { facts: { episodes: [] } })).toEqual([]);
});
