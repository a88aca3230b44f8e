import type { ChargeItem } from '@medplum/fhirtypes';
import { type LocalDate, parseLocalDate } from '../../base/time.ts';
import { extensionOf, extensionsOf, literal, partOf } from './extensions.ts';
import type { Recorded } from './facts.ts';

/** A charge that Footbridge cut out of its own answers: what it said, and under whose rules. */
export interface CutCharge {
  readonly reference: string;
  readonly status: string;
  /** EpisodeOfCare reference */
  readonly episode: string;
  /** Organization reference */
  readonly payer: string;
  /** `url|version` that judged it */
  readonly ruleset: string;
  readonly date: LocalDate;
  /** charged by the contact: the Encounter or Procedure */
  readonly service: string | undefined;
  readonly code: string | undefined;
  readonly modifiers: readonly string[];
  readonly quantity: number | undefined;
}

/** Ext `charge-basis` is on what Footbridge cut, and on nothing else: a client's own is refused. */
export function isCut(item: ChargeItem): boolean {
  return extensionOf(item, 'charge-basis') !== undefined;
}

export function cutCharges(items: readonly Recorded<ChargeItem>[]): CutCharge[] {
  return items.flatMap(({ resource }): CutCharge[] => {
    const { code, context, definitionUri, id, occurrenceDateTime, quantity, status } = resource;
    const basis = extensionOf(resource, 'charge-basis');
    const date = parseLocalDate(occurrenceDateTime ?? '');
    const payer = literal(partOf(basis, 'payer')?.valueReference?.reference);
    const episode = literal(context?.reference);
    const ruleset = definitionUri?.[0];
    if (date === undefined || payer === undefined || episode === undefined || ruleset === undefined) return [];
    return [
      {
        reference: `ChargeItem/${id}`,
        status,
        episode,
        payer,
        ruleset,
        date,
        service: literal(partOf(basis, 'service')?.valueReference?.reference),
        code: code.coding?.[0]?.code,
        modifiers: extensionsOf(resource, 'modifier').flatMap(
          ({ valueCodeableConcept }) => valueCodeableConcept?.coding?.[0]?.code ?? [],
        ),
        quantity: quantity?.value,
      },
    ];
  });
}
