import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CarePlan, CodeableConcept, Consent, PractitionerRole, Resource, Task } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { continuingStay, documentsForReview, reviewPackage } from '../../../src/domain/a-3-review-package.ts';
import {
  type Inclusion,
  inclusionsOf,
  requestsOf,
  wellnessPlanFirewall,
} from '../../../src/domain/a-4-wellness-plan-firewall.ts';
import { ruleFacts } from '../../../src/domain/every-rule/facts.ts';
import type { CarePlanFact } from '../../../src/domain/facts/care-plans.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { coach, episode, payer } from '../../support/facts.ts';
import { judged, parameter, question, rulesetWith } from '../../support/questions.ts';
import { local, recorded } from '../../support/recorded.ts';

const profiles = resolve(import.meta.dirname, '../../../profiles');
const read = (name: string): unknown => JSON.parse(readFileSync(join(profiles, name), 'utf8'));

const kinds = { planDocuments: parameter(['wellness-plan', 'recovery-plan']) };
const asked = question(rulesetWith({ 'A-3': {}, 'A-4': {}, 'A-5': {} }, kinds), '2025-04-05', {
  contacts: [
    judged('2025-04-01T10:00:00-04:00', {
      documentation: [
        { status: 'final', signedAt: '2025-04-01T20:00:00Z', signedBy: [coach], evidence: ['DocumentReference/1'] },
      ],
    }),
    judged('2025-04-06T10:00:00-04:00'),
    judged('2025-04-02T10:00:00-04:00', {}, notMet('cancelled')),
  ],
});
const plan: CarePlanFact = {
  reference: 'CarePlan/1',
  kind: 'wellness',
  status: 'active',
  encounter: undefined,
  contributors: [],
  goals: [],
  partOf: [],
  start: undefined,
  end: undefined,
};
const added: Inclusion = { plan: 'CarePlan/1', consent: 'Consent/1', addedBy: coach, addedAt: '2025-04-04T10:00:00Z' };
const request = { reference: 'Task/9', required: ['progress-notes', 'wellness-plan'] };

describe('A-4 "MCEs may not require a recovery or wellness plan for authorization"', () => {
  test('a plan stays unless the member’s consent covers it and a human adds it', () => {
    expect(wellnessPlanFirewall(asked, [plan], [])).toMatchObject({ included: [], omitted: ['CarePlan/1'] });
    expect(wellnessPlanFirewall(asked, [plan], [added])).toMatchObject({
      included: ['CarePlan/1'],
      omitted: [],
      answer: { evidence: ['CarePlan/1', 'Consent/1'] },
    });
  });

  test.each([
    ['without consent', { consent: undefined }],
    ['that no human added', { addedBy: undefined }],
    ['of another plan', { plan: 'CarePlan/2' }],
    ['that was not known at K', { addedAt: '2026-01-01T12:00:01Z' }],
    ['without a time', { addedAt: undefined }],
  ])('an inclusion %s lets nothing out', (_name, more) => {
    expect(wellnessPlanFirewall(asked, [plan], [{ ...added, ...more }]).included).toEqual([]);
  });

  test('which documents mean a plan is the ruleset’s to say; without its word a request that requires anything is open', () => {
    const required = (...codes: string[]) => ({ reference: 'Task/9', required: codes });
    const outcome = (one: typeof asked, ...codes: string[]) =>
      wellnessPlanFirewall(one, [plan], [], [required(...codes)]).answer.outcome;
    expect(outcome(asked, 'recovery-plan')).toEqual(notMet('noncompliant-request'));
    expect(outcome(asked, 'care-plan')).toEqual(met);
    const silent = question(rulesetWith({ 'A-4': {} }), '2025-04-05');
    expect(outcome(silent, 'wellness-plan')).toEqual(indeterminate('missing-parameter: planDocuments'));
    expect(outcome(silent)).toEqual(met);
  });

  test('a request that requires one is noncompliant, and opens nothing', () => {
    const firewall = wellnessPlanFirewall(asked, [plan], [], [request]);
    expect(firewall.answer).toMatchObject({
      outcome: notMet('noncompliant-request'),
      evidence: ['Task/9'],
      figures: { complete: true },
    });
    expect(firewall.included).toEqual([]);
    expect(
      wellnessPlanFirewall(asked, [plan], [], [{ ...request, required: ['progress-notes'] }]).answer.outcome,
    ).toEqual(met);
  });

  test('where the bulletin does not bind nobody is told of a breach, and a plan still needs consent and a human', () => {
    const free = question(rulesetWith({}), '2025-04-05');
    expect(wellnessPlanFirewall(free, [plan], [], [request])).toMatchObject({
      answer: { outcome: { result: 'not-applicable' } },
      included: [],
    });
  });
});

