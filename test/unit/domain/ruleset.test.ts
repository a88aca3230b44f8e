import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { localDate } from '../../../src/base/time.ts';
import { ruleIds } from '../../../src/domain/rule-ids.ts';
import { applicableRulesets, quoteOf, Ruleset } from '../../../src/domain/ruleset.ts';
import { parseRulesets } from '../../../src/domain/ruleset-files.ts';
import { ruleset, rulesets } from '../../support/facts.ts';

const folder = join(import.meta.dirname, '../../../rulesets');
const text = readFileSync(join(folder, 'masshealth-mce.yaml'), 'utf8');

type Tree = { [key: string]: Tree };

/** The bulletin's file with something changed, as a file that somebody edited. */
function edited(change: (tree: Tree) => void): string {
  const tree = parse(text) as Tree;
  change(tree);
  return stringify(tree);
}

function set(path: string, value: unknown): string {
  return edited((tree) => {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    const parent = keys.reduce<Tree>((node, key) => node[key] ?? {}, tree);
    if (value === undefined) delete parent[last];
    else parent[last] = value as Tree;
  });
}

function refusals(...texts: readonly string[]): string[] {
  const parsed = parseRulesets(texts.map((content, index) => ({ name: `${index + 1}.yaml`, text: content })));
  return parsed.ok ? [] : parsed.error.issues.map((issue) => issue.text);
}

