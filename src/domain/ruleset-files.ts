import { parse } from 'yaml';
import type { z } from 'zod';
import type { Failure, Issue } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { canonicalOf, inForce, intersect, isSome, Ruleset } from './ruleset.ts';

/** Checks the rulesets of a folder: each against the schema, and names with versions against each other. */
export function parseRulesets(
  files: readonly { readonly name: string; readonly text: string }[],
): Result<readonly Ruleset[], Failure> {
  const issues: Issue[] = [];
  const read: FromFile[] = [];
  for (const { name, text } of files) {
    const parsed = parseRuleset(name, text);
    if (parsed.ok) read.push({ file: name, ruleset: parsed.value });
    else issues.push(...parsed.error);
  }
  issues.push(...clashesIn(read));
  return issues.length > 0 ? err({ category: 'invalid', issues }) : ok(read.map(({ ruleset }) => ruleset));
}

/**
 * The rulesets as they would be with these files: a file with the url and version of one that holds takes its place, any other joins.
 *
 * @returns a Failure in words where a file is wrong, or where two would hold on the same days
 */
export function withRulesets(
  held: readonly Ruleset[],
  files: readonly { readonly name: string; readonly text: string }[],
): Result<readonly Ruleset[], Failure> {
  const proposed = parseRulesets(files);
  if (!proposed.ok) return proposed;
  const replaced = new Set(proposed.value.map(canonicalOf));
  const kept = held.filter((ruleset) => !replaced.has(canonicalOf(ruleset)));
  const read = [
    ...kept.map((ruleset) => ({ file: `${ruleset.name} ${ruleset.version}`, ruleset })),
    ...proposed.value.map((ruleset, index) => ({ file: files[index]?.name ?? '', ruleset })),
  ];
  const issues = clashesIn(read);
  return issues.length > 0 ? err({ category: 'invalid', issues }) : ok(read.map(({ ruleset }) => ruleset));
}

function clashesIn(read: readonly FromFile[]): Issue[] {
  return read.flatMap((one, index) => read.slice(0, index).flatMap((other) => clashes(other, one)));
}

interface FromFile {
  readonly file: string;
  readonly ruleset: Ruleset;
}

function parseRuleset(file: string, text: string): Result<Ruleset, readonly Issue[]> {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    return err([
      refusal('structure', `${file}: ${error instanceof Error ? error.message : String(error)}. Correct the YAML.`),
    ]);
  }
  const parsed = Ruleset.safeParse(content);
  if (parsed.success) return ok(parsed.data);
  return err(
    parsed.error.issues.flatMap((issue) => wordsOf(issue).map((words) => refusal('invalid', `${file}: ${words}.`))),
  );
}

function refusal(code: string, text: string): Issue {
  return { severity: 'error', code, text: `rulesets/${text}` };
}

/** What is wrong at which key, and what to do. */
function wordsOf(issue: z.core.$ZodIssue): string[] {
  const at = (...more: readonly PropertyKey[]): string => [...issue.path, ...more].map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(
      (key) => `${at(key)} is not a key of a ruleset. Remove it, or spell it as docs/rulesets.md does`,
    );
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => `${at()} ${message}`);
  if (issue.code === 'custom' || issue.code === 'invalid_format' || issue.code === 'too_small')
    return [`${at()} ${issue.message}`];
  if (issue.code === 'invalid_union' && issue.discriminator === 'basis')
    return [`${at()} is not known. Write decision with a reason, public-rule with a source, or leave it out and quote`];
  return [`${at()}: ${issue.message}. Add or correct it as docs/rulesets.md says`];
}

/** One url and version in two files, or two versions of one name that hold on the same day. */
function clashes(one: FromFile, other: FromFile): Issue[] {
  const canonical = canonicalOf(one.ruleset);
  if (canonical === canonicalOf(other.ruleset))
    return [
      refusal(
        'duplicate',
        `${other.file}: version: ${canonical} stands in ${one.file} too. Give one of them another version.`,
      ),
    ];
  if (one.ruleset.name !== other.ruleset.name || !isSome(intersect(inForce(one.ruleset), inForce(other.ruleset))))
    return [];
  return [
    refusal(
      'business-rule',
      `${other.file}: effectiveFrom: version ${other.ruleset.version} of ${one.ruleset.name} holds on days of version ${one.ruleset.version} in ${one.file}. End the earlier one with effectiveTo on the day before the later one begins.`,
    ),
  ];
}