describe('A-4 from the resources', () => {
  const payers = { recipient: [{ reference: payer }] };
  const consent: Consent = {
    resourceType: 'Consent',
    id: '1',
    status: 'active',
    scope: {},
    category: [],
    dateTime: '2025-04-01',
    provision: {
      type: 'permit',
      actor: [{ role: {}, reference: { reference: payer } }],
      data: [{ meaning: 'instance', reference: { reference: 'CarePlan/1' } }],
    },
  };
  const carePlan = read('examples/care-plan.json') as CarePlan;
  const addition: Task = {
    ...(read('examples/task-review-package.json') as Task),
    id: 'package',
    focus: { reference: episode },
    authoredOn: '2025-04-04T10:00:00-04:00',
    requester: { reference: coach },
    restriction: payers,
    input: [{ type: local('added-plan', 'task-input'), valueReference: { reference: 'CarePlan/1' } }],
  };
  const demand: Task = {
    resourceType: 'Task',
    id: 'demand',
    status: 'requested',
    intent: 'order',
    code: local('review-request', 'task-code'),
    authoredOn: '2025-04-05',
    requester: { reference: payer },
    input: [
      {
        type: local('required-document', 'task-input'),
        valueCodeableConcept: local('progress-notes', 'review-document'),
      },
      {
        type: local('required-document', 'task-input'),
        valueCodeableConcept: local('wellness-plan', 'review-document'),
      },
    ],
  };
  function told(resources: readonly Resource[], date = '2025-04-05') {
    const facts = ruleFacts(
      'Patient/1',
      resources.map((one) => recorded(one)),
      [],
    );
    const question = { ...asked, date: localDate(date) };
    const inclusions = inclusionsOf(question, facts.planAdditions, facts.planConsents);
    return wellnessPlanFirewall(question, [plan], inclusions, requestsOf(question, facts.reviewRequests));
  }

  test('the member’s consent and a person’s Task let the plan out, from the day on which both are there', () => {
    expect(told([consent, addition]).included).toEqual(['CarePlan/1']);
    expect(told([consent, addition]).answer.evidence).toEqual(['CarePlan/1', 'Consent/1']);
    expect(told([consent, addition], '2025-04-03').included).toEqual([]);
    expect(told([consent]).included).toEqual([]);
    expect(told([addition]).included).toEqual([]);
  });

  test('a demand in words alone is no compliance: it stays open until somebody codes it', () => {
    const inWords = (...concepts: CodeableConcept[]) => ({
      ...demand,
      input: concepts.map((valueCodeableConcept) => ({
        type: local('required-document', 'task-input'),
        valueCodeableConcept,
      })),
    });
    const notes = local('progress-notes', 'review-document');
    const outcome = (...concepts: CodeableConcept[]) => told([inWords(...concepts)]).answer.outcome;
    expect(outcome(notes)).toEqual(met);
    expect(outcome(notes, { text: 'Wellness Plan' })).toEqual(indeterminate('missing: code of a required document'));
    expect(outcome({ text: 'Notes' }, local('recovery-plan', 'review-document'))).toEqual(
      notMet('noncompliant-request'),
    );
  });

  test.each<[string, Partial<Consent>, Partial<Task>]>([
    ['revoked', { status: 'inactive' }, {}],
    [
      'given to another plan',
      { provision: { ...consent.provision, actor: [{ role: {}, reference: { reference: 'Organization/other' } }] } },
      {},
    ],
    ['a refusal', { provision: { ...consent.provision, type: 'deny' } }, {}],
    ['ended', { provision: { ...consent.provision, period: { end: '2025-04-04' } } }, {}],
    ['for the package of another plan', {}, { restriction: { recipient: [{ reference: 'Organization/other' }] } }],
    ['for nobody’s package', {}, { restriction: {} }],
    ['of another episode', {}, { focus: { reference: 'EpisodeOfCare/2' } }],
    ['taken back', {}, { status: 'cancelled' }],
    ['by no person', {}, { requester: { reference: 'Organization/riverside' } }],
  ])('%s lets nothing out', (_, of, more) => {
    expect(
      told([
        { ...consent, ...of },
        { ...addition, ...more },
      ]).included,
    ).toEqual([]);
  });

  test('a plan that demands one breaks the bulletin, from the day of its request, and gets none by that', () => {
    expect(told([consent, demand])).toMatchObject({
      included: [],
      answer: { outcome: notMet('noncompliant-request'), evidence: ['Task/demand'] },
    });
    expect(told([demand], '2025-04-04').answer.outcome).toEqual(met);
    expect(told([{ ...demand, requester: { reference: 'Organization/other' } }]).answer.outcome).toEqual(met);
    expect(told([consent, addition, demand]).included).toEqual(['CarePlan/1']);
  });

  test('the published example is such a Task about the published plan', () => {
    const facts = ruleFacts(
      'Patient/example-robin',
      [
        recorded(read('examples/task-review-package.json') as Task),
        recorded(read('examples/practitioner-role.json') as PractitionerRole),
      ],
      [],
    );
    expect(facts.planAdditions).toEqual([
      {
        reference: 'Task/example-review-package',
        plan: `CarePlan/${carePlan.id}`,
        payers: ['Organization/example-plan'],
        episode: 'EpisodeOfCare/example-episode',
        addedBy: 'Practitioner/example-coach',
        addedAt: '2025-04-04T10:00:00-04:00',
      },
    ]);
  });
});