describe('a file is refused by name and key, with what to do', () => {
  test('as it is, it is not', () => {
    expect(refusals(text)).toEqual([]);
    expect(refusals(edited(() => undefined))).toEqual([]);
  });

  test.each<[string, string, unknown, string]>([
    [
      'an unknown key at the top',
      'windowDays',
      21,
      'windowDays is not a key of a ruleset. Remove it, or spell it as docs/rulesets.md does.',
    ],
    [
      'an unknown parameter',
      'parameters.windowdays',
      { value: 21, basis: 'decision', reason: 'a slip of the pen' },
      'parameters.windowdays is not a key of a ruleset. Remove it, or spell it as docs/rulesets.md does.',
    ],
    [
      'an unknown key beside a quote',
      'rules.CL-1.measuresFor',
      ['mco'],
      'rules.CL-1.measuresFor is not a key of a ruleset. Remove it, or spell it as docs/rulesets.md does.',
    ],
    [
      'an unknown key of a source',
      'rules.CL-1.source.page',
      2,
      'rules.CL-1.source.page is not a key of a ruleset. Remove it, or spell it as docs/rulesets.md does.',
    ],
    [
      'a reason beside a quote',
      'rules.CL-1.reason',
      'both a quote and a decision',
      'rules.CL-1.reason is not a key of a ruleset. Remove it, or spell it as docs/rulesets.md does.',
    ],
    [
      'an unknown rule',
      'rules.CT-8',
      { basis: 'decision', reason: 'there is no such rule' },
      'rules.CT-8 is not a rule of the domain model. Use an id of src/domain/rule-ids.ts.',
    ],
    [
      'a measure of an unknown rule',
      'measures',
      [{ rule: 'O-3', periodDays: 1, dueDays: 1, atLeast: 1, basis: 'decision', reason: 'there is no such rule' }],
      'measures.0.rule is not a rule of the domain model. Use an id of src/domain/rule-ids.ts.',
    ],
    [
      'a notification window of 13 days',
      'parameters.notificationDays.value',
      13,
      'parameters.notificationDays.value is under the 14 days that an MCE must allow. Write 14 or more.',
    ],
    [
      'an exemption of 89 days',
      'parameters.exemptDays.value',
      89,
      'parameters.exemptDays.value is under the 90 days that an MCE must allow. Write 90 or more.',
    ],
    [
      'an end before the beginning',
      'effectiveTo',
      '2022-06-30',
      'effectiveTo is before effectiveFrom. Give a later date, or leave it out while the document is in force.',
    ],
    [
      'no beginning',
      'effectiveFrom',
      undefined,
      'effectiveFrom: Invalid input: expected string, received undefined. Add or correct it as docs/rulesets.md says.',
    ],
    [
      'a beginning that is no date',
      'effectiveFrom',
      '2022-02-29',
      'effectiveFrom 2022-02-29 is not a calendar date. Write it as YYYY-MM-DD.',
    ],
    [
      'a product row that ends before it begins',
      'products.1',
      { value: 'masshealth-acpp', planType: 'acpp', from: '2023-01-02', to: '2023-01-01' },
      'products.1.to is before from. Give the row a to that is not earlier, or leave it out.',
    ],
    [
      'a rule that rests on nothing',
      'rules.CL-2',
      { mode: 'advisory', basis: 'habit' },
      'rules.CL-2.basis is not known. Write decision with a reason, public-rule with a source, or leave it out and quote.',
    ],
    [
      'a decision without a reason',
      'parameters.dueSoonDays',
      { value: 7, basis: 'decision' },
      'parameters.dueSoonDays.reason: Invalid input: expected string, received undefined. Add or correct it as docs/rulesets.md says.',
    ],
    [
      'a quote from a document that is not pinned',
      'rules.CL-1.source.file',
      '003_aab6a4940cfce342.txt',
      'rules.CL-1.source.file 003_aab6a4940cfce342.txt is neither the file of seed nor of otherDocuments. Name it there with its SHA-256.',
    ],
    [
      'a hash that is none',
      'seed.sha256',
      'g'.repeat(64),
      'seed.sha256 is not a SHA-256 in hexadecimal. Write what sha256sum says of the file.',
    ],
    [
      'a reading that there is not',
      'parameters.caseloadUnit.value',
      'team',
      'parameters.caseloadUnit.value: Invalid option: expected one of "coach"|"organization". Add or correct it as docs/rulesets.md says.',
    ],
    [
      'a gate that nothing would close',
      'rules.CL-2.mode',
      'gate',
      'rules.CL-2.mode gate would refuse nothing, since no day, service or contact is refused for this rule. Write measure or advisory.',
    ],
    [
      'a billing period that is closed while it lasts',
      'parameters.closeAfterDays.value',
      0,
      'parameters.closeAfterDays.value is under 1, and today can still change. Write 1 or more.',
    ],
    [
      'a billing period without its close',
      'parameters.closeAfterDays',
      undefined,
      'parameters.closeAfterDays is missing: billingPeriod and closeAfterDays say together when a period is closed. Give both, or neither.',
    ],
    ['a zone that is none', 'zone', 'America/Boston', 'zone is not an IANA zone. Write one such as America/New_York.'],
  ])('%s', (_what, path, value, words) => {
    expect(refusals(set(path, value))).toEqual([`rulesets/1.yaml: ${words}`]);
  });

  test('bounds themselves are accepted: 14 and 90 days, an end on the first day, a row of one day', () => {
    const atBounds = edited((tree) => {
      tree['effectiveTo'] = tree['effectiveFrom'] as Tree;
      (tree['parameters'] as Tree)['notificationDays'] = {
        ...tree['parameters']?.['notificationDays'],
        value: 14 as never,
      };
      (tree['products'] as Tree)[0] = { value: 'p', planType: 'mco', from: '2023-01-01', to: '2023-01-01' } as never;
    });
    expect(refusals(atBounds)).toEqual([]);
  });

  test.each([
    ['caseloadUnit', ['coach', 'organization']],
    ['groupContacts', ['individual-interaction', 'always', 'never']],
    ['hireDate', ['current-employer', 'first-as-coach']],
    ['exemptDayCount', ['calendar-days', 'billed-days']],
    ['exemptRestart', ['each-episode', 'once']],
    ['clientPhone', ['non-face-to-face', 'individual']],
    ['groupPrecedence', ['therapist', 'medication-assisted']],
    ['separateRequestDates', ['begin-and-end', 'end']],
    ['billingPeriod', ['week', 'half-month', 'month']],
  ])('every reading of %s is accepted', (name, readings) => {
    const value = (reading: string) => ({ value: reading, basis: 'decision', reason: 'as the plan answered' });
    expect(readings.flatMap((one) => refusals(set(`parameters.${name}`, value(one))))).toEqual([]);
  });

  test('YAML that is none names the file, and one bad file does not hide another', () => {
    expect(refusals('name: [', set('zone', undefined))).toEqual([
      expect.stringMatching(/^rulesets\/1\.yaml: .*Correct the YAML\.$/s),
      'rulesets/2.yaml: zone: Invalid input: expected string, received undefined. Add or correct it as docs/rulesets.md says.',
    ]);
    expect(refusals('name: a\nname: b')).toEqual([expect.stringContaining('rulesets/1.yaml: Map keys must be unique')]);
  });
});

