import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type PreviewedChange, previewOf, type Told } from '../domain/preview.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import { withRulesets } from '../domain/ruleset-files.ts';
import type { Access } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { rowsOfMembers } from '../store/facts.ts';
import { Params } from '../store/sql.ts';
import { visible } from '../store/visibility.ts';
import type { Services } from './context.ts';
import { checkRight } from './prepare.ts';
import { factsByOwner } from './recompute.ts';

/** What `$preview-rulesets` is asked with. */
export interface Preview {
  /** YAML, as a file of `rulesets/` */
  readonly files: readonly string[];
  /** the member after whom this page begins; undefined: the first */
  readonly after: string | undefined;
  /** members looked at for one answer */
  readonly most: number;
  readonly requestId: string;
}

/**
 * `POST EpisodeOfCare/$preview-rulesets`: whose caseload these rulesets would change, page by page, before they are put into
 * `rulesets/`. Nothing is stored but the audit. The provider asks about its own members.
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
  return services.db.transaction(access.tenant, async (tx) => {
    const now = access.clock.now();
    const { members, total } = await membersOf(tx, access, asked);
    const rows = await rowsOfMembers(tx, access.tenant, members, ruleInputTypes);
    const changes = members.flatMap((member) => {
      const facts = factsByOwner(member, rows.get(member) ?? [], services.rulesets).get(access.organization ?? '');
      return facts ? previewOf(facts, services.rulesets, asIfPublished(proposed.value, now), now.toISOString()) : [];
    });
    await logPreview(tx, access, asked, members);
    const next = members.length === asked.most ? members.at(-1) : undefined;
    return ok({
      resourceType: 'Parameters',
      parameter: [
        { name: 'total', valueInteger: total },
        { name: 'members', valueInteger: members.length },
        ...changes.map(changePart),
        ...(next === undefined ? [] : [{ name: 'next', valueString: next }]),
      ],
    });
  });
}

/** A file may say that it is published tomorrow; the question is what it would say then. */
function asIfPublished(rulesets: readonly Ruleset[], now: Date): Ruleset[] {
  return rulesets.map((ruleset) =>
    Date.parse(ruleset.publishedAt) > now.getTime() ? { ...ruleset, publishedAt: now.toISOString() } : ruleset,
  );
}

async function membersOf(
  tx: Transaction,
  access: Access,
  { after, most }: Preview,
): Promise<{ members: string[]; total: number }> {
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

function changePart({ after, before, coach, date, episode, payer, spells }: PreviewedChange): ParametersParameter {
  return {
    name: 'change',
    part: [
      { name: 'episode', valueReference: { reference: episode } },
      { name: 'coach', valueReference: { reference: coach } },
      { name: 'payer', valueReference: { reference: payer } },
      { name: 'date', valueDate: date },
      { name: 'before', part: toldParts(before) },
      { name: 'after', part: toldParts(after) },
      { name: 'spells', valueInteger: spells },
    ],
  };
}

function toldParts(told: Told | undefined): ParametersParameter[] {
  const answer = told?.answer;
  return [
    ...(told ? [{ name: 'ruleset', valueUri: told.ruleset }] : []),
    { name: 'status', valueCode: answer?.status ?? 'not-applicable' },
    ...(answer?.lastDay === undefined ? [] : [{ name: 'lastDay', valueDate: answer.lastDay }]),
    ...(answer ? [{ name: 'reason', valueString: answer.reason }] : []),
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
