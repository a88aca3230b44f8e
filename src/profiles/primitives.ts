/** What a primitive must look like: a sentence for the sender where it does not (R4 datatypes.html#primitive). */
export type PrimitiveCheck = (value: unknown) => string | undefined;

const text =
  (pattern: RegExp | undefined, form: string): PrimitiveCheck =>
  (value) => {
    if (typeof value !== 'string') return `must be ${form}, written as a JSON string`;
    if (value === '') return 'must not be empty; leave it out instead';
    return pattern === undefined || pattern.test(value) ? undefined : `must be ${form}`;
  };

const whole =
  (from: number, form: string): PrimitiveCheck =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= 2_147_483_647
      ? undefined
      : `must be ${form}, written as a JSON number`;

const dateForm = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
const dateTimeForm =
  /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00)))?)?)?$/;
const instantForm =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))$/;

/** A date of the right form that the calendar does not have, e.g. 2025-02-29, or an instant that leaves the years 1 to 9999 in UTC. */
function onCalendar(check: PrimitiveCheck): PrimitiveCheck {
  return (value) => {
    const wrong = check(value);
    if (wrong !== undefined || typeof value !== 'string') return wrong;
    if (value.startsWith('0000')) return 'is in the year 0000, which the calendar does not have';
    if (value.length < 10) return undefined;
    const day = value.slice(0, 10);
    if (value.length > 10 && /^(0001-01-01|9999-12-31)/.test(day) && isOutOfYears(value))
      return 'is outside the years 0001 to 9999 in UTC';
    if (Number(day.slice(8)) <= 28) return undefined;
    return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
      ? undefined
      : `is ${day}, which the calendar does not have`;
  };
}

function isOutOfYears(instant: string): boolean {
  const year = new Date(instant.replace(':60', ':59')).getUTCFullYear();
  return !(year >= 1 && year <= 9999);
}

const uri = text(/^\S*$/, 'a URI without spaces');
const string: PrimitiveCheck = (value) => {
  if (typeof value !== 'string') return 'must be a JSON string';
  if (value.trim() === '') return 'must not be empty; leave it out instead';
  return undefined;
};

export const primitives: Readonly<Record<string, PrimitiveCheck>> = {
  base64Binary: text(/^(\s*[A-Za-z0-9+/]){0,}\s*={0,2}\s*$/, 'base64'),
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false, without quotes'),
  canonical: uri,
  code: text(/^\S+( \S+)*$/, 'a code without leading, trailing or double spaces'),
  date: onCalendar(text(dateForm, 'a date (YYYY, YYYY-MM or YYYY-MM-DD)')),
  dateTime: onCalendar(
    text(dateTimeForm, 'a date, or a date and time with seconds and offset, e.g. 2026-03-01T10:00:00-05:00'),
  ),
  decimal: (value) => (typeof value === 'number' && Number.isFinite(value) ? undefined : 'must be a JSON number'),
  id: text(/^[A-Za-z0-9.-]{1,64}$/, `1 to 64 letters, digits, '-' or '.'`),
  instant: onCalendar(text(instantForm, 'an instant with seconds and offset, e.g. 2026-03-01T10:00:00-05:00')),
  integer: whole(-2_147_483_648, 'a whole number'),
  markdown: string,
  oid: text(/^urn:oid:[0-2](\.(0|[1-9]\d*))+$/, 'an OID as urn:oid:…'),
  positiveInt: whole(1, 'a whole number above 0'),
  string,
  time: text(/^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?$/, 'a time as hh:mm:ss'),
  unsignedInt: whole(0, 'a whole number of at least 0'),
  uri,
  url: uri,
  uuid: text(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID as urn:uuid:…'),
  xhtml: text(/^<div[\s>][\s\S]*<\/div>$/, 'XHTML in one <div>'),
};
