import type { Encounter } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { contactDetails } from '../../../../src/domain/facts/contact-details.ts';
import { noDetails } from '../../../../src/domain/facts/facts.ts';
import { structure } from '../../../../src/fhir/canonical.ts';
import { coaches, coded, local, recorded } from '../../../support/recorded.ts';

const bare: Encounter = { resourceType: 'Encounter', id: '1', status: 'finished', class: {} };
const details = (more: Partial<Encounter>) =>
  contactDetails(recorded<Encounter>({ ...bare, ...more }).resource, coaches);

test('a contact that says nothing has no details', () => {
  expect(details({})).toEqual({
    ...noDetails,
    end: undefined,
    accompaniedTo: undefined,
    coachRole: undefined,
    group: undefined,
    encounterClass: undefined,
  });
});

test('its end, class, types and purposes; a purpose of a foreign system is none', () => {
  expect(
    details({
      class: { code: 'AMB' },
      period: { start: '2025-03-01T20:00:00Z', end: '2025-03-01T21:00:00Z' },
      type: [local('in-person'), { text: 'a walk' }, {}],
      reasonCode: [local('mentoring', 'service-component'), coded('urn:other', 'sharing-experience')],
    }),
  ).toMatchObject({
    end: '2025-03-01T21:00:00Z',
    encounterClass: 'AMB',
    types: ['in-person', 'a walk'],
    purposes: ['mentoring'],
  });
});

test('goals, support categories, accompaniment and the coach’s role are extensions of Footbridge’s own', () => {
  expect(
    details({
      extension: [
        { url: structure('supports-goal'), valueReference: { reference: 'Goal/1/_history/2' } },
        { url: structure('supports-goal'), valueReference: {} },
        { url: structure('support-category'), valueCode: 'emotional' },
        { url: structure('support-category'), valueCode: 'instrumental' },
        { url: structure('accompanied-to'), valueCode: 'court' },
        { url: structure('coach-role'), valueCode: 'early-engagement' },
        { url: 'https://elsewhere.example/support-category', valueCode: 'affiliational' },
      ],
    }),
  ).toMatchObject({
    goals: ['Goal/1'],
    supportCategories: ['emotional', 'instrumental'],
    accompaniedTo: 'court',
    coachRole: 'early-engagement',
  });
});

test('whether a thing is temporary is said of the tags beside it only', () => {
  const tag = (valueCode: string) => ({ url: 'tag', valueCode });
  expect(
    details({
      extension: [
        {
          url: structure('fidelity-tag'),
          extension: [tag('transport'), tag('transition-plan'), { url: 'temporary', valueBoolean: true }],
        },
        { url: structure('fidelity-tag'), extension: [tag('chaperone')] },
        { url: structure('fidelity-tag'), extension: [{ url: 'temporary', valueBoolean: false }] },
      ],
    }).fidelityTags,
  ).toEqual([
    { tag: 'transport', temporary: true },
    { tag: 'transition-plan', temporary: true },
    { tag: 'chaperone', temporary: undefined },
  ]);
});

test('a group session with its parts; what it does not say stays open', () => {
  const group = (...extension: { url: string }[]) =>
    details({ extension: [{ url: structure('group-session'), extension }] }).group;
  const said = [
    { url: 'size', valuePositiveInt: 6 },
    { url: 'therapistPresent', valueBoolean: false },
    { url: 'mat', valueBoolean: true },
    { url: 'lead', valueReference: { reference: 'PractitionerRole/7' } },
  ];
  expect(group(...said)).toEqual({ size: 6, therapistPresent: false, mat: true, lead: 'Practitioner/coach' });
  expect(group()).toEqual({ size: undefined, therapistPresent: undefined, mat: undefined, lead: undefined });
});

test('a place is its Location, else its name, with the codes of its kind', () => {
  expect(
    details({
      location: [
        {
          location: { reference: 'Location/1/_history/1', display: 'the office' },
          physicalType: { coding: [{ code: '11' }] },
        },
        { location: { display: 'a park' } },
        { location: {} },
      ],
    }).places,
  ).toEqual(['Location/1', '11', 'a park']);
});
