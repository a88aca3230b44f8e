/** A range of instants, both ends inclusive, to the millisecond; open ends are ±infinity, as PostgreSQL writes them. */
export interface InstantRange {
  readonly lo: string;
  readonly hi: string;
}

const form = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * The instants that a FHIR date of any precision covers (R4 search.html#date). A date without a zone is taken in UTC: clients that
 * mean a local day say so with an offset.
 */
export function dateRange(text: string): InstantRange | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, zone = 'Z'] = match;
  // A leap second is the last one of its minute.
  const seconds = second === '60' ? '59' : (second ?? '00');
  const low = Date.parse(
    `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${seconds}.${(fraction ?? '0').slice(0, 3).padEnd(3, '0')}${zone}`,
  );
  if (Number.isNaN(low) || (day !== undefined && hour === undefined && new Date(low).getUTCDate() !== Number(day)))
    return undefined;
  const high =
    fraction !== undefined
      ? low
      : second !== undefined
        ? low + 999
        : minute !== undefined
          ? low + 59_999
          : endOf(low, month, day);
  const [lo, hi] = [new Date(low), new Date(high)];
  // What PostgreSQL and a date of four digits cannot hold.
  if (lo.getUTCFullYear() < 1 || hi.getUTCFullYear() > 9999) return undefined;
  return { lo: lo.toISOString(), hi: hi.toISOString() };
}

function endOf(low: number, month: string | undefined, day: string | undefined): number {
  const start = new Date(low);
  const [y, m, d] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()];
  if (day !== undefined) return low + 86_399_999;
  const next = new Date(0);
  next.setUTCFullYear(month === undefined ? y + 1 : y, month === undefined ? 0 : m + 1, d);
  return next.getTime() - 1;
}

/** From the start of `start` to the end of `end`; undefined when neither can be read. */
export function periodRange(start: string | undefined, end: string | undefined): InstantRange | undefined {
  const from = start === undefined ? undefined : dateRange(start);
  const to = end === undefined ? undefined : dateRange(end);
  if (!from && !to) return undefined;
  return { lo: from?.lo ?? '-infinity', hi: to?.hi ?? 'infinity' };
}
