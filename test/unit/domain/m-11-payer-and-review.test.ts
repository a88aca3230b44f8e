import type { Claim, ClaimResponse, ClaimResponseItem, Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { accountsOf } from '../../../src/domain/accounts.ts';
import { authorizations as planAnswers } from '../../../src/domain/facts/authorizations.ts';
import { factsFrom } from '../../../src/domain/facts/from-fhir.ts';
import { m11Authorization } from '../../../src/domain/m-11-authorization.ts';
import { michiganServices } from '../../../src/domain/michigan-billing.ts';
import { michiganFacts } from '../../../src/domain/michigan-facts.ts';
import { indeterminate, met, notMet, type Outcome } from '../../../src/domain/outcome.ts';
import { rulesets } from '../../support/facts.ts';
import { authorization, michigan } from '../../support/michigan.ts';
import { michiganMember, michiganVisit } from '../../support/michigan-member.ts';
import { coded, recorded } from '../../support/recorded.ts';

const pas = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const reviewed = (code: string) => ({
  category: coded('http://terminology.hl7.org/CodeSystem/adjudication', 'submitted'),
  extension: [
    {
      url: `${pas}/extension-reviewAction`,
      extension: [
        {
          url: `${pas}/extension-reviewActionCode`,
          valueCodeableConcept: coded('https://codesystem.x12.org/005010/306', code),
        },
      ],
    },
  ],
});
const item = (...codes: string[]): Pick<ClaimResponse, 'item'> => ({
  item: codes.map((code, index): ClaimResponseItem => ({ itemSequence: index + 1, adjudication: [reviewed(code)] })),
});
const denial = 'M-11 authorization-denied';

/** M-0 of an hour at home, under the member's request and answer as they are changed. */
function billable(claim: Partial<Claim>, response: Partial<ClaimResponse>): Outcome | undefined {
  const changed = [...michiganMember, michiganVisit()].map((one): Resource => {
    if (one.resourceType === 'Claim') return { ...one, ...claim };
    return one.resourceType === 'ClaimResponse' ? { ...one, ...response } : one;
  });
  const rows = changed.map((one) => recorded(one, 'detroit-recovery'));
  const facts = factsFrom('client', rows, 'America/Detroit');
  const knownAt = '2025-04-01T12:00:00Z';
  return accountsOf(facts, rulesets, knownAt)
    .flatMap((account) => michiganServices(facts, michiganFacts(rows), account, knownAt))
    .map(({ answer }) => answer.outcome)[0];
}

const optum = { reference: 'Organization/optum' };
const harbor = { reference: 'Organization/harbor' };

test.each<[string, Partial<Claim>, Partial<ClaimResponse>, Outcome]>([
  ['of the payer, to the provider', {}, { requestor: { reference: 'Organization/detroit-recovery' } }, met],
  ['of another payer', { insurer: optum }, { insurer: optum }, notMet('M-11 authorization-of-another-payer')],
  ['of another payer that was asked by nobody', {}, { insurer: optum }, indeterminate('M-11 authorization-pending')],
  ['to another provider', { provider: harbor }, {}, notMet('M-11 authorization-of-another-provider')],
  ['answered to another provider', {}, { requestor: harbor }, notMet('M-11 authorization-of-another-provider')],
  [
    'to a coach, who names no organisation',
    { provider: { reference: 'Practitioner/detroit-coach' } },
    {},
    indeterminate('M-11 missing: provider of the authorization'),
  ],
  ['of a claim and not of a request', {}, { use: 'claim' }, indeterminate('M-11 authorization-pending')],
  [
    'with errors in its processing',
    {},
    { disposition: 'Denied', error: [{ code: coded('urn:x', '33') }] },
    indeterminate('M-11 authorization-with-errors'),
  ],
  ['certified in total', {}, item('A1'), met],
  ['certified in part', {}, item('A2'), met],
  ['modified', {}, item('A6'), met],
  ['not certified, with a number', {}, item('A3'), notMet(denial)],
  ['cancelled, with a number', {}, item('C'), notMet(denial)],
  ['pended, with a number', {}, item('A4'), indeterminate('M-11 authorization-pending')],
  ['by an action that nobody knows', {}, item('CT'), indeterminate('M-11 authorization-pending')],
  ['not certified as a whole', {}, { adjudication: [reviewed('A3')] }, notMet(denial)],
  [
    'certified, and once more not',
    {},
    { item: [{ itemSequence: 1, adjudication: [reviewed('A1'), reviewed('A3')] }] },
    notMet(denial),
  ],
])('M-0: an authorization %s', (_, claim, response, outcome) => {
  expect(billable(claim, response)).toEqual(outcome);
});

describe('an answer by the item', () => {
  const both = (...[individual, away]: ('approved' | 'denied')[]) => [
    authorization({
      items: [
        { code: 'T1012', units: 8, review: individual },
        { code: 'H0038', units: 8, review: away },
      ],
    }),
  ];
  const on = { start: '2025-03-05', evidence: [] };
  const m11 = (code: string | undefined, ...[one, other]: ('approved' | 'denied')[]) =>
    m11Authorization(michigan(), on, both(one as 'approved', other as 'denied'), code).outcome;

  test('refuses the services of its code, and grants the others', () => {
    expect(m11('T1012', 'denied', 'approved')).toEqual(notMet('authorization-denied'));
    expect(m11('H0038', 'denied', 'approved')).toEqual(met);
    expect(m11(undefined, 'denied', 'approved')).toEqual(met);
    expect(m11(undefined, 'denied', 'denied')).toEqual(notMet('authorization-denied'));
  });
});

test('M-11: an authorization that names nobody is open', () => {
  const of = (more: Parameters<typeof authorization>[0]) =>
    m11Authorization(michigan(), { start: '2025-03-05', evidence: [] }, [authorization(more)]).outcome;
  expect(of({ payer: undefined })).toEqual(indeterminate('missing: payer of the authorization'));
  expect(of({ providers: [] })).toEqual(indeterminate('missing: provider of the authorization'));
});

test('A-2: in Massachusetts too a number does not outweigh the reviewer', () => {
  const response = michiganMember.find((one): one is ClaimResponse => one.resourceType === 'ClaimResponse');
  const decision = (more: Partial<ClaimResponse>) =>
    planAnswers([recorded<ClaimResponse>({ ...(response as ClaimResponse), ...more })])[0]?.decision;
  expect(decision(item('A1', 'A3'))).toBe('approved');
  expect(decision(item('A3'))).toBe('denied');
  expect(decision(item('A4'))).toBe('pending');
  expect(decision(item('A3', 'A4'))).toBe('pending');
  expect(decision({ adjudication: [reviewed('A3')] })).toBe('denied');
  expect(decision({ error: [{ code: coded('urn:x', '33') }] })).toBe('pending');
});
