import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import { dateIn, spanIn } from './dating.ts';
import { holds } from './facts/facts.ts';
import type { PeerRole, PeerRoleFact } from './facts/michigan-episode.ts';
import type { Service } from './facts/michigan-services.ts';
import { all, indeterminate, met, notMet, type Outcome } from './outcome.ts';
import type { Ruleset } from './ruleset.ts';

/** R4 types that M-3 and M-4 read. */
export const inputTypes = ['Encounter', 'Procedure', 'PractitionerRole', 'Practitioner', 'EpisodeOfCare'] as const;

interface Coded {
  readonly outcome: Outcome;
  readonly code?: string;
  readonly modifiers?: string;
  readonly warning?: string;
}

/**
 * M-3 "T1012 … all one-on-one peer recovery support services and activities with the client", "T1012.TT … when the therapist is
 * present in the group", "T1012:HQ … group-based formats facilitated by peer recovery support personnel", "T1012.TG.HG … facilitated
 * by a peer recovery Coach … Medication-Assisted Treatment", "T1012.HG … facilitated by a peer recovery Associate" (Michigan, XII);
 * M-4 "H0038 … all non-face-to-face services provided … on behalf of the client" (XII). The first row that fits decides. [D]: a client on
 * the line is not present, so the call is H0038 (parameter `clientPhone`: `individual` makes it a one-on-one T1012); a therapist wins
 * over MAT, with a warning (`groupPrecedence`: `medication-assisted` turns that round); a group of one is one-to-one; the lead decides a
 * mixed MAT group; video is open, since no row speaks of it. A contact is one "with the client" (XII): voicemail, or a visit at which
 * nobody took part, is none.
 *
 * @returns the answer of M-3 where the client is present, else of M-4
 */
export function serviceCode(question: Question, service: Service, roles: readonly PeerRoleFact[]): RuleAnswer {
  const rule = service.clientPresent === true ? 'M-3' : 'M-4';
  if (!question.ruleset.rules[rule]) return notApplicable(rule, 'rule-not-in-ruleset');
  const { code, modifiers, outcome, warning } =
    notListed(service) ??
    (service.clientPresent ? withClient(service, roles, question.ruleset) : withoutClient(service, question.ruleset));
  const figures = {
    ...(code === undefined ? {} : { code, modifiers: modifiers ?? '' }),
    ...(warning === undefined ? {} : { warning }),
  };
  return answer(rule, all(outcome, isWithClient(service)), service.evidence, figures);
}

/** XII "contact with the client": of a call somebody must say that the client was on the line (as CT-2 asks); in person both are there. */
function isWithClient({ kind, memberEngaged, modality }: Service): Outcome {
  if (kind !== 'contact') return met;
  if (memberEngaged === false) return notMet('member-not-engaged');
  return modality === 'phone' && memberEngaged === undefined ? indeterminate('missing: memberEngaged') : met;
}

/**
 * M-29: texts, letters and outreach keep the line of communication open (V), and XII lists none of them. Whether support work with
 * nobody on the other side is "on behalf of the client" or is left out of XII's list, a person must say [D].
 */
function notListed({ kind, modality }: Service): Coded | undefined {
  if (kind === 'outreach' || modality === 'text' || modality === 'email') return { outcome: notMet('not-listed') };
  if (kind === 'support-without-member') return { outcome: indeterminate('support-work-not-listed') };
  if (modality === 'video') return { outcome: indeterminate('av-mode') };
  if (modality === 'remote' || modality === 'unknown') return { outcome: indeterminate('missing: modality') };
  return undefined;
}

/** M-4: the client's own call, or collateral without the client. */
function withoutClient(service: Service, ruleset: Ruleset): Coded {
  if (service.clientPresent === undefined) return { outcome: indeterminate('missing: clientPresent') };
  if (service.isGroup) return { outcome: indeterminate('remote-group') };
  const listed = isListedParty(service);
  if (listed.result !== 'met') return { outcome: listed };
  return { outcome: met, code: isIndividualCall(service, ruleset) ? 'T1012' : 'H0038' };
}

/** XII lists collateral contact with family and with professionals, and Medicaid's sentence adds none: the client's presence neither. */
function isListedParty({ kind, partyType }: Service): Outcome {
  if (kind !== 'collateral' || partyType === 'family' || partyType === 'professional') return met;
  return partyType === undefined ? indeterminate('missing: partyType') : notMet('not-listed');
}

/** The client's own telephone call, where the ruleset reads it as one-on-one and not as non-face-to-face. */
export function isIndividualCall({ isGroup, kind, modality }: Service, { parameters }: Ruleset): boolean {
  return parameters.clientPhone?.value === 'individual' && kind === 'contact' && modality === 'phone' && !isGroup;
}

function withClient(service: Service, roles: readonly PeerRoleFact[], ruleset: Ruleset): Coded {
  if (!service.isGroup) return { outcome: isListedParty(service), code: 'T1012' };
  const { group } = service;
  if (group?.size === undefined) return { outcome: indeterminate('missing: group size') };
  if (group.size === 1) return { outcome: met, code: 'T1012' };
  if (group.therapistPresent === undefined) return { outcome: indeterminate('missing: therapistPresent') };
  const warning = group.therapistPresent && group.mat ? { warning: 'therapist-in-mat-group' } : {};
  const therapistWins = ruleset.parameters.groupPrecedence?.value !== 'medication-assisted';
  if (group.therapistPresent && therapistWins) return { outcome: met, code: 'T1012', modifiers: 'TT', ...warning };
  if (group.mat === undefined) return { outcome: indeterminate('missing: mat') };
  if (!group.mat) return { outcome: met, code: 'T1012', modifiers: group.therapistPresent ? 'TT' : 'HQ' };
  const lead = leadRole(service, roles, ruleset);
  if (lead === undefined) return { outcome: indeterminate('missing: role of the group lead') };
  return { outcome: met, code: 'T1012', modifiers: lead === 'coach' ? 'TG HG' : 'HG', ...warning };
}

/** The named lead's role; where none is named, the role that all performers share. */
function leadRole(service: Service, roles: readonly PeerRoleFact[], ruleset: Ruleset): PeerRole | undefined {
  const leads = service.group?.lead === undefined ? service.performers : [service.group.lead];
  const found = new Set(leads.map((practitioner) => roleOf(practitioner, service, roles, ruleset)));
  return found.size === 1 ? [...found][0] : undefined;
}

/** As what somebody worked for the service's organisation on its day; who is both counts as a coach. */
export function roleOf(
  practitioner: string,
  { organization, start }: Pick<Service, 'organization' | 'start'>,
  roles: readonly PeerRoleFact[],
  { zone }: Pick<Ruleset, 'zone'>,
): PeerRole | undefined {
  const date = dateIn(zone, start);
  const inForce = roles.filter(
    (role) =>
      role.practitioner === practitioner &&
      organization !== undefined &&
      role.organization === organization &&
      date !== undefined &&
      holds(spanIn(zone, role), date),
  );
  return inForce.some(({ role }) => role === 'coach') ? 'coach' : inForce[0]?.role;
}
