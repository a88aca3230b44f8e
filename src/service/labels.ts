import type { Coding, Meta, Resource } from '@medplum/fhirtypes';

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/**
 * Every record about a member is a 42 CFR Part 2 record unless its organisation is known not to be a Part 2 program (domain model,
 * P2-6: unknown counts as yes), so each carries these two.
 */
const part2: readonly Coding[] = [
  { system: confidentiality, code: 'R', display: 'restricted' },
  { system: actCode, code: '42CFRPart2', display: '42 CFR Part2' },
];

/**
 * The resource's meta with its labels: what was sent, what stood before, and what Part 2 asks for. A client can raise labels, never
 * lower them (T35).
 */
export function labelled(meta: Meta | undefined, aboutPatient: boolean, before: Resource | undefined): Meta {
  const wanted = [...(meta?.security ?? []), ...(before?.meta?.security ?? []), ...(aboutPatient ? part2 : [])];
  const security = wanted.filter((coding, index) => wanted.findIndex((other) => same(coding, other)) === index);
  return { ...meta, ...(security.length > 0 && { security }) };
}

function same(a: Coding, b: Coding): boolean {
  return a.system === b.system && a.code === b.code;
}
