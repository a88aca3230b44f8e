import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { structure } from '../../../src/fhir/canonical.ts';
import { servedTypes } from '../../../src/fhir/served-types.ts';
import { loadValidatorSync } from '../../../src/profiles/validator.ts';

const root = resolve(import.meta.dirname, '../../..');
const examples = join(root, 'profiles/examples');
const inputs = resolve(root, '../shared/inputs/fhir');
const validator = loadValidatorSync();
const example = (name: string): Resource =>
  JSON.parse(readFileSync(join(examples, `${name}.json`), 'utf8')) as Resource;
const errorsOf = (resource: unknown) =>
  validator.validate(resource).issues.filter(({ severity }) => severity === 'error');

test.each(readdirSync(examples))('the example %s is valid, and every profile that it claims is held', (name) => {
  expect(validator.validate(JSON.parse(readFileSync(join(examples, name), 'utf8'))).issues).toEqual([]);
});

/** A change to an example by path, and where the one error must stand. `undefined` removes. */
type Mutation = readonly [example: string, path: string, value: unknown, where: string, says: RegExp];
const us = 'http://hl7.org/fhir/us/core/StructureDefinition/';
const mutations: readonly Mutation[] = [
  ['patient', 'gendre', 'female', 'Patient', /no element gendre/],
  ['patient', 'gender', 'f', 'Patient.gender', /required binding/],
  ['patient', 'gender', ['unknown'], 'Patient.gender', /must be/],
  ['patient', 'birthDate', '1988-02-30', 'Patient.birthDate', /calendar does not have/],
  ['patient', 'birthDate', '17.05.1988', 'Patient.birthDate', /must be a date/],
  ['patient', 'birthDate', 1988, 'Patient.birthDate', /JSON string/],
  ['patient', 'active', 'true', 'Patient.active', /without quotes/],
  ['patient', 'name', [], 'Patient.name', /empty array/],
  ['patient', 'name', { family: 'Alder' }, 'Patient.name', /JSON array/],
  ['patient', 'name.0', {}, 'Patient.name[0]', /is empty/],
  ['patient', 'name.0.family', '', 'Patient.name[0].family', /must not be empty/],
  ['patient', 'name', undefined, 'Patient.name', /at least 1/],
  ['patient', 'identifier.0.system', undefined, 'Patient.identifier[0].system', /us-core-patient asks/],
  ['patient', 'identifier.0.system', 'has space', 'Patient.identifier[0].system', /without spaces/],
  ['patient', 'deceasedBoolean', true, '', /^$/],
  ['patient', 'deceasedDateTime', '2026-03-01T10:00', 'Patient.deceased', /seconds and offset/],
  ['patient', 'deceasedDateTime', '2026-03-01T24:00:00Z', 'Patient.deceased', /must be a date, or a date and time/],
  [
    'patient',
    'deceasedDateTime',
    '2026-03-01T10:00:00+14:01',
    'Patient.deceased',
    /must be a date, or a date and time/,
  ],
  ['patient', 'deceasedDateTime', '10000-03-01T10:00:00Z', 'Patient.deceased', /must be a date, or a date and time/],
  ['patient', 'multipleBirthInteger', 1.5, 'Patient.multipleBirth', /whole number/],
  [
    'patient',
    'managingOrganization',
    { reference: 'Patient/1' },
    'Patient.managingOrganization',
    /refers to a Patient/,
  ],
  ['patient', 'managingOrganization', { reference: '#org' }, 'Patient.managingOrganization.reference', /ref-1/],
  ['patient', 'contact', [{ gender: 'female' }], 'Patient.contact[0]', /pat-1/],
  ['patient', 'extension', [{ url: 'https://example.org/x' }], 'Patient.extension[0]', /ext-1/],
  [
    'patient',
    'extension',
    [{ url: structure('no-such'), valueString: 'x' }],
    'Patient.extension[0]',
    /Footbridge has no extension/,
  ],
  [
    'patient',
    'extension',
    [{ url: structure('member-engaged'), valueBoolean: true }],
    'Patient.extension[0]',
    /does not belong here/,
  ],
  [
    'patient',
    '_birthDate',
    { extension: [{ url: 'https://example.org/x' }] },
    'Patient.birthDate.extension[0]',
    /ext-1/,
  ],
  ['patient', 'text', { status: 'generated', div: '<div><script>x</script>hi</div>' }, 'Patient.text.div', /txt-1/],
  ['patient', 'text', { status: 'generated', div: '<div> </div>' }, 'Patient.text.div', /txt-2/],
  ['patient', 'contained', [{ resourceType: 'Organization', id: 'o', name: 'x' }], 'Patient.contained[0]', /dom-3/],
  ['patient', 'contained', ['x'], 'Patient.contained[0]', /must be a/],
  ['patient', 'meta.profile', [`${us}us-core-coverage|6.1.0`], 'Patient.meta.profile[0]', /is for Coverage/],
  ['encounter-phone', 'status', undefined, 'Encounter.status', /is missing/],
  ['encounter-phone', 'status', 'done', 'Encounter.status', /finished/],
  ['encounter-phone', 'class', undefined, 'Encounter.class', /is missing/],
  ['encounter-phone', 'class', [{ code: 'AMB' }], 'Encounter.class', /does not repeat/],
  ['encounter-phone', 'period.end', '2026-03-01T09:00:00-05:00', 'Encounter.period', /per-1/],
  ['encounter-phone', 'period.start', undefined, 'Encounter.period.start', /recovery-contact asks/],
  ['encounter-phone', 'participant', undefined, 'Encounter.participant', /recovery-contact asks/],
  [
    'encounter-phone',
    'participant.0.individual',
    { reference: 'Location/1' },
    'Encounter.participant[0].individual',
    /refers to a Location/,
  ],
  ['encounter-phone', 'subject', { reference: 'Group/1' }, 'Encounter.subject', /us-core-encounter takes Patient/],
  ['encounter-phone', 'type', undefined, 'Encounter.type', /us-core-encounter asks/],
  ['encounter-phone', 'extension.0.valueBoolean', undefined, 'Encounter.extension[0]', /ext-1/],
  [
    'encounter-phone',
    'extension.0',
    { url: structure('member-engaged'), valueString: 'yes' },
    'Encounter.extension[0].value',
    /takes boolean/,
  ],
  [
    'encounter-phone',
    'extension.1.extension.0.valueCode',
    'signed',
    'Encounter.extension[1].extension[0].value',
    /final, preliminary/,
  ],
  ['encounter-phone', 'extension.1.extension.0', undefined, 'Encounter.extension[1].extension', /asks for at least 1/],
  [
    'practitioner',
    'qualification.5.extension.0.extension.1',
    undefined,
    'Practitioner.qualification[5].extension[0].extension',
    /attestation asks/,
  ],
  ['practitioner', 'qualification.0.code', undefined, 'Practitioner.qualification[0].code', /is missing/],
  ['coverage', 'payor', undefined, 'Coverage.payor', /is missing/],
  ['coverage', 'class.0.value', undefined, 'Coverage.class[0].value', /is missing/],
  ['coverage', 'status', 'live', 'Coverage.status', /required binding/],
  ['consent', 'policyRule', undefined, 'Consent', /ppc-1/],
  ['observation-on', 'valueCodeableConcept.coding.0.code', 'maybe', 'Observation.value', /off, on/],
  ['observation-on', 'valueQuantity', { value: 1 }, 'Observation', /there twice/],
  ['observation-on', 'dataAbsentReason', { text: 'unknown' }, 'Observation', /obs-6/],
  ['observation-on', 'code.coding.0.code', 'other', 'Observation.code', /caseload-status asks/],
  ['observation-on', 'effectivePeriod', undefined, 'Observation.effective', /caseload-status asks/],
  ['care-plan', 'category', [{ text: 'plan' }], 'Task|CarePlan.category', /AssessPlan/],
  ['task', 'intent', 'plan', 'Task.intent', /fixes order/],
  ['task', 'focus', { reference: 'Patient/1' }, 'Task.focus', /takes ServiceRequest/],
  ['provenance', 'recorded', '2026-03-01', 'Provenance.recorded', /instant/],
  ['provenance', 'target', undefined, 'Provenance.target', /is missing/],
  ['document-reference', 'content.0.attachment.data', '%%', 'DocumentReference.content[0].attachment.data', /base64/],
  ['goal', 'lifecycleStatus', undefined, 'Goal.lifecycleStatus', /is missing/],
  ['service-request', 'intent', 'wish', 'ServiceRequest.intent', /required binding/],
  ['procedure', 'performedPeriod.start', '2026-03-04T10:00:00', 'Procedure.performed.start', /offset/],
  ['communication', 'recipient.0', { reference: 'Encounter/1' }, 'Communication.recipient[0]', /refers to a Encounter/],
];

