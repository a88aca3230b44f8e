import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import { literal } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';

/** What one Consent says about one CarePlan, by naming it in provision.data. */
export interface PlanConsent extends Span {
  readonly reference: string;
  /** CarePlan reference */
  readonly plan: string;
  readonly permits: boolean;
  readonly active: boolean;
  readonly given: string | undefined;
  /** references of provision.actor; empty: no recipient is named */
  readonly recipients: readonly string[];
}

/** Only a CarePlan that is named is covered: a consent to release records in general says nothing about the wellness plan (WP-2). */
export function planConsents(consents: readonly Recorded<Consent>[]): PlanConsent[] {
  return consents.flatMap(({ resource }) => {
    if (resource.status === 'entered-in-error' || !resource.provision) return [];
    const root = resource.provision;
    return [root, ...(root.provision ?? [])].flatMap((provision) => toPlanConsents(resource, provision, root));
  });
}

/** A nested provision is bounded by the root's period and recipients where it names none of its own. */
function toPlanConsents(consent: Consent, provision: ConsentProvision, root: ConsentProvision): PlanConsent[] {
  const period = provision.period ?? root.period;
  return (provision.data ?? []).flatMap(({ reference }) => {
    const plan = literal(reference.reference);
    if (!plan?.startsWith('CarePlan/')) return [];
    return [
      {
        reference: `Consent/${consent.id}`,
        plan,
        permits: provision.type === 'permit',
        active: consent.status === 'active',
        given: consent.dateTime,
        recipients: (provision.actor ?? root.actor ?? []).flatMap((actor) => literal(actor.reference.reference) ?? []),
        start: period?.start,
        end: period?.end,
      },
    ];
  });
}
