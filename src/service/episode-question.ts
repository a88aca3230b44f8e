import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Account, accountsOf } from '../domain/accounts.ts';
import { seriesOf } from '../domain/caseload.ts';
import type { Series } from '../domain/cl-1-caseload.ts';
import type { OrganizationInput } from '../domain/every-rule/organization-inputs.ts';
import type { MemberFacts, Recorded } from '../domain/facts/facts.ts';
import { canonicalOf, type Ruleset } from '../domain/ruleset.ts';
import type { Hearer } from '../domain/told-caseload.ts';
import { referenceId } from '../fhir/references.ts';
import { type Access, grantsFor } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { memberRows } from '../store/facts.ts';
import { organizationRows } from '../store/organization-facts.ts';
import { Params } from '../store/sql.ts';
import { visible } from '../store/visibility.ts';
import type { Services } from './context.ts';
import { factsByOwner, rowsOfOwner } from './owned-facts.ts';
import { checkRight } from './prepare.ts';
import { absent } from './read.ts';

/** What every operation on an episode's answers is asked with. */
export interface EpisodeQuestion {
  readonly episode: string;
  /** what was recorded by then counts; undefined: now */
  readonly knownAt: Date | undefined;
  /** name, url or `url|version`; undefined: all */
  readonly ruleset: string | undefined;
  readonly requestId: string;
}

/** What the rules know of an episode at K, and the series that the caller may hear of. */
export interface EpisodeFacts {
  readonly facts: MemberFacts | undefined;
  /** the versions that the facts were taken from */
  readonly recorded: readonly Recorded[];
  readonly series: readonly Series[];
  /** the same payers and rulesets, whoever coaches */
  readonly accounts: readonly Account[];
  /** versions outside of the member's compartment that the organisation's answers rest on: those that were asked for */
  readonly organization: readonly Recorded[];
  readonly knownAt: Date;
}

/**
 * Reads what an episode's answers rest on, for a caller with the right to the caseload status, not to the EpisodeOfCare or the
 * contacts (architecture, section 3), and records the access in the same transaction.
 *
 * @param operation its name with `$`, as it stands in the audit
 * @param types R4 types of the member's compartment to read
 * @param organizationTypes what to read of the organisation, for these payers and rulesets
 */
export async function askEpisode(
  services: Services,
  access: Access,
  operation: string,
  asked: EpisodeQuestion,
  types: readonly string[],
  organizationTypes: (accounts: readonly Account[]) => readonly OrganizationInput[] = () => [],
): Promise<Result<EpisodeFacts, Failure>> {
  const refused = checkRight(access, 'Observation', 'r') ?? checkQuestion(services, access, asked);
  if (refused) return err(refused);
  return services.db.transaction(access.tenant, async (tx) => {
    const episode =
      (await findEpisode(tx, access, asked.episode)) ??
      (asked.knownAt && (await findEpisode(tx, access, asked.episode, asked.knownAt)));
    await logAnswer(tx, access, operation, asked, episode?.patient);
    if (!episode) return err(absent('EpisodeOfCare', asked.episode));
    const rows = await memberRows(tx, access.tenant, episode.patient, types, asked.knownAt);
    const recorded = rowsOfOwner(rows, episode.owner);
    const facts = factsByOwner(episode.patient, rows, services.rulesets).get(episode.owner);
    const knownAt = asked.knownAt ?? access.clock.now();
    const reference = `EpisodeOfCare/${asked.episode}`;
    const isHeard = (one: Account): boolean =>
      one.episode.reference === reference &&
      isAsked(one.ruleset, asked.ruleset) &&
      (access.kind !== 'plan' || one.payer === `Organization/${access.organization}`);
    const at = knownAt.toISOString();
    const series = (facts ? seriesOf(facts, services.rulesets, at) : []).filter(isHeard);
    const accounts = (facts ? accountsOf(facts, services.rulesets, at) : []).filter(isHeard);
    const wanted = organizationTypes(accounts);
    const { owner, patient } = episode;
    const organizations = organizationsOf(owner, accounts);
    const coaches = series.map(({ coach }) => coach);
    const whose = { owner, organizations, patient, coaches, knownAt: asked.knownAt };
    const organization = await organizationRows(tx, access.tenant, whose, wanted);
    return ok({ facts, recorded, series, accounts, organization, knownAt });
  });
}

