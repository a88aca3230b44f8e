import type { Patient } from '@medplum/fhirtypes';
import type { Failure } from '../base/failure.ts';
import type { TenantId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import { type LocalDate, localDateOf } from '../base/time.ts';
import { seriesOf } from '../domain/caseload.ts';
import { caseloadOn, prepareCaseload } from '../domain/cl-1-caseload.ts';
import { atRisk } from '../domain/cl-2-at-risk.ts';
import { ruleInputTypes } from '../domain/rules.ts';
import { quoteOf } from '../domain/ruleset.ts';
import { memberRows } from '../store/facts.ts';
import { tenantNow } from '../store/tenant-clock.ts';
import type { Services } from './context.ts';
import { factsByOwner } from './owned-facts.ts';

/** One line of the caseload as it stands today, with people's names: for a sandbox's own screen, never for a client. */
export interface OverviewLine {
  readonly patient: string;
  readonly member: string;
  readonly coach: string;
  readonly ruleset: string;
  readonly status: string;
  readonly lastDay: LocalDate | undefined;
  readonly daysLeft: number | undefined;
  readonly reason: string;
  readonly sentence: string;
}

/** The caseload of a sandbox tenant today, members in the order in which they began. */
export function caseloadOverview(
  services: Services,
  tenant: TenantId,
  most: number,
): Promise<Result<OverviewLine[], Failure>> {
  return services.db.transaction(tenant, async (tx) => {
    const now = await tenantNow(tx, tenant, services.wallClock);
    const members = await tx.query<{ patient: string }>(
      `select patient from resource where tenant = $1 and type = 'EpisodeOfCare' and patient is not null and not deleted
        group by patient order by min(last_updated) desc, patient limit $2`,
      [tenant, most],
    );
    const lines: OverviewLine[] = [];
    for (const { patient } of members) {
      const rows = await memberRows(tx, tenant, patient, ruleInputTypes);
      const name = nameOf(
        rows
          .map(({ resource }) => resource)
          .find((one): one is Patient => one.resourceType === 'Patient' && one.id === patient),
      );
      for (const facts of factsByOwner(patient, rows, services.rulesets).values())
        for (const series of seriesOf(facts, services.rulesets, now.toISOString())) {
          const { coach, ruleset } = series;
          const day = localDateOf(now, ruleset.zone);
          const answer =
            ruleset.contactDefinition === 'binds'
              ? caseloadOn(prepareCaseload(facts, series, now.toISOString()), day)
              : undefined;
          const { quote, source } = quoteOf(ruleset, ruleset.caseload);
          lines.push({
            patient,
            member: name,
            coach: coach.replace('Practitioner/', ''),
            ruleset: ruleset.name,
            status: answer?.status ?? 'not-applicable',
            lastDay: answer?.lastDay,
            daysLeft: answer?.lastDay && atRisk(answer.lastDay, day, ruleset).daysLeft,
            reason:
              answer?.reason ??
              (ruleset.contactDefinition === 'binds'
                ? 'no coverage today'
                : 'the definition of caseload does not bind this plan'),
            sentence: quote === undefined ? source : `“${quote}” ${source}`,
          });
        }
    }
    return ok(lines);
  });
}

function nameOf(patient: Patient | undefined): string {
  const name = patient?.name?.[0];
  return [...(name?.given ?? []), name?.family].filter((part) => part !== undefined).join(' ') || (patient?.id ?? '');
}
