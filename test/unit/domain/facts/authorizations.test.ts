import type { ChargeItem, Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import {
  authorizationRequests,
  authorizations,
  charges,
  notifications,
} from '../../../../src/domain/facts/authorizations.ts';
import { coded, local, recorded } from '../../../support/recorded.ts';

const patient = { reference: 'Patient/1' };

describe('notifications', () => {
  const task: Task = {
    resourceType: 'Task',
    id: '1',
    status: 'completed',
    intent: 'order',
    code: local('registration'),
    focus: { reference: 'Patient/1' },
    owner: { reference: 'Practitioner/1' },
    executionPeriod: { start: '2025-01-03' },
    input: [
      { type: {}, valueReference: { reference: 'EpisodeOfCare/1/_history/1' } },
      { type: {}, valueReference: { reference: 'Organization/mce/_history/3' } },
    ],
    output: [{ type: local('acknowledged'), valueDateTime: '2025-01-04T09:00:00-05:00' }],
  };
  const fact = (more: Partial<Task> = {}) => notifications([recorded<Task>({ ...task, ...more })])[0];

  test('episode and plan may be inputs; without an output of sending the start of the execution counts', () => {
    expect(fact()).toEqual({
      reference: 'Task/1',
      kind: 'registration',
      episode: 'EpisodeOfCare/1',
      payers: ['Organization/mce'],
      sentAt: '2025-01-03',
      acknowledgedAt: '2025-01-04T09:00:00-05:00',
    });
  });

  test('an output of a foreign system says nothing', () => {
    const output = [{ type: coded('urn:other', 'acknowledged'), valueDateTime: '2025-01-04' }];
    expect(fact({ output })?.acknowledgedAt).toBeUndefined();
  });

  test('what names no plan, episode or time leaves them open', () => {
    const bare: Task = {
      resourceType: 'Task',
      id: '2',
      status: 'requested',
      intent: 'order',
      code: local('registration'),
    };
    expect(notifications([recorded(bare)])).toEqual([
      {
        reference: 'Task/2',
        kind: 'registration',
        episode: undefined,
        payers: [],
        sentAt: undefined,
        acknowledgedAt: undefined,
      },
    ]);
  });

  test.each(['entered-in-error', 'cancelled', 'rejected', 'draft'] as const)(
    'a Task that is %s notified nobody',
    (status) => {
      expect(fact({ status })).toBeUndefined();
    },
  );

  test('a Task of another kind is none', () => {
    expect(fact({ code: local('review') })).toBeUndefined();
    expect(fact({ code: coded('urn:other', 'registration') })).toBeUndefined();
  });
});

describe('authorizations', () => {
  const response: ClaimResponse = {
    resourceType: 'ClaimResponse',
    id: '1',
    status: 'active',
    type: {},
    use: 'preauthorization',
    patient,
    created: '2025-03-20',
    insurer: { reference: 'Organization/mce' },
    requestor: { reference: 'Organization/riverside' },
    request: { reference: 'Claim/1/_history/1' },
    outcome: 'partial',
    preAuthRef: 'A1',
    preAuthPeriod: { start: '2025-04-01', end: '2025-04-30' },
    addItem: [10, undefined, 5].map((value) => ({
      productOrService: {},
      adjudication: [],
      ...(value === undefined ? {} : { quantity: { value } }),
    })),
  };
  const fact = (more: Partial<ClaimResponse>) => authorizations([recorded<ClaimResponse>({ ...response, ...more })])[0];

  test('each field; the units of its items add up', () => {
    expect(fact({})).toEqual({
      reference: 'ClaimResponse/1',
      request: 'Claim/1',
      payer: 'Organization/mce',
      organization: 'Organization/riverside',
      decision: 'approved',
      created: '2025-03-20',
      units: 15,
      start: '2025-04-01',
      end: '2025-04-30',
    });
  });

  test('without items or a period it allows no number of units and no days', () => {
    const { addItem: _, preAuthPeriod: __, request: ___, requestor: ____, ...bare } = response;
    expect(authorizations([recorded<ClaimResponse>(bare)])[0]).toMatchObject({
      request: undefined,
      organization: undefined,
      units: undefined,
      start: undefined,
      end: undefined,
    });
  });

  test('an error is no decision; what was entered in error never was', () => {
    expect(fact({ outcome: 'error' })?.decision).toBe('pending');
    expect(fact({ status: 'entered-in-error' })).toBeUndefined();
  });
});

describe('authorizationRequests', () => {
  const request: Claim = {
    resourceType: 'Claim',
    id: '1',
    status: 'active',
    type: {},
    use: 'preauthorization',
    patient,
    created: '2025-03-20',
    insurer: { reference: 'Organization/mce/_history/1' },
    provider: { reference: 'Organization/riverside' },
    priority: {},
    insurance: [],
    billablePeriod: { start: '2025-04-01', end: '2025-04-30' },
    related: [{ claim: { reference: 'Claim/0/_history/2' } }, {}],
    item: [
      { sequence: 1, productOrService: {}, quantity: { value: 8 }, servicedDate: '2025-04-02' },
      { sequence: 2, productOrService: {}, quantity: { value: 4 } },
    ],
    supportingInfo: [
      { sequence: 1, category: {}, valueString: 'still in early recovery' },
      { sequence: 2, category: {}, reason: { text: 'new housing' } },
      { sequence: 3, category: {} },
    ],
  };
  const fact = (more: Partial<Claim>) => authorizationRequests([recorded<Claim>({ ...request, ...more })])[0];

  test('each field, without the versions of its references', () => {
    expect(fact({})).toEqual({
      reference: 'Claim/1',
      payer: 'Organization/mce',
      organization: 'Organization/riverside',
      created: '2025-03-20',
      related: ['Claim/0'],
      units: 12,
      justification: ['still in early recovery', 'new housing'],
      start: '2025-04-01',
      end: '2025-04-30',
    });
  });

  test('without a period of its own, its first item gives the days', () => {
    const { billablePeriod: _, ...rest } = request;
    const days = (item: Claim['item']) => {
      const [found] = authorizationRequests([recorded<Claim>({ ...rest, ...(item && { item }) })]);
      return [found?.start, found?.end];
    };
    expect(days(request.item)).toEqual(['2025-04-02', '2025-04-02']);
    const servicedPeriod = { start: '2025-05-01', end: '2025-05-31' };
    expect(days([{ sequence: 1, productOrService: {}, servicedPeriod }])).toEqual(['2025-05-01', '2025-05-31']);
    expect(days([])).toEqual([undefined, undefined]);
  });

  test('a claim for payment, a draft and an error are no requests; no items ask for no number of units', () => {
    expect(fact({ use: 'claim' })).toBeUndefined();
    expect(fact({ status: 'draft' })).toBeUndefined();
    expect(fact({ status: 'entered-in-error' })).toBeUndefined();
    expect(fact({ item: [] })?.units).toBeUndefined();
  });
});

describe('charges', () => {
  const charge: ChargeItem = {
    resourceType: 'ChargeItem',
    id: '1',
    status: 'billable',
    code: { coding: [{ code: 'H2016' }, { display: 'no code' }, { code: 'HM' }] },
    subject: patient,
    context: { reference: 'EpisodeOfCare/1/_history/1' },
    occurrencePeriod: { start: '2025-03-05', end: '2025-03-06' },
    quantity: { value: 1 },
  };
  const fact = (more: Partial<ChargeItem>, owner?: string) =>
    charges([recorded<ChargeItem>({ ...charge, ...more }, owner)])[0];

  test('each field; the time is the date, else the start of the period', () => {
    expect(fact({})).toEqual({
      reference: 'ChargeItem/1',
      status: 'billable',
      organization: 'Organization/riverside',
      episode: 'EpisodeOfCare/1',
      at: '2025-03-05',
      codes: ['H2016', 'HM'],
      quantity: 1,
      services: [],
    });
    const services = ['Encounter/1/_history/2', 'Procedure/1', 'Practitioner/1'].map((reference) => ({ reference }));
    expect(fact({ supportingInformation: services })?.services).toEqual(['Encounter/1', 'Procedure/1']);
    expect(fact({ occurrenceDateTime: '2025-03-07' })?.at).toBe('2025-03-07');
  });

  test('an encounter is no episode, and the tenant’s own directory is no organisation', () => {
    const ofContact = fact({ context: { reference: 'Encounter/1' }, service: [{ reference: 'Procedure/1' }] });
    expect(ofContact).toMatchObject({ episode: undefined, services: ['Encounter/1', 'Procedure/1'] });
    expect(fact({}, '')?.organization).toBeUndefined();
  });
});
