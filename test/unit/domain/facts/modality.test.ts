import type { Encounter, EpisodeOfCare } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { encounterContacts, withoutCoach } from '../../../../src/domain/facts/contacts.ts';
import { toEpisode } from '../../../../src/domain/facts/from-fhir.ts';
import { codeSystem } from '../../../../src/fhir/canonical.ts';
import { coached, coaches, coded, recorded } from '../../../support/recorded.ts';

const snomed = 'http://snomed.info/sct';
const episode: EpisodeOfCare = {
  resourceType: 'EpisodeOfCare',
  id: '1',
  status: 'active',
  patient: { reference: 'Patient/1' },
  managingOrganization: { reference: 'Organization/riverside' },
  period: { start: '2025-01-01' },
};
const encounter = (more: Partial<Encounter>): Encounter => ({
  resourceType: 'Encounter',
  id: '1',
  status: 'finished',
  class: { code: 'AMB' },
  period: { start: '2025-03-01T10:00:00-05:00' },
  participant: [{ individual: { reference: 'PractitionerRole/7' } }],
  ...more,
});
const sources = (more: Partial<Encounter>) => ({
  encounters: [recorded(encounter(more))],
  notes: [],
  provenances: [],
  episodes: toEpisode(episode, coached),
  coaches: coached,
  zone: 'America/New_York',
});
const how = (code: string, types: Encounter['type'] = []) => {
  const [contact] = encounterContacts(sources({ class: { code }, type: types }));
  return contact?.modalityProblem ?? contact?.modality;
};
const type = (...codes: string[]) => codes.map((code) => coded(codeSystem('contact-type'), code));

describe('how a contact was made', () => {
  test('what an EHR sends keeps its meaning: a class alone, SNOMED’s words, and other systems’ types', () => {
    for (const code of ['AMB', 'HH', 'FLD', 'EMER', 'IMP', 'ACUTE', 'NONAC', 'OBSENC', 'SS'])
      expect(how(code)).toBe('in-person');
    expect(how('VR')).toBe('remote');
    expect(how('VR', [coded(snomed, '185317003')])).toBe('phone');
    expect(how('AMB', [coded(snomed, '11429006')])).toBe('in-person');
    expect(how('AMB', [coded('http://www.ama-assn.org/go/cpt', '99213')])).toBe('in-person');
    // AMB is the class of most records, whatever they are about.
    expect(how('AMB', type('phone'))).toBe('phone');
    expect(how('VR', type('accompaniment'))).toBe('remote');
    expect(how('AMB', type('group', 'in-person'))).toBe('in-person');
  });

  test.each(['missed-call', 'collateral', 'letter'])('%s is no contact type, whatever the class says', (code) => {
    for (const of of ['AMB', 'HH', 'VR', 'ZZZ']) expect(how(of, type(code))).toBe(`unknown-contact-type: ${code}`);
    expect(how('AMB', type('in-person', code))).toBe(`unknown-contact-type: ${code}`);
  });

  test('a class that says neither here nor remote is no meeting', () => {
    expect(how('ZZZ')).toBe('missing: modality');
    expect(how('PRENC')).toBe('missing: modality');
    expect(how('ZZZ', type('in-person'))).toBe('in-person');
  });

  test('in person and virtual exclude each other, and so do two modalities', () => {
    expect(how('VR', type('in-person'))).toBe('modality-contradicts-itself');
    expect(how('VR', [coded(snomed, '439708006')])).toBe('modality-contradicts-itself');
    expect(how('AMB', type('in-person', 'phone'))).toBe('modality-contradicts-itself');
  });
});

describe('an Encounter without a coach', () => {
  const unattributed = (more: Partial<Encounter>) => withoutCoach(sources(more));

  test('is told where it is of an episode', () => {
    expect(unattributed({ participant: [] })).toEqual([
      {
        reference: 'Encounter/1',
        start: '2025-03-01T10:00:00-05:00',
        status: 'finished',
        episodes: ['EpisodeOfCare/1'],
      },
    ]);
    expect(unattributed({ participant: [{ individual: { display: 'Avery' } }] })).toHaveLength(1);
    expect(unattributed({})).toEqual([]);
    expect(unattributed({ participant: [], serviceProvider: { reference: 'Organization/hospital' } })).toEqual([]);
  });
});

describe('the standing of an episode', () => {
  const standing = (more: Partial<EpisodeOfCare>) => toEpisode({ ...episode, ...more }, coaches)[0];
  const entry = (status: string, start: string, end?: string) =>
    ({ status, period: { start, ...(end && { end }) } }) as NonNullable<EpisodeOfCare['statusHistory']>[number];

  test('an active one with the history of its beginning has no interruption', () => {
    expect(standing({})).not.toHaveProperty('interruptions');
    const begun = standing({ statusHistory: [entry('planned', '2024-12-01'), entry('active', '2025-01-01')] });
    expect(begun).toMatchObject({ interruptions: [{ status: 'planned', start: '2024-12-01', end: '2025-01-01' }] });
    expect(standing({ statusHistory: [entry('planned', '2024-12-01')] })).not.toHaveProperty('interruptions');
  });

  test('one that is finished ends on its period’s end, else as its history says, else nobody knows when', () => {
    expect(standing({ status: 'finished', period: { start: '2025-01-01', end: '2025-05-01' } })).toMatchObject({
      end: '2025-05-01',
    });
    const told = standing({
      status: 'finished',
      statusHistory: [entry('active', '2025-01-01', '2025-05-05'), entry('finished', '2025-05-05')],
    });
    expect(told).toMatchObject({ end: '2025-05-05' });
    expect(told).not.toHaveProperty('interruptions');
    expect(
      standing({ status: 'finished', statusHistory: [entry('active', '2025-01-01', '2025-05-05')] }),
    ).toMatchObject({ end: '2025-05-05' });
    expect(standing({ status: 'finished' })).toMatchObject({ end: undefined, undatedStatus: 'finished' });
  });

  test('one that is on hold is so since its history says, else nobody knows since when', () => {
    expect(standing({ status: 'onhold', statusHistory: [entry('active', '2025-01-01', '2025-05-05')] })).toMatchObject({
      interruptions: [{ status: 'onhold', start: '2025-05-05', end: undefined }],
    });
    expect(standing({ status: 'onhold' })).toMatchObject({ undatedStatus: 'onhold' });
    const over = standing({
      statusHistory: [entry('active', '2025-01-01'), entry('onhold', '2025-02-01'), entry('active', '2025-03-01')],
    });
    expect(over).toMatchObject({ interruptions: [{ status: 'onhold', start: '2025-02-01', end: '2025-03-01' }] });
  });

  test('one that is planned has not begun on any day', () => {
    for (const status of ['planned', 'waitlist'] as const)
      expect(standing({ status })).toMatchObject({ interruptions: [{ status, start: undefined, end: undefined }] });
  });

  test('one that goes on after it was finished is open from then on', () => {
    expect(standing({ statusHistory: [entry('finished', '2025-05-05')] })).toMatchObject({
      end: undefined,
      interruptions: [{ status: 'finished', start: '2025-05-05', end: undefined }],
    });
  });
});