/** The episode's managing organisation, and whoever keeps its records. */
function organizationsOf(owner: string, accounts: readonly Account[]): string[] {
  const managing = accounts.flatMap(({ episode }) => referenceId(episode.organization, 'Organization') ?? []);
  return [...new Set([owner, ...managing])].filter((id) => id !== '');
}

/** A caller who may not read contacts hears neither which one decided nor what it says. */
export function maySeeContacts(access: Access): boolean {
  return access.kind !== 'plan' && grantsFor(access, 'Encounter', 'r').length > 0;
}

/** A plan is told what docs/ledger.md lets it know; the provider's own clients hear everything of their own record. */
export function hearerOf({ kind }: Pick<Access, 'kind'>): Hearer {
  return kind === 'plan' ? 'plan' : 'provider';
}

/** A caller whose clock is a little ahead means now. */
const clockSkewMs = 5 * 60_000;

/** An instant to come and a ruleset that nobody knows are refused in words. */
export function checkQuestion(
  { rulesets }: Services,
  access: Access,
  { knownAt, ruleset }: Pick<EpisodeQuestion, 'knownAt' | 'ruleset'>,
): Failure | undefined {
  if (knownAt && knownAt.getTime() > access.clock.now().getTime() + clockSkewMs)
    return failure(
      'invalid',
      'value',
      `knownAt lies in the future; it is ${access.clock.now().toISOString()} now. Ask for an instant that is past, or leave it out.`,
    );
  if (ruleset !== undefined && !rulesets.some((one) => isAsked(one, ruleset)))
    return failure(
      'invalid',
      'value',
      `ruleset ${ruleset.slice(0, 100)} is not known here. Use one of ${rulesets.map(({ name }) => name).join(', ')}, its url, or url|version.`,
    );
  return undefined;
}

/** By name, url or `url|version`; undefined: every ruleset. */
export function isAsked(ruleset: Ruleset, asked: string | undefined): boolean {
  return asked === undefined || asked === ruleset.name || asked === ruleset.url || asked === canonicalOf(ruleset);
}

/**
 * The status is visible or not, whoever may read the episode itself: the builder is asked about an Observation of this owner and payer.
 *
 * @param knownAt asks for the version that was current then: an episode that was deleted since answers as it did
 */
async function findEpisode(
  tx: Transaction,
  access: Access,
  id: string,
  knownAt?: Date,
): Promise<{ patient: string; owner: string } | undefined> {
  const params = new Params();
  const audience = params.add(access.organization ?? '');
  const status = `select e.tenant, 'Observation'::text as type, ''::text as id, e.owner, e.patient, false as mixed, ${audience}::text as audience`;
  const versions = (table: string): string =>
    `select tenant, type, id, version, deleted, patient, owner from ${table}
      where tenant = ${params.add(access.tenant)} and type = 'EpisodeOfCare' and id = ${params.add(id)} and last_updated <= ${params.add(knownAt)}`;
  const source = knownAt
    ? `(select * from (${versions('resource')} union all ${versions('resource_history')}) v order by version desc limit 1)`
    : 'resource';
  const [row] = await tx.query<{ patient: string; owner: string }>(
    `select e.patient, e.owner from ${source} e cross join lateral (${status}) s
      where e.tenant = ${params.add(access.tenant)} and e.type = 'EpisodeOfCare' and e.id = ${params.add(id)}
        and e.patient is not null and not e.deleted and ${visible('s', access, 'r', 'Observation', params)}`,
    params.values,
  );
  return row;
}

async function logAnswer(
  tx: Transaction,
  access: Access,
  operation: string,
  { episode, requestId }: EpisodeQuestion,
  patient: string | undefined,
): Promise<void> {
  const params = new Params();
  const row = {
    clientId: access.clientId,
    interaction: operation,
    type: 'EpisodeOfCare',
    entity: [`EpisodeOfCare/${episode}`],
    patients: patient === undefined ? [] : [patient],
    outcome: patient === undefined ? 404 : 200,
    requestId,
  };
  await tx.query(auditInsert(access.tenant, [row], params), params.values);
}
