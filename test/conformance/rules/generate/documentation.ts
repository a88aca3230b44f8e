import type { ContactRow } from '../format.ts';
import { type Add, at, contact, day, is, night, on } from './build.ts';

const c = '2026-03-02';

function late(add: Add): void {
  for (const delay of [1, 2, 7, 14, 20, 21, 22, 30, 60]) {
    const signed = day(c, delay);
    const inside = Math.min(delay, 21);
    add('late', 'caseload', {
      title: `Signed ${delay} days later: pending before, counted back to its date after`,
      rule: 'CT-1',
      contacts: [contact(c, { documentedAt: at(signed) })],
      expect: [
        is('indeterminate', day(c, inside), {
          knownAt: at(day(signed, -1)),
          contactDate: c,
          reason: 'not-signed-by-then',
        }),
        on(day(c, inside), day(c, 21), { knownAt: night(signed), contactDate: c }),
        is('off', day(c, 22), { knownAt: night(day(c, 90)) }),
      ],
    });
    add('late', 'caseload', {
      title: `Recorded ${delay} days later: unknown before, counted back to its date after`,
      rule: 'CT-1',
      contacts: [contact(c, { documentedAt: at(signed), recordedAt: at(signed) })],
      expect: [
        is('off', day(c, inside), { knownAt: at(day(signed, -1)), reason: 'no contact within 21 days' }),
        on(day(c, inside), day(c, 21), { knownAt: night(signed), contactDate: c }),
      ],
    });
  }
}

const refused: [string, 'off' | 'indeterminate', Partial<ContactRow>, string][] = [
  ['cancelled', 'off', { encounterStatus: 'cancelled' }, 'cancelled'],
  ['entered in error', 'off', { status: 'entered-in-error' }, 'no contact within 21 days'],
  ['voicemail', 'off', { modality: 'phone', memberEngaged: false }, 'member-not-engaged'],
  ['group without interaction', 'off', { kind: 'group', individualInteraction: false }, 'no-individual-interaction'],
  ['planned', 'indeterminate', { encounterStatus: 'planned' }, 'not-finished'],
  ['preliminary', 'indeterminate', { status: 'preliminary' }, 'note-not-final'],
  ['signed by another', 'indeterminate', { signedBy: 'coach-b' }, 'not-signed-by-the-coach'],
  ['unsigned', 'indeterminate', { documentedAt: undefined, signedBy: undefined }, 'no-documentation'],
  ['signed the day before it began', 'indeterminate', { documentedAt: at(day(c, -1)) }, 'signed-before-the-contact'],
];

function refusedContacts(add: Add): void {
  for (const [word, status, more, reason] of refused) {
    add('refused', 'caseload', {
      title: `Only a contact that is ${word}`,
      rule: 'CT-1',
      contacts: [contact(c, more)],
      expect: [
        is(status, c, { reason }),
        is(status, day(c, 21), { reason }),
        is('off', day(c, 22), { reason: 'no contact within 21 days' }),
      ],
    });
    for (const before of [1, 10, 20, 21, 22]) {
      const older = day(c, -before);
      add('older', 'caseload', {
        title: `The newest is ${word}; one ${before} days older decides while it is within 21 days`,
        rule: 'CL-1',
        contacts: [contact(c, { externalId: 'new', ...more }), contact(older, { externalId: 'old' })],
        expect:
          before <= 21
            ? [
                on(c, day(older, 21), { contactDate: older, decidingContact: 'old' }),
                is(status, day(older, 22), { reason }),
              ]
            : [is(status, c, { reason })],
      });
    }
  }
}

function early(add: Add): void {
  for (const [what, signed, pending] of [
    ['on the day before', at(day(c, -1), '23:59'), true],
    ['as the day begins', at(c, '00:00'), true],
    ['as the contact begins', at(c, '12:00'), false],
  ] as const)
    add('early', 'caseload', {
      title: `A note that is signed ${what}`,
      rule: 'CT-1',
      reading: 'what was signed before the contact began does not document it',
      contacts: [contact(c, { documentedAt: signed })],
      expect: pending ? [is('indeterminate', c, { reason: 'signed-before-the-contact' })] : [on(c, day(c, 21))],
    });
}

export function documentation(add: Add): void {
  late(add);
  early(add);
  refusedContacts(add);
}
