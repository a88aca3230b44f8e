import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { billableDay, type CoachDay } from '../../../src/domain/b-2-billable-day.ts';
import { isCoachQualified } from '../../../src/domain/b-5-coach-qualified.ts';
import { seriesOf, spellsOf } from '../../../src/domain/caseload.ts';
import { factsFrom } from '../../../src/domain/facts/from-fhir.ts';
import { indeterminate } from '../../../src/domain/outcome.ts';
import { at, billed, codes, later, status } from '../../support/contradictions.ts';
import { coach, coachFacts, contact, employer, memberFacts, payer, ruleset } from '../../support/facts.ts';
import { question, rulesetWith } from '../../support/questions.ts';

describe('people', () => {
  test('a death without a date: days up to the latest accepted contact stand, later ones are open', () => {
    const dead = { deceasedWithoutDate: true, contacts: [contact(at), contact('2025-03-05T10:00:00-05:00')] };
    expect(codes(dead)).toEqual(['death-without-date']);
    expect(status(dead, '2025-03-05')).toMatchObject({
      status: 'on',
      lastDay: '2025-03-05',
      reason: 'date of death is missing',
    });
    expect(status(dead, '2025-03-06')).toMatchObject({ status: 'indeterminate', reason: 'missing: date of death' });
    expect(status(dead, '2025-03-27')?.status).toBe('off');
    expect(billed(dead, '2025-03-05')).toEqual({ result: 'met' });
    expect(billed(dead, '2025-03-06')).toMatchObject({
      result: 'indeterminate',
      reasons: expect.arrayContaining(['missing: date of death']),
    });
    const facts = memberFacts(dead);
    const [series] = seriesOf(facts, [ruleset('masshealth-mce')], later);
    const spells = series && spellsOf(facts, series, '2025-03-10T12:00:00Z').spells;
    expect(spells?.map(({ end, start, status: is }) => [is, start, end])).toEqual([
      ['on', '2025-03-01', '2025-03-05'],
      ['indeterminate', '2025-03-06', undefined],
    ]);
  });

  test('B-2 alone leaves such a day open, whatever the caseload is', () => {
    const on: CoachDay = { coach, caseload: undefined, qualified: { result: 'met' } };
    const { outcome } = billableDay(question(rulesetWith({ 'B-2': {} }), '2025-03-06'), {
      coaches: [
        {
          ...on,
          caseload: { status: 'on', contact: undefined, lastDay: undefined, cause: 'window', because: [], reason: '' },
        },
      ],
      coverage: [{ start: undefined, end: undefined }],
      death: undefined,
      undatedDeath: { aliveUntil: localDate('2025-03-05') },
      soloBan: { rule: 'OR-1', outcome: { result: 'met' }, evidence: [], figures: {} },
      approval: { rule: 'A-2', outcome: { result: 'met' }, evidence: [], figures: {} },
      charges: [],
    });
    expect(outcome).toEqual(indeterminate('missing: date of death'));
  });

  test('Patient.deceasedBoolean says it where it is true, and nothing where it is false', () => {
    const person = (deceasedBoolean: boolean) =>
      factsFrom(
        '1',
        [{ resource: { resourceType: 'Patient', id: '1', deceasedBoolean }, owner: '', recordedAt: later }],
        'America/New_York',
      ).deceasedWithoutDate;
    expect([person(true), person(false)]).toEqual([true, undefined]);
  });

  test('a coach whose employment ends before the hire is open, another role of theirs stands', () => {
    const role = { reference: 'PractitionerRole/1', organization: employer, start: '2024-06-01', end: '2023-06-01' };
    const held = (...roles: (typeof role)[]) => ({ coaches: new Map([[coach, coachFacts({ roles })]]) });
    const asked = { ruleset: ruleset('masshealth-mce'), payer, organization: employer };
    const qualified = (...roles: (typeof role)[]) =>
      isCoachQualified(coachFacts({ roles }), localDate('2025-03-02'), asked);
    expect(codes(held(role))).toEqual(['employment-end-before-start']);
    expect(qualified(role)).toEqual(indeterminate('employment-end-before-start'));
    expect(status({ contacts: [contact(at)], ...held(role) }, '2025-03-02')).toMatchObject({
      status: 'indeterminate',
      reason: 'employment-end-before-start',
    });
    const sound = { ...role, reference: 'PractitionerRole/2', end: '2025-12-31' };
    expect(qualified(role, sound)).toEqual({ result: 'met' });
  });
});
