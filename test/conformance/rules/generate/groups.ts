import type { ContactRow, Expectation } from '../format.ts';
import { type Add, contact, day, is, on, window } from './build.ts';

const c = '2026-03-02';
const reading =
  'a group session counts for a member with whom the note records individual interaction, and for no other';

function group(more: Partial<ContactRow>, date = c): ContactRow {
  return contact(date, { kind: 'group', groupSize: 6, individualInteraction: true, ...more });
}

const refused = (reason: string): Expectation[] => [is('off', c, { reason }), is('off', day(c, 21), { reason })];
const open = (reason: string): Expectation[] => [
  is('indeterminate', c, { reason }),
  is('indeterminate', day(c, 21), { reason }),
  is('off', day(c, 22)),
];
const cases: [string, ContactRow, Expectation[]][] = [
  ['with the therapist', group({ therapistPresent: true }), window(c)],
  ['for medication-assisted treatment', group({ mat: true }), window(c)],
  ['of whose size nobody says anything', group({ groupSize: undefined }), window(c)],
  ['with one attendee', group({ groupSize: 1 }), window(c)],
  ['by video, engaged', group({ modality: 'video' }), window(c)],
  ['by phone, engaged', group({ modality: 'phone' }), window(c)],
  ['by video, not engaged', group({ modality: 'video', memberEngaged: false }), refused('member-not-engaged')],
  [
    'by video, engagement not said',
    group({ modality: 'video', memberEngaged: undefined }),
    open('missing: memberEngaged'),
  ],
  [
    'by video, without individual interaction',
    group({ modality: 'video', individualInteraction: false }),
    refused('no-individual-interaction'),
  ],
  [
    'with the therapist, without individual interaction',
    group({ therapistPresent: true, individualInteraction: false }),
    refused('no-individual-interaction'),
  ],
  [
    'in which interaction is not said',
    group({ individualInteraction: undefined }),
    open('missing: individualInteraction'),
  ],
  ['that was cancelled', group({ encounterStatus: 'cancelled' }), refused('cancelled')],
  ['that is not signed', group({ documentedAt: undefined, signedBy: undefined }), open('no-documentation')],
];

/** Group sessions as contacts of each member in them. */
export function groups(add: Add): void {
  for (const [title, row, expect] of cases)
    add('group-session', 'interaction', {
      title: `A group session ${title}`,
      rule: 'CT-3',
      reading,
      contacts: [row],
      expect,
    });
  add('group-session', 'interaction', {
    title: 'Of two sessions the newer one without interaction does not move the last day',
    rule: 'CL-1',
    reading,
    contacts: [
      group({ externalId: 'first' }),
      group({ externalId: 'second', individualInteraction: false }, day(c, 7)),
    ],
    expect: [
      on(day(c, 7), day(c, 21), { contactDate: c, decidingContact: 'first' }),
      is('off', day(c, 22), { reason: 'no-individual-interaction' }),
    ],
  });
}