describe('one mutation of a valid example is one error, at its place', () => {
  test.each(
    mutations.map((mutation) => [`${mutation[0]} ${mutation[1]} = ${JSON.stringify(mutation[2])}`, mutation] as const),
  )('%s', (_name, [name, path, value, where, says]) => {
    const mutated = mutate(example(name), path.split('.'), value);
    const errors = errorsOf(mutated);
    if (where === '') return expect(errors).toEqual([]);
    expect(where.split('|')).toContain(errors[0]?.expression);
    expect(errors[0]?.text).toMatch(says);
    // Two definitions may object to the same place, or to a part of it; nothing else may be touched.
    const place = errors[0]?.expression ?? '';
    expect(errors.filter(({ expression }) => !expression?.startsWith(place))).toEqual([]);
  });
});

function mutate(resource: object, [first = '', ...rest]: readonly string[], value: unknown): object {
  const copy = (Array.isArray(resource) ? [...(resource as unknown[])] : { ...resource }) as Record<string, unknown>;
  if (rest.length > 0) copy[first] = mutate(copy[first] ?? {}, rest, value);
  else if (value !== undefined) copy[first] = value;
  else if (Array.isArray(copy)) copy.splice(Number(first), 1);
  else delete copy[first];
  return copy;
}

test('a profile that is not held is a warning that names it; a held one may be claimed with or without its version', () => {
  const claims = (profile: string) =>
    validator.validate({ ...example('patient'), meta: { profile: [profile] } }).issues;
  expect(claims('https://example.org/StructureDefinition/ours')).toMatchObject([
    { severity: 'warning', text: expect.stringContaining('https://example.org/StructureDefinition/ours') },
  ]);
  expect(claims(`${us}us-core-patient`)).toEqual([]);
  expect(claims(`${us}us-core-patient|7.0.0`)).toEqual([]);
  expect(claims(`${us}us-core-patient|3.1.1`)).toMatchObject([{ severity: 'warning' }]);
  expect(validator.heldProfiles('Patient')).toEqual([`${us}us-core-patient|6.1.0`, `${us}us-core-patient|7.0.0`]);
});

