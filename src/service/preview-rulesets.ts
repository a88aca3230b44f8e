import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { addMonths, daysBetween, type LocalDate, localDate, localDateOf } from '../base/time.ts';
import { cutCharges } from '../domain/facts/cut-charges.ts';
import { byType, type Recorded } from '../domain/facts/facts.ts';
import { factsFrom } from '../domain/facts/from-fhir.ts';
import type { Period } from '../domain/ledger.ts';
import { michiganFacts } from '../domain/michigan-facts.ts';
import { previewOf } from '../domain/preview.ts';
import { billingPreviewOf } from '../domain/preview-billing.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import { withRulesets } from '../domain/ruleset-files.ts';
import type { Access } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { rowsOfMembers } from '../store/facts.ts';
import { Params } from '../store/sql.ts';
import { visible } from '../store/visibility.ts';
import type { Services } from './context.ts';
import { maySeeContacts } from './episode-question.ts';
import { billingFacts, billingInputTypes } from './ledger.ts';
import { rowsOfOwner } from './owned-facts.ts';
import { checkRight } from './prepare.ts';
import { billingPart, caseloadPart } from './preview-parts.ts';

/** What `$preview-rulesets` is asked with. */
export interface Preview {
  /** YAML, as a file of `rulesets/` */
  readonly files: readonly string[];
  /** days whose billing is compared; undefined: from the first of the last closed month, through today */
  readonly start: LocalDate | undefined;
  readonly end: LocalDate | undefined;
  /** the member after whom this page begins; undefined: the first */
  readonly after: string | undefined;
  /** members looked at for one answer */
  readonly most: number;
  readonly requestId: string;
}

/** A year and a day, as the ledger's. */
const mostDays = 367;
/** Members whose records are in memory at once. */
const chunk = 25;
/** A page ends with the member that made it this long: what it holds, and whoever waits for it, has an end. */
const mostChanges = 2_000;
const mostMs = 15_000;

/**
 * `POST EpisodeOfCare/$preview-rulesets` (docs/rulesets.md): whose caseload, and which days and contacts of a period to bill, these
 * rulesets would change, page by page, before they are put into `rulesets/`. Nothing is stored but the audit. The provider asks about
 * its own members.
 */
export async function previewRulesets(
  services: Services,
  access: Access,
  asked: Preview,
): Promise<Result<Parameters, Failure>> {
  if (access.kind !== 'ehr' && access.kind !== 'coach-app')
    return err(
      failure('forbidden', 'forbidden', 'A preview tells of members: ask as a client of the provider whose they are.'),
    );
  const refused = checkRight(access, 'Observation', 'r') ?? checkRight(access, 'EpisodeOfCare', 'r');
  if (refused) return err(refused);
  const files = asked.files.map((text, index) => ({ name: `ruleset ${index + 1}`, text }));
  const proposed = withRulesets(services.rulesets, files);
  if (!proposed.ok) return proposed;
  const now = access.clock.now();
  const period = periodOf(asked, localDateOf(now, proposed.value.at(-1)?.zone ?? 'America/New_York'));
  if (!period.ok) return period;
  const listed = await listMembers(services, access, asked);
  if (!listed.ok) return listed;
  const { members, total } = listed.value;
  const page = await look(services, access, asked, members, {
    held: services.rulesets,
    proposed: asIfPublished(proposed.value, now),
    knownAt: now.toISOString(),
    period: period.value,
    withContacts: maySeeContacts(access),
  });
  if (!page.ok) return page;
  const { changes, seen } = page.value;
  const next = seen < members.length || members.length === asked.most ? members[seen - 1] : undefined;
  return ok({
    resourceType: 'Parameters',
    parameter: [
      { name: 'total', valueInteger: total },
      { name: 'members', valueInteger: seen },
      { name: 'period', valuePeriod: { ...period.value } },
      ...changes,
      ...(next === undefined ? [] : [{ name: 'next', valueString: next }]),
    ],
  });
}

/** The last month that has ended is what a provider bills next, and what came since is what it bills then. */
function periodOf({ end, start }: Preview, today: LocalDate): Result<Period, Failure> {
  const first = start ?? addMonths(localDate(`${(end ?? today).slice(0, 7)}-01`), -1);
  const last = end ?? today;
  const length = daysBetween(first, last) + 1;
  if (length >= 1 && length <= mostDays) return ok({ start: first, end: last });
  return err(
    failure(
      'invalid',
      'value',
      `start ${first} to end ${last} is ${length} days. Preview 1 to ${mostDays} days, end on or after start.`,
    ),
  );
}

