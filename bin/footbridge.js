#!/usr/bin/env node
// Plain JavaScript, because the Node that npx finds may be too old for TypeScript: then the Node that npm installed beside us runs it.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/cli/main.ts', import.meta.url);

if (process.features.typescript) {
  await import(main.href);
} else {
  const node = bundledNode();
  if (node) {
    runOn(node);
  } else {
    process.stderr.write(
      `footbridge needs Node 22.18 or later, and this is ${process.version}; its own Node is not installed for ` +
        `${process.platform}-${process.arch} either. Run npm ci without --omit=optional, or install a newer Node.\n`,
    );
    process.exitCode = 1;
  }
}

function bundledNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin', 'node');
  } catch {
    return undefined;
  }
}

function runOn(node) {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches both of us from the terminal: wait for the child to end in its own way
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write(`footbridge could not be started on ${node}: ${error.message}. Run npm ci again.\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