describe('versions of one name', () => {
  const versions = (end: string | undefined, start: string): string[] =>
    refusals(
      edited((tree) => {
        if (end !== undefined) tree['effectiveTo'] = end as never;
      }),
      edited((tree) => {
        tree['version'] = '2.0.0' as never;
        tree['effectiveFrom'] = start as never;
      }),
    );

  test('that share a day are refused; the day after the end is free', () => {
    const words =
      'rulesets/2.yaml: effectiveFrom: version 2.0.0 of masshealth-mce holds on days of version 1.0.0 in 1.yaml. End the earlier one with effectiveTo on the day before the later one begins.';
    expect(versions(undefined, '2026-01-01')).toEqual([words]);
    expect(versions('2026-01-01', '2026-01-01')).toEqual([words]);
    expect(versions('2025-12-31', '2026-01-01')).toEqual([]);
  });

  test('one url and version in two files is refused', () => {
    expect(refusals(text, text)).toEqual([
      'rulesets/2.yaml: version: https://footbridge.example/fhir/ruleset/masshealth-mce|1.0.0 stands in 1.yaml too. Give one of them another version.',
    ]);
  });

  test('a coverage across both is under each on its own days', () => {
    const [first] = [ruleset('masshealth-mce')];
    const two = [
      { ...first, effectiveTo: localDate('2025-12-31') },
      { ...first, version: '2.0.0', effectiveFrom: localDate('2026-01-01') },
    ];
    const coverage = { start: '2025-12-01', end: '2026-01-31', planType: 'mco', product: undefined };
    expect(applicableRulesets(two, coverage, '2026-02-01T00:00:00Z').map(({ days }) => days)).toEqual([
      { start: '2025-12-01', end: '2025-12-31' },
      { start: '2026-01-01', end: '2026-01-31' },
    ]);
  });
});

