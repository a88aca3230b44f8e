import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/app/config.ts';

const threadsOf = (BATCH_THREADS?: string): number =>
  readConfig({ ...(BATCH_THREADS !== undefined && { BATCH_THREADS }) }).config.batchThreads;

test('BATCH_THREADS: two, or one on a single core, where nothing is said; 0 is none', () => {
  const usual = Math.min(availableParallelism(), 2);
  expect([threadsOf(), threadsOf(''), threadsOf('0'), threadsOf('8')]).toEqual([usual, usual, 0, 8]);
});

test.each(['lots', '-1', '1.5', '100'])('BATCH_THREADS=%s ends the start with what may stand there', (value) => {
  expect(() => threadsOf(value)).toThrow('BATCH_THREADS: must be a number of threads from 0 to 99');
});
