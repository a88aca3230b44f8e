import { type Findings, shown } from './findings.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The rules of DomainResource (dom-2 to dom-5) and of its narrative, which FHIRPath says at great length. */
export function checkDomainResource(resource: Fields, path: string, found: Findings): void {
  checkNarrative(resource['text'], path, found);
  const contained = resource['contained'];
  if (!Array.isArray(contained)) return;
  const text = JSON.stringify({ ...resource, contained: contained.map((one: object) => ({ ...one, id: undefined })) });
  for (const [index, one] of contained.entries()) {
    const at = `${path}.contained[${index}]`;
    const {
      contained: nested,
      id,
      meta,
      resourceType,
    } = one as { contained?: unknown; id?: unknown; meta?: Fields; resourceType?: unknown };
    if (nested !== undefined)
      found.error('invariant', at, `${at} contains resources itself (dom-2). Contain them in the outermost resource.`);
    if (typeof id !== 'string')
      found.error('required', `${at}.id`, `${at} needs an id that the resource refers to as #id.`);
    else if (resourceType !== 'Provenance' && !text.includes(`"#${id}"`) && !JSON.stringify(one).includes('"#"'))
      found.error('invariant', at, `Nothing refers to ${at}, #${shown(id)} (dom-3). Refer to it, or remove it.`);
    if (meta?.['versionId'] !== undefined || meta?.['lastUpdated'] !== undefined)
      found.error(
        'invariant',
        `${at}.meta`,
        `${at} has no version of its own (dom-4). Remove versionId and lastUpdated.`,
      );
    if (meta?.['security'] !== undefined)
      found.error(
        'invariant',
        `${at}.meta.security`,
        `${at} has no security label of its own (dom-5). Label the resource that contains it.`,
      );
  }
}

const forbidden =
  /<\s*(script|style|iframe|object|embed|form|input|button|link|meta|base|frame|head|body|html)\b|\son[a-z]+\s*=|javascript:/i;

/** txt-1 and txt-2: simple XHTML that says something and does nothing. */
function checkNarrative(narrative: unknown, path: string, found: Findings): void {
  const div = (narrative as { div?: unknown } | undefined)?.div;
  if (typeof div !== 'string') return;
  const at = `${path}.text.div`;
  if (forbidden.test(div))
    found.error('invariant', at, `${at} holds active or disallowed XHTML (txt-1). Send plain formatting only.`);
  if (!/<img\b/i.test(div) && div.replace(/<[^>]*>/g, '').trim() === '')
    found.error('invariant', at, `${at} says nothing (txt-2). Leave the narrative out instead.`);
}
