import { type ChargeFact, charges } from './facts/authorizations.ts';
import { Coaches } from './facts/coaches.ts';
import { byType, type Recorded } from './facts/facts.ts';
import { type Authorization, authorizations, type Funding, fundings } from './facts/michigan-authorizations.ts';
import { type Eligibility, eligibilities } from './facts/michigan-eligibility.ts';
import {
  type EpisodeMode,
  episodeModes,
  type PartyConsent,
  type PeerRoleFact,
  partyConsents,
  peerRoles,
} from './facts/michigan-episode.ts';
import { type ActivityDetails, activityDetails } from './facts/michigan-services.ts';
import { type OrganizationFacts, organizationFacts } from './facts/organizations.ts';

/** What Michigan's billing reads beside the member's facts. */
export interface MichiganFacts {
  readonly roles: readonly PeerRoleFact[];
  readonly eligibilities: readonly Eligibility[];
  readonly fundings: readonly Funding[];
  readonly authorizations: readonly Authorization[];
  readonly consents: readonly PartyConsent[];
  readonly modes: readonly EpisodeMode[];
  readonly organizations: readonly OrganizationFacts[];
  /** by Procedure reference */
  readonly activities: ReadonlyMap<string, ActivityDetails>;
  /** without the one that an answer is to renew */
  readonly charges: readonly ChargeFact[];
}

/** Out of the versions that the member's facts were taken from. */
export function michiganFacts(recorded: readonly Recorded[]): MichiganFacts {
  const of = byType(recorded);
  const coaches = new Coaches(of('Practitioner'), of('PractitionerRole'));
  return {
    roles: peerRoles(of('PractitionerRole'), coaches),
    eligibilities: eligibilities(of('QuestionnaireResponse')),
    fundings: fundings(of('Coverage')),
    authorizations: authorizations(of('Claim'), of('ClaimResponse')),
    consents: partyConsents(of('Consent')),
    modes: episodeModes(of('EpisodeOfCare')),
    organizations: organizationFacts(of('Organization')),
    activities: activityDetails(of('Procedure'), coaches),
    charges: charges(of('ChargeItem')),
  };
}
