import type { Claim, ClaimResponse, ClaimResponseItemAdjudication, Coverage } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import { codesIn, literal } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';
import { type Review, reviewsOf } from './review-actions.ts';

export type FundingSource = 'medicaid' | 'hmp' | 'block-grant' | 'pa2';

export interface Funding extends Span {
  readonly reference: string;
  readonly source: FundingSource;
  /** references of those who pay; absent where nobody is named by one */
  readonly payers?: readonly string[];
}

export interface AuthorizedItem {
  readonly code: string;
  /** quarter hours */
  readonly units: number | undefined;
  /** the reviewer's word on this item, where the payer writes one */
  readonly review?: Review | undefined;
  /** quarter hours that the payer allows of this item, where it says so */
  readonly granted?: number | undefined;
}

/** A request for authorization with the payer's answer, if there is one. */
export interface Authorization {
  /** the Claim */
  readonly reference: string;
  /** the ClaimResponse */
  readonly response: string | undefined;
  /** Organization reference of whom the request asks, else of who answered */
  readonly payer: string | undefined;
  /** Organization references of who asks, as the request and its answer name them */
  readonly providers: readonly string[];
  readonly requested: Span;
  /** Claim reference of the authorization that this one is added to */
  readonly parent: string | undefined;
  /** Claim reference of the authorization that this one continues */
  readonly prior: string | undefined;
  readonly justification: readonly string[];
  readonly progress: readonly string[];
  readonly items: readonly AuthorizedItem[];
  readonly decision: ClaimResponse['outcome'] | undefined;
  readonly number: string | undefined;
  /** whether the answer lists errors of its own processing */
  readonly hasErrors: boolean;
  readonly authorized: Span;
  /** quarter hours that the payer allows in all */
  readonly allowance: number | undefined;
}

const sources: Readonly<Record<string, FundingSource>> = {
  medicaid: 'medicaid',
  hmp: 'hmp',
  bg: 'block-grant',
  'block-grant': 'block-grant',
  pa2: 'pa2',
};

/** Coverage.type by local code, or by the words Medicaid, HMP, BG and PA2. */
export function fundings(coverages: readonly Recorded<Coverage>[]): Funding[] {
  return coverages.flatMap(({ resource: { id, payor, period, status, type } }): Funding[] => {
    if (status !== 'active' && !(status === 'cancelled' && period?.end !== undefined)) return [];
    const said = [...codesIn(type ? [type] : [], codeSystem('funding-source')), type?.text ?? ''];
    const source = said.map((word) => sources[word.trim().toLowerCase()]).find((one) => one !== undefined);
    if (source === undefined) return [];
    const payers = (payor ?? []).flatMap(({ reference }) => literal(reference) ?? []);
    const named = payers.length > 0 && { payers };
    return [{ reference: `Coverage/${id}`, source, ...named, start: period?.start, end: period?.end }];
  });
}

/** Preauthorization Claims, each with the payer's last answer to it: to a request for authorization, and its own. */
export function authorizations(
  claims: readonly Recorded<Claim>[],
  responses: readonly Recorded<ClaimResponse>[],
): Authorization[] {
  return claims
    .filter(({ resource: { status, use } }) => use === 'preauthorization' && status === 'active')
    .map(({ resource }) => {
      const reference = `Claim/${resource.id}`;
      const found = responses.filter(({ resource: one }) => answers(one, resource, reference)).sort(lastFirst);
      return toAuthorization(resource, reference, found[0]?.resource);
    });
}

/** By the day on which the payer answered, since answers may reach us in any order; of one day by what reached us last. */
function lastFirst(a: Recorded<ClaimResponse>, b: Recorded<ClaimResponse>): number {
  const [ofA, ofB] = [a.resource.created?.slice(0, 10) ?? '', b.resource.created?.slice(0, 10) ?? ''];
  if (ofA !== ofB) return ofA < ofB ? 1 : -1;
  return Date.parse(b.recordedAt) - Date.parse(a.recordedAt);
}

