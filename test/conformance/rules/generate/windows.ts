import { DateTime } from 'luxon';
import { type Add, at, contact, day, is, window } from './build.ts';

const c = '2026-03-02';

const boundaryDates =
  '2024-02-08 2024-02-09 2024-02-29 2025-02-07 2025-02-28 2025-03-09 2025-10-12 2025-11-02 2025-12-31 2026-02-15 2026-03-08 2026-10-11 2026-11-01 2027-03-14 2027-11-07'.split(
    ' ',
  );

function boundaries(add: Add): void {
  for (const date of boundaryDates) {
    for (const time of ['00:00', '12:00', '23:59'])
      add('window', 'caseload', {
        title: `A contact at ${time} on ${date} covers 21 days after its date`,
        rule: 'CL-1',
        reading: 'past 21 days: on from the date of the contact through the 21st date after it, off on the 22nd',
        contacts: [contact(date, {}, time)],
        expect: [is('off', day(date, -1)), ...window(date)],
      });
    const utc = DateTime.fromISO(at(date, '23:30')).toUTC().toISO({ suppressMilliseconds: true }) ?? '';
    add('utc', 'caseload', {
      title: `A contact written in UTC late on ${date} is dated in the member's zone`,
      rule: 'CL-1',
      contacts: [contact(date, { startTime: utc, documentedAt: utc, recordedAt: utc })],
      expect: window(date),
    });
    const endTime = at(day(date, 1), '00:40');
    add('midnight', 'caseload', {
      title: `A contact across the midnight after ${date} counts on the date it began`,
      rule: 'CL-1',
      contacts: [contact(date, { endTime, documentedAt: endTime, recordedAt: endTime }, '23:20')],
      expect: window(date).slice(1),
    });
  }
}

function engagement(add: Add): void {
  for (const modality of ['phone', 'video'])
    for (const [word, memberEngaged] of [
      ['an engaged member', true],
      ['voicemail', false],
      ['engagement not said', undefined],
    ] as const)
      for (const kind of ['session', 'accompaniment'])
        add('engagement', 'engaged', {
          title: `${kind} by ${modality}: ${word}`,
          rule: 'CT-2',
          contacts: [contact(c, { kind, modality, memberEngaged })],
          expect:
            memberEngaged === true
              ? window(c)
              : [is(memberEngaged === false ? 'off' : 'indeterminate', day(c, 1)), is('off', day(c, 22))],
        });
}

function inPerson(add: Add): void {
  for (const kind of ['session', 'accompaniment'])
    add('in-person', kind === 'session' ? 'inPerson' : 'accompany', {
      title: `${kind} in person`,
      rule: kind === 'session' ? 'CT-3' : 'CT-4',
      contacts: [contact(c, { kind, memberEngaged: undefined })],
      expect: window(c),
    });
  for (const individualInteraction of [true, false, undefined])
    add('group', 'inPerson', {
      title: `Group with individual interaction ${individualInteraction ?? 'not said'}`,
      rule: 'CT-3',
      reading: 'a group session counts where the note records interaction with this member',
      contacts: [contact(c, { kind: 'group', groupSize: 6, individualInteraction })],
      expect: individualInteraction
        ? window(c)
        : [is(individualInteraction === false ? 'off' : 'indeterminate', day(c, 1))],
    });
}

export function windows(add: Add): void {
  boundaries(add);
  engagement(add);
  inPerson(add);
}
