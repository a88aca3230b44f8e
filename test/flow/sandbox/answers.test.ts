import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, localDate, localDateOf } from '../../../src/base/time.ts';
import { coachRole, contact, coverage, episode, patient, transaction } from '../../../src/cli/sandbox/people.ts';
import { type Sandbox, startSandbox } from '../../support/sandbox.ts';

const root = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);
const today = localDateOf(new Date(), 'America/New_York');

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
}, 90_000);
afterAll(async () => sandbox?.stop());

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npx footbridge …` as a person types it. */
async function footbridge(...args: string[]): Promise<Ended> {
  const command = [join(root, 'bin/footbridge.js'), '--data-dir', sandbox.dataDir, ...args];
  return run(process.execPath, command).then(
    ({ stderr, stdout }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Ended,
  );
}

describe('footbridge explain', () => {
  test('tells the answer, the deciding contact, what would change it, and the payer’s sentence', async () => {
    const lastDay = addDays(today, 1);
    const { code, stdout } = await footbridge('explain', 'day-20');
    expect(code).toBe(0);
    expect(stdout).toContain(`on the caseload of Practitioner/coach-avery through ${lastDay}, 1 day left`);
    expect(stdout).toContain(`Deciding contact: ${addDays(today, -20)} (Encounter/`);
    expect(stdout).toContain(`A documented contact by ${lastDay} keeps the member on.`);
    expect(stdout).toContain('“A member is considered to be on the Peer Recovery Coach’s caseload');
  });

  test('--date and --known-at ask about another day and another state of knowledge', async () => {
    const { stdout } = await footbridge('explain', 'day-20', '--date', addDays(today, 2));
    expect(stdout).toContain('not on the caseload');
    const before = await footbridge(
      'explain',
      'day-20',
      '--date',
      today,
      '--known-at',
      `${addDays(today, -25)}T12:00:00Z`,
    );
    expect(before.stdout).toContain('no contact within 21 days');
  });

  test('says whether a closed day bills, as what, and by which sentence', async () => {
    const { stdout } = await footbridge('explain', 'day-20', '--date', addDays(today, -1));
    expect(stdout).toMatch(/the day is (billable as H2016-HM|not decided) \(B-2\)/);
    expect(stdout).toContain('must allow providers to bill daily');
    const off = (await footbridge('explain', 'day-22', '--date', addDays(today, -30))).stdout;
    expect(off).toContain(
      'the day is not billable (B-2) because the member is off the caseload: no contact within 21 days',
    );
  });

  test('what is open is named, so that somebody can supply it', async () => {
    const { stdout } = await footbridge('explain', 'unsigned-note');
    expect(stdout).toContain('not decided');
    expect(stdout).toMatch(
      /Supply what is open of the contact of \d{4}-\d\d-\d\d and the member is on: the contact has no note yet\./,
    );
    expect(stdout).toContain('Because: the contact has no note yet.');
  });

  test('tells every rule of the day: what is open first and in full, what is met in a line', async () => {
    const { stdout } = await footbridge('explain', 'day-20');
    expect(stdout).toMatch(/The rules of masshealth-mce .*: \d+ are not met or open \(\d binds?\), \d+ are met\./);
    expect(stdout).toContain('✗ CL-2 (advises) is not met for Practitioner/coach-avery: critical (days left 1');
    expect(stdout).toContain(`It rests on Encounter/contact-day-20-${addDays(today, -20)}.`);
    expect(stdout).toContain('“at no less than the minimum rate set forth in Appendix T/L');
    expect(stdout).toMatch(/✓ B-1 is met: code H2016, modifiers HM, unit day\. “must use procedure code/);
    expect(stdout).toMatch(/Nothing to answer: .*A-6 \(plan asks for nothing\)/);
    expect(stdout.indexOf('? B-3')).toBeLessThan(stdout.indexOf('✓ CT-1'));
  });

  test('--rule asks for some rules only, and one that is none is refused with those that there are', async () => {
    const { stdout } = await footbridge('explain', 'day-20', '--rule', 'B-1,A-2');
    expect(stdout.match(/^ {2}[✓✗?]/gm)).toHaveLength(2);
    const { code, stderr } = await footbridge('explain', 'day-20', '--rule', 'Z-1');
    expect([code, stderr]).toEqual([1, expect.stringContaining('No ruleset here holds a rule Z-1. Ask for CT-1')]);
  });

  test('a plan asks by the episode, and hears no contact', async () => {
    const { code, stdout } = await footbridge('explain', 'EpisodeOfCare/episode-day-20', '--as', 'plan');
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 day left')]);
    expect(stdout).not.toMatch(/Encounter\/|The rules of/);
  });

  test('--json is what the operations answered', async () => {
    const { stdout } = await footbridge('explain', 'day-20', '--json');
    const [answer] = JSON.parse(stdout) as Record<'status' | 'ledger' | 'rules', { resourceType: string }>[];
    const types = [answer?.status, answer?.ledger, answer?.rules].map((one) => one?.resourceType);
    expect(types).toEqual(['Parameters', 'Parameters', 'Parameters']);
  });

  test('a member that is not there, a date that is none, and a client that nobody knows end with words and code 1', async () => {
    for (const [args, words] of [
      [['explain', 'nobody'], 'No EpisodeOfCare of Patient/nobody'],
      [['explain', 'day-20', '--date', '2026-02-30'], 'YYYY-MM-DD'],
      [['explain', 'day-20', '--as', 'stranger'], 'The sandbox has no client stranger'],
      [['ledger', 'day-20', '--month', '2026-13'], 'is not a month'],
      [['caseload', 'coach-avery', '--date', 'soon'], 'soon'],
    ] as const) {
      const { code, stderr } = await footbridge(...args);
      expect([code, stderr], args.join(' ')).toEqual([1, expect.stringContaining(words)]);
    }
  });

  test('--help, with a command or without, tells what there is and asks nothing', async () => {
    for (const args of [['--help'], ['ledger', '-h']])
      expect(await footbridge(...args)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('ledger MEMBER'),
        stderr: '',
      });
  });

  test('a command without its subject shows the usage and ends with code 2', async () => {
    const { code, stderr } = await footbridge('explain');
    expect([code, stderr]).toEqual([2, expect.stringContaining('explain MEMBER')]);
  });
});

describe('an option that a command does not follow is refused in words, and nothing is asked', () => {
  test.each([
    [
      ['ledger', 'day-20', '--date', today],
      'footbridge ledger does not follow --date. It follows --month, --known-at, --ruleset, --as, --json and --data-dir.',
    ],
    [['caseload', 'coach-avery', '--month', today.slice(0, 7)], 'footbridge caseload does not follow --month.'],
    [['roster', '--month', today.slice(0, 7)], 'footbridge roster does not follow --month.'],
    [['explain', 'day-20', '--csv'], 'footbridge explain does not follow --csv.'],
    [['runway', '--rule', 'CR-4', '--csv'], 'footbridge runway does not follow --rule and --csv.'],
    [
      ['recompute', '--date', today],
      'footbridge recompute does not follow --date. It follows --as, --json and --data-dir.',
    ],
    [['clients', '--as', 'plan'], 'footbridge clients does not follow --as.'],
    [['explain', 'day-20', '--day', today], "Unknown option '--day'"],
  ])('%s', async (args, words) => {
    const { code, stderr, stdout } = await footbridge(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.replaceAll('\n', ' ')).toContain(words);
    expect(stderr).toContain('footbridge <command>');
  });
});

test('a reader that has seen enough ends a command quietly', async () => {
  const command = `'${process.execPath}' '${join(root, 'bin/footbridge.js')}' --data-dir '${sandbox.dataDir}' explain day-20 | true`;
  const { stderr } = await run('bash', ['-o', 'pipefail', '-c', command]);
  expect(stderr).toBe('');
});

test('footbridge caseload: who falls off first stands on top, marked when it is within a week', async () => {
  const { stdout } = await footbridge('caseload', 'coach-avery', '--json');
  const { members } = JSON.parse(stdout) as { members: { member: string; daysLeft: number; lastDay: string }[] };
  expect(members.slice(0, 2)).toMatchObject([
    { member: 'day-21', daysLeft: 0, lastDay: today },
    { member: 'day-20', daysLeft: 1, lastDay: addDays(today, 1) },
  ]);
  expect(members.map(({ daysLeft }) => daysLeft)).toEqual(
    members.map(({ daysLeft }) => daysLeft).sort((a, b) => a - b),
  );
  expect(members.map(({ member }) => member)).not.toContain('day-22');
  const table = (await footbridge('caseload', 'coach-avery')).stdout;
  expect(table).toMatch(/2 of them fall off within a week/);
  expect(table).toMatch(/^! day-20 /m);
});

describe('footbridge caseload', () => {
  test('who is one signature away stands below, with what is open', async () => {
    const all = JSON.parse((await footbridge('clients', '--json')).stdout) as unknown[];
    expect(all.length).toBeGreaterThan(5);
    const { stdout } = await footbridge('caseload', 'coach-avery');
    expect(stdout).toMatch(/^Not decided:$/m);
    expect(stdout).toMatch(/^\? unsigned-note +the contact has no note yet {2}masshealth-mce\|/m);
    const { open } = JSON.parse((await footbridge('caseload', 'coach-avery', '--json')).stdout) as {
      open: { member: string }[];
    };
    expect(open.map(({ member }) => member)).toContain('unsigned-note');
    const plan = (await footbridge('caseload', 'coach-avery', '--as', 'plan')).stdout;
    expect(plan).toMatch(/^\? unsigned-note +The provider’s record is open/m);
    expect(plan).not.toContain('no note');
  });

  test('--known-at asks what was known then, and --ruleset about one ruleset', async () => {
    const members = async (...args: string[]) =>
      (
        JSON.parse((await footbridge('caseload', 'coach-avery', '--json', ...args)).stdout) as {
          members: { member: string }[];
        }
      ).members.map(({ member }) => member);
    const now = await members();
    expect(now).toContain('day-20');
    expect(await members('--known-at', `${addDays(today, -25)}T12:00:00Z`, '--date', today)).not.toContain('day-20');
    expect(await members('--known-at', `${addDays(today, -10)}T12:00:00Z`, '--date', today)).toContain('day-20');
    expect(await members('--ruleset', 'masshealth-mce')).toEqual(now);
    expect(await members('--ruleset', 'tufts')).toEqual([]);
    const unknown = await footbridge('caseload', 'coach-avery', '--ruleset', 'nobody');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('ruleset nobody is not known here')]);
  });

  test('a coach whom nobody knows and one of another organisation end alike, with words and code 1', async () => {
    const lakeshore = (await footbridge('roster', '--as', 'ehr-lakeshore', '--json')).stdout;
    const [, theirs = ''] = /Practitioner\/([\w-]+)/.exec(lakeshore) ?? [];
    expect(theirs).not.toBe('');
    for (const coach of ['nobody', theirs]) {
      const { code, stderr, stdout } = await footbridge('caseload', coach);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr.replace(`Practitioner/${coach}`, 'Practitioner/X')).toBe(
        'Practitioner/X is not known to this client, and nobody is on a caseload of that name. Check the id; footbridge roster lists the coaches of an employer.\n',
      );
    }
  });

  test('a coach who is there and has nobody is told so, with code 0', async () => {
    const { code, stdout } = await footbridge('caseload', 'coach-avery', '--date', '2020-01-01');
    expect([code, stdout]).toEqual([0, 'Nobody is on the caseload of Practitioner/coach-avery on 2020-01-01.\n']);
  });
});

describe('two payers in one month', () => {
  const change = addDays(today, -4);
  beforeAll(async () => {
    const token = (await footbridge('token', 'ehr')).stdout.trim();
    const since = addDays(today, -40);
    const at = `${addDays(today, -8)}T15:00:00Z`;
    const bundle = transaction(
      patient({ id: 'moving', given: 'Robin', family: 'Alder' }),
      coverage('moving-1', 'moving', 'commonwealth-care-mco', 'masshealth-mco', {
        start: since,
        end: addDays(change, -1),
      }),
      coverage('moving-2', 'moving', 'optum', 'masshealth-acpp', { start: change, end: addDays(today, -2) }),
      episode('moving-episode', 'moving', 'riverside-recovery', 'coach-avery', since),
      contact({
        id: 'moving-contact',
        patient: 'moving',
        episode: 'moving-episode',
        coach: 'coach-avery',
        provider: 'riverside-recovery',
        start: at,
        end: at.replace('15:00', '15:30'),
        signedAt: at.replace('15:00', '15:40'),
      }),
    );
    const answer = await fetch(`${sandbox.server.url}/fhir/R4`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(bundle),
    });
    expect(answer.status, await answer.text()).toBe(200);
  });

  test('ledger draws a calendar for each, of status and of billing', async () => {
    const day = addDays(change, -1);
    const { stdout } = await footbridge('ledger', 'moving', '--month', day.slice(0, 7));
    const blocks = stdout.split('\n\n');
    const block = (...words: string[]) => blocks.find((one) => words.every((word) => one.includes(word))) ?? '';
    const mco = block('Organization/commonwealth-care-mco, Practitioner/coach-avery');
    expect(mco).toMatch(new RegExp(` ${Number(day.slice(8))}●`));
    expect(mco).toContain('(coverage ends, contact of');
    expect(mco).toContain(`A coverage that goes on after ${day} keeps the member on, without another contact`);
    const billing = block('Organization/commonwealth-care-mco: charged by the day');
    expect(billing).toMatch(new RegExp(` ${Number(day.slice(8))}\\$`));
    expect(billing).toMatch(/: billable as H2016-HM \(B-2\)/);
    if (change.slice(0, 7) === day.slice(0, 7))
      expect(block('Organization/optum, Practitioner/coach-avery')).toMatch(new RegExp(` ${Number(change.slice(8))}●`));
  });

  test('explain names the payer of each answer, and gives each its own change', async () => {
    const { stdout } = await footbridge('explain', 'moving', '--date', change);
    const blocks = stdout.split('\n\n');
    const mco = blocks.find((one) => one.includes('Organization/commonwealth-care-mco: no caseload rule')) ?? '';
    const acpp = blocks.find((one) => one.includes('Organization/optum: on the caseload')) ?? '';
    expect(mco).toContain('no coverage');
    expect(mco).not.toContain('What would change it');
    expect(acpp).toContain(`What would change it: A coverage that goes on after ${addDays(today, -2)}`);
  });

  test('a day that is charged has a mark of its own, and the legend says so', async () => {
    const day = addDays(change, -1);
    const token = (await footbridge('token', 'ehr')).stdout.trim();
    const period = ['start', 'end'].map((name) => ({ name, valueDate: day }));
    const charged = await fetch(`${sandbox.server.url}/fhir/R4/EpisodeOfCare/moving-episode/$charge`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Parameters', parameter: period }),
    });
    expect(charged.status, await charged.text()).toBe(200);
    const { stdout } = await footbridge('ledger', 'moving', '--month', day.slice(0, 7));
    const billing = stdout.split('\n\n').find((one) => one.includes('commonwealth-care-mco: charged by the day')) ?? '';
    expect(billing).toMatch(new RegExp(` ${Number(day.slice(8))}✓`));
    expect(stdout.split('\n')[0]).toContain('✓ charged');
  });

  test('a month before any coverage says that nothing is decided', async () => {
    const { stdout } = await footbridge('ledger', 'moving', '--month', '2020-02', '--ruleset', 'tufts');
    expect(stdout).toContain('nothing is decided');
  });
});

test('footbridge ledger: each day of the month stands in the calendar with its mark', async () => {
  const contact = addDays(today, -20);
  const { stdout } = await footbridge('ledger', 'day-20', '--month', contact.slice(0, 7));
  const first = localDate(`${contact.slice(0, 7)}-01`);
  const day = Number(contact.slice(8));
  expect(stdout).toContain(` ${day}●`);
  if (contact > first) expect(stdout).toContain(` ${day - 1}·`);
  expect(stdout).toContain(`on (21 days after the contact, contact of ${contact})`);
});

describe('footbridge runway', () => {
  test('who must stop stands by deadline, with what is missing; the waiver is named with its payer', async () => {
    const { code, stdout } = await footbridge('runway', '--ruleset', 'masshealth-mce');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/deadline +days left +coach +state +members +days at risk +rulesets/);
    const devon = lines.findIndex((line) => line.includes('(coach-devon)'));
    expect(lines[devon]).toMatch(/^! \d{4}-\d\d-\d\d +-40 .* unqualified /);
    expect(lines[devon + 1]).toBe('    missing: CR-2 not-certified; CR-4 two-years-passed; CR-5 not-waived');
    expect(stdout).toContain(`  waived by commonwealth-care-mco until ${addDays(today, 120)}`);
    expect(lines.findIndex((line) => line.includes('(coach-emery)'))).toBeGreaterThan(devon);
  });

  test('rulesets that say the same of a coach are one line', async () => {
    const { stdout } = await footbridge('runway');
    expect(stdout.match(/\(coach-casey\)/g)).toHaveLength(1);
    expect(stdout).toMatch(/\(coach-casey\).*masshealth-mce masshealth-one-care-sco masshealth-pace/);
  });

  test('--month keeps who must stop in it, and --json is what the operation answered', async () => {
    const waiverEnds = addDays(today, 120).slice(0, 7);
    const { stdout } = await footbridge('runway', '--month', waiverEnds, '--json');
    const { parameter } = JSON.parse(stdout) as {
      parameter: { part: { name: string; valueReference?: { reference: string } }[] }[];
    };
    const coaches = parameter.map(({ part }) => part.find(({ name }) => name === 'coach')?.valueReference?.reference);
    expect(new Set(coaches)).toEqual(new Set(['Practitioner/coach-emery']));
    expect((await footbridge('runway', '--month', '2031-02')).stdout).toContain('Nobody must stop in 2031-02.');
  });

  test('a plan is refused in words', async () => {
    const { code, stderr } = await footbridge('runway', 'riverside-recovery', '--as', 'plan');
    expect([code, stderr]).toEqual([1, expect.stringContaining('employer’s own clients')]);
  });
});

describe('footbridge roster', () => {
  test('--csv: one line a coach, each with certificate, hire and qualification', async () => {
    const { code, stdout } = await footbridge('roster', '--ruleset', 'masshealth-mce', '--csv');
    expect(code).toBe(0);
    const [head, ...lines] = stdout.trimEnd().split('\r\n');
    expect(head).toBe(
      'ruleset,date,coach,name,role,hired,status,number,issuer,from,until,verified,verified on,qualified,reasons,waived by',
    );
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain(
      `${today},coach-avery,Avery Dogwood,recovery-coach,2022-03-01,certified,CARC-coach-avery,Massachusetts Board of Substance Abuse Counselor Certification,2022-03-01,${addDays(today, 3_650)},,,met,,`,
    );
    expect(lines.find((line) => line.includes('coach-devon'))).toContain(
      'not-met,CR-4 two-years-passed; CR-5 not-waived,',
    );
    expect(lines.find((line) => line.includes('coach-emery'))).toMatch(/,commonwealth-care-mco$/);
  });

  test('--date: who was employed then; --json is what the operation answered', async () => {
    const { stdout } = await footbridge('roster', '--date', addDays(today, -300));
    expect(stdout).toContain('coach-avery');
    expect(stdout).not.toContain('coach-casey');
    const answer = JSON.parse((await footbridge('roster', '--json')).stdout) as { resourceType: string };
    expect(answer.resourceType).toBe('Parameters');
  });
});

test('a name that a spreadsheet would run as a formula is text in the CSV', async () => {
  const token = (await footbridge('token', 'ehr')).stdout.trim();
  const put = async (type: string, id: string, body: object): Promise<number> =>
    (
      await fetch(`${sandbox.server.url}/fhir/R4/${type}/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
        body: JSON.stringify(body),
      })
    ).status;
  const person = { resourceType: 'Practitioner', id: 'coach-formula', name: [{ text: '=HYPERLINK("x"),1' }] };
  expect(await put('Practitioner', 'coach-formula', person)).toBe(201);
  const role = coachRole('coach-formula-role', 'coach-formula', 'riverside-recovery', addDays(today, -10));
  expect(await put('PractitionerRole', 'coach-formula-role', role)).toBe(201);
  const { stdout } = await footbridge('roster', '--ruleset', 'masshealth-pace', '--csv');
  expect(stdout).toContain(`,coach-formula,"'=HYPERLINK(""x""),1",recovery-coach,`);
  const served = await fetch(`${sandbox.server.url}/fhir/R4/Organization/$coach-roster?ruleset=masshealth-pace`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/csv' },
  });
  expect(await served.text()).toBe(stdout);
});
describe('footbridge recompute', () => {
  test('computes everyone anew and says what differed, with a bar that ends at all', async () => {
    const { code, stderr, stdout } = await footbridge('recompute');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+ members computed anew; nothing differed\.$/m);
    expect(stderr).toContain('100 %');
    const { members, changed } = JSON.parse((await footbridge('recompute', '--json')).stdout) as Record<string, number>;
    expect([members, changed]).toEqual([Number(/^\d+/.exec(stdout)?.[0]), 0]);
  });

  test('is refused for who is no administrator, in the server’s words', async () => {
    const { code, stderr } = await footbridge('recompute', '--as', 'ehr');
    expect([code, stderr]).toEqual([1, expect.stringContaining('kind admin')]);
  });
});

