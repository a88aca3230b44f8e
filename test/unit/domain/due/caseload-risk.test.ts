import { expect, test } from 'vitest';
import { dueAt, itemAt, type Known } from '../../../support/due.ts';
import { attestations, carc, coach, coachFacts, contact, episode, memberFacts, payer } from '../../../support/facts.ts';

// A contact of 1 March 2025 holds through 22 March; the clocks change on 9 March.
const known = (...starts: string[]): Known => ({ facts: { contacts: starts.map((start) => contact(start)) } });
const first = '2025-03-01T15:00:00Z';

test('CL-2: nothing eight days before the last day, due soon seven before, critical two before, gone the day after', () => {
  const at = (date: string) => itemAt('contact-at-risk', date, known(first));
  expect(at('2025-03-14')).toBeUndefined();
  expect(at('2025-03-15')).toMatchObject({
    rule: 'CL-2',
    level: 'routine',
    opensOn: '2025-03-15',
    dueDate: '2025-03-22',
    coach,
    payer,
    focus: episode,
  });
  expect(at('2025-03-19')?.level).toBe('routine');
  expect(at('2025-03-20')?.level).toBe('urgent');
  expect(at('2025-03-22')?.level).toBe('urgent');
  expect(at('2025-03-23')).toBeUndefined();
});

test('CL-2: one item escalates under one key; a contact that moves the last day closes it, the next last day is another', () => {
  const soon = itemAt('contact-at-risk', '2025-03-15', known(first));
  const critical = itemAt('contact-at-risk', '2025-03-21', known(first));
  expect(soon?.key).toBe(critical?.key);
  const second = '2025-03-16T15:00:00Z';
  expect(itemAt('contact-at-risk', '2025-03-16', known(first, second))).toBeUndefined();
  const later = itemAt('contact-at-risk', '2025-03-30', known(first, second));
  expect(later?.dueDate).toBe('2025-04-06');
  expect(later?.key).not.toBe(soon?.key);
});

test('CL-2: an episode that ends, a death and a ruleset whose caseload does not bind leave nothing at risk', () => {
  const [plain] = memberFacts().episodes;
  const [coverage] = memberFacts().coverages;
  if (!plain || !coverage) throw new Error('no episode');
  const facts = known(first).facts;
  const at = (more: Known['facts']) => itemAt('contact-at-risk', '2025-03-20', { facts: { ...facts, ...more } });
  expect(at({})).toBeDefined();
  expect(at({ episodes: [{ ...plain, end: '2025-03-19' }] })).toBeUndefined();
  expect(at({ deceased: '2025-03-19' })).toBeUndefined();
  const atOnce = (more: object) =>
    itemAt('contact-at-risk', '2025-03-01', {
      facts: { ...facts, coverages: [{ ...coverage, end: '2025-03-04' }], ...more },
    });
  expect(atOnce({})).toBeDefined();
  expect(atOnce({ deceasedWithoutDate: true })).toBeUndefined();
  expect(at({ coverages: [{ ...coverage, product: 'masshealth-one-care' }] })).toBeUndefined();
});

test('CL-2: what another end than the contact’s binds is said, since a contact would not move it', () => {
  const [coverage] = memberFacts().coverages;
  if (!coverage) throw new Error('no coverage');
  const item = itemAt('contact-at-risk', '2025-03-05', {
    facts: { ...known(first).facts, coverages: [{ ...coverage, end: '2025-03-10' }] },
  });
  expect(item).toMatchObject({ dueDate: '2025-03-10', opensOn: '2025-03-03' });
  expect(item?.sentence).toMatch(/coverage ends.*A contact alone does not move it/);
  expect(itemAt('contact-at-risk', '2025-03-20', known(first))?.sentence).toMatch(/A documented contact by then/);
});

test('CL-2: two coaches are two items', () => {
  const other = 'Practitioner/other';
  const items = dueAt('2025-03-20', {
    facts: {
      contacts: [
        contact(first),
        contact('2025-03-02T15:00:00Z', {
          coach: other,
          documentation: [{ status: 'final', signedAt: '2025-03-02T16:00:00Z', signedBy: [other], evidence: [] }],
        }),
      ],
      coaches: new Map([
        [coach, coachFacts()],
        [other, coachFacts({ practitioner: other, qualifications: [...attestations, carc()] })],
      ]),
    },
  }).filter(({ kind }) => kind === 'contact-at-risk');
  expect(items.map(({ coach: who, dueDate }) => [who, dueDate])).toEqual([
    [coach, '2025-03-22'],
    [other, '2025-03-23'],
  ]);
});
