import type { LocalDate } from '../base/time.ts';
import { answer, notApplicable, type Question, type RuleAnswer } from './answer.ts';
import type { EpisodeMode } from './facts/michigan-episode.ts';
import type { OrganizationFacts } from './facts/organizations.ts';
import { licenceOn } from './or-1-billing-organization.ts';
import { indeterminate, notMet, type Outcome } from './outcome.ts';

/** R4 types that M-22 reads. */
export const inputTypes = ['EpisodeOfCare', 'Organization'] as const;

/**
 * M-22 "as a stand-alone service by providers possessing licensure for provision of peer support services" (Michigan, V): the episode's
 * organisation has a licence for peer support, an identifier of type SL, in force on D, as OR-2 asks. One that does not say what it is
 * for leaves it open; licences for other services do not do. A stand-alone admission beside residential services elsewhere (XI.E) is
 * stand-alone too; a supplement is not asked [D].
 */
export function m22Licensed(
  question: Question,
  service: EpisodeMode | undefined,
  organizations: readonly OrganizationFacts[],
): RuleAnswer {
  const { date, episode, ruleset } = question;
  if (!ruleset.rules['M-22']) return notApplicable('M-22', 'rule-not-in-ruleset');
  if (service?.mode === undefined) return answer('M-22', indeterminate('missing: serviceMode'));
  if (service.mode === 'supplement') return notApplicable('M-22', 'supplement');
  const own = organizations.find(({ reference }) => reference === episode.organization);
  if (!own) return answer('M-22', indeterminate('missing: Organization'), [service.episode]);
  return answer('M-22', peerSupportOn(own, date, ruleset.zone), [service.episode, own.reference]);
}

function peerSupportOn(own: OrganizationFacts, date: LocalDate, zone: string): Outcome {
  const of = (licences: OrganizationFacts['licences']): Outcome => licenceOn({ ...own, licences }, date, zone);
  const fit = own.licences.filter(({ services = [] }) => services.includes('peer-recovery-support'));
  const untold = own.licences.filter(({ services = [] }) => services.length === 0);
  if (fit.length > 0 && of(fit).result !== 'not-met') return of(fit);
  const open = untold.length > 0 ? of(untold) : undefined;
  if (open?.result === 'met') return indeterminate('missing: what the licence is for');
  if (open?.result === 'indeterminate') return open;
  if (fit.length > 0) return of(fit);
  const any = of(own.licences);
  return any.result === 'met' ? notMet('licence-for-other-services') : any;
}
