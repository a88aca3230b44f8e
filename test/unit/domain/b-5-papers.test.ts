import type { DocumentReference, Organization, Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { isCoachQualified, qualificationDates } from '../../../src/domain/b-5-coach-qualified.ts';
import { Coaches } from '../../../src/domain/facts/coaches.ts';
import type { CoachFacts, Qualification } from '../../../src/domain/facts/facts.ts';
import { codeSystem, structure } from '../../../src/fhir/canonical.ts';
import {
  approvedWaiver,
  attestations,
  board,
  carc,
  coach,
  coachFacts,
  employer,
  payer,
  qualification,
  ruleset,
  working,
} from '../../support/facts.ts';
import { recorded } from '../../support/recorded.ts';

const mce = ruleset('masshealth-mce');
const asked = { ruleset: mce, payer, organization: employer };
const on = (date: string, more: Partial<CoachFacts>) => isCoachQualified(coachFacts(more), localDate(date), asked);
const missing = (...reasons: string[]) => ({ result: 'indeterminate', reasons });

describe('CR-5: a waiver is what the payer approved upon a document', () => {
  const waived = (more: object) => ({
    qualifications: [
      ...attestations,
      ...working,
      qualification('academy', { waivers: [{ ...approvedWaiver(payer, '2024-01-01', '2025-12-31'), ...more }] }),
    ],
  });

  test('with its approval and its document it holds through its period', () => {
    expect(on('2025-12-31', waived({})).result).toBe('met');
    expect(on('2026-01-01', waived({}))).toMatchObject({ result: 'not-met' });
  });

  test('without the approval, without the document, or without either, it is open', () => {
    expect(on('2025-03-01', waived({ approved: undefined }))).toEqual(missing('missing: approval of the waiver'));
    expect(on('2025-03-01', waived({ document: undefined }))).toEqual(missing('missing: document of the waiver'));
    expect(on('2025-03-01', waived({ approved: undefined, document: undefined }))).toEqual(
      missing('missing: approval of the waiver', 'missing: document of the waiver'),
    );
  });

  test('days of its period before the approval are open, and the day of the approval is a change', () => {
    const late = waived({ approved: '2025-03-02' });
    expect(on('2025-03-01', late)).toEqual(missing('waiver-approved-later'));
    expect(on('2025-03-02', late).result).toBe('met');
    expect(qualificationDates(coachFacts(late), asked)).toContain('2025-03-02');
  });
});

describe('CR-2: a certificate has a number, an issuer that counts, and a period', () => {
  const holding = (more: Partial<Qualification>) => ({ qualifications: [...attestations, { ...carc(), ...more }] });

  test.each([
    ['without a period', { start: undefined }, 'missing: certification period'],
    ['with its last day alone', { start: undefined, end: '2030-01-01' }, 'missing: certification period'],
    ['of an issuer who is nobody', { issuerName: 'Bobs Diner' }, 'certification-issuer-not-listed: Bobs Diner'],
    ['of an issuer without a name', { issuerName: undefined }, 'missing: certification number or issuer'],
    ['without a number', { number: undefined }, 'missing: certification number or issuer'],
  ])('one %s leaves the coach open', (_, more, reason) => {
    expect(on('2025-03-01', holding(more))).toMatchObject({ result: 'indeterminate' });
    expect(on('2025-03-01', holding(more))).toMatchObject({ reasons: expect.arrayContaining([reason]) });
  });

  test('the Board counts by its name however it is written, and so does the department that licenses', () => {
    for (const issuerName of [
      board,
      'The Board of Substance Abuse Counselor Certification, Inc.',
      'MBSACC',
      'Massachusetts Department of Public Health, Bureau of Substance Addiction Services',
    ])
      expect(on('2025-03-01', holding({ issuerName })).result).toBe('met');
  });

  test('a second certificate that is complete is enough', () => {
    const both = { qualifications: [...attestations, { ...carc(), start: undefined }, carc()] };
    expect(on('2025-03-01', both).result).toBe('met');
  });

  test('one that ended before the day is no gap, whatever else it lacks', () => {
    expect(on('2025-03-01', holding({ start: undefined, end: '2025-02-28' }))).toMatchObject({ result: 'not-met' });
  });
});

describe('CR-1, CR-10 and M-13: the employer attests, and nobody to herself', () => {
  test.each(['recovery-attestation', 'board-requirements'])('%s', (code) => {
    const by = (attester: string | undefined) => ({
      qualifications: [
        carc(),
        ...attestations.map((one) => (one.code === code && attester ? { ...one, attester } : one)),
      ],
    });
    expect(on('2025-03-01', by(employer)).result).toBe('met');
    expect(on('2025-03-01', by(coach))).toEqual(missing(`self-attested: ${code}`));
  });

  test('M-13', () => {
    const michigan = { ...asked, ruleset: ruleset('michigan-cmhsp') };
    const by = (attester: string) => ({
      qualifications: [
        qualification('ccar-training', { start: '2021-01-01', hours: 40 }),
        qualification('recovery-attestation', { attestedAsOf: '2020-01-01', attester }),
      ],
    });
    const ask = (attester: string) => isCoachQualified(coachFacts(by(attester)), localDate('2025-03-01'), michigan);
    expect(ask(employer).result).toBe('met');
    expect(ask(coach)).toEqual(missing('self-attested: recovery-attestation'));
  });

  test('an employer’s word beside her own is enough', () => {
    const [own, ...others] = attestations as [Qualification, ...Qualification[]];
    const both = { qualifications: [carc(), { ...own, attester: coach }, own, ...others] };
    expect(on('2025-03-01', both).result).toBe('met');
  });
});

describe('employment', () => {
  const role = { reference: 'PractitionerRole/1', organization: employer, start: '2020-06-01', end: undefined };

  test('a role without a start does not say that it had begun', () => {
    expect(on('2025-03-01', { roles: [{ ...role, start: undefined }] })).toEqual(missing('missing: hire date'));
    expect(on('2025-03-01', { roles: [{ ...role, start: undefined }, role] }).result).toBe('met');
    expect(on('2025-03-02', { roles: [{ ...role, start: undefined, end: '2025-03-01' }] })).toEqual({
      result: 'not-met',
      reasons: ['coach-not-employed'],
    });
  });

  test('of a Practitioner who is not active a role that goes on is open, and one that ended stands', () => {
    expect(on('2025-03-01', { inactive: true })).toEqual(missing('practitioner-not-active'));
    expect(on('2025-03-01', { inactive: true, roles: [{ ...role, end: '2025-03-01' }] }).result).toBe('met');
    expect(on('2025-03-02', { inactive: true, roles: [{ ...role, end: '2025-03-01' }] }).result).toBe('not-met');
  });
});

describe('what is said to the month or year alone', () => {
  const trained = (start: string) => [...attestations, ...working.slice(1), qualification('academy', { start })];
  const attested = (attestedAsOf: string) => [
    qualification('recovery-attestation', { attestedAsOf }),
    ...attestations.slice(1),
    carc(),
  ];
  const waived = (approved: string): Qualification[] => [
    ...attestations,
    qualification('academy', { waivers: [{ ...approvedWaiver(payer, '2025-01-01', undefined), approved }] }),
  ];
  const roles = [{ reference: 'PractitionerRole/1', organization: employer, start: '2024-06-01', end: undefined }];

  test.each([
    ['a training', trained, 'missing: day of academy'],
    ['an attestation', attested, 'missing: day of recovery-attestation'],
    ['an approval', waived, 'waiver-approved-later'],
  ])('%s counts once that is over, and is open before', (_name, papers, reason) => {
    const ask = (said: string, date: string) => on(date, { roles, qualifications: papers(said) });
    expect(ask('2025-03', '2025-03-31').result).toBe('met');
    expect(ask('2025-03', '2025-03-30')).toMatchObject({ result: 'indeterminate' });
    expect(JSON.stringify(ask('2025-03', '2025-03-01'))).toContain(reason);
    expect(ask('2025', '2025-12-30').result).toBe('indeterminate');
    expect(ask('2024', '2025-01-01').result).toBe('met');
  });

  test('its days are among those on which the answer changes', () => {
    const dates = qualificationDates(
      coachFacts({ qualifications: [...trained('2025-02'), ...attested('2025-03'), ...waived('2025-04')] }),
      asked,
    );
    expect(dates).toEqual(expect.arrayContaining(['2025-02-28', '2025-03-31', '2025-04-30']));
  });
});

describe('out of FHIR', () => {
  const concept = (code: string) => ({ coding: [{ system: codeSystem('qualification'), code }] });
  const practitioner: Practitioner = {
    resourceType: 'Practitioner',
    id: 'coach',
    active: false,
    qualification: [
      {
        code: concept('recovery-attestation'),
        extension: [
          {
            url: structure('attestation'),
            extension: [
              { url: 'attester', valueReference: { reference: 'PractitionerRole/1' } },
              { url: 'asOf', valueDate: '2024-01-01' },
            ],
          },
        ],
      },
      {
        code: concept('academy'),
        extension: [
          {
            url: structure('waiver'),
            extension: [
              { url: 'payer', valueReference: { reference: payer } },
              { url: 'period', valuePeriod: { start: '2025-01-01' } },
              { url: 'approved', valueDate: '2025-01-02' },
              { url: 'document', valueReference: { reference: 'DocumentReference/request' } },
            ],
          },
        ],
      },
      { code: concept('carc'), issuer: { reference: 'Organization/board' } },
      { code: concept('carc'), issuer: { reference: 'Organization/board', display: 'The Board' } },
    ],
  };
  const role: PractitionerRole = {
    resourceType: 'PractitionerRole',
    id: '1',
    practitioner: { reference: 'Practitioner/coach' },
    organization: { reference: employer },
    code: [{ coding: [{ system: codeSystem('coach-role'), code: 'recovery-coach' }] }],
  };
  const document: DocumentReference = {
    resourceType: 'DocumentReference',
    id: 'request',
    status: 'current',
    content: [{ attachment: { title: 'Request for a waiver' } }],
  };
  const organization: Organization = { resourceType: 'Organization', id: 'board', name: board };
  const read = (documents: DocumentReference[], organizations: Organization[] = []) =>
    new Coaches([recorded(practitioner)], [recorded(role)], [], {
      documents: documents.map((one) => recorded(one)),
      organizations: organizations.map((one) => recorded(one)),
    }).facts.get(coach);

  test('attester, approval, document and issuer are read, a role as the person whose it is', () => {
    expect(read([document], [organization])).toMatchObject({
      inactive: true,
      qualifications: [
        { attester: coach },
        { waivers: [{ payer, approved: '2025-01-02', document: 'DocumentReference/request', start: '2025-01-01' }] },
        { issuer: 'Organization/board', issuerName: board },
        { issuerName: 'The Board' },
      ],
    });
  });

  test('a document that is nowhere, or was entered in error, was never submitted', () => {
    const submitted = (documents: DocumentReference[]) => read(documents)?.qualifications[1]?.waivers[0]?.document;
    expect(submitted([])).toBeUndefined();
    expect(submitted([{ ...document, status: 'entered-in-error' }])).toBeUndefined();
    expect(submitted([{ ...document, status: 'superseded' }])).toBe('DocumentReference/request');
  });
});
