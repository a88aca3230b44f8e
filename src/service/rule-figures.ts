import type { ParametersParameter } from '@medplum/fhirtypes';
import { parseLocalDate } from '../base/time.ts';
import type { RuleAnswer } from '../domain/answer.ts';
import type { Reader } from './readable.ts';

/** How a rule binds stands beside its figures. */
const elsewhere: ReadonlySet<string> = new Set(['mode']);
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The counts, dates and codes of an answer as one `figures` part, each under its own name and with its own type. */
export function figureParts(figures: RuleAnswer['figures'], reader: Reader): ParametersParameter[] {
  const part = Object.entries(figures)
    .filter(([name, value]) => !elsewhere.has(name) && value !== '')
    .map(([name, value]): ParametersParameter => ({ name: reader.withoutHidden(name), ...valueOf(value, reader) }));
  return part.length > 0 ? [{ name: 'figures', part }] : [];
}

function valueOf(value: string | number | boolean, reader: Reader): Partial<ParametersParameter> {
  if (typeof value === 'boolean') return { valueBoolean: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { valueInteger: value } : { valueDecimal: value };
  if (parseLocalDate(value) !== undefined) return { valueDate: value };
  if (instant.test(value)) return { valueInstant: value };
  return { valueString: reader.withoutHidden(value) };
}