test('footbridge preview: whom another file would change, as sentences and as JSON', async () => {
  const mce = readFileSync(join(root, 'rulesets/masshealth-mce.yaml'), 'utf8');
  const file = join(sandbox.dataDir, 'strict.yaml');
  writeFileSync(file, mce.replace(/windowDays:\n(\s+)value: 21/, 'windowDays:\n$1value: 14'));
  const { code, stdout } = await footbridge('preview', file);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+ of the caseloads of \d+ members would change\.$/m);
  expect(stdout).toMatch(
    /EpisodeOfCare\/\S*day-20\S*, Practitioner\/coach-avery: on through \S+ \(masshealth-mce \S+\) -> off \(masshealth-mce/,
  );
  expect(stdout).toMatch(
    /^From \S+-01 to \S+ [1-9]\d* days and contacts would no longer be billable, 0 days and contacts would become so, 0 days and contacts would be charged otherwise; \d+ of all are charged/m,
  );
  expect(stdout).toMatch(
    /EpisodeOfCare\/\S+, \S+( to \S+)?: billable as H2016-HM x 1 \(masshealth-mce \S+\) -> not billable because the member is off the caseload: no contact within 14 days \(masshealth-mce/,
  );
  const { billing, changes } = JSON.parse((await footbridge('preview', file, '--json')).stdout) as Record<
    'billing' | 'changes',
    unknown[]
  >;
  expect(changes).toHaveLength(Number(/^\d+/.exec(stdout)?.[0]));
  expect(billing).toHaveLength(stdout.match(/^ {2}EpisodeOfCare\/\S+, \d{4}-.* -> /gm)?.length ?? 0);
  const none = await footbridge('preview', file, '--month', '2024-01');
  expect(none.stdout).toContain('From 2024-01-01 to 2024-01-31 0 days and contacts would no longer be billable');
  writeFileSync(file, 'name: [');
  expect(await footbridge('preview', file)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Correct the YAML'),
  });
});

