import { describe, expect, test } from 'vitest';
import type { Contact, MemberFacts } from '../../../src/domain/facts/facts.ts';
import { contact, employer, episode } from '../../support/facts.ts';
import { blockGrant, facts, gating, judged, reasons, visit } from '../../support/michigan-services.ts';

describe('M-9 as a condition of billing: the month of the service has a face-to-face encounter', () => {
  const alone = (acuteCareEnd: string) => ({
    modes: [{ episode, mode: 'stand-alone' as const, acuteCareEnd, endReason: undefined }],
    fundings: blockGrant,
  });
  const call = visit('10:00', '11:00', { modality: 'phone' });
  const met = visit('14:00', '15:00');
  const of = (contacts: readonly Contact[], acuteCareEnd: string, at?: string, end?: string) => {
    const [one] = facts().episodes as [MemberFacts['episodes'][number]];
    const member = { contacts, episodes: [{ ...one, end }] };
    return judged(member, alone(acuteCareEnd), gating('M-9'), at)[0]?.answer.outcome;
  };
  const without = (start: string) => ({ result: 'not-met', reasons: [`M-9 no-face-to-face-from ${start}`] });

  test('a call is billed beside a meeting of its month, and not in a month without one', () => {
    expect(of([call], '2025-02-10')).toEqual(without('2025-02-10'));
    expect(of([call, met], '2025-02-10')).toEqual({ result: 'met' });
    expect(judged({ contacts: [call] }, alone('2025-02-10'))[0]?.answer.outcome).toEqual({ result: 'met' });
  });

  test('the meeting can come until the month is over; one of the month before does not do', () => {
    const open = { result: 'indeterminate', reasons: ['M-9 month-not-ended'] };
    // The month runs from 10 February through 9 March.
    expect(of([call], '2025-02-10', '2025-03-09T23:59:00-04:00')).toEqual(open);
    expect(of([call], '2025-02-10', '2025-03-10T00:00:00-04:00')).toEqual(without('2025-02-10'));
    const details = { ...met.details, end: '2025-03-04T11:00:00-05:00' };
    const before = contact('2025-03-04T10:00:00-05:00', { details });
    expect(of([before, call], '2025-02-05')?.result).toBe('met');
    const later = (at: string) => judged({ contacts: [before, call] }, alone('2025-02-05'), gating('M-9'), at)[1];
    expect(later('2025-04-04T12:00:00Z')?.answer.outcome).toEqual(open);
    expect(later('2025-04-05T12:00:00Z')?.answer.outcome).toEqual(without('2025-03-05'));
  });

  test('not after six months, and not for a month that the end of the episode cuts short', () => {
    expect(of([call], '2024-09-05')).toEqual({ result: 'not-met', reasons: ['M-9 six-months-passed'] });
    expect(of([met], '2024-09-06')).toEqual({ result: 'met' });
    expect(of([call], '2025-02-10', undefined, '2025-03-08')).toEqual({ result: 'met' });
    expect(of([call], '2025-02-10', undefined, '2025-03-09')).toEqual(without('2025-02-10'));
  });
});

test('M-22 as a condition of billing asks the stand-alone provider for its licence', () => {
  const modes = [{ episode, mode: 'stand-alone' as const, acuteCareEnd: '2025-02-10', endReason: undefined }];
  const licence = { number: 'L', services: ['peer-recovery-support'], start: '2025-01-01', end: '2025-03-04' };
  const organizations = [{ reference: employer, active: true, types: [], licences: [licence] }];
  expect(reasons(judged({}, { modes, organizations }, gating('M-22')))).toEqual(['M-22 licence-not-in-force']);
  expect(reasons(judged({}, { modes, organizations }))).toEqual([]);
});
