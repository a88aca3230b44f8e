import { describe, expect, test } from 'vitest';
import { csvOf } from '../../../src/base/csv.ts';

describe('comma-separated values (RFC 4180)', () => {
  test('each row is a line that ends with CRLF; what would part cells or lines is quoted, quotes are doubled', () => {
    const rows = [
      ['a', 'b'],
      ['1, 2', 'say "x"'],
      ['two\r\nlines', ''],
    ];
    expect(csvOf(rows)).toBe('a,b\r\n"1, 2","say ""x"""\r\n"two\r\nlines",\r\n');
    expect(csvOf([])).toBe('');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '\uFF1D1', '\uFF0B1', '\uFF0D1', '\uFF201'])(
    'a cell that begins as %j is told to be text',
    (text) => {
      expect(csvOf([[text, 'plain']]).replaceAll('"', '')).toBe(`'${text},plain\r\n`);
    },
  );

  test('a sign within a cell is left alone, and so is a date', () => {
    expect(csvOf([['a=b', '2026-03-01', 'x@y', "'quoted'"]])).toBe("a=b,2026-03-01,x@y,'quoted'\r\n");
  });
});
