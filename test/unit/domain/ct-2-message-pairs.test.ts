import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { seriesOf, spellsOf } from '../../../src/domain/caseload.ts';
import { caseloadOn, prepareCaseload, type Series } from '../../../src/domain/cl-1-caseload.ts';
import { contradictionsOf } from '../../../src/domain/contradictions.ts';
import type { MemberFacts, Message } from '../../../src/domain/facts/facts.ts';
import { coach, episode, memberFacts, rulesets } from '../../support/facts.ts';

const message = (id: string, sent: string, more: Partial<Message> = {}): Message => ({
  reference: `Communication/${id}`,
  coach,
  episodes: [episode],
  medium: 'text',
  owner: 'riverside',
  sent,
  recordedAt: sent.length > 10 ? sent : '2025-03-10T16:05:00Z',
  fromMember: false,
  automatic: false,
  purposes: [],
  goals: [],
  ...more,
});
const member = message('member', '2025-03-10T16:00:00Z', { fromMember: true });
const withCoach = (sent: string) =>
  memberFacts({ messages: [member, message('coach', sent, { recordedAt: '2025-03-10T16:05:00Z' })] });

function on(facts: MemberFacts, date: string, knownAt: string) {
  const [series] = seriesOf(facts, rulesets, knownAt);
  return caseloadOn(prepareCaseload(facts, series as Series, knownAt), localDate(date));
}

describe('CT-2 "reciprocating texts": a coach’s message that is recorded before it is said to be sent', () => {
  test.each(['2025-03-15T15:00:00Z', '2025-03-15'])(
    'at %s answers nobody before, and the member’s day then',
    (sent) => {
      const facts = withCoach(sent);
      expect(on(facts, '2025-03-10', '2025-03-15T03:59:00Z')).toMatchObject({
        status: 'indeterminate',
        reason: 'not-signed-by-then',
      });
      const known = on(facts, '2025-03-10', '2025-03-15T15:00:00Z');
      expect([known?.status, known?.contact?.date, known?.lastDay]).toEqual(['on', '2025-03-10', '2025-03-31']);
    },
  );

  test('is looked at anew at the latest at the midnight after it, and is a contradiction until then', () => {
    const facts = withCoach('2025-03-15T15:00:00Z');
    const early = '2025-03-14T12:00:00Z';
    const [series] = seriesOf(facts, rulesets, early);
    expect(spellsOf(facts, series as Series, early).nextTransition).toBe('2025-03-16');
    const codes = (knownAt: string) => contradictionsOf(facts, rulesets, knownAt).map(({ code }) => code);
    expect(codes(early)).toEqual(['contact-in-the-future']);
    expect(codes('2025-03-15T15:00:00Z')).toEqual([]);
  });

  test('within the minutes by which clocks differ is there when it is recorded', () => {
    expect(on(withCoach('2025-03-10T16:09:00Z'), '2025-03-10', '2025-03-10T16:05:00Z')?.status).toBe('on');
  });
});

test('of a message that says its month alone nobody knows the day: it answers none', () => {
  expect(on(withCoach('2025-03'), '2025-03-10', '2025-04-01T12:00:00Z')?.status).toBe('off');
});