describe('A-3 "may include a summary of engagement efforts"', () => {
  const outreach = {
    reference: 'Procedure/1',
    coaches: [coach],
    organization: undefined,
    start: '2025-04-03T10:00:00Z',
    end: undefined,
    status: 'completed',
    category: 'outreach' as const,
    partyType: undefined,
    clientPresent: undefined,
    purposes: [],
    outcome: [],
  };
  const sources = {
    goals: [{ reference: 'Goal/1', lifecycleStatus: 'active', achievement: undefined, setAt: undefined }],
    stages: [
      { reference: 'Observation/1', encounter: undefined, at: '2025-04-01', stage: '134411008' },
      { reference: 'Observation/2', encounter: undefined, at: '2025-04-06', stage: '134411008' },
    ],
    support: [outreach, { ...outreach, reference: 'Procedure/2', start: '2025-04-06T12:00:00Z' }],
    firewall: wellnessPlanFirewall(asked, [plan], []),
  };

  test('it holds accepted contacts, notes, goals, stages and outreach up to D, and no wellness plan', () => {
    const { answer, ...contents } = reviewPackage(asked, sources);
    expect(contents).toEqual({
      engagement: {
        contacts: ['Encounter/2025-04-01T10:00:00-04:00'],
        byModality: { 'in-person': 1 },
        latest: '2025-04-01',
        outreach: ['Procedure/1'],
      },
      goals: ['Goal/1'],
      progressNotes: ['DocumentReference/1'],
      stages: ['Observation/1'],
      carePlans: [],
    });
    expect(answer.outcome).toEqual(met);
  });

  test('what is missing is named', () => {
    const bare = { ...sources, goals: [], stages: [] };
    expect(reviewPackage({ ...asked, contacts: [] }, bare).answer.outcome).toEqual(
      indeterminate('missing: engagement', 'missing: Goal', 'missing: stage of change'),
    );
  });

  test('D-3 "along with progress notes" is open without one, where A-3 leaves the documents to the plan', () => {
    const both = { ...asked, ruleset: rulesetWith({ 'A-3': {}, 'D-3': {} }) };
    const unkept = both.contacts.map(({ contact, ...more }) => ({
      ...more,
      contact: { ...contact, documentation: contact.documentation.map((note) => ({ ...note, evidence: [] })) },
    }));
    expect(documentsForReview(both, sources).answer.outcome).toEqual(met);
    expect(documentsForReview({ ...both, contacts: unkept }, sources).answer.outcome).toEqual(
      indeterminate('missing: progress note'),
    );
    expect(reviewPackage({ ...both, contacts: unkept }, sources).answer.outcome).toEqual(met);
  });

  test('D-3 is not asked where only A-3 is', () => {
    expect(documentsForReview(asked, sources).answer.outcome.result).toBe('not-applicable');
  });
});

describe('A-5 "continuing stay requirements"', () => {
  const attested = { reference: 'DocumentReference/2', episode, attester: coach, asOf: '2025-04-05', met: true };

  test('a dated attestation with engagement meets it; the latest one decides', () => {
    expect(continuingStay(asked, [attested], met).outcome).toEqual(met);
    expect(continuingStay(asked, [attested], notMet('off')).outcome.result).toBe('indeterminate');
    expect(
      continuingStay(
        asked,
        [
          { ...attested, asOf: '2025-03-01' },
          { ...attested, met: false },
        ],
        met,
      ).outcome,
    ).toEqual(indeterminate('criteria-not-attested'));
  });

  test('of two attestations of one date the one that denies decides, in either order', () => {
    const both = [attested, { ...attested, met: false }];
    for (const list of [both, both.toReversed()])
      expect(continuingStay(asked, list, met).outcome).toEqual(indeterminate('criteria-not-attested'));
  });

  test.each([
    ['of the next day', { asOf: '2025-04-06' }],
    ['without a date', { asOf: undefined }],
    ['of another episode', { episode: 'EpisodeOfCare/2' }],
    ['by nobody', { attester: undefined }],
  ])('an attestation %s leaves it open', (_name, more) => {
    expect(continuingStay(asked, [{ ...attested, ...more }], met).outcome.result).toBe('indeterminate');
  });
});
