import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { History } from './format.ts';
import { authorization } from './generate/authorization.ts';
import { billingDays } from './generate/billing.ts';
import { collect } from './generate/build.ts';
import { connections } from './generate/connections.ts';
import { coverage } from './generate/coverage.ts';
import { credentials } from './generate/credentials.ts';
import { documentation } from './generate/documentation.ts';
import { ends } from './generate/ends.ts';
import { groups } from './generate/groups.ts';
import { messages } from './generate/messages.ts';
import { michiganEpisodes } from './generate/michigan-episodes.ts';
import { michiganNotes } from './generate/michigan-notes.ts';
import { michiganRefusals } from './generate/michigan-refusals.ts';
import { michiganRequests } from './generate/michigan-requests.ts';
import { michiganServices } from './generate/michigan-services.ts';
import { michiganTraining } from './generate/michigan-training.ts';
import { onset } from './generate/onset.ts';
import { otherReadings } from './generate/readings.ts';
import { records } from './generate/records.ts';
import { staffing } from './generate/staffing.ts';
import { fiveInThirty } from './generate/tufts.ts';
import { windows } from './generate/windows.ts';

/**
 * Every history of the pack. Expectations are stated by calendar arithmetic on the payers' sentences; nothing of src/domain is read
 * here or in `generate/`.
 */
export function allHistories(): History[] {
  return collect([
    windows,
    messages,
    documentation,
    ends,
    coverage,
    connections,
    groups,
    credentials,
    staffing,
    fiveInThirty,
    onset,
    authorization,
    billingDays,
    michiganServices,
    michiganNotes,
    michiganRequests,
    michiganEpisodes,
    michiganRefusals,
    michiganTraining,
    records,
    otherReadings,
  ]);
}

if (import.meta.main) {
  const folder = new URL('histories/', import.meta.url);
  const histories = allHistories();
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(new URL(name, folder));
  for (const history of histories) writeFileSync(new URL(`${history.id}.json`, folder), `${JSON.stringify(history)}\n`);
  console.log(`${histories.length} histories`);
}
