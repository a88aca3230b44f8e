import '../../../src/app/main.ts';

/** Footbridge with a fault: SIGUSR2 holds its event loop for BLOCK_MS, wherever it is, as a long computation would. */
process.on('SIGUSR2', () => {
  const until = performance.now() + Number(process.env['BLOCK_MS']);
  while (performance.now() < until);
});