/** A file may say that it is published tomorrow; the question is what it would say then. */
function asIfPublished(rulesets: readonly Ruleset[], now: Date): Ruleset[] {
  return rulesets.map((ruleset) =>
    Date.parse(ruleset.publishedAt) > now.getTime() ? { ...ruleset, publishedAt: now.toISOString() } : ruleset,
  );
}

interface Members {
  readonly members: readonly string[];
  readonly total: number;
}

/** A page without members is an access, too; one with members is audited with the records that it reads. */
function listMembers(services: Services, access: Access, asked: Preview): Promise<Result<Members, Failure>> {
  return services.db.transaction(access.tenant, async (tx) => {
    const found = await membersOf(tx, access, asked);
    if (found.members.length === 0) await logPreview(tx, access, asked, []);
    return ok(found);
  });
}

async function membersOf(tx: Transaction, access: Access, { after, most }: Preview): Promise<Members> {
  const list = (select: string, condition: (params: Params) => string) => {
    const params = new Params();
    const seen = visible('e', access, 'r', 'EpisodeOfCare', params);
    const owner = `e.owner = ${params.add(access.organization ?? '')} and e.type = 'EpisodeOfCare' and not e.deleted`;
    return tx.query<{ patient: string; total: number }>(
      `select ${select} from resource e where ${seen} and ${owner} and e.patient > ${condition(params)}`,
      params.values,
    );
  };
  const [rows, [counted]] = await Promise.all([
    list('distinct e.patient', (params) => `${params.add(after ?? '')} order by e.patient limit ${params.add(most)}`),
    list('count(distinct e.patient)::int as total', (params) => params.add('')),
  ]);
  return { members: rows.map(({ patient }) => patient), total: counted?.total ?? 0 };
}

/** Both sets of rulesets, and how they are asked. */
interface Compared {
  readonly held: readonly Ruleset[];
  readonly proposed: readonly Ruleset[];
  /** ISO instant */
  readonly knownAt: string;
  readonly period: Period;
  /** whether the caller may hear which contact it is */
  readonly withContacts: boolean;
}

/** @returns what changes for the first `seen` of the members: some at a time are read, and one at a time is judged */
async function look(
  services: Services,
  access: Access,
  asked: Preview,
  members: readonly string[],
  compared: Compared,
): Promise<Result<{ changes: ParametersParameter[]; seen: number }, Failure>> {
  const changes: ParametersParameter[] = [];
  const started = services.wallClock.now().getTime();
  let seen = 0;
  while (seen < members.length) {
    const some = members.slice(seen, seen + chunk);
    const read = await services.db.transaction(access.tenant, async (tx) => {
      await logPreview(tx, access, asked, some);
      return ok(await rowsOfMembers(tx, access.tenant, some, billingInputTypes));
    });
    if (!read.ok) return read;
    for (const member of some) {
      changes.push(...compare(member, rowsOfOwner(read.value.get(member) ?? [], access.organization ?? ''), compared));
      seen++;
      if (changes.length >= mostChanges || services.wallClock.now().getTime() - started > mostMs)
        return ok({ changes, seen });
      // Others are answered between two members.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return ok({ changes, seen });
}

function compare(
  patient: string,
  rows: readonly Recorded[],
  { held, knownAt, period, proposed, withContacts }: Compared,
): ParametersParameter[] {
  const facts = factsFrom(patient, rows, held[0]?.zone ?? 'America/New_York');
  const items = byType(rows)('ChargeItem');
  const records = { facts, billing: billingFacts(rows), michigan: michiganFacts(rows), cut: cutCharges(items) };
  return [
    ...previewOf(facts, held, proposed, knownAt).map(caseloadPart),
    ...billingPreviewOf(records, held, proposed, knownAt, period).map((change) => billingPart(change, withContacts)),
  ];
}

async function logPreview(
  tx: Transaction,
  access: Access,
  { requestId }: Preview,
  patients: readonly string[],
): Promise<void> {
  const params = new Params();
  const row = {
    clientId: access.clientId,
    interaction: '$preview-rulesets',
    type: 'EpisodeOfCare',
    patients,
    outcome: 200,
    requestId,
  };
  await tx.query(auditInsert(access.tenant, [row], params), params.values);
}
