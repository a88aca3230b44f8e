import type { ChargeItem, Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { literal, localCodes } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';
import { reviewsOf } from './review-actions.ts';

/** A notification of admission or a registration on its way to a plan (domain model 3.3). */
export interface NotificationFact {
  readonly reference: string;
  readonly kind: 'notification-of-admission' | 'registration';
  readonly episode: string | undefined;
  /** Organization references of the plans it is for */
  readonly payers: readonly string[];
  /** instant or date of leaving, whatever the plan replied */
  readonly sentAt: string | undefined;
  readonly acknowledgedAt: string | undefined;
}

/** A plan's answer to a request for authorization. */
export interface AuthorizationFact extends Span {
  readonly reference: string;
  /** Claim reference */
  readonly request: string | undefined;
  readonly payer: string | undefined;
  readonly organization: string | undefined;
  /** `pending`: queued, or not a decision yet */
  readonly decision: 'approved' | 'denied' | 'pending';
  readonly created: string | undefined;
  /** units that the answer allows; absent where it does not say */
  readonly units: number | undefined;
}

/** A request for authorization, and what it says for itself. */
export interface AuthorizationRequest extends Span {
  readonly reference: string;
  readonly payer: string | undefined;
  readonly organization: string | undefined;
  readonly created: string;
  /** Claim references that it extends */
  readonly related: readonly string[];
  readonly units: number | undefined;
  readonly justification: readonly string[];
}

/** A unit that was charged, or is about to be. */
export interface ChargeFact {
  readonly reference: string;
  readonly status: string;
  readonly organization: string | undefined;
  readonly episode: string | undefined;
  /** date or instant of service */
  readonly at: string | undefined;
  readonly codes: readonly string[];
  readonly quantity: number | undefined;
  /** the contacts and activities that it charges or rests on */
  readonly services: readonly string[];
}

export function notifications(tasks: readonly Recorded<Task>[]): NotificationFact[] {
  return tasks.flatMap(({ recordedAt, resource }): NotificationFact[] => {
    const { code, focus, id, input, owner, restriction, status } = resource;
    const kind = localCodes(code ? [code] : []).find(
      (one) => one === 'notification-of-admission' || one === 'registration',
    );
    if (kind === undefined || ['entered-in-error', 'cancelled', 'rejected', 'draft'].includes(status)) return [];
    const given = [focus, ...(input ?? []).map(({ valueReference }) => valueReference)].map((one) =>
      literal(one?.reference),
    );
    const named = [...(restriction?.recipient ?? []).map(({ reference }) => literal(reference)), ...given].filter(
      isOrganization,
    );
    const addressee = literal(owner?.reference);
    return [
      {
        reference: `Task/${id}`,
        kind,
        episode: given.find((one) => one?.startsWith('EpisodeOfCare/')),
        payers: named.length > 0 ? named : [addressee].filter(isOrganization),
        sentAt: outputAt(resource, 'sent') ?? completedAt(resource, recordedAt),
        acknowledgedAt: outputAt(resource, 'acknowledged'),
      },
    ];
  });
}

/**
 * A completed Task was done when its execution ended, or on the one day that it names; without either by the time that it says so. Work
 * that was begun, or that failed, has sent nothing yet.
 */
function completedAt({ executionPeriod, lastModified, status }: Task, recordedAt: string): string | undefined {
  if (status !== 'completed') return undefined;
  return executionPeriod?.end ?? executionPeriod?.start ?? lastModified ?? recordedAt;
}

function isOrganization(reference: string | undefined): reference is string {
  return reference?.startsWith('Organization/') === true;
}

function outputAt({ output }: Task, code: string): string | undefined {
  const found = (output ?? []).find(({ type }) => localCodes([type]).includes(code));
  return found?.valueInstant ?? found?.valueDateTime ?? found?.valueDate;
}

export function authorizations(responses: readonly Recorded<ClaimResponse>[]): AuthorizationFact[] {
  return responses.flatMap(({ resource }): AuthorizationFact[] => {
    const { addItem, created, id, insurer, preAuthPeriod, request, requestor, status, use } = resource;
    if (use !== 'preauthorization' || status !== 'active') return [];
    return [
      {
        reference: `ClaimResponse/${id}`,
        request: literal(request?.reference),
        payer: literal(insurer?.reference),
        organization: literal(requestor?.reference),
        decision: decisionOf(resource),
        created,
        units: sum((addItem ?? []).map(({ quantity }) => quantity?.value)),
        start: preAuthPeriod?.start,
        end: preAuthPeriod?.end,
      },
    ];
  });
}

/**
 * A plan that approves gives a number; a decision without one is a refusal, and so is one whose every review action refuses, whatever
 * number stands beside it. An answer that lists errors of its own has decided nothing.
 */
function decisionOf(response: ClaimResponse): AuthorizationFact['decision'] {
  const { error, outcome, preAuthRef } = response;
  if (outcome !== 'complete' && outcome !== 'partial') return 'pending';
  const { all: reviews } = reviewsOf(response);
  if (preAuthRef === undefined || (reviews.length > 0 && reviews.every((one) => one === 'denied'))) return 'denied';
  const isOpen = reviews.length > 0 && !reviews.includes('approved');
  return isOpen || (error ?? []).length > 0 ? 'pending' : 'approved';
}

export function authorizationRequests(claims: readonly Recorded<Claim>[]): AuthorizationRequest[] {
  return claims.flatMap(({ resource }): AuthorizationRequest[] => {
    const { billablePeriod, created, id, insurer, item, provider, related, status, supportingInfo, use } = resource;
    if (use !== 'preauthorization' || status !== 'active') return [];
    const [first] = item ?? [];
    return [
      {
        reference: `Claim/${id}`,
        payer: literal(insurer?.reference),
        organization: literal(provider?.reference),
        created,
        related: (related ?? []).flatMap(({ claim }) => literal(claim?.reference) ?? []),
        units: sum((item ?? []).map(({ quantity }) => quantity?.value)),
        justification: (supportingInfo ?? []).flatMap(({ reason, valueString }) => valueString ?? reason?.text ?? []),
        start: billablePeriod?.start ?? first?.servicedPeriod?.start ?? first?.servicedDate,
        end: billablePeriod?.end ?? first?.servicedPeriod?.end ?? first?.servicedDate,
      },
    ];
  });
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}

export function charges(items: readonly Recorded<ChargeItem>[]): ChargeFact[] {
  return items.flatMap(({ owner, resource }): ChargeFact[] => {
    const { code, context, id, occurrenceDateTime, occurrencePeriod, performingOrganization, quantity, status } =
      resource;
    const services = [context, ...(resource.service ?? []), ...(resource.supportingInformation ?? [])].flatMap(
      (one) => literal(one?.reference) ?? [],
    );
    if (status === 'entered-in-error') return [];
    const episode = literal(context?.reference);
    return [
      {
        reference: `ChargeItem/${id}`,
        status,
        organization:
          literal(performingOrganization?.reference) ?? (owner === '' ? undefined : `Organization/${owner}`),
        episode: episode?.startsWith('EpisodeOfCare/') ? episode : undefined,
        at: occurrenceDateTime ?? occurrencePeriod?.start,
        codes: (code.coding ?? []).flatMap((one) => one.code ?? []),
        quantity: quantity?.value,
        services: services.filter((one) => /^(Encounter|Procedure)\//.test(one)),
      },
    ];
  });
}
