import type { ContactRow } from '../format.ts';
import { type Add, day, is, on, text } from './build.ts';

const c = '2026-03-02';

export function messages(add: Add): void {
  for (const modality of ['text', 'email']) {
    for (let gap = -9; gap <= 9; gap++) {
      const coachDate = day(c, gap);
      const asked = gap > 0 ? coachDate : c;
      add('pair', 'engaged', {
        title: `${modality}: the coach writes ${gap} dates after the member`,
        rule: 'CT-2',
        contacts: [text('m', c, 'member', { modality }), text('k', coachDate, 'coach', { modality })],
        expect:
          Math.abs(gap) <= 7
            ? [on(asked, day(c, 21), { contactDate: c, decidingContact: 'm' }), is('off', day(c, 22))]
            : [is('off', asked)],
      });
    }
    const cases: [string, ContactRow[]][] = [
      ['coach only', [text('k', c, 'coach', { modality })]],
      ['member only', [text('m', c, 'member', { modality })]],
      ['automatic reply', [text('k', c, 'coach', { modality }), text('m', c, 'member', { modality, automatic: true })]],
      ['automatic coach', [text('k', c, 'coach', { modality, automatic: true }), text('m', c, 'member', { modality })]],
      [
        'the other medium',
        [
          text('k', c, 'coach', { modality }),
          text('m', c, 'member', { modality: modality === 'text' ? 'email' : 'text' }),
        ],
      ],
    ];
    for (const [title, contacts] of cases)
      add('pair', 'engaged', {
        title: `${modality}: ${title}`,
        rule: 'CT-2',
        contacts,
        expect: [is('off', day(c, 1))],
      });
    add('pair', 'engaged', {
      title: `${modality}: one coach message answered on five dates supports the first`,
      rule: 'CT-2',
      contacts: [
        text('k', c, 'coach', { modality }),
        ...[0, 1, 2, 3, 4].map((n) => text(`m${n}`, day(c, n), 'member', { modality })),
      ],
      expect: [on(day(c, 5), day(c, 21), { contactDate: c, decidingContact: 'm0' }), is('off', day(c, 22))],
    });
  }
}
