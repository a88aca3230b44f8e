import type { Consent, Procedure, Resource } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { accountsOf } from '../../../src/domain/accounts.ts';
import { factsFrom } from '../../../src/domain/facts/from-fhir.ts';
import { michiganServices } from '../../../src/domain/michigan-billing.ts';
import { michiganFacts } from '../../../src/domain/michigan-facts.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { rulesets } from '../../support/facts.ts';
import { familyCall, familyConsent, michiganCoverage, michiganMember } from '../../support/michigan-member.ts';
import { local, recorded } from '../../support/recorded.ts';

const knownAt = '2025-04-01T12:00:00Z';
const paid = michiganCoverage({ type: local('block-grant', 'funding-source') });

/** M-0 of half an hour's call with the client's sister, beside these resources. */
function told(call: Procedure, consents: readonly Consent[], files: readonly Ruleset[] = rulesets) {
  const all: Resource[] = [...michiganMember.filter((one) => one.resourceType !== 'Coverage'), paid, call, ...consents];
  const rows = all.map((one) => recorded(one, 'detroit-recovery'));
  const facts = factsFrom('client', rows, 'America/Detroit');
  return accountsOf(facts, files, knownAt).flatMap((account) =>
    michiganServices(facts, michiganFacts(rows), account, knownAt),
  )[0]?.answer;
}

const coachAlone = [{ actor: { reference: 'Practitioner/detroit-coach' } }];

/** The call with another party, or with none said. */
function partyOf(valueCode: string | undefined, more: Partial<Procedure> = {}): Procedure {
  const extension = (familyCall().extension ?? []).flatMap((one) => {
    if (one.valueCode !== 'family') return [one];
    return valueCode === undefined ? [] : [{ ...one, valueCode }];
  });
  return familyCall({ extension, ...more });
}

test('M-0: speaking with the family is billable with the client’s written consent to that person', () => {
  const answer = told(familyCall(), [familyConsent()]);
  expect(answer?.outcome).toEqual(met);
  expect(answer?.evidence).toContain('Consent/family');
});

test('M-0: without one it is open, and after its end refused', () => {
  expect(told(familyCall(), [])?.outcome).toEqual(indeterminate('M-18 missing: consent for RelatedPerson/sister'));
  const ended = familyConsent({ period: { start: '2025-01-02', end: '2025-03-05' } });
  expect(told(familyCall(), [ended])?.outcome).toEqual(notMet('M-18 consent-not-in-force'));
});

test('M-0: a family member whom nobody names may be anybody', () => {
  const unnamed = familyCall({ performer: coachAlone });
  expect(told(unnamed, [familyConsent()])?.outcome).toEqual(indeterminate('M-18 missing: family member'));
});

test('M-0: a professional asks for no consent of this kind, and a file that only measures M-18 refuses nothing', () => {
  const call = familyCall();
  expect(told(partyOf('professional', { performer: coachAlone }), [])?.outcome).toEqual(met);
  const measured = rulesets.map((one): Ruleset => {
    const rule = one.rules['M-18'];
    return rule ? { ...one, rules: { ...one.rules, 'M-18': { ...rule, mode: 'measure' } } } : one;
  });
  expect(told(call, [], measured)?.outcome).toEqual(met);
});

test('M-0: a conversation with professionals in which a RelatedPerson took part asks for that person’s consent', () => {
  const both = partyOf('professional');
  expect(told(both, [])?.outcome).toEqual(indeterminate('M-18 missing: consent for RelatedPerson/sister'));
  expect(told(both, [familyConsent()])?.outcome).toEqual(met);
});

test('M-0: with the client in the room somebody still has to say with whom the collateral contact was', () => {
  const inTheRoom = (call: Procedure): Procedure => ({
    ...call,
    extension: (call.extension ?? []).map((one) => (one.valueBoolean === false ? { ...one, valueBoolean: true } : one)),
  });
  const nobodyNamed = inTheRoom(partyOf(undefined, { performer: coachAlone }));
  expect(told(nobodyNamed, [])?.outcome).toMatchObject({ reasons: expect.arrayContaining(['M-3 missing: partyType']) });
  expect(told(inTheRoom(partyOf('other')), [familyConsent()])?.outcome).toEqual(notMet('M-3 not-listed'));
  expect(told(inTheRoom(partyOf('professional', { performer: coachAlone })), [])?.outcome).toEqual(met);
});

test('M-0: the client’s word against speaking with the sister stands until a later consent', () => {
  const denial = (id: string, dateTime: string): Consent => ({ ...familyConsent({ type: 'deny' }), id, dateTime });
  const refused = notMet('M-18 consent-denied');
  expect(told(familyCall(), [familyConsent(), denial('no', '2025-02-01')])?.outcome).toEqual(refused);
  expect(told(familyCall(), [denial('no', '2025-02-01')])?.outcome).toEqual(refused);
  expect(told(familyCall(), [familyConsent(), denial('before', '2025-01-01')])?.outcome).toEqual(met);
  expect(told(familyCall(), [familyConsent(), denial('after', '2025-03-07')])?.outcome).toEqual(met);
  const { actor = [] } = familyConsent().provision ?? {};
  const below = familyConsent({ provision: [{ type: 'deny', actor }] });
  expect(told(familyCall(), [below])?.outcome).toEqual(refused);
  const elsewhere = familyConsent({ provision: [{ type: 'deny', data: [] }] });
  expect(told(familyCall(), [elsewhere])?.outcome).toEqual(met);
});
