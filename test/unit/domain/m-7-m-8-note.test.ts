import { expect, test } from 'vitest';
import type { Documentation } from '../../../src/domain/facts/facts.ts';
import type { Service } from '../../../src/domain/facts/michigan-services.ts';
import { m7Supports } from '../../../src/domain/m-7-supports.ts';
import { m8ActivityNote } from '../../../src/domain/m-8-activity-note.ts';
import { coach } from '../../support/facts.ts';
import { as, michigan, service, withoutRules } from '../../support/michigan.ts';

test.each(['emotional', 'informational', 'instrumental', 'affiliational'])(
  'M-7: %s support by a coach counts',
  (kind) => {
    const told = m7Supports(michigan(), service({ supportCategories: [kind] }), as('coach'));
    expect(told.outcome).toEqual({ result: 'met' });
    expect(told.figures).toEqual({ supports: kind });
  },
);

test('M-7: one type among others is enough, and each is told once', () => {
  const told = m7Supports(
    michigan(),
    service({ supportCategories: ['instrumental', 'financial', 'emotional', 'instrumental'] }),
    as('coach'),
  );
  expect(told.figures).toEqual({ supports: 'emotional instrumental' });
});

test('M-7: none is open, another word contradicts, and without the rule it does not apply', () => {
  const of = (supportCategories: string[]) => m7Supports(michigan(), service({ supportCategories }), []).outcome;
  expect(of([])).toEqual({ result: 'indeterminate', reasons: ['missing: supportCategory'] });
  expect(of(['financial'])).toEqual({ result: 'not-met', reasons: ['no-type-of-support'] });
  expect(m7Supports(withoutRules(), service(), []).outcome.result).toBe('not-applicable');
});

test('M-7: informational support by associates alone counts, with a warning', () => {
  const warned = (more: Partial<Service>, roles = as('associate')) =>
    m7Supports(michigan(), service({ supportCategories: ['informational'], ...more }), roles);
  expect(warned({})).toMatchObject({
    outcome: { result: 'met' },
    figures: { warning: 'informational-support-by-associate' },
  });
  expect(warned({ supportCategories: ['emotional'] }).figures).not.toHaveProperty('warning');
  expect(warned({ performers: [] }).figures).not.toHaveProperty('warning');
  const besideCoach = [...as('associate'), ...as('coach', { practitioner: 'Practitioner/other' })];
  expect(warned({ performers: [coach, 'Practitioner/other'] }, besideCoach).figures).not.toHaveProperty('warning');
});

test('M-7: who is associate and coach at once counts as a coach, on the role’s days at that organisation only', () => {
  const of = service({ supportCategories: ['informational'] });
  const warns = (more: Parameters<typeof as>[1]) =>
    'warning' in m7Supports(michigan(), of, [...as('associate'), ...as('coach', more)]).figures;
  expect(warns({})).toBe(false);
  expect(warns({ end: '2025-03-05' })).toBe(false);
  expect(warns({ end: '2025-03-04' })).toBe(true);
  expect(warns({ organization: 'Organization/elsewhere' })).toBe(true);
});

const m8 = (more: Partial<Service>, knownAt = '2030-01-01T00:00:00Z') =>
  m8ActivityNote(michigan('2025-03-05', { knownAt }), service(more), as('coach')).outcome;
const note = (more: Partial<Documentation> = {}): Documentation[] => [
  { status: 'final', signedAt: '2025-03-05T20:00:00Z', signedBy: [coach], evidence: [], ...more },
];

test.each<[string, Partial<Service>, string[]]>([
  ['date of service', { start: undefined }, ['missing: date of service', 'missing: begin time']],
  ['begin time', { start: '2025-03-05' }, ['missing: begin time']],
  ['end time', { end: undefined }, ['missing: end time']],
  ['hour of the end', { end: '2025-03-05' }, ['missing: end time']],
  ['nature', { nature: [] }, ['missing: nature of service']],
  ['place', { places: [] }, ['missing: place of service']],
  ['documentation', { documentation: [] }, ['no-documentation']],
  ['final note', { documentation: note({ status: 'preliminary' }) }, ['note-not-final']],
  ['signature', { documentation: note({ signedBy: [] }) }, ['not-signed-by-a-performer']],
  [
    'signature of a performer',
    { documentation: note({ signedBy: ['Practitioner/other'] }) },
    ['not-signed-by-a-performer'],
  ],
  [
    'signature on the day or later',
    { documentation: note({ signedAt: '2025-03-05T04:59:59Z' }) },
    ['signed-before-the-service'],
  ],
  ['time of signature', { documentation: note({ signedAt: undefined }) }, ['not-signed-by-then']],
  ['end of the meeting', { status: 'in-progress' }, ['not-finished']],
  ['nature and place', { nature: [], places: [] }, ['missing: nature of service', 'missing: place of service']],
])('M-8: a note without %s is open', (_, more, reasons) => {
  expect(m8(more)).toEqual({ result: 'indeterminate', reasons });
});

test('M-8: a complete note is met, and a call needs no place', () => {
  expect(m8({})).toEqual({ result: 'met' });
  expect(m8({ modality: 'phone', places: [] })).toEqual({ result: 'met' });
  expect(m8({ status: 'completed' })).toEqual({ result: 'met' });
});

test.each(['cancelled', 'not-done', 'entered-in-error'])('M-8: %s contradicts, whatever else is missing', (status) => {
  expect(m8({ status, nature: [] })).toEqual({ result: 'not-met', reasons: [status] });
});

test('M-8: a signature counts from its instant on', () => {
  expect(m8({ documentation: note() }, '2025-03-05T19:59:59Z')).toEqual({
    result: 'indeterminate',
    reasons: ['not-signed-by-then'],
  });
  expect(m8({ documentation: note() }, '2025-03-05T20:00:00Z')).toEqual({ result: 'met' });
});

test('M-8: one signed note beside an unsigned one is enough, and without the rule it does not apply', () => {
  expect(m8({ documentation: [...note({ status: 'preliminary' }), ...note()] })).toEqual({ result: 'met' });
  expect(m8ActivityNote(withoutRules(), service(), []).outcome.result).toBe('not-applicable');
});

test('M-8: who took part and is neither coach nor associate on that day signs for neither', () => {
  const therapist = 'Practitioner/therapist';
  const signed = (signer: string, roles = as('coach')) => {
    const of = service({ performers: [coach, therapist], documentation: note({ signedBy: [signer] }) });
    return m8ActivityNote(michigan(), of, roles).outcome;
  };
  expect(signed(coach)).toEqual({ result: 'met' });
  expect(signed(therapist)).toEqual({ result: 'indeterminate', reasons: ['not-signed-by-a-performer'] });
  expect(signed(therapist, [...as('coach'), ...as('associate', { practitioner: therapist })])).toEqual({
    result: 'met',
  });
  const former = as('coach', { practitioner: therapist, end: '2025-03-04' });
  expect(signed(therapist, [...as('coach'), ...former]).result).toBe('indeterminate');
  expect(signed(therapist, []).result).toBe('met');
});