test('a hostile resource gets a bounded answer', () => {
  const hostile = {
    resourceType: 'Patient',
    ...Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, index])),
  };
  expect(errorsOf(hostile)).toHaveLength(50);
});

test('never throws, whatever stands where', () => {
  const values = [
    null,
    0,
    '',
    'x',
    [],
    {},
    [null],
    [[]],
    { a: 1 },
    true,
    [{}],
    { extension: [null] },
    { reference: 1 },
    { coding: 'x' },
  ];
  for (const name of readdirSync(examples)) {
    const resource = JSON.parse(readFileSync(join(examples, name), 'utf8')) as Record<string, unknown>;
    for (const key of [
      ...Object.keys(resource).filter((one) => one !== 'resourceType'),
      'contained',
      'extension',
      'meta',
      'text',
      '_id',
    ])
      for (const value of values) expect(() => validator.validate({ ...resource, [key]: value })).not.toThrow();
  }
});

test('public sample data is valid, or refused for a reason that is right', (context) => {
  context.skip(!existsSync(inputs), '../shared/inputs is not there');
  const errors = new Set<string>();
  let count = 0;
  const visit = (resource: Resource): void => {
    if (resource.resourceType === 'Bundle')
      return (resource.entry ?? []).forEach(({ resource: entry }) => entry && visit(entry));
    if (!servedTypes.includes(resource.resourceType)) return;
    count += 1;
    for (const { text } of errorsOf(resource)) errors.add(text.replace(/\[\d+\]/g, '[]'));
  };
  for (const file of readdirSync(inputs, { recursive: true }).map(String))
    if (file.endsWith('.json')) visit(JSON.parse(readFileSync(join(inputs, file), 'utf8')) as Resource);
  expect(count).toBeGreaterThan(1_000);
  // cmp-1: these sections of the BSeR examples hold neither text, entries nor sections.
  expect([...errors]).toEqual([
    'Composition.section[] breaks rule cmp-1: text.exists() or entry.exists() or section.exists(). Change it so that the rule holds.',
  ]);
});