test('footbridge ledger and explain: what is charged by the contact is told a contact at a time, with every reason', async () => {
  // The last ordinary member of Lakeshore has had a contact within the month; nobody has requested an authorization.
  const { json } = await lakeshore();
  const service = json.find(({ name }) => name === 'service');
  const value = (name: string): string =>
    String(Object.values(service?.part.find((one) => one.name === name) ?? {}).find((one) => one !== name));
  const month = ['ledger', 'member-03', '--as', 'ehr-lakeshore', '--month', value('date').slice(0, 7)];
  const { stdout } = await footbridge(...month);
  expect(stdout).toContain('charged by the contact');
  expect(stdout).toContain(`${value('date')} (Encounter/contact-member-03-${value('date')}): not decided`);
  expect(stdout).toContain('no authorization is recorded (M-11)');
  const day = await footbridge('explain', 'member-03', '--as', 'ehr-lakeshore', '--date', value('date'));
  expect(day.stdout).toContain(`${value('date')} (Encounter/contact-member-03-${value('date')}): not decided`);
  expect(day.stdout).toContain('(M-0).');
});

async function lakeshore(): Promise<{ json: { name: string; part: Record<string, unknown>[] }[] }> {
  const { stdout } = await footbridge('ledger', 'member-03', '--as', 'ehr-lakeshore', '--json');
  const [answer] = JSON.parse(stdout) as {
    ledger: { parameter: { name: string; part: Record<string, unknown>[] }[] };
  }[];
  return { json: answer?.ledger.parameter ?? [] };
}

test('footbridge ledger: charged days that follow each other are one line, though each rests on a charge of its own', async () => {
  // Three days, of which at least two lie in one month.
  const [first = '', second = '', third = ''] = [-20, -19, -18].map((days) => addDays(today, days));
  const [from, to] = first.slice(0, 7) === second.slice(0, 7) ? [first, second] : [second, third];
  const { stdout: token } = await footbridge('token', 'ehr');
  const parameter = [
    { name: 'start', valueDate: from },
    { name: 'end', valueDate: to },
  ];
  const charged = await fetch(`${sandbox.server.url}/fhir/R4/EpisodeOfCare/episode-day-20/$charge`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  });
  expect(((await charged.json()) as { entry: unknown[] }).entry).toHaveLength(2);
  const { stdout } = await footbridge('ledger', 'day-20', '--month', from.slice(0, 7));
  expect(stdout.split('\n').filter((line) => line.includes('charged already'))).toEqual([
    expect.stringContaining(`${from} to ${to}: not billable`),
  ]);
});
