import { ok } from '../base/result.ts';
import { type Found, type SearchPage, searchResources } from '../service/search.ts';
import type { FhirAnswer, FhirRequest } from './fhir-request.ts';
import { operationOutcome } from './outcome.ts';
import { isPreferred } from './prefer.ts';

/** Runs a search and writes its searchset Bundle; stored JSON goes through as text, unparsed. */
export async function searchAnswer(request: FhirRequest, type: string, input: URLSearchParams): FhirAnswer {
  const { access, fhirBase, requestId, services, tx } = request;
  const page = await searchResources({
    services,
    access,
    fhirBase,
    requestId,
    type,
    input,
    lenient: isPreferred(request, 'handling', 'lenient'),
    tx,
  });
  return page.ok ? ok({ status: 200, body: searchset(fhirBase, type, page.value) }) : page;
}

function searchset(fhirBase: string, type: string, page: SearchPage): string {
  const self = `${fhirBase}/${type}${page.followed.size > 0 ? `?${page.followed}` : ''}`;
  const next =
    page.next === undefined
      ? []
      : [{ relation: 'next', url: `${self}${self.includes('?') ? '&' : '?'}_cursor=${page.next}` }];
  const head = {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(page.total !== undefined && { total: page.total }),
    link: [{ relation: 'self', url: self }, ...next],
  };
  const entries = [...page.found.map((found) => entry(fhirBase, found)), ...ignoredEntry(page.ignored)];
  return entries.length === 0
    ? JSON.stringify(head)
    : `${JSON.stringify(head).slice(0, -1)},"entry":[${entries.join(',')}]}`;
}

function entry(fhirBase: string, { id, mode, resource, type }: Found): string {
  return `{"fullUrl":"${fhirBase}/${type}/${id}","resource":${resource.content},"search":{"mode":"${mode}"}}`;
}

/** What lenient handling passed over is said in an outcome entry (R4 search.html#errors). */
function ignoredEntry(ignored: readonly string[]): string[] {
  if (ignored.length === 0) return [];
  const text = `Not supported and passed over: ${[...new Set(ignored)].join(', ').slice(0, 500)}.`;
  return [
    JSON.stringify({
      resource: operationOutcome([{ severity: 'warning', code: 'not-supported', text }]),
      search: { mode: 'outcome' },
    }),
  ];
}
