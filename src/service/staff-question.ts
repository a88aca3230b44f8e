import type { Practitioner, Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type LocalDate, localDateOf } from '../base/time.ts';
import { Coaches } from '../domain/facts/coaches.ts';
import type { Recorded } from '../domain/facts/facts.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import { rulesetsHolding } from '../domain/runway.ts';
import { type Access, grantsFor } from '../store/access.ts';
import { auditInsert } from '../store/audit.ts';
import type { Transaction } from '../store/database.ts';
import { organizationExists, type Scope, staffRows } from '../store/people.ts';
import { Params } from '../store/sql.ts';
import type { Services } from './context.ts';
import { checkQuestion, isAsked } from './episode-question.ts';
import { checkRight } from './prepare.ts';
import { absent } from './read.ts';

/** What every operation on an organisation's coaches is asked with. */
export interface StaffQuestion {
  /** Organization id; undefined: the caller's own */
  readonly organization: string | undefined;
  /** undefined: the day of `knownAt` in each ruleset's zone */
  readonly date: LocalDate | undefined;
  /** what was recorded by then counts; undefined: now */
  readonly knownAt: Date | undefined;
  /** name, url or `url|version`; undefined: all */
  readonly ruleset: string | undefined;
  readonly requestId: string;
}

/** An organisation's coaches as they were known at K. */
export interface Staff {
  readonly tx: Transaction;
  readonly scope: Scope;
  readonly coaches: Coaches;
  /** what to call them, by Practitioner reference */
  readonly names: ReadonlyMap<string, string>;
  readonly knownAt: Date;
  /** rulesets asked about that hold the operation's rule on the day */
  readonly rulesets: readonly Ruleset[];
  dateFor(ruleset: Ruleset): LocalDate;
}

/**
 * Reads an organisation's coaches for a caller who may hear of them, asks `answer`, and records the access in the same transaction. The
 * record of coaches is the employer's: its own clients have it, and who audits or administers the server. Whom the employer informs
 * with it (CR-6: MassHealth, MCEs, PACE) gets it from the employer.
 *
 * @param operation its name with `$`, as it stands in the audit
 * @param rule the rule that a ruleset must hold to be asked
 */
export async function askStaff<T>(
  services: Services,
  access: Access,
  operation: string,
  rule: string,
  asked: StaffQuestion,
  answer: (staff: Staff) => Promise<T>,
): Promise<Result<T, Failure>> {
  const organization = asked.organization ?? access.organization;
  const refused = checkCaller(access, operation) ?? checkQuestion(services, access, asked);
  if (refused) return err(refused);
  if (organization === undefined)
    return err(
      failure(
        'invalid',
        'required',
        `Name the organisation: Organization/{id}/${operation}. This client speaks for none.`,
      ),
    );
  return services.db.transaction(access.tenant, async (tx) => {
    const scope = { tenant: access.tenant, organization, knownAt: asked.knownAt };
    const isOpen =
      organization === access.organization ||
      (access.organization === undefined && (await organizationExists(tx, scope)));
    const rows = isOpen ? await staffRows(tx, scope) : [];
    await log(tx, access, operation, { ...asked, organization }, rows, isOpen ? 200 : 404);
    if (!isOpen) return err(absent('Organization', organization));
    const knownAt = asked.knownAt ?? access.clock.now();
    const dateFor = ({ zone }: Ruleset): LocalDate => asked.date ?? localDateOf(knownAt, zone);
    return ok(
      await answer({
        tx,
        scope,
        coaches: new Coaches(of(rows, 'Practitioner'), of(rows, 'PractitionerRole'), of(rows, 'VerificationResult'), {
          organizations: of(rows, 'Organization'),
          documents: of(rows, 'DocumentReference'),
        }),
        names: new Map(
          of(rows, 'Practitioner').map(({ resource }) => [`Practitioner/${resource.id}`, nameOf(resource)]),
        ),
        knownAt,
        rulesets: rulesetsHolding(services.rulesets, rule, knownAt.toISOString(), dateFor).filter((one) =>
          isAsked(one, asked.ruleset),
        ),
        dateFor,
      }),
    );
  });
}

/** What a caller must be able to read: an auditor and an admin cannot be registered for people (auth/scopes.ts), and ask by their own right. */
const needed: Readonly<Partial<Record<Access['kind'], readonly string[]>>> = {
  ehr: ['Practitioner', 'PractitionerRole'],
  'coach-app': ['Practitioner', 'PractitionerRole'],
  auditor: ['AuditEvent'],
  admin: ['Organization'],
};

function checkCaller(access: Access, operation: string): Failure | undefined {
  const types = needed[access.kind];
  if (!types)
    return failure(
      'forbidden',
      'forbidden',
      `${operation} is for the employer’s own clients, auditors and admins. Ask the organisation that employs the coaches.`,
    );
  for (const type of types) {
    const refused = checkRight(access, type, 'r');
    if (refused) return refused;
    if (grantsFor(access, type, 'r').every(({ filter }) => filter.length > 0))
      return failure(
        'forbidden',
        'forbidden',
        `${operation} tells of every coach, and the token’s scope for ${type} has a condition. Ask for system/${type}.r without one.`,
      );
  }
  return undefined;
}

function of<T extends Resource['resourceType']>(
  rows: readonly Recorded[],
  type: T,
): Recorded<Extract<Resource, { resourceType: T }>>[] {
  return rows.filter(({ resource }) => resource.resourceType === type) as never;
}

function nameOf({ id, name }: Practitioner): string {
  const { family, given, text } = name?.[0] ?? {};
  return text ?? ([...(given ?? []), family].filter((part) => part !== undefined).join(' ') || (id ?? ''));
}

async function log(
  tx: Transaction,
  access: Access,
  operation: string,
  { organization, requestId }: StaffQuestion,
  rows: readonly Recorded[],
  outcome: number,
): Promise<void> {
  const params = new Params();
  const people = of(rows, 'Practitioner').map(({ resource }) => `Practitioner/${resource.id}`);
  const row = {
    clientId: access.clientId,
    interaction: operation,
    type: 'Organization',
    entity: [`Organization/${organization}`, ...people],
    outcome,
    requestId,
  };
  await tx.query(auditInsert(access.tenant, [row], params), params.values);
}