describe('the files hold what binds their product', () => {
  const holds = (name: string): string[] => Object.keys(ruleset(name).rules);
  const held = (name: string, pattern: RegExp): string[] =>
    holds(name)
      .filter((id) => pattern.test(id))
      .sort();

  test('every rule of the domain model stands in some file', () => {
    const all = new Set(rulesets.flatMap(({ rules }) => Object.keys(rules)));
    expect([...ruleIds].filter((id) => !all.has(id))).toEqual([]);
    expect(ruleIds.size).toBe(90);
  });

  test('what the bulletin says of billing, contact and solo practice binds the products that it names', () => {
    expect(held('masshealth-mce', /^(CT|CL|B)-/)).toEqual([
      'B-1',
      'B-2',
      'B-3',
      'B-5',
      'CL-1',
      'CL-2',
      'CT-1',
      'CT-2',
      'CT-3',
      'CT-4',
      'CT-6',
    ]);
    for (const name of ['masshealth-one-care-sco', 'masshealth-pace'])
      expect(held(name, /^(CT|CL|B)-/)).toEqual(['B-4', 'B-5']);
    expect(
      ['masshealth-mce', 'masshealth-one-care-sco', 'masshealth-pace'].map((name) => held(name, /^(OR|A)-/)),
    ).toEqual([
      ['A-1', 'A-2', 'A-3', 'A-4', 'A-5', 'A-6', 'OR-1'],
      ['A-1', 'A-2', 'A-3', 'A-4', 'A-5', 'A-6', 'OR-1'],
      [],
    ]);
  });

  test('who is qualified is said by each file itself', () => {
    const bulletin = ['CR-1', 'CR-10', 'CR-2', 'CR-3', 'CR-4', 'CR-5', 'CR-6'];
    expect(['masshealth-mce', 'masshealth-one-care-sco', 'masshealth-pace'].map((name) => held(name, /^CR-/))).toEqual([
      bulletin,
      bulletin,
      bulletin,
    ]);
    expect(held('tufts', /^CR-/)).toEqual(['CR-2', 'CR-3', 'CR-7', 'CR-8', 'CR-9']);
    expect(held('optum', /^CR-/)).toEqual(['CR-1', 'CR-2', 'CR-3', 'CR-7', 'CR-8', 'CR-9']);
    expect(held('michigan-cmhsp', /^(CR-|M-1[34])/)).toEqual(['M-13', 'M-14']);
  });

  test('where the bulletin’s billing binds, the gates of a payer’s own case rate are measures', () => {
    const measureFor = (name: string): string[] =>
      Object.entries(ruleset(name).rules).flatMap(([id, rule]) =>
        rule.measureFor === undefined ? [] : [`${id} ${rule.mode}: ${rule.measureFor.join(', ')}`],
      );
    expect(measureFor('tufts')).toEqual(['CT-7', 'T-1', 'T-2', 'B-4'].map((id) => `${id} gate: mco, acpp`));
    expect(measureFor('optum')).toEqual(['CT-7', 'O-1', 'O-2', 'T-4', 'B-4'].map((id) => `${id} gate: mco, acpp, bhv`));
  });

  test('every file says when a billing period is closed, later than a message may still be answered', () => {
    const early = rulesets.filter(
      ({ parameters: { billingPeriod, closeAfterDays, reciprocityDays } }) =>
        !billingPeriod || !closeAfterDays || closeAfterDays.value <= reciprocityDays.value,
    );
    expect(early).toEqual([]);
  });

  test('what a plan asks for after the exemption is unknown until a plan says it', () => {
    expect(rulesets.filter(({ parameters }) => parameters.postExemption !== undefined)).toEqual([]);
  });

  test('every file says how each of its rules binds', () => {
    const silent = rulesets.flatMap(({ name, rules }) =>
      Object.entries(rules).flatMap(([id, { mode }]) => (mode === undefined ? [`${name} ${id}`] : [])),
    );
    expect(silent).toEqual([]);
  });

  test('every file is read', () => {
    expect(rulesets.length).toBe(readdirSync(folder).length);
  });
});

test('a quote from a further document is shown with that document’s name, a decision with its reason', () => {
  const mce = ruleset('masshealth-mce');
  const shown = ['CL-2', 'X-3', 'CT-6'].map((id) => {
    const rule = mce.rules[id];
    return rule && quoteOf(mce, rule);
  });
  expect(shown).toEqual([
    { quote: 'within the past 21 days', source: `${mce.document}, Billing` },
    {
      quote: 'supervised by trained RC Supervisors, and adhere to an established Code of Ethics',
      source: 'Transcom Brief: Peer Recovery Coaches, April 2019, Future of the Peer Recovery Coach Workforce',
    },
    { quote: undefined, source: expect.stringMatching(/^decision: the bulletin defines contact/) },
  ]);
});

describe('docs/rulesets.md', () => {
  const page = readFileSync(join(folder, '../docs/rulesets.md'), 'utf8');
  const cells = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );

  test('explains every key and every parameter, and none that is gone', () => {
    const { parameters, ...keys } = Ruleset.shape;
    const known = [...Object.keys(keys), 'parameters', ...Object.keys(parameters.shape)];
    expect(known.filter((key) => !cells.includes(key))).toEqual([]);
    expect(cells.filter((cell) => !known.includes(cell))).toEqual([]);
  });

  test('shows a payer in one file that stands beside the others as it is', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const all = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(refusals(...all, example)).toEqual([]);
    expect(parse(example)).toMatchObject({ name: 'example-plan' });
  });
});
