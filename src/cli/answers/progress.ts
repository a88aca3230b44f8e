export interface ProgressBar {
  at(done: number, total: number): void;
  end(): void;
}

const width = 40;

/** A bar on a terminal, redrawn in place; elsewhere a line for each tenth. */
export function progressBar(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  unit: string,
  doing: string,
): ProgressBar {
  let told = -1;
  return {
    at(done, total) {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(share * width);
      const bar = `${'#'.repeat(filled)}${'.'.repeat(width - filled)}`;
      const line = `[${bar}] ${Math.floor(share * 100)} %  ${done} of ${total} ${unit} ${doing}`;
      if (stream.isTTY) stream.write(`\r${line}`);
      else if (Math.floor(share * 10) > told) stream.write(`${line}\n`);
      told = Math.floor(share * 10);
    },
    end() {
      if (stream.isTTY) stream.write('\n');
    },
  };
}
