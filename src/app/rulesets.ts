import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ruleset } from '../domain/ruleset.ts';
import { parseRulesets } from '../domain/ruleset-files.ts';

/**
 * The rulesets of the `rulesets/` folder, checked.
 *
 * @throws Error in words when a file breaks a rule of its schema: a server with half its rules must not answer
 */
export function loadRulesets(folder: string = join(import.meta.dirname, '../../rulesets')): readonly Ruleset[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const parsed = parseRulesets(names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') })));
  if (!parsed.ok) throw new Error(parsed.error.issues.map(({ text }) => text).join('\n'));
  return parsed.value;
}
