import { expect, test } from 'vitest';
import { accountsOf, contactsIn } from '../../../src/domain/accounts.ts';
import { m9PostAcute } from '../../../src/domain/m-9-post-acute.ts';
import { m12Supervised } from '../../../src/domain/m-12-supervision.ts';
import { m16Lost } from '../../../src/domain/m-16-lost.ts';
import { coach, episode, rulesets } from '../../support/facts.ts';
import { michigan } from '../../support/michigan.ts';
import { facts, knownAt, visit } from '../../support/michigan-services.ts';

/** Of a client who sat in a group on 5 March, without a word that anybody spoke with this client alone. */
function asked(date: string) {
  const all = facts({ contacts: [visit('10:00', '11:00', { group: true, individualInteraction: false })] });
  const [account] = accountsOf(all, rulesets, knownAt);
  if (!account) throw new Error('the coverage brings Michigan’s rules to bear');
  return michigan(date, { knownAt, contacts: contactsIn(all, account, knownAt) });
}

test('M-16: a client who sits in groups is not lost', () => {
  expect(m16Lost(asked('2025-03-20'), [], []).figures).toEqual({ days: 15, lost: false });
});

test('M-9: a group is face to face', () => {
  const alone = { episode, mode: 'stand-alone', acuteCareEnd: '2025-02-20', endReason: undefined } as const;
  expect(m9PostAcute(asked('2025-03-20'), alone).figures).toMatchObject({ monthsPassed: 1, monthsWithout: 0 });
});

test('M-12: a coach who led groups alone is to be supervised in that week', () => {
  expect(m12Supervised(asked('2025-03-20'), coach, [], new Map()).figures).toMatchObject({ weeks: 1, gaps: 1 });
});
