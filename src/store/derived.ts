import type { Consent, Coverage, Task } from '@medplum/fhirtypes';
import type { TenantId } from '../base/ids.ts';
import { referenceId } from '../fhir/references.ts';
import type { Transaction } from './database.ts';

/** Types whose writes also move the tables that the visibility builder reads. */
export const derivedTypes: ReadonlySet<string> = new Set(['Coverage', 'Consent', 'Task']);

type Derived = Coverage | Consent | Task;

/** Brings shares, coverage spans and consent grants in line with a resource as it now stands; `undefined` after its deletion. */
export async function applyDerived(
  tx: Transaction,
  tenant: TenantId,
  owner: string,
  type: string,
  id: string,
  resource: Derived | undefined,
): Promise<void> {
  if (type === 'Coverage') await deriveCoverage(tx, tenant, owner, id, resource as Coverage | undefined);
  if (type === 'Consent') await deriveConsent(tx, tenant, owner, id, resource as Consent | undefined);
  if (type === 'Task') await deriveShares(tx, tenant, owner, id, resource as Task | undefined);
}

async function deriveCoverage(
  tx: Transaction,
  tenant: TenantId,
  owner: string,
  id: string,
  coverage: Coverage | undefined,
): Promise<void> {
  await tx.query('delete from coverage_span where tenant = $1 and coverage = $2', [tenant, id]);
  const patient = referenceId(coverage?.beneficiary.reference, 'Patient');
  if (!coverage || !patient || coverage.status !== 'active') return;
  for (const payor of coverage.payor) {
    const payer = referenceId(payor.reference, 'Organization');
    if (!payer) continue;
    await tx.query('insert into coverage_span values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing', [
      tenant,
      id,
      owner,
      patient,
      payer,
      firstDate(coverage.period?.start),
      lastDate(coverage.period?.end),
    ]);
  }
}

/**
 * What an active permit opens to which recipient. A provision that we do not decide yet (nested exceptions, labels, purposes other
 * than payment, operations or treatment) grants nothing: unknown means no.
 */
async function deriveConsent(
  tx: Transaction,
  tenant: TenantId,
  owner: string,
  id: string,
  consent: Consent | undefined,
): Promise<void> {
  await tx.query('delete from consent_grant where tenant = $1 and consent = $2', [tenant, id]);
  const patient = referenceId(consent?.patient?.reference, 'Patient');
  const provision = consent?.provision;
  if (!consent || !patient || !provision || consent.status !== 'active' || !isPlainPermit(provision)) return;
  const recipients = (provision.actor ?? []).filter(({ role }) =>
    role.coding?.some(({ code }) => code === 'IRCP' || code === 'PRCP'),
  );
  const opened = openedTypes(provision);
  for (const recipient of recipients.map(({ reference }) => referenceId(reference.reference, 'Organization'))) {
    if (!recipient) continue;
    for (const carePlan of opened.carePlans) {
      await tx.query('insert into consent_grant values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing', [
        tenant,
        id,
        owner,
        patient,
        recipient,
        firstDate(provision.period?.start),
        lastDate(provision.period?.end),
        opened.caseloadStatus,
        carePlan,
      ]);
    }
  }
}

type Provision = NonNullable<Consent['provision']>;

const payerPurposes = new Set(['CAREMGT', 'COVERAGE', 'HOPERAT', 'HPAYMT', 'TREAT']);

function isPlainPermit(provision: Provision): boolean {
  const purposes = provision.purpose ?? [];
  return (
    provision.type !== 'deny' &&
    !provision.provision?.length &&
    !provision.code?.length &&
    !provision.dataPeriod &&
    (provision.action ?? []).every(({ coding }) =>
      coding?.some(({ code }) => code === 'access' || code === 'disclose'),
    ) &&
    purposes.every(({ code }) => code !== undefined && payerPurposes.has(code))
  );
}

/** `class` narrows to types and `data` to instances; neither means every record that the consent's plan may have at all. */
function openedTypes(provision: Provision): { caseloadStatus: boolean; carePlans: (string | null)[] } {
  const classes = (provision.class ?? []).map(({ code }) => code);
  const instances = (provision.data ?? []).map(({ reference }) => referenceId(reference.reference, 'CarePlan'));
  const opens = (type: string): boolean => classes.length === 0 || classes.includes(type);
  if (instances.length > 0) return { caseloadStatus: false, carePlans: instances.filter((id) => id !== undefined) };
  return { caseloadStatus: opens('Observation'), carePlans: [opens('CarePlan') ? '*' : null] };
}

/** States in which the referral's content stays open to the organisation that it was addressed to. */
const openStates = new Set(['requested', 'received', 'accepted', 'in-progress', 'on-hold', 'completed', 'failed']);

async function deriveShares(
  tx: Transaction,
  tenant: TenantId,
  owner: string,
  id: string,
  task: Task | undefined,
): Promise<void> {
  const source = `Task/${id}`;
  await tx.query('delete from share where tenant = $1 and source = $2', [tenant, source]);
  const target = referenceId(task?.owner?.reference, 'Organization');
  if (!task || !target || target === owner || task.status === 'draft' || task.status === 'entered-in-error') return;
  const share = async (type: string, sharedId: string | undefined, writable: boolean): Promise<void> => {
    if (sharedId === undefined) return;
    // Only what the Task's own organisation wrote can be shared by it.
    await tx.query(
      `insert into share select $1, $2, r.type, r.id, $5, $6 from resource r
        where r.tenant = $1 and r.type = $3 and r.id = $4 and r.owner = $7 and not r.deleted on conflict do nothing`,
      [tenant, target, type, sharedId, source, writable, owner],
    );
  };
  await share('Task', id, true);
  if (!openStates.has(task.status)) return;
  await share('ServiceRequest', referenceId(task.focus?.reference, 'ServiceRequest'), false);
  await share('Patient', referenceId(task.for?.reference, 'Patient'), false);
}

/** First calendar date of a FHIR date of any precision; open where absent. */
function firstDate(value: string | undefined): string {
  if (!value) return '-infinity';
  return `${value.slice(0, 10)}${'-01'.repeat(Math.max(0, Math.floor((10 - Math.min(value.length, 10)) / 3)))}`;
}

/** Last calendar date of a FHIR date of any precision: the month's or year's last day where the day is left out. */
function lastDate(value: string | undefined): string {
  if (!value) return 'infinity';
  if (value.length === 4) return `${value}-12-31`;
  if (value.length === 7)
    return new Date(Date.UTC(Number(value.slice(0, 4)), Number(value.slice(5, 7)), 0)).toISOString().slice(0, 10);
  return value.slice(0, 10);
}
