import { describe, expect, test } from 'vitest';
import { bodyParameters, dateIn } from '../../../src/http/operation-body.ts';
import { dateParameter, instantParameter, monthParameter } from '../../../src/http/operation-query.ts';

const query = (text: string) => new URLSearchParams({ at: text });
const outside = 'lies outside the years 0001 to 9998. Ask for one within them.';

describe('what an operation is asked about', () => {
  test.each(['0001-01-01', '2026-02-28', '9998-12-31'])('the day %s', (text) => {
    expect(dateParameter(query(text), 'at')).toMatchObject({ ok: true, value: text });
  });

  test.each(['0000-01-01', '0000-12-31', '9999-01-01', '9999-12-31'])('the day %s is refused in words', (text) => {
    expect(dateParameter(query(text), 'at')).toMatchObject({
      ok: false,
      error: { category: 'invalid', issues: [{ text: `at=${text} ${outside}` }] },
    });
    const body = { resourceType: 'Parameters', parameter: [{ name: 'at', valueDate: text }] };
    const given = bodyParameters('$op', body, ['at']);
    if (!given.ok) throw new Error('no parameters');
    expect(dateIn(given.value, 'at')).toMatchObject({
      ok: false,
      error: { issues: [{ text: `at=${text} ${outside}` }] },
    });
  });

  test.each([
    ['0001-01', true],
    ['9998-12', true],
    ['0000-01', false],
    ['9999-12', false],
  ])('the month %s: %s', (text, ok) => {
    expect(monthParameter(query(text), 'at').ok).toBe(ok);
  });

  test.each([
    ['2026-01-01T00:00:00Z', true],
    ['0000-06-01T00:00:00Z', false],
    ['9999-06-01T00:00:00-05:00', false],
  ])('the instant %s: %s', (text, ok) => {
    expect(instantParameter(query(text), 'at').ok).toBe(ok);
  });

  test('what is no day at all is told as before', () => {
    for (const text of ['2026-02-30', '2026-2-1', 'today', '00000-01-01'])
      expect(dateParameter(query(text), 'at')).toMatchObject({
        ok: false,
        error: { issues: [{ text: `at=${text} is not a date. Write it as YYYY-MM-DD.` }] },
      });
  });
});
