import type { ChargeItem, CodeableConcept } from '@medplum/fhirtypes';
import type { Chargeable } from '../domain/charges.ts';
import { canonicalOf } from '../domain/ruleset.ts';
import { hcpcs, structure } from '../fhir/canonical.ts';

/**
 * The ChargeItem of a day or contact (domain model, section 3, Charge): what is charged under which version of whose ruleset, as known
 * when, and all that the answer rests on. `definitionUri` names the ruleset, since R4's `definitionCanonical` is for ChargeItemDefinitions.
 *
 * @param knownAt ISO instant
 */
export function chargeItem(
  id: string,
  patient: string,
  { account, answer, code, date, modifiers, performers, quantity, service, unit }: Chargeable,
  knownAt: string,
): ChargeItem & { id: string } {
  const { episode, payer, ruleset } = account;
  const evidence = new Set([...(service === undefined ? [] : [service]), ...answer.evidence]);
  return {
    resourceType: 'ChargeItem',
    id,
    extension: [
      ...modifiers.map((modifier) => ({ url: structure('modifier'), valueCodeableConcept: coded(modifier) })),
      {
        url: structure('charge-basis'),
        extension: [
          { url: 'payer', valueReference: { reference: payer } },
          { url: 'rule', valueCode: answer.rule },
          { url: 'knownAt', valueInstant: knownAt },
          ...(service === undefined ? [] : [{ url: 'service', valueReference: { reference: service } }]),
        ],
      },
    ],
    definitionUri: [canonicalOf(ruleset)],
    status: 'billable',
    code: coded(code),
    subject: { reference: patient },
    context: { reference: episode.reference },
    occurrenceDateTime: date,
    ...(performers.length > 0 && { performer: performers.map((reference) => ({ actor: { reference } })) }),
    ...(episode.organization !== undefined && { performingOrganization: { reference: episode.organization } }),
    quantity: { value: quantity, ...(unit !== undefined && { unit }) },
    enteredDate: knownAt,
    supportingInformation: [...evidence].map((reference) => ({ reference })),
  };
}

function coded(code: string): CodeableConcept {
  return { coding: [{ system: hcpcs, code }] };
}
