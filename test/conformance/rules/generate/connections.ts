import type { ContactRow, Expectation } from '../format.ts';
import { type Add, at, contact, day, night, text } from './build.ts';
import { optum } from './onset.ts';

function distances(add: Add): void {
  for (const date of ['2024-02-09', '2025-03-09', '2026-03-08', '2026-11-01', '2027-03-14'])
    for (const n of [0, 19, 20, 21])
      add('optum', 'connection', {
        ...optum,
        title: `O-1: ${n} days after a connection on ${date}`,
        rule: 'O-1',
        contacts: [contact(date, { purpose: 'mentoring' })],
        expect: [measure(day(date, n), n <= 20 ? 'met' : 'not-met', n <= 20 ? 1 : 0, day(date, 21))],
      });
}

function measure(asOf: string, result: string, count: number, dueDate?: string, knownAt = night(asOf)): Expectation {
  return { asOf, knownAt, measure: { rule: 'O-1', result, count, ...(dueDate === undefined ? {} : { dueDate }) } };
}

const c = '2026-03-02';

const row = (n: number, more: Partial<ContactRow> = {}): ContactRow =>
  contact(day(c, n), { externalId: `c${n}`, purpose: 'mentoring', ...more });
const cases: [string, ContactRow[], Expectation[]][] = [
  [
    'three connections, a week apart',
    [row(0), row(7), row(14)],
    [
      measure(day(c, 0), 'met', 1, day(c, 21)),
      measure(day(c, 7), 'met', 2, day(c, 28)),
      measure(day(c, 14), 'met', 3, day(c, 35)),
      measure(day(c, 20), 'met', 3, day(c, 35)),
      measure(day(c, 21), 'met', 2, day(c, 35)),
      measure(day(c, 28), 'met', 1, day(c, 35)),
      measure(day(c, 34), 'met', 1, day(c, 35)),
      measure(day(c, 35), 'not-met', 0, day(c, 35)),
    ],
  ],
  [
    'two on one date are two connections',
    [row(0), contact(c, { externalId: 'c-evening', purpose: 'mentoring' }, '18:00')],
    [measure(c, 'met', 2, day(c, 21)), measure(day(c, 21), 'not-met', 0)],
  ],
  [
    'an answered text beside a meeting',
    [row(0), text('k', day(c, 3), 'coach', { purpose: 'mentoring' }), text('m', day(c, 4), 'member')],
    [
      measure(day(c, 4), 'met', 2, day(c, 25)),
      measure(day(c, 24), 'met', 1, day(c, 25)),
      measure(day(c, 25), 'not-met', 0),
    ],
  ],
  ['a voicemail', [row(0, { modality: 'phone', memberEngaged: false })], [measure(c, 'not-met', 0)]],
  ['an unanswered text', [text('k', c, 'coach', { purpose: 'mentoring' })], [measure(c, 'not-met', 0)]],
  [
    'a call that is signed ten days later',
    [row(0, { modality: 'phone', documentedAt: at(day(c, 10)) })],
    [measure(day(c, 9), 'indeterminate', 0), measure(day(c, 10), 'met', 1, day(c, 21))],
  ],
  [
    'the newest is pending, an older one counts',
    [row(0), row(5, { documentedAt: undefined, signedBy: undefined })],
    [
      measure(day(c, 20), 'met', 1, day(c, 21)),
      measure(day(c, 21), 'indeterminate', 0),
      measure(day(c, 26), 'not-met', 0),
    ],
  ],
  [
    'one that was entered in error never was',
    [row(0), row(5, { status: 'entered-in-error' })],
    [measure(day(c, 20), 'met', 1, day(c, 21)), measure(day(c, 21), 'not-met', 0)],
  ],
];

function counts(add: Add): void {
  for (const [title, contacts, expect] of cases)
    add('optum-count', 'connection', {
      ...optum,
      title: `O-1: ${title}`,
      rule: 'O-1',
      reading: 'connections on the 21 dates that end with the day; due 21 days after the latest',
      contacts,
      expect,
    });
}

export function connections(add: Add): void {
  distances(add);
  counts(add);
}
