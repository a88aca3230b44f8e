import { expect, test } from 'vitest';
import type { Contact } from '../../../src/domain/facts/facts.ts';
import { serviceCode } from '../../../src/domain/m-3-m-4-service-code.ts';
import { indeterminate, met, notMet } from '../../../src/domain/outcome.ts';
import { as, michigan, service } from '../../support/michigan.ts';

const coded = (of: Partial<Contact>, more: Parameters<typeof service>[0] = {}) =>
  serviceCode(michigan(), service(more, of), as('coach'));

test.each<[string, Partial<Contact>, ReturnType<typeof coded>['outcome'], string]>([
  ['a call in which the client took part', { modality: 'phone', memberEngaged: true }, met, 'H0038'],
  ['a voicemail', { modality: 'phone', memberEngaged: false }, notMet('member-not-engaged'), 'H0038'],
  [
    'a call of which nobody says it',
    { modality: 'phone', memberEngaged: undefined },
    indeterminate('missing: memberEngaged'),
    'H0038',
  ],
  ['a visit that found nobody', { memberEngaged: false }, notMet('member-not-engaged'), 'T1012'],
  ['a visit of which nobody says it', { memberEngaged: undefined }, met, 'T1012'],
])('M-3, M-4: %s', (_, of, outcome, code) => {
  const told = coded(of);
  expect(told.outcome).toEqual(outcome);
  expect(told.figures['code']).toBe(code);
});

test('M-4: collateral work asks nobody whether the client took part; a text stays not listed, whoever answered', () => {
  const away = {
    kind: 'collateral',
    clientPresent: false,
    partyType: 'professional',
    memberEngaged: undefined,
  } as const;
  expect(coded({}, away).outcome).toEqual(met);
  expect(coded({ modality: 'text', memberEngaged: undefined }).outcome).toEqual(notMet('not-listed'));
});
