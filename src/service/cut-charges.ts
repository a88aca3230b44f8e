import type { ChargeItem } from '@medplum/fhirtypes';
import { derivedId, type TenantId } from '../base/ids.ts';
import { accountsOf } from '../domain/accounts.ts';
import { seriesOf } from '../domain/caseload.ts';
import { type Chargeable, type ChargeSources, chargeables } from '../domain/charges.ts';
import { type CutCharge, cutCharges } from '../domain/facts/cut-charges.ts';
import { byType, type Recorded } from '../domain/facts/facts.ts';
import { factsFrom } from '../domain/facts/from-fhir.ts';
import type { Period } from '../domain/ledger.ts';
import { michiganFacts } from '../domain/michigan-facts.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { onDemandInputTypes } from '../domain/rules-on-demand.ts';
import { type AuditRow, auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { Params } from '../store/sql.ts';
import { applyWrites, type Write } from '../store/write.ts';
import { chargeItem } from './charge-item.ts';
import { noWork } from './computed.ts';
import type { Services } from './context.ts';
import { billingFacts } from './ledger.ts';
import { prepare, toWrite } from './prepare.ts';

/** R4 types that say what may be charged. */
export const chargeInputTypes: readonly string[] = [...new Set([...ruleInputTypes, ...onDemandInputTypes])];

/** What is stored is known, also to a process whose clock is behind. */
export function knownBy(now: Date, rows: readonly Recorded[]): Date {
  return new Date(rows.reduce((most, { recordedAt }) => Math.max(most, Date.parse(recordedAt)), now.getTime()));
}

/** Everything that says what may be charged for one episode, out of its owner's rows and the directory's. */
export function sourcesOf(
  { rulesets }: Pick<Services, 'rulesets'>,
  patient: string,
  rows: readonly Recorded[],
  knownAt: string,
  episode: string,
): ChargeSources {
  const facts = factsFrom(patient, rows, rulesets[0]?.zone ?? 'America/New_York');
  const isOf = (one: { readonly episode: { readonly reference: string } }): boolean =>
    one.episode.reference === episode;
  return {
    facts,
    billing: billingFacts(rows),
    michigan: michiganFacts(rows),
    series: seriesOf(facts, rulesets, knownAt).filter(isOf),
    accounts: accountsOf(facts, rulesets, knownAt).filter(isOf),
    knownAt,
  };
}

/** An episode of which charges are cut: by whom, as known when. The caller holds the member's locks in this transaction. */
export interface Cutting {
  readonly tenant: TenantId;
  /** id of the Organization whose episode it is */
  readonly owner: string;
  readonly patient: string;
  /** id of the EpisodeOfCare */
  readonly episode: string;
  readonly known: Date;
  /** of chargeInputTypes: the owner's and the directory's */
  readonly rows: readonly Recorded[];
  readonly sources: ChargeSources;
}

/** What may be charged of the days of a period, and what of the episode ever was. */
export interface Uncharged {
  readonly wanted: readonly Chargeable[];
  readonly ever: readonly CutCharge[];
  readonly items: readonly Recorded<ChargeItem>[];
}

/** The days and contacts of a period that may be charged and never were, or were in error. */
export function uncharged({ episode, rows, sources }: Cutting, period: Period): Uncharged {
  const items = byType(rows)('ChargeItem');
  const ever = cutCharges(items).filter((charge) => charge.episode === `EpisodeOfCare/${episode}`);
  return { items, ever, wanted: chargeables(sources, period).filter((one) => !isKept(one, ever)) };
}

/** The ChargeItems of these days and contacts, frozen from here on. */
export function chargeWrites(
  services: Services,
  { episode, known, owner, patient, tenant }: Cutting,
  wanted: readonly Chargeable[],
  ever: readonly CutCharge[],
): Write[] {
  return wanted.map((one) => {
    const id = derivedId(tenant, 'charge', episode, ...nameOf(one), priorOf(one, ever).length + 1);
    const resource = chargeItem(id, `Patient/${patient}`, one, known.toISOString());
    const prepared = prepare(services, resource, { type: 'ChargeItem', id, fhirBase: '' });
    if (!prepared.ok)
      throw new Error(
        `Footbridge would cut an invalid charge: ${prepared.error.issues.map(({ text }) => text).join(' ')}`,
      );
    return toWrite(prepared.value, { now: known, owner, before: undefined });
  });
}

/** Who had them cut. */
export type CutBy = Pick<AuditRow, 'clientId' | 'requestId'>;

/** Stores charges with what the audit says of the cutting, and of each of them. Their own change asks for no work: they say what is known. */
export async function storeCharges(
  tx: Transaction,
  tenant: TenantId,
  by: CutBy,
  cut: readonly { readonly cutting: Pick<Cutting, 'episode' | 'patient'>; readonly writes: readonly Write[] }[],
): Promise<void> {
  const audits = cut.flatMap(({ cutting: { episode, patient }, writes }): AuditRow[] => [
    {
      ...by,
      interaction: '$charge',
      type: 'EpisodeOfCare',
      entity: [`EpisodeOfCare/${episode}`],
      patients: [patient],
      outcome: 200,
    },
    ...writes.map(({ id }) => ({
      ...by,
      interaction: 'create',
      type: 'ChargeItem',
      entity: [`ChargeItem/${id}/_history/1`],
      patients: [patient],
      outcome: 201,
    })),
  ]);
  if (audits.length === 0) return;
  const params = new Params();
  await tx.query(auditInsert(tenant, audits, params), params.values);
  await applyWrites(
    tx,
    tenant,
    cut.flatMap(({ writes }) => writes),
    noWork,
  );
}

/** By the url, not the version: a new version of a ruleset charges no day again. */
function nameOf({ account, date, service }: Chargeable): [url: string, payer: string, what: string] {
  return [account.ruleset.url, account.payer, service ?? date];
}

function priorOf(one: Chargeable, ever: readonly CutCharge[]): CutCharge[] {
  const name = nameOf(one).join(' ');
  return ever.filter(
    (prior) => name === [prior.ruleset.split('|')[0], prior.payer, prior.service ?? prior.date].join(' '),
  );
}

/** What a person set to not-billable or aborted stays so; only an error frees the day to be charged anew. */
function isKept(one: Chargeable, ever: readonly CutCharge[]): boolean {
  return priorOf(one, ever).some(({ status }) => status !== 'entered-in-error');
}
