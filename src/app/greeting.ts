import { relative } from 'node:path';
import { caseloadOverview, type OverviewLine } from '../service/caseload-overview.ts';
import { findTenant } from '../store/tenants.ts';
import type { Config } from './config.ts';
import type { Running } from './server.ts';

/** Lines of the table: enough to see what the product does, not more than a screen. */
const shown = 20;

/** What a person sees at start: where it listens, where the credentials are, the caseload today, and what to try next. */
export async function greet(running: Running, config: Config, clientsFile: string | undefined): Promise<void> {
  const lines = [
    `Footbridge listens on ${running.url}`,
    '',
    ...(config.roles.has('http')
      ? [`  FHIR R4      ${running.url}/fhir/R4  (metadata: ${running.url}/fhir/R4/metadata)`]
      : []),
    ...(clientsFile === undefined ? [] : [`  Credentials  ${pathOf(clientsFile)}`]),
  ];
  if (clientsFile !== undefined) {
    const tenant = await findTenant(running.services.db, 'main');
    const overview =
      tenant.ok && tenant.value !== undefined ? await caseloadOverview(running.services, tenant.value, 60) : undefined;
    if (overview?.ok)
      lines.push('', ...table(overview.value), '', 'Next: npm run demo, or open the address above in a browser.');
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function table(lines: readonly OverviewLine[]): string[] {
  const binding = lines.filter(({ ruleset }) => ruleset === 'masshealth-mce');
  const order = ['on', 'indeterminate', 'off', 'not-applicable'];
  const edges = binding.filter(({ patient }) => !/^member-\d+$/.test(patient)).slice(0, shown);
  const rows = edges.map(({ coach, daysLeft, lastDay, patient, reason, status }) => [
    patient,
    coach,
    status,
    lastDay ?? '',
    daysLeft === undefined ? '' : String(daysLeft),
    reason.length > 60 ? `${reason.slice(0, 59)}…` : reason,
  ]);
  const head = ['member', 'coach', 'status', 'last day', 'days left', 'because'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  const counts = order.map((status) => `${lines.filter((one) => one.status === status).length} ${status}`).join(', ');
  return [
    `Caseload today (MassHealth: on while a documented contact is at most 21 days old): ${counts}`,
    '',
    line(head),
    ...rows.map(line),
  ];
}

function pathOf(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
