import { parseArgs } from 'node:util';

/** What a command line says: the command, what it is about, and its options. */
export interface CommandLine {
  readonly command: string;
  readonly rest: readonly string[];
  /** `--help`, with or without a command */
  readonly help: boolean;
  readonly json: boolean;
  readonly csv: boolean;
  readonly dataDir: string;
  readonly as: string | undefined;
  readonly date: string | undefined;
  readonly month: string | undefined;
  readonly knownAt: string | undefined;
  readonly rule: string | undefined;
  readonly ruleset: string | undefined;
}

const options = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  'data-dir': { type: 'string' },
  as: { type: 'string' },
  date: { type: 'string' },
  month: { type: 'string' },
  'known-at': { type: 'string' },
  ruleset: { type: 'string' },
  rule: { type: 'string' },
} as const;

type Option = keyof typeof options;

const everywhere: readonly Option[] = ['json', 'data-dir'];

/** What each command follows beside `--json` and `--data-dir`: an option that it would ignore would answer another question. */
const followed: Readonly<Record<string, readonly Option[]>> = {
  demo: [],
  clients: [],
  token: [],
  get: [],
  explain: ['date', 'known-at', 'ruleset', 'rule', 'as'],
  caseload: ['date', 'known-at', 'ruleset', 'as'],
  ledger: ['month', 'known-at', 'ruleset', 'as'],
  runway: ['date', 'month', 'known-at', 'ruleset', 'as'],
  roster: ['date', 'known-at', 'ruleset', 'csv', 'as'],
  preview: ['month', 'as'],
  recompute: ['as'],
};

/** Reads a command line, or says in words what of it is not understood. */
export function readCommandLine(argv: readonly string[]): CommandLine | { readonly refused: string } {
  try {
    const { positionals, values } = parseArgs({ args: [...argv], allowPositionals: true, options });
    const [command = '', ...rest] = positionals;
    const refused = notFollowed(command, Object.keys(values) as Option[]);
    if (refused !== undefined) return { refused };
    const { as, csv = false, date, help = false, json = false, month, rule, ruleset } = values;
    const dataDir = values['data-dir'] ?? process.env['DATA_DIR'] ?? './data';
    return { command, rest, help, json, csv, dataDir, as, date, month, rule, ruleset, knownAt: values['known-at'] };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

function notFollowed(command: string, given: readonly Option[]): string | undefined {
  const takes = followed[command];
  const wrong = given.filter((option) => option !== 'help' && !everywhere.includes(option) && !takes?.includes(option));
  if (!takes || wrong.length === 0) return undefined;
  return `footbridge ${command} does not follow ${listed(wrong)}. It follows ${listed([...takes, ...everywhere])}.`;
}

function listed(names: readonly Option[]): string {
  const words = names.map((name) => `--${name}`);
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
