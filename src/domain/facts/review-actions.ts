import type { ClaimResponse, ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { partOf } from './extensions.ts';

/** What a payer's reviewer said of an item: `open` is a word that decides nothing yet. */
export type Review = 'approved' | 'denied' | 'open';

const pas = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
/** X12 306 (HCR01), certified in total and in part, modified, not certified, cancelled; every other action leaves the item open. */
const decided: Readonly<Record<string, Review>> = {
  A1: 'approved',
  A2: 'approved',
  A3: 'denied',
  A6: 'approved',
  C: 'denied',
};

/**
 * Da Vinci PAS extension `reviewAction` of an answer (hl7.org/fhir/us/davinci-pas, Claim Response): an authorization number may stand
 * beside a refusal, and then the reviewer's word is the answer. Of several actions for one item the one that grants least counts.
 */
export interface Reviews {
  /** of every item and of the whole; empty where the payer does not write review actions */
  readonly all: readonly Review[];
  /** of one item of the request by its sequence, else of the whole answer */
  ofItem(sequence: number): Review | undefined;
}

export function reviewsOf(response: ClaimResponse | undefined): Reviews {
  const { addItem = [], adjudication, item = [] } = response ?? {};
  const ofWhole = actionsIn(adjudication);
  const ofItems = [
    ...item.map((one) => ({ sequences: [one.itemSequence], actions: actionsIn(one.adjudication) })),
    ...addItem.map((one) => ({ sequences: one.itemSequence ?? [], actions: actionsIn(one.adjudication) })),
  ];
  return {
    all: [...ofItems.flatMap(({ actions }) => least(actions) ?? []), ...ofWhole],
    ofItem(sequence) {
      const own = ofItems.filter(({ sequences }) => sequences.includes(sequence)).flatMap(({ actions }) => actions);
      return least(own) ?? least(ofWhole);
    },
  };
}

function actionsIn(adjudications: readonly ClaimResponseItemAdjudication[] | undefined): Review[] {
  return (adjudications ?? []).flatMap(({ extension }) =>
    (extension ?? [])
      .filter(({ url }) => url === `${pas}/extension-reviewAction`)
      .map((action) => {
        const coding = partOf(action, `${pas}/extension-reviewActionCode`)?.valueCodeableConcept?.coding ?? [];
        return coding.map(({ code }) => decided[code ?? '']).find((known) => known !== undefined) ?? 'open';
      }),
  );
}

function least(actions: readonly Review[]): Review | undefined {
  return (['denied', 'open', 'approved'] as const).find((one) => actions.includes(one));
}
