import type { Practitioner, VerificationResult } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { localDate } from '../../../../src/base/time.ts';
import { isCertified, isCoachQualified, qualificationDates } from '../../../../src/domain/b-5-coach-qualified.ts';
import { coachRoster } from '../../../../src/domain/cr-6-roster.ts';
import { Coaches } from '../../../../src/domain/facts/coaches.ts';
import { notMet } from '../../../../src/domain/outcome.ts';
import { runwayOf } from '../../../../src/domain/runway.ts';
import {
  attestations,
  board,
  carc,
  coachFacts,
  employer,
  payer,
  qualification,
  ruleset,
} from '../../../support/facts.ts';
import { local, recorded } from '../../../support/recorded.ts';

const mce = ruleset('masshealth-mce');
const practitioner: Practitioner = {
  resourceType: 'Practitioner',
  id: 'coach',
  qualification: ['academy', 'carc', 'diploma'].map((code) => ({ code: local(code, 'qualification') })),
};
const result = (more: Partial<VerificationResult>) =>
  recorded<VerificationResult>({
    resourceType: 'VerificationResult',
    id: 'v1',
    status: 'validated',
    statusDate: '2025-03-01',
    target: [{ reference: 'Practitioner/coach' }],
    ...more,
  });
const factsOf = (...results: ReturnType<typeof result>[]) =>
  new Coaches([recorded(practitioner)], [], results).facts.get('Practitioner/coach');
/** codes of the qualifications that a result is about */
const about = (more: Partial<VerificationResult>) =>
  (factsOf(result(more))?.qualifications ?? []).flatMap(({ code, verifications }) => (verifications ? [code] : []));

describe('which qualification a VerificationResult is about', () => {
  test.each([
    [undefined, ['academy', 'carc', 'diploma']],
    [['Practitioner'], ['academy', 'carc', 'diploma']],
    [['Practitioner.qualification'], ['academy', 'carc', 'diploma']],
    [['Practitioner.qualification[1]'], ['carc']],
    [['Practitioner.qualification[1].identifier'], ['carc']],
    [["Practitioner.qualification.where(code.coding.code='carc')"], ['carc']],
    [["Practitioner.qualification.where(code.coding.code = 'diploma').period"], ['diploma']],
    [['Practitioner.name', 'Practitioner.qualification[0]'], ['academy']],
    [['Practitioner.qualification[7]'], []],
    [['Practitioner.name'], []],
    [['Practitioner.qualificationOther'], []],
    [['exec(Practitioner.qualification)'], []],
  ])('%j', (targetLocation, codes) => {
    expect(about(targetLocation === undefined ? {} : { targetLocation })).toEqual(codes);
  });

  test('one about somebody else is about none; a version of the reference does not matter', () => {
    expect(about({ target: [{ reference: 'Practitioner/other' }] })).toEqual([]);
    expect(about({ target: [{ reference: 'Practitioner/coach/_history/3' }] })).toHaveLength(3);
  });

  test.each([
    ['validated', 'validated'],
    ['val-fail', 'failed'],
    ['reval-fail', 'failed'],
    ['attested', undefined],
    ['in-process', undefined],
    ['req-revalid', undefined],
  ] as const)('status %s says %s', (status, says) => {
    expect(factsOf(result({ status }))?.qualifications[1]?.verifications?.[0]?.status).toBe(says);
  });

  test('it stands from its statusDate, else from the source’s date, else from when it was recorded; it is evidence', () => {
    const on = (more: Partial<VerificationResult>) =>
      factsOf(result({ ...more }))?.qualifications[1]?.verifications?.[0]?.on;
    const { statusDate: _, ...bare } = result({}).resource;
    const undated = (more: Partial<VerificationResult>) =>
      factsOf(recorded<VerificationResult>({ ...bare, ...more }))?.qualifications[1]?.verifications?.[0]?.on;
    expect(on({})).toBe('2025-03-01');
    expect(undated({ primarySource: [{}, { validationDate: '2025-02-01' }] })).toBe('2025-02-01');
    expect(undated({})).toBe('2025-01-02T00:00:00Z');
    expect(factsOf(result({}))?.evidence).toContain('VerificationResult/v1');
  });
});

