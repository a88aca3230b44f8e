import type {
  Claim,
  ClaimResponse,
  Consent,
  Coverage,
  EpisodeOfCare,
  PractitionerRole,
  Procedure,
  QuestionnaireResponse,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { Coaches } from '../../../src/domain/facts/coaches.ts';
import type { Recorded, SupportActivity } from '../../../src/domain/facts/facts.ts';
import { authorizations, fundings } from '../../../src/domain/facts/michigan-authorizations.ts';
import { eligibilities } from '../../../src/domain/facts/michigan-eligibility.ts';
import { episodeModes, episodeTasks, partyConsents, peerRoles } from '../../../src/domain/facts/michigan-episode.ts';
import { activityDetails, serviceOfActivity, serviceOfContact } from '../../../src/domain/facts/michigan-services.ts';
import { canonicalBase, codeSystem, structure } from '../../../src/fhir/canonical.ts';
import { contact, employer } from '../../support/facts.ts';

const recorded = <R extends Resource>(resource: R, recordedAt = '2025-01-02T00:00:00Z'): Recorded<R> => ({
  resource,
  owner: 'riverside',
  recordedAt,
});
const patient = { reference: 'Patient/1' };
const local = (code: string) => ({ coding: [{ system: `${canonicalBase}/CodeSystem/any`, code }] });
const role: PractitionerRole = {
  resourceType: 'PractitionerRole',
  id: '7',
  practitioner: { reference: 'Practitioner/coach' },
  organization: { reference: employer },
  code: [{ coding: [{ system: codeSystem('coach-role'), code: 'recovery-associate' }] }],
  period: { start: '2024-01-01', end: '2025-12-31' },
  extension: [{ url: structure('engagement'), valueCode: 'volunteer' }],
};
const coaches = new Coaches([], [recorded(role)]);

const coverage = (more: Partial<Coverage>): Recorded<Coverage> =>
  recorded({ resourceType: 'Coverage', id: '1', status: 'active', beneficiary: patient, payor: [], ...more });
const funded = (code: string) => ({ coding: [{ system: `${canonicalBase}/CodeSystem/funding-source`, code }] });

test.each([
  [{ type: funded('medicaid') }, 'medicaid'],
  [{ type: funded('hmp') }, 'hmp'],
  [{ type: funded('block-grant') }, 'block-grant'],
  [{ type: funded('pa2') }, 'pa2'],
  [{ type: { text: ' BG ' } }, 'block-grant'],
  [{ type: { text: 'PA2' } }, 'pa2'],
  [{ type: { coding: [{ system: 'http://elsewhere.example', code: 'medicaid' }] } }, undefined],
  [{ type: { text: 'Commercial' } }, undefined],
  [{}, undefined],
] as const)('the funding source of %j is %s', (more, source) => {
  expect(fundings([coverage(more as Partial<Coverage>)]).map((one) => one.source)).toEqual(source ? [source] : []);
});

test('a funding names its payers, where the coverage does', () => {
  const payor = [{ reference: 'Organization/cmhsp' }, { display: 'The county' }];
  expect(fundings([coverage({ type: { text: 'PA2' }, payor })])).toMatchObject([{ payers: ['Organization/cmhsp'] }]);
  expect(fundings([coverage({ type: { text: 'PA2' } })])[0]).not.toHaveProperty('payers');
});

test('a coverage that was cancelled funds its days where it says when it ended, a draft none', () => {
  const of = (more: Partial<Coverage>) => fundings([coverage({ type: { text: 'HMP' }, ...more })]);
  const period = { start: '2025-01-01', end: '2025-02-28' };
  expect(of({ status: 'cancelled', period })).toEqual([{ reference: 'Coverage/1', source: 'hmp', ...period }]);
  expect(of({ status: 'cancelled', period: { start: '2025-01-01' } })).toEqual([]);
  expect(of({ status: 'draft', period })).toEqual([]);
});

const claim: Claim = {
  resourceType: 'Claim',
  id: '1',
  status: 'active',
  use: 'preauthorization',
  type: local('professional'),
  patient,
  created: '2025-01-02',
  provider: { reference: employer },
  priority: local('normal'),
  insurance: [],
  billablePeriod: { start: '2025-01-01', end: '2025-06-30' },
  related: [
    { claim: { reference: 'Claim/0/_history/3' }, relationship: local('prior') },
    { claim: { reference: 'Claim/parent' }, relationship: local('associated') },
  ],
  supportingInfo: [
    { sequence: 1, category: local('info'), valueString: ' Housing is about to be lost ' },
    { sequence: 2, category: local('progress'), reason: { text: 'Two of three goals reached' } },
    { sequence: 3, category: local('info'), valueString: '  ' },
    { sequence: 4, category: local('info'), valueReference: { reference: 'DocumentReference/1/_history/1' } },
  ],
  item: [
    { sequence: 1, productOrService: local('T1012'), quantity: { value: 40 } },
    { sequence: 2, productOrService: local('H0038') },
  ],
};
const response: ClaimResponse = {
  resourceType: 'ClaimResponse',
  id: '1',
  status: 'active',
  use: 'preauthorization',
  type: local('professional'),
  patient,
  created: '2025-01-05',
  insurer: { reference: 'Organization/mce' },
  request: { reference: 'Claim/1/_history/1' },
  outcome: 'complete',
  preAuthRef: 'PA-1',
  preAuthPeriod: { start: '2025-01-02', end: '2025-06-29' },
  item: [
    {
      itemSequence: 1,
      adjudication: [
        { category: local('units'), value: 30 },
        { category: local('benefit'), value: 99 },
      ],
    },
  ],
  addItem: [
    { productOrService: local('H0038'), quantity: { value: 6 }, adjudication: [{ category: local('benefit') }] },
  ],
};

test('an authorization: its request, kin, reasons and progress, and the answer', () => {
  expect(authorizations([recorded(claim)], [recorded(response)])).toEqual([
    {
      reference: 'Claim/1',
      response: 'ClaimResponse/1',
      payer: 'Organization/mce',
      providers: ['Organization/riverside'],
      requested: { start: '2025-01-01', end: '2025-06-30' },
      parent: 'Claim/parent',
      prior: 'Claim/0',
      justification: ['Housing is about to be lost', 'DocumentReference/1'],
      progress: ['Two of three goals reached'],
      items: [
        { code: 'T1012', units: 40 },
        { code: 'H0038', units: undefined },
      ],
      decision: 'complete',
      number: 'PA-1',
      hasErrors: false,
      authorized: { start: '2025-01-02', end: '2025-06-29' },
      allowance: 36,
    },
  ]);
});

test('of several answers to one request the last recorded counts; those to others and cancelled ones do not', () => {
  const newest = recorded({ ...response, id: '2', preAuthRef: 'PA-2' }, '2025-02-01T00:00:00Z');
  const cancelled = recorded({ ...response, id: '3', status: 'cancelled' as const }, '2025-03-01T00:00:00Z');
  const other = recorded({ ...response, id: '4', request: { reference: 'Claim/9' } }, '2025-04-01T00:00:00Z');
  const told = authorizations([recorded(claim)], [recorded(response), newest, cancelled, other]);
  expect(told.map(({ number }) => number)).toEqual(['PA-2']);
});

test('of two answers the payer’s later one counts, in whichever order they reached us', () => {
  const { preAuthRef: _, ...refusal } = response;
  const denial = recorded({ ...refusal, id: '2', created: '2025-02-20' });
  const late = recorded({ ...response, created: '2025-01-03' }, '2025-03-01T00:00:00Z');
  for (const order of [
    [late, denial],
    [denial, late],
  ])
    expect(authorizations([recorded(claim)], order)).toMatchObject([
      { response: 'ClaimResponse/2', number: undefined },
    ]);
});

test('a request without an answer has neither decision nor allowance; claims and drafts authorize nothing', () => {
  expect(authorizations([recorded(claim)], [])).toMatchObject([
    { response: undefined, decision: undefined, number: undefined, allowance: undefined },
  ]);
  expect(authorizations([recorded({ ...claim, use: 'claim' }), recorded({ ...claim, status: 'draft' })], [])).toEqual(
    [],
  );
});

const answers: QuestionnaireResponse = {
  resourceType: 'QuestionnaireResponse',
  id: '1',
  status: 'completed',
  authored: '2025-01-10',
  item: [
    { linkId: 'agreement', answer: [{ valueBoolean: true }] },
    { linkId: 'c1', answer: [{ valueBoolean: true }] },
    { linkId: 'c2', answer: [{ valueCoding: { code: 'housing' } }] },
    {
      linkId: 'c3',
      answer: [{ valueBoolean: true, item: [{ linkId: 'c3.why', answer: [{ valueString: ' Two relapses ' }] }] }],
    },
    {
      linkId: 'c4',
      answer: [{ valueBoolean: false }],
      item: [{ linkId: 'c4.what', answer: [{ valueReference: { reference: 'Condition/1/_history/2' } }] }],
    },
    { linkId: 'c5', answer: [{ valueString: '   ' }] },
  ],
};

test('eligibility: yes and no as they were said, codes beside words; neither codes nor blanks say a yes', () => {
  expect(eligibilities([recorded(answers)])).toEqual([
    {
      reference: 'QuestionnaireResponse/1',
      authored: '2025-01-10',
      agreement: true,
      criteria: {
        c1: { said: true, evidence: [] },
        c2: { said: undefined, evidence: ['housing'], codes: ['housing'] },
        c3: { said: true, evidence: ['Two relapses'] },
        c4: { said: false, evidence: ['Condition/1'] },
        c5: { said: undefined, evidence: [] },
      },
    },
  ]);
});

test('eligibility: an amended response counts; drafts, errors and other questionnaires do not', () => {
  const of = (more: Partial<QuestionnaireResponse>) => eligibilities([recorded({ ...answers, ...more })]).length;
  expect(of({ status: 'amended' })).toBe(1);
  expect(of({ status: 'in-progress' })).toBe(0);
  expect(of({ status: 'entered-in-error' })).toBe(0);
  expect(of({ item: [{ linkId: 'mood', answer: [{ valueBoolean: true }] }] })).toBe(0);
  expect(of({ item: [{ linkId: 'agreement' }] })).toBe(0);
});

test('eligibility: a response about the agreement alone says so, and that nothing is known of the criteria', () => {
  const item = [{ linkId: 'agreement', answer: [{ valueBoolean: false }] }];
  expect(eligibilities([recorded({ ...answers, item })])).toMatchObject([
    { agreement: false, isAgreementAlone: true, criteria: { c1: { said: undefined, evidence: [] } } },
  ]);
});

test('an episode: how it serves, when acute care ended and why it ended', () => {
  const episode: EpisodeOfCare = {
    resourceType: 'EpisodeOfCare',
    id: '1',
    status: 'finished',
    patient,
    extension: [
      {
        url: structure('service-mode'),
        extension: [
          { url: 'mode', valueCode: 'stand-alone' },
          { url: 'acuteCareEnd', valueDate: '2025-01-31' },
        ],
      },
      { url: structure('end-reason'), valueCode: 'relapse' },
    ],
  };
  expect(episodeModes([recorded(episode)])).toEqual([
    { episode: 'EpisodeOfCare/1', mode: 'stand-alone', acuteCareEnd: '2025-01-31', endReason: 'relapse' },
  ]);
  const other = { url: structure('service-mode'), extension: [{ url: 'mode', valueCode: 'otherwise' }] };
  expect(episodeModes([recorded({ ...episode, extension: [other] })])).toEqual([
    { episode: 'EpisodeOfCare/1', mode: undefined, acuteCareEnd: undefined, endReason: undefined },
  ]);
});

test('a peer role: an associate by code, a coach by any other code or the specialty, no supervisor, nobody else', () => {
  const fact = {
    reference: 'PractitionerRole/7',
    practitioner: 'Practitioner/coach',
    organization: employer,
    role: 'associate',
    engagement: 'volunteer',
    start: '2024-01-01',
    end: '2025-12-31',
  };
  expect(peerRoles([recorded(role)], coaches)).toEqual([fact]);
  const roleOf = (more: Partial<PractitionerRole>) =>
    peerRoles([recorded({ ...role, ...more })], coaches).map((one) => one.role);
  const specialty = [{ coding: [{ system: 'http://nucc.org/provider-taxonomy', code: '175T00000X' }] }];
  expect(roleOf({ code: [{ coding: [{ system: codeSystem('coach-role'), code: 'traditional' }] }] })).toEqual([
    'coach',
  ]);
  expect(roleOf({ code: [], specialty })).toEqual(['coach']);
  const supervisor = { coding: [{ system: codeSystem('coach-role'), code: 'supervisor' }] };
  const coach = { coding: [{ system: codeSystem('coach-role'), code: 'recovery-coach' }] };
  expect(roleOf({ code: [supervisor] })).toEqual([]);
  expect(roleOf({ code: [supervisor], specialty })).toEqual(['coach']);
  expect(roleOf({ code: [...(role.code ?? []), coach] })).toEqual(['coach']);
  expect(roleOf({ code: [] })).toEqual([]);
  expect(roleOf({ active: false })).toEqual(['associate']);
  expect(roleOf({ active: false, period: { start: '2020-01-01' } })).toEqual([]);
  expect(roleOf({ active: false, period: { start: '2020-01-01', end: '2025-06-30' } })).toEqual(['associate']);
  expect(roleOf({ practitioner: { display: 'unnamed' } })).toEqual([]);
});

test('a task: its code, when it was written and how it stands', () => {
  const task: Task = {
    resourceType: 'Task',
    id: '1',
    status: 'requested',
    intent: 'order',
    authoredOn: '2025-02-01T10:00:00Z',
    code: local('intensity-review'),
  };
  expect(episodeTasks([recorded(task), recorded({ ...task, id: '2', code: { text: 'call' } })])).toEqual([
    { reference: 'Task/1', code: 'intensity-review', date: '2025-02-01T10:00:00Z', status: 'requested' },
  ]);
});

const consent: Consent = {
  resourceType: 'Consent',
  id: '1',
  status: 'active',
  scope: local('patient-privacy'),
  category: [local('family')],
  dateTime: '2025-01-15',
  provision: {
    type: 'permit',
    period: { end: '2025-12-31' },
    actor: [{ role: local('emergency-contact'), reference: { reference: 'RelatedPerson/1/_history/1' } }],
  },
};

test('a consent names persons and roles, from its period’s begin or else its own date', () => {
  expect(partyConsents([recorded(consent)])).toEqual([
    {
      reference: 'Consent/1',
      parties: ['RelatedPerson/1', 'emergency-contact'],
      given: '2025-01-15',
      start: '2025-01-15',
      end: '2025-12-31',
    },
  ]);
  const dated = { ...consent, provision: { ...consent.provision, period: { start: '2025-02-01' } } };
  expect(partyConsents([recorded(dated)])).toMatchObject([{ start: '2025-02-01', end: undefined }]);
  expect(partyConsents([recorded({ ...consent, status: 'inactive' })])).toEqual([]);
  expect(partyConsents([recorded({ ...consent, provision: { type: 'deny' } })])).toEqual([]);
  const denied = { ...consent, provision: { ...consent.provision, type: 'deny' as const } };
  expect(partyConsents([recorded(denied)])).toMatchObject([
    { parties: ['RelatedPerson/1', 'emergency-contact'], denies: true },
  ]);
});

const procedure: Procedure = {
  resourceType: 'Procedure',
  id: '1',
  status: 'completed',
  subject: patient,
  performer: [{ actor: { reference: 'PractitionerRole/7' } }, { actor: { reference: 'RelatedPerson/1/_history/1' } }],
  extension: [
    { url: structure('support-category'), valueCode: 'emotional' },
    { url: structure('fidelity-tag'), extension: [{ url: 'tag', valueCode: 'clinical' }] },
    {
      url: structure('documentation'),
      extension: [
        { url: 'status', valueCode: 'final' },
        { url: 'signedAt', valueInstant: '2025-03-05T20:00:00Z' },
        { url: 'signedBy', valueReference: { reference: 'PractitionerRole/7' } },
      ],
    },
  ],
};
const activity: SupportActivity = {
  reference: 'Procedure/1',
  coaches: ['Practitioner/coach'],
  organization: employer,
  start: '2025-03-05T10:00:00-05:00',
  end: '2025-03-05T10:30:00-05:00',
  status: 'completed',
  category: 'collateral',
  partyType: 'family',
  clientPresent: undefined,
  purposes: ['housing'],
  outcome: [],
};

test('a collateral contact: with whom, what support, tags and the signed note', () => {
  const details = activityDetails([recorded(procedure)], coaches).get('Procedure/1');
  const documentation = [
    { status: 'final', signedAt: '2025-03-05T20:00:00Z', signedBy: ['Practitioner/coach'], evidence: [] },
  ];
  expect(details).toEqual({
    supportCategories: ['emotional'],
    tags: ['clinical'],
    parties: ['RelatedPerson/1'],
    overseers: [],
    activities: [],
    documentation,
  });
  expect(serviceOfActivity(activity, details)).toEqual({
    reference: 'Procedure/1',
    kind: 'collateral',
    performers: ['Practitioner/coach'],
    overseers: [],
    organization: employer,
    start: '2025-03-05T10:00:00-05:00',
    end: '2025-03-05T10:30:00-05:00',
    status: 'completed',
    modality: undefined,
    clientPresent: undefined,
    partyType: 'family',
    parties: ['RelatedPerson/1'],
    isGroup: false,
    group: undefined,
    supportCategories: ['emotional'],
    tags: ['clinical'],
    nature: ['housing', 'collateral-family'],
    activities: [],
    places: [],
    documentation,
    evidence: ['Procedure/1'],
  });
});

test('a procedure that says nothing more has no details; support work without the member has no client present', () => {
  const bare: Procedure = { resourceType: 'Procedure', id: '2', status: 'completed', subject: patient };
  const none = { supportCategories: [], tags: [], parties: [], overseers: [], activities: [], documentation: [] };
  expect(activityDetails([recorded(bare)], coaches).get('Procedure/2')).toEqual(none);
  const work: SupportActivity = { ...activity, category: 'support-without-member', partyType: undefined };
  expect(serviceOfActivity(work, undefined)).toMatchObject({ clientPresent: false, nature: ['housing'], ...none });
  expect(serviceOfActivity({ ...activity, clientPresent: true }, undefined).clientPresent).toBe(true);
});

test('a note on a procedure is preliminary until it says final, and an unknown signer signs nothing', () => {
  const said = { url: structure('documentation'), extension: [{ url: 'status', valueCode: 'preliminary' }] };
  const noted = recorded({ ...procedure, extension: [said] });
  expect(activityDetails([noted], coaches).get('Procedure/1')?.documentation).toEqual([
    { status: 'preliminary', signedAt: undefined, signedBy: [], evidence: [] },
  ]);
});

test.each([
  ['in-person', true],
  ['phone', false],
  ['video', false],
  ['remote', undefined],
] as const)('a contact by %s: client present is %s', (modality, present) => {
  expect(serviceOfContact([contact('2025-03-05', { modality })], employer).clientPresent).toBe(present);
});

test('one contact of two coaches is one service by both', () => {
  const start = '2025-03-05T10:00:00-05:00';
  const both = serviceOfContact(
    [contact(start), contact(start, { coach: 'Practitioner/other' }), contact(start)],
    employer,
  );
  expect(both.performers).toEqual(['Practitioner/coach', 'Practitioner/other']);
});

test('a procedure says of transport that it is not temporary', () => {
  const drive = (temporary: boolean): Procedure => ({
    resourceType: 'Procedure',
    id: '3',
    status: 'completed',
    subject: patient,
    extension: [
      {
        url: structure('fidelity-tag'),
        extension: [
          { url: 'tag', valueCode: 'transport' },
          { url: 'temporary', valueBoolean: temporary },
        ],
      },
    ],
  });
  const said = (temporary: boolean) => activityDetails([recorded(drive(temporary))], coaches).get('Procedure/3');
  expect(said(false)).toMatchObject({ tags: ['transport'], ongoingTransport: true });
  expect(said(true)).not.toHaveProperty('ongoingTransport');
});
