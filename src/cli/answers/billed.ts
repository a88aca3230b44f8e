import { inWords, type Part, reasonsIn, told } from './parameters.ts';

/** What a result of billing means, in words. */
export const billed: Readonly<Record<string, string>> = {
  met: 'billable',
  'not-met': 'not billable',
  indeterminate: 'not decided',
  'not-applicable': 'not billed so',
};

/** Every reason, since the one that somebody mends first is not the payer's to choose, and what is open beside them. */
export function because(part: Part): string {
  const reasons = reasonsIn(part);
  const { open } = told(part);
  const beside = open === undefined ? '' : `. Open beside it: ${open.split('; ').map(inWords).join('; ')}`;
  return reasons.length === 0 ? '' : ` because ${reasons.join('; ')}${beside}`;
}

/** `2026-03-05 (Encounter/1): billable as T1012, 4 units`. */
export function serviceLine(service: Part): string {
  const { charge, contact, date, result = '', units } = told(service);
  const as = charge === undefined ? '' : ` as ${charge}`;
  const count = units === undefined ? '' : `, ${units} ${units === '1' ? 'unit' : 'units'}`;
  return `${date}${contact === undefined ? '' : ` (${contact})`}: ${billed[result] ?? result}${as}${count}${because(service)}`;
}
