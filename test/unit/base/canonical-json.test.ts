import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/base/canonical-json.ts';

describe('JSON in one order', () => {
  test('elements stand by name at every depth, whatever the order in which they were written', () => {
    const one = { b: { d: [{ y: 1, x: 2 }], c: null }, a: 'ü' };
    const other = { a: 'ü', b: { c: null, d: [{ x: 2, y: 1 }] } };
    expect(canonicalJson(one)).toBe('{"a":"ü","b":{"c":null,"d":[{"x":2,"y":1}]}}');
    expect(canonicalJson(other)).toBe(canonicalJson(one));
  });

  test('an array keeps its order, since there it has a meaning', () => {
    expect(canonicalJson([2, 1])).toBe('[2,1]');
    expect(canonicalJson({ given: ['B', 'A'] })).not.toBe(canonicalJson({ given: ['A', 'B'] }));
  });

  test('what is undefined is as if it were not there; alone it is the empty text', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonicalJson(undefined)).toBe('');
    expect(canonicalJson('')).toBe('""');
  });
});
