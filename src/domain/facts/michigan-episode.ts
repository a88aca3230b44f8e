import type { Consent, ConsentProvision, EpisodeOfCare, PractitionerRole, Task } from '@medplum/fhirtypes';
import { type Coaches, isAssociateRole, isCoachRole, isUndatedEnd, spanOfRole } from './coaches.ts';
import { extensionOf, isOpenedByFootbridge, literal, partOf } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';

export type ServiceMode = 'supplement' | 'stand-alone' | 'residential';
export type PeerRole = 'coach' | 'associate';

/** Ext `serviceMode` and `endReason` of an EpisodeOfCare (domain model 8.5). */
export interface EpisodeMode {
  readonly episode: string;
  readonly mode: ServiceMode | undefined;
  readonly acuteCareEnd: string | undefined;
  readonly endReason: string | undefined;
}

/** As what somebody works for an organisation, and whether paid. */
export interface PeerRoleFact extends Span {
  readonly reference: string;
  readonly practitioner: string;
  readonly organization: string | undefined;
  readonly role: PeerRole;
  readonly engagement: string | undefined;
}

/** A Task of the episode, by its code. */
export interface TaskFact {
  readonly reference: string;
  readonly code: string;
  readonly date: string | undefined;
  readonly status: string;
  /** EpisodeOfCare reference of Task.focus, where it names one */
  readonly episode?: string | undefined;
  /** date or instant at which a completed Task was done */
  readonly done?: string | undefined;
}

/** Consent to speak with somebody: the persons by reference, or their roles. */
export interface PartyConsent extends Span {
  readonly reference: string;
  readonly parties: readonly string[];
  /** Consent.dateTime */
  readonly given?: string | undefined;
  /** whether it says that somebody must not speak with them */
  readonly denies?: boolean;
}

const modes: ReadonlySet<string> = new Set<ServiceMode>(['supplement', 'stand-alone', 'residential']);

export function episodeModes(episodes: readonly Recorded<EpisodeOfCare>[]): EpisodeMode[] {
  return episodes.map(({ resource }) => {
    const extension = extensionOf(resource, 'service-mode');
    const mode = partOf(extension, 'mode')?.valueCode ?? extension?.valueCode;
    const acute = partOf(extension, 'acuteCareEnd');
    return {
      episode: `EpisodeOfCare/${resource.id}`,
      mode: mode !== undefined && modes.has(mode) ? (mode as ServiceMode) : undefined,
      acuteCareEnd: acute?.valueDate ?? acute?.valueDateTime,
      endReason: extensionOf(resource, 'end-reason')?.valueCode,
    };
  });
}

/** Roles as coach or associate; `recovery-associate` says the latter. A role as supervisor alone is neither. */
export function peerRoles(roles: readonly Recorded<PractitionerRole>[], coaches: Coaches): PeerRoleFact[] {
  return roles.flatMap((recorded) => {
    const { resource } = recorded;
    const span = spanOfRole(recorded);
    const practitioner = coaches.practitioner(resource.practitioner?.reference);
    const organization = literal(resource.organization?.reference);
    if (practitioner === undefined || !isCoachRole(resource) || isUndatedEnd(resource)) return [];
    return [
      {
        reference: `PractitionerRole/${resource.id}`,
        practitioner,
        organization,
        role: isAssociateRole(resource) ? ('associate' as const) : ('coach' as const),
        engagement: extensionOf(resource, 'engagement')?.valueCode,
        start: span.start,
        end: span.end,
      },
    ];
  });
}

/**
 * Tasks of the episode: `intensity-review`, `residential-access`, `post-discharge`. One that Footbridge opened counts once a person has
 * taken it on.
 */
export function episodeTasks(tasks: readonly Recorded<Task>[]): TaskFact[] {
  return tasks.flatMap(({ resource }) => {
    const { authoredOn, code, executionPeriod, focus, id, lastModified, status } = resource;
    if (status === 'requested' && isOpenedByFootbridge(resource)) return [];
    const about = literal(focus?.reference);
    const task = {
      reference: `Task/${id}`,
      date: authoredOn,
      status,
      episode: about?.startsWith('EpisodeOfCare/') ? about : undefined,
      done: status === 'completed' ? (executionPeriod?.end ?? lastModified) : undefined,
    };
    return (code?.coding ?? []).flatMap((coding) =>
      coding.code === undefined ? [] : [{ ...task, code: coding.code }],
    );
  });
}

/**
 * What is active: permits, and denials of whom they name, as a Consent of its own or as a provision below another. A draft or a revoked
 * consent says nothing.
 */
export function partyConsents(consents: readonly Recorded<Consent>[]): PartyConsent[] {
  return consents.flatMap(({ resource }) => {
    const { provision, status } = resource;
    if (status !== 'active') return [];
    const denials = denialsIn(provision).map((one) => ({ ...consentOf(resource, one, provision), denies: true }));
    const permits = provision?.type === 'deny' ? [] : [consentOf(resource, provision, provision)];
    return [...permits, ...denials.filter(({ parties }) => parties.length > 0)];
  });
}

function denialsIn(provision: ConsentProvision | undefined): ConsentProvision[] {
  if (provision === undefined) return [];
  return provision.type === 'deny' ? [provision] : (provision.provision ?? []).flatMap(denialsIn);
}

function consentOf(
  { dateTime, id }: Consent,
  provision: ConsentProvision | undefined,
  root: ConsentProvision | undefined,
): PartyConsent {
  const period = provision?.period ?? root?.period;
  const parties = (provision?.actor ?? []).flatMap(({ reference, role }) => [
    ...(literal(reference.reference) ? [literal(reference.reference) ?? ''] : []),
    ...(role.coding ?? []).flatMap(({ code }) => code ?? []),
  ]);
  const given = dateTime === undefined ? {} : { given: dateTime };
  return { reference: `Consent/${id}`, parties, ...given, start: period?.start ?? dateTime, end: period?.end };
}