/** Another payer's word answers nothing that was asked of this one. */
function answers({ insurer, request, status, use }: ClaimResponse, claim: Claim, reference: string): boolean {
  const [asked, answering] = [literal(claim.insurer?.reference), literal(insurer?.reference)];
  const isFromOther = asked !== undefined && answering !== undefined && asked !== answering;
  return status === 'active' && use === 'preauthorization' && literal(request?.reference) === reference && !isFromOther;
}

function toAuthorization(claim: Claim, reference: string, response: ClaimResponse | undefined): Authorization {
  const reviews = reviewsOf(response);
  return {
    reference,
    response: response && `ClaimResponse/${response.id}`,
    payer: literal(claim.insurer?.reference) ?? literal(response?.insurer?.reference),
    providers: [claim.provider, response?.requestor].flatMap((one) => {
      const asking = literal(one?.reference);
      return asking?.startsWith('Organization/') ? [asking] : [];
    }),
    requested: { start: claim.billablePeriod?.start, end: claim.billablePeriod?.end },
    parent: relatedTo(claim, (codes) => !codes.includes('prior')),
    prior: relatedTo(claim, (codes) => codes.includes('prior')),
    justification: textsOf(claim, (codes) => !codes.includes('progress')),
    progress: textsOf(claim, (codes) => codes.includes('progress')),
    items: (claim.item ?? []).flatMap(({ productOrService, quantity, sequence }) =>
      (productOrService.coding ?? []).flatMap(({ code }) =>
        code
          ? [{ code, units: quantity?.value, review: reviews.ofItem(sequence), granted: grantedOf(response, sequence) }]
          : [],
      ),
    ),
    decision: response?.outcome,
    number: response?.preAuthRef,
    hasErrors: (response?.error ?? []).length > 0,
    authorized: { start: response?.preAuthPeriod?.start, end: response?.preAuthPeriod?.end },
    allowance: allowanceOf(response),
  };
}

function relatedTo(claim: Claim, wanted: (codes: readonly string[]) => boolean): string | undefined {
  const found = (claim.related ?? []).find(({ relationship }) =>
    wanted((relationship?.coding ?? []).flatMap(({ code }) => code ?? [])),
  );
  return literal(found?.claim?.reference);
}

function textsOf({ supportingInfo }: Claim, wanted: (codes: readonly string[]) => boolean): string[] {
  return (supportingInfo ?? []).flatMap(({ category, reason, valueReference, valueString }) => {
    const text = valueString?.trim() || reason?.text?.trim() || literal(valueReference?.reference);
    return text && wanted((category.coding ?? []).flatMap(({ code }) => code ?? [])) ? [text] : [];
  });
}

/** R4 gives an answered item no quantity: its units are the adjudication of category `units`, or an added item's quantity. */
function allowanceOf(response: ClaimResponse | undefined): number | undefined {
  return sumOf([
    ...(response?.item ?? []).flatMap(({ adjudication }) => unitsIn(adjudication)),
    ...(response?.addItem ?? []).flatMap(({ quantity }) => quantity?.value ?? []),
  ]);
}

/** What is allowed of one item of the request. What was added beside the items, and for none of them, may be more of any. */
function grantedOf(response: ClaimResponse | undefined, sequence: number): number | undefined {
  const { addItem = [], item = [] } = response ?? {};
  if (addItem.some(({ itemSequence = [] }) => itemSequence.length === 0)) return undefined;
  return sumOf([
    ...item.filter(({ itemSequence }) => itemSequence === sequence).flatMap((one) => unitsIn(one.adjudication)),
    ...addItem
      .filter(({ itemSequence = [] }) => itemSequence.includes(sequence))
      .flatMap(({ quantity }) => quantity?.value ?? []),
  ]);
}

function unitsIn(adjudication: readonly ClaimResponseItemAdjudication[]): number[] {
  return adjudication.flatMap(({ category, value }) =>
    value !== undefined && category.coding?.some(({ code }) => code === 'units') ? [value] : [],
  );
}

function sumOf(units: readonly number[]): number | undefined {
  return units.length === 0 ? undefined : units.reduce((sum, value) => sum + value, 0);
}
