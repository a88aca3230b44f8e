import type { Procedure } from '@medplum/fhirtypes';
import { codeSystem } from '../../fhir/canonical.ts';
import type { Coaches } from './coaches.ts';
import { codesIn, extensionOf, literal, localCodes } from './extensions.ts';
import type { Recorded, SupportActivity } from './facts.ts';

const categories: ReadonlySet<string> = new Set<SupportActivity['category']>([
  'support-without-member',
  'collateral',
  'outreach',
]);

/** Procedures of a coach's work for the member (domain model, sections 3 and 8.5); others are no concern of the rules. */
export function supportActivities(procedures: readonly Recorded<Procedure>[], coaches: Coaches): SupportActivity[] {
  return procedures.flatMap(({ owner, resource }): SupportActivity[] => {
    const { category, id, outcome, performedDateTime, performedPeriod, performer, reasonCode, status } = resource;
    const kind = localCodes(category ? [category] : []).find((code) => categories.has(code));
    if (kind === undefined || status === 'entered-in-error') return [];
    return [
      {
        reference: `Procedure/${id}`,
        coaches: [...new Set((performer ?? []).flatMap(({ actor }) => coaches.practitioner(actor.reference) ?? []))],
        organization:
          (performer ?? []).map(({ onBehalfOf }) => literal(onBehalfOf?.reference)).find((one) => one !== undefined) ??
          (owner === '' ? undefined : `Organization/${owner}`),
        start: performedPeriod?.start ?? performedDateTime,
        end: performedPeriod?.end,
        status,
        category: kind as SupportActivity['category'],
        partyType: extensionOf(resource, 'party-type')?.valueCode,
        clientPresent: extensionOf(resource, 'client-present')?.valueBoolean,
        purposes: codesIn(reasonCode, codeSystem('service-component')),
        outcome: [
          ...(outcome?.coding ?? []).flatMap(({ code }) => code ?? []),
          ...(outcome?.text === undefined ? [] : [outcome.text]),
        ],
      },
    ];
  });
}
