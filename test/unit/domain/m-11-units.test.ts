import type { ClaimResponse } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import type { Contact } from '../../../src/domain/facts/facts.ts';
import { type AuthorizedItem, authorizations } from '../../../src/domain/facts/michigan-authorizations.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { authorization } from '../../support/michigan.ts';
import { michiganMember } from '../../support/michigan-member.ts';
import { judged, visit } from '../../support/michigan-services.ts';
import { local, recorded } from '../../support/recorded.ts';

const granting = (granted: number | undefined, more: Partial<AuthorizedItem> = {}): AuthorizedItem => ({
  code: 'T1012',
  units: 40,
  granted,
  ...more,
});
const hour = (from: number, more: Partial<Contact> = {}) => visit(`${from}:00`, `${from + 1}:00`, more);
const outcomes = (contacts: Contact[], items: AuthorizedItem[], more = {}) =>
  judged({ contacts }, { authorizations: [authorization({ payer: 'Organization/cmhsp', items })], ...more }).map(
    ({ answer }) => answer.outcome,
  );
const usedUp = notMet('M-11 authorized-units-used-up');

test('M-11: services are billable until the authorized units are used, and the last of them is', () => {
  const contacts = [hour(10), hour(11), hour(12)];
  expect(outcomes(contacts, [granting(8)])).toEqual([met, met, usedUp]);
  expect(outcomes(contacts, [granting(12)])).toEqual([met, met, met]);
  expect(outcomes(contacts, [granting(0)])).toEqual([usedUp, usedUp, usedUp]);
  expect(outcomes(contacts, [granting(undefined)])).toEqual([met, met, met]);
});

test('M-11: a service that does not fit leaves what is left to a shorter one', () => {
  const contacts = [hour(10), hour(11), visit('12:00', '12:15')];
  expect(outcomes(contacts, [granting(5)])).toEqual([met, usedUp, met]);
});

test('M-11: what is refused or open uses no unit', () => {
  const cancelled = hour(10, { status: 'cancelled' });
  const unsigned = hour(11, { documentation: [] });
  expect(outcomes([cancelled, unsigned, hour(12)], [granting(4)])).toEqual([
    expect.objectContaining({ result: 'not-met' }),
    indeterminate('M-8 no-documentation'),
    met,
  ]);
});

test('M-11: another code’s units, or a refused item’s, are not used for it; a second authorization goes on', () => {
  const contacts = [hour(10), hour(11)];
  expect(outcomes(contacts, [granting(4), granting(40, { code: 'H0038' })])).toEqual([met, usedUp]);
  expect(outcomes(contacts, [granting(4), granting(4, { review: 'denied' })])).toEqual([met, usedUp]);
  const of = (reference: string) =>
    authorization({ reference, payer: 'Organization/cmhsp', items: [granting(4)], allowance: 4 });
  expect(outcomes(contacts, [], { authorizations: [of('Claim/1'), of('Claim/2')] })).toEqual([met, met]);
});

test('M-11: its own answer for the service says so, too', () => {
  const [service] = judged(
    {},
    { authorizations: [authorization({ payer: 'Organization/cmhsp', items: [granting(3)] })] },
  );
  expect(service?.parts.find(({ rule }) => rule === 'M-11')?.outcome).toEqual(notMet('authorized-units-used-up'));
});

test('the units of an item are what the answer allows of it, by its sequence', () => {
  const [claim] = michiganMember.filter((one) => one.resourceType === 'Claim');
  const [answered] = michiganMember.filter((one) => one.resourceType === 'ClaimResponse');
  if (!claim || !answered) throw new Error('the member has an authorization');
  const granted = (more: Partial<ClaimResponse>) =>
    authorizations([recorded(claim)], [recorded({ ...answered, ...more })])[0]?.items[0]?.granted;
  const units = (value: number) => [{ category: local('units'), value }];
  const added = { productOrService: local('T1012'), adjudication: [] };
  expect(granted({})).toBeUndefined();
  expect(granted({ item: [{ itemSequence: 1, adjudication: units(12) }] })).toBe(12);
  expect(granted({ item: [{ itemSequence: 2, adjudication: units(12) }] })).toBeUndefined();
  expect(granted({ addItem: [{ ...added, itemSequence: [1], quantity: { value: 8 } }] })).toBe(8);
  const beside = [{ ...added, quantity: { value: 8 } }];
  expect(granted({ item: [{ itemSequence: 1, adjudication: units(12) }], addItem: beside })).toBeUndefined();
});
