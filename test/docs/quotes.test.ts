import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { basesOf } from '../../src/domain/ruleset.ts';
import { rulesets } from '../support/facts.ts';
import { away, fold, seeds } from '../support/seeds.ts';

if (away) console.log(`quotes of rulesets are not checked: the payers' documents are not in ${seeds}`);

/** Lines of each document that begin a section, as `heading` leaves them. A section runs to the next of them. */
const headings: Readonly<Record<string, readonly string[]>> = {
  '000_7e1eb527e4ad0cc9.txt': [
    'definition',
    'components of service',
    'staffing requirements',
    'service, community and collateral linkages',
    'quality management (qm)',
    'process specifications',
    'document history',
  ],
  '001_def3f483afb1e478.txt': [
    'purpose',
    'overview',
    'service components',
    'staffing requirements',
    'service, community and other linkages',
    'process specifications',
    'quality management',
  ],
  '002_87ced7b2bc22d786.txt': [
    'background',
    'qualifications for peer recovery coaches',
    'provider organization requirements',
    'other administrative requirements',
    'billing',
    'authorization and registration of service',
    'masshealth website',
    'questions',
  ],
  '003_aab6a4940cfce342.txt': [
    'i. purpose',
    'ii. background information',
    'iii. terms and definitions',
    'iv. eligibility criteria',
    'v. service requirements',
    'vi. types of recovery support services',
    'vii. distinguishing appropriate roles',
    'viii. two types of peer specialists',
    'ix. supervision of peer recovery staff',
    'x. training requirements',
    'xi. authorization of peer recovery support services',
    'xii. billing and reimbursement',
    'xiii. implementation guidance',
  ],
  '004_3dd58c0dd7c14149.txt': [
    'peer recovery coach role and settings',
    'training the peer recovery coach workforce',
    "transcom's view of the commonwealth's peer recovery coach workforce",
    'future of the peer recovery coach workforce',
  ],
};

function heading(line: string): string {
  return fold(line.replace(/^#+ /, '')).toLowerCase();
}

/** Whether the line is the heading itself: Michigan's may go on behind it, and the entry of a table of contents has a bullet. */
function begins(line: string, name: string): boolean {
  if (/^\s*[-·•] /.test(line)) return false;
  const found = heading(line);
  return found === name || (/^[ivx]+\. /.test(name) && found.startsWith(name));
}

/** The sections of a document by heading; of a heading that comes twice (an outline at the end) the first counts. */
function sectionsOf(text: string, names: readonly string[]): ReadonlyMap<string, string> {
  const lines = text.split('\n');
  const starts = names.map((name) => ({ name, at: lines.findIndex((line) => begins(line, name)) }));
  const missing = starts.filter(({ at }) => at < 0).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`no heading ${missing.join(', ')}`);
  return new Map(
    starts.map(({ at, name }) => {
      const end = Math.min(lines.length, ...starts.filter((other) => other.at > at).map((other) => other.at));
      return [name, fold(lines.slice(at, end).join('\n'))];
    }),
  );
}

/** The section that `source.section` names: a heading, which an item may follow behind a comma. */
function sectionNamed(sections: ReadonlyMap<string, string>, source: string): string | undefined {
  const asked = heading(source);
  return [...sections].find(([name]) => asked === name || asked.startsWith(`${name}, `))?.[1];
}

/** The first segment that does not follow those before it in the section. */
function missingSegment(quote: readonly string[], section: string): string | undefined {
  let from = 0;
  return quote.find((segment) => {
    const wanted = fold(segment);
    const at = section.indexOf(wanted, from);
    from = at + wanted.length;
    return at < 0;
  });
}

function problemsOf(file: string, quote: readonly string[], section: string): string[] {
  const text = readFileSync(join(seeds, file), 'utf8');
  const found = sectionNamed(sectionsOf(text, headings[file] ?? []), section);
  if (found === undefined) return [`${file} has no section ${section}`];
  const missing = missingSegment(quote, found);
  return missing === undefined ? [] : [`${file}, ${section}: not there, or not in this order: ${missing}`];
}

describe.skipIf(away)('the payers’ own words', () => {
  test.each(rulesets.map((ruleset) => [ruleset.name, ruleset] as const))(
    'of %s stand in the section that it names',
    (_name, ruleset) => {
      const quoted = basesOf(ruleset).flatMap(([path, basis]) => ('quote' in basis ? [{ path, basis }] : []));
      const problems = quoted.flatMap(({ basis, path }) =>
        problemsOf(basis.source.file, basis.quote, basis.source.section).map(
          (problem) => `${path.join('.')}: ${problem}`,
        ),
      );
      expect(quoted.length).toBeGreaterThan(10);
      expect(problems).toEqual([]);
    },
  );

  test.each(rulesets.map((ruleset) => [ruleset.name, ruleset] as const))(
    'of %s were read in the file that it pins',
    (_name, ruleset) => {
      const pinned = [ruleset.seed, ...ruleset.otherDocuments].map(({ file, sha256 }) => [file, sha256]);
      const read = pinned.map(([file = '']) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(seeds, file)))
          .digest('hex'),
      ]);
      expect(pinned).toEqual(read);
    },
  );

  const bulletin = '002_87ced7b2bc22d786.txt';

  test.each([
    ['one changed number', ['documented contact with the member within the past 22 days']],
    ['one dropped word', ['documented contact with member within the past 21 days']],
    ['segments in another order', ['within the past 21 days', 'has had documented contact']],
    ['words of another section', ['MCEs must allow a 14-day window']],
  ])('a planted wrong quote is found: %s', (_what, quote) => {
    expect(problemsOf(bulletin, quote, 'Billing')).toEqual([
      expect.stringContaining('not there, or not in this order'),
    ]);
  });

  test('a section that the document does not have is found', () => {
    expect(problemsOf(bulletin, ['within the past 21 days'], 'Billing and rates')).toEqual([
      `${bulletin} has no section Billing and rates`,
    ]);
  });

  test('typography, footnote marks, bullets and columns do not hide a true quote', () => {
    const marked = problemsOf(
      bulletin,
      ['have not completed the CARC credentialing within two years of being hired do not continue'],
      'Qualifications for Peer Recovery Coaches',
    );
    const columns = problemsOf(
      '001_def3f483afb1e478.txt',
      ["Enrollee's goals and decisions; support the Enrollee in creating", 'May provide temporary assistance'],
      'Service Components',
    );
    expect([...marked, ...columns]).toEqual([]);
  });
});
