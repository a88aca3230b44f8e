import { createHash } from 'node:crypto';
import { Router } from 'express';
import type { TenantId } from '../base/ids.ts';
import { caseloadOverview, type OverviewLine } from '../service/caseload-overview.ts';
import type { Services } from '../service/context.ts';
import { Html, html } from './html.ts';

export interface HomeOptions {
  readonly services: Services;
  readonly url: () => string;
  readonly version: string;
  /** the main tenant of a sandbox; undefined in production, where this page shows nobody */
  readonly sandboxTenant: () => Promise<TenantId | undefined>;
  /** where the sandbox's credentials lie */
  readonly clientsFile: string;
}

/** Members shown on the page. */
const most = 60;
/** The page is for people, not for polling. */
const rememberMs = 2_000;

/** `/`: what this is, where everything is, and the caseload of the sandbox as it stands today. */
export function homeRoutes(options: HomeOptions): Router {
  const router = Router();
  let remembered: { until: number; lines: readonly OverviewLine[] } | undefined;
  const overview = async (): Promise<readonly OverviewLine[] | undefined> => {
    const tenant = await options.sandboxTenant();
    if (tenant === undefined) return undefined;
    const now = options.services.wallClock.now().getTime();
    if (remembered && now < remembered.until) return remembered.lines;
    const found = await caseloadOverview(options.services, tenant, most);
    if (!found.ok) return [];
    remembered = { until: now + rememberMs, lines: found.value };
    return found.value;
  };
  router.get('/', async (_request, response) => {
    const page = homePage(options, await overview());
    response.set({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'Cache-Control': 'no-store',
    });
    response.send(page);
  });
  return router;
}

function homePage({ clientsFile, url, version }: HomeOptions, lines: readonly OverviewLine[] | undefined): string {
  const base = url();
  const fhir = `${base}/fhir/R4`;
  const link = (address: string): Html => html`<a href="${address}">${address}</a>`;
  const places: readonly (readonly [string, Html])[] = [
    ['FHIR base', html`<code>${fhir}</code>`],
    ['Capabilities', link(`${fhir}/metadata`)],
    ['SMART configuration', link(`${fhir}/.well-known/smart-configuration`)],
    ['Token endpoint', html`<code>${base}/auth/token</code>`],
    ...(lines ? [['Credentials', html`<code>${clientsFile}</code>`] as const] : []),
    ['Documentation', html`<code>README.md</code> and <code>docs/</code> of the checkout`],
  ];
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Footbridge</title><style>${new Html(style)}</style></head>
<body><main>
<header><h1>Footbridge</h1><p class="version">${version}</p></header>
<p class="lead">A FHIR R4 integration server for peer recovery coaching. EHRs and coach apps push contacts, referring providers send requests, health plans
ask; each day Footbridge works out who is on whose caseload under each payer’s rules, with the evidence, and tells nobody more than they may know.</p>
<section aria-labelledby="places"><h2 id="places">Where things are</h2><dl>${places.map(([name, place]) => html`<div><dt>${name}</dt><dd>${place}</dd></div>`)}</dl></section>
${lines ? sandboxSection(lines) : html`<p>This is a production server. It shows nobody’s data here.</p>`}
</main></body></html>`;
  return page.text;
}

function sandboxSection(lines: readonly OverviewLine[]): Html {
  const count = (status: string): number => lines.filter((line) => line.status === status).length;
  return html`<section aria-labelledby="next"><h2 id="next">Try next</h2><pre><code>npm run demo</code></pre>
<p>It sends a coach’s contacts as an EHR, asks as a health plan with and without consent, refers a member and answers the referral, and says what each step means.</p></section>
<section aria-labelledby="caseload"><h2 id="caseload">The caseload today</h2>
<p>Invented people. ${count('on')} on, ${count('indeterminate')} open, ${count('off')} off, ${count('not-applicable')} under plans that the definition does not bind.</p>
<div class="scroll"><table><thead><tr><th scope="col">Member</th><th scope="col">Coach</th><th scope="col">Status</th><th scope="col">Last day</th><th scope="col">Why</th></tr></thead>
<tbody>${lines.map(row)}</tbody></table></div></section>`;
}

const words: Readonly<Record<string, string>> = {
  on: 'on',
  off: 'off',
  indeterminate: 'open',
  'not-applicable': 'does not apply',
};

function row({ coach, daysLeft, lastDay, member, patient, reason, ruleset, sentence, status }: OverviewLine): Html {
  const left = daysLeft === undefined ? undefined : html` <small>${daysLeft} days left</small>`;
  return html`<tr><td>${member}<br><small>${patient}</small></td><td>${coach}<br><small>${ruleset}</small></td><td><span class="status ${status}">${words[status]}</span></td>
<td>${lastDay}${left}</td><td>${reason}<br><small>${sentence}</small></td></tr>`;
}

const style = `:root{color-scheme:light dark;--ink:#1d2b2a;--paper:#fbfaf7;--line:#d9d5cb;--accent:#0c6b5e;--soft:#5c6b69}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebe6;--paper:#15201f;--line:#33413f;--accent:#6fd3c1;--soft:#a3b1ae}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:70rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}header{display:flex;align-items:baseline;gap:.75rem}
h1{font-size:2.1rem;margin:0;letter-spacing:-.02em}h2{font-size:1.15rem;margin:2.25rem 0 .5rem}.version,small{color:var(--soft)}.lead{max-width:46rem;font-size:1.08rem}
dl{margin:0}dl div{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:.35rem 0;border-top:1px solid var(--line)}dt{width:12rem;color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
a{color:var(--accent)}code{font:.92em ui-monospace,monospace}pre{background:color-mix(in srgb,var(--ink) 7%,transparent);padding:.75rem 1rem;border-radius:.5rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.55rem .75rem .55rem 0;border-top:1px solid var(--line)}th{color:var(--soft);font-weight:500}
td:nth-child(4){white-space:nowrap}.status{display:inline-block;padding:.05rem .6rem;border-radius:1rem;border:1px solid currentColor;white-space:nowrap}.on{color:var(--accent)}.off{color:#a4442f}.indeterminate{color:#9a6a00}.not-applicable{color:var(--soft)}
@media(prefers-color-scheme:dark){.off{color:#f0937d}.indeterminate{color:#e3b95b}}`;
const styleHash = createHash('sha256').update(style).digest('base64');