describe('a certification and its source’s word', () => {
  const asked = { ruleset: mce, payer, organization: employer };
  const word = (status: 'validated' | 'failed', on: string) => ({ reference: `VerificationResult/${on}`, status, on });
  const certified = (...verifications: ReturnType<typeof word>[]) =>
    coachFacts({ qualifications: [...attestations, { ...carc(), verifications }] });
  const on = (date: string, coach = certified()) => isCoachQualified(coach, localDate(date), asked);

  test('one that nobody verified counts, a validated one too', () => {
    expect(on('2025-03-01')).toEqual({ result: 'met' });
    expect(on('2025-03-01', certified(word('validated', '2025-01-01')))).toEqual({ result: 'met' });
  });

  test('a failed verification contradicts from its date on, in the ruleset’s zone', () => {
    const failed = certified(word('validated', '2025-01-01'), word('failed', '2025-03-02T03:00:00Z'));
    expect(on('2025-02-28', failed).result).toBe('met');
    expect(on('2025-03-01', failed).result).toBe('not-met');
    expect(isCertified(failed, localDate('2025-03-01'), asked)).toEqual(notMet('CR-2 verification-failed'));
    // Where the two years have passed, that the certificate is denied is why: it is said first.
    const late = isCoachQualified(failed, localDate('2027-03-01'), asked);
    expect('reasons' in late && late.reasons.slice(0, 2)).toEqual([
      'CR-2 verification-failed',
      'CR-4 two-years-passed',
    ]);
    expect(qualificationDates(failed, asked)).toContain('2025-03-01');
  });

  test('a later validation lifts it; of two on one date the one that denies decides', () => {
    expect(on('2025-03-05', certified(word('failed', '2025-03-01'), word('validated', '2025-03-04'))).result).toBe(
      'met',
    );
    const both = [word('failed', '2025-03-01'), word('validated', '2025-03-01')];
    expect(on('2025-03-05', certified(...both)).result).toBe('not-met');
    expect(on('2025-03-05', certified(...both.toReversed())).result).toBe('not-met');
  });

  test('another certification that holds is enough', () => {
    const second = qualification('eohhs-alternative', {
      number: 'LADC-1',
      issuer: 'Organization/board',
      issuerName: board,
      start: '2022-01-01',
    });
    const coach = coachFacts({
      qualifications: [...attestations, { ...carc(), verifications: [word('failed', '2025-03-01')] }, second],
    });
    expect(on('2025-03-05', coach).result).toBe('met');
    const { rows } = coachRoster([coach], localDate('2025-03-05'), asked, '2025-04-01T12:00:00Z');
    expect(rows).toMatchObject([{ number: 'LADC-1', status: 'certified', verified: undefined }]);
  });

  test('the roster tells the word with its date, and the runway what is missing', () => {
    const failed = certified(word('validated', '2025-01-01'), word('failed', '2025-03-01'));
    const verified = (date: string) =>
      coachRoster([failed], localDate(date), asked, '2025-04-01T12:00:00Z').rows.map((row) => [
        row.verified,
        row.status,
      ]);
    expect(verified('2024-12-31')).toEqual([[undefined, 'certified']]);
    expect(verified('2025-02-01')).toEqual([[{ ...word('validated', '2025-01-01'), date: '2025-01-01' }, 'certified']]);
    expect(verified('2025-03-01')).toEqual([[{ ...word('failed', '2025-03-01'), date: '2025-03-01' }, 'none']]);
    expect(runwayOf(failed, mce, employer, localDate('2025-03-01'), [])).toMatchObject({
      state: 'unqualified',
      missing: expect.arrayContaining([{ rule: 'CR-2', reason: 'verification-failed' }]),
    });
  });
});
