import { describe, expect, test } from 'vitest';
import { decidingBasis } from '../../../src/domain/deciding-basis.ts';
import { ruleOfReason, sentenceOfReason } from '../../../src/domain/reasons.ts';
import { ruleIds } from '../../../src/domain/rule-ids.ts';
import { quoteOf } from '../../../src/domain/ruleset.ts';
import { heldReasons } from '../../../src/profiles/reasons.ts';
import { ruleset } from '../../support/facts.ts';

const reasons = heldReasons();

describe('the quote is that of the rule that decides', () => {
  const mce = ruleset('masshealth-mce');
  const michigan = ruleset('michigan-cmhsp');
  const quoted = (of: typeof mce, told: readonly string[], rule: string, ...kinds: string[]) => {
    const basis = decidingBasis(of, reasons, told, of.rules[rule], kinds);
    return basis && quoteOf(of, basis).quote;
  };

  test.each([
    [
      'two years have passed',
      ['caseload-off: coach-not-qualified: CR-4 two-years-passed, CR-5 not-waived'],
      'two years of being hired',
    ],
    ['nobody attested recovery', ['missing: recovery-attestation'], 'two years of sustained recovery'],
    ['nobody was reached', ['caseload: member-not-engaged'], 'reciprocating texts'],
    ['no note', ['caseload: no-documentation'], 'documented contact with the member'],
    ['what the plan asks for is unknown', ['A-2 plan-config'], 'first 90 days'],
    ['there was no contact', ['caseload-off: no contact within 21 days'], 'bill daily'],
    ['nothing is open', [], 'bill daily'],
  ])('Massachusetts: %s', (_what, told, words) => {
    expect(quoted(mce, told, 'B-2')).toContain(words);
  });

  test.each([
    [
      'an in-person visit that is too short',
      ['M-5 under-one-unit'],
      ['in-person'],
      'Individual-based Recovery Support Services, 15 minutes',
    ],
    [
      'a short call',
      ['M-5 under-one-unit'],
      ['phone'],
      'Peer telephone contact with the client for a minimum of 15 minutes duration',
    ],
    [
      'a short talk with the family',
      ['M-5 under-one-unit'],
      ['family'],
      'Peer collateral family contact of a minimum of 15 minute duration',
    ],
  ])('Michigan: %s', (_what, told, kinds, words) => {
    expect(quoted(michigan, told, 'M-0', ...kinds)).toBe(words);
  });

  test.each([['M-4 not-listed'], ['M-4 av-mode'], ['M-29 not-listed']])('Michigan: %s quotes the list', (reason) => {
    const words = quoted(michigan, [reason], 'M-0');
    expect(words).toMatch(/^Peer face-to-face contact with the client … Peer telephone contact/);
    expect(words).not.toMatch(/non-face-to-face|mail clients letters/);
  });
});

describe('reasons as sentences', () => {
  test.each([
    [
      'A-2 plan-config',
      'it is not known what the plan asks for after the first 90 days; its contract says so as postExemption (A-2)',
    ],
    [
      'caseload-off: coach-not-qualified: CR-4 two-years-passed',
      'the member is off the caseload: the coach is not qualified on that day: the two years within which the coach had to obtain the CARC have passed (CR-4)',
    ],
    ['M-11 missing: authorization', 'no authorization is recorded (M-11)'],
    ['missing: something that no sentence is for', 'something that no sentence is for is missing'],
    ['some-code-of-tomorrow', 'some code of tomorrow'],
    ['21 days after the contact', '21 days after the contact'],
    ['unknown-plan: gold-ppo', 'unknown-plan: gold-ppo'],
  ])('%s', (reason, sentence) => {
    expect(sentenceOfReason(reasons, reason)).toBe(sentence);
  });

  test('every published reason names a rule that there is, or none', () => {
    expect(reasons.size).toBeGreaterThan(60);
    for (const [code, { rule }] of reasons)
      expect([code, rule === undefined || ruleIds.has(rule)]).toEqual([code, true]);
    expect(ruleOfReason(reasons, 'no-such-code')).toBeUndefined();
  });
});
