/**
 * Milliseconds of an instant in the one form that nearly everyone writes, `YYYY-MM-DDThh:mm:ss`, with up to three digits of a fraction and
 * `Z` or an offset, read off its characters: contacts have three instants each, no two alike, and a pattern and a general parser took a tenth
 * of a recomputation (docs/benchmarks.md).
 *
 * @returns undefined for whatever is not that form or not on the calendar: ask somebody who knows more forms
 */
export function plainInstant(text: string): number | undefined {
  const at = offsetAt(text);
  if (at === undefined) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const milliseconds = at === 19 ? 0 : fraction(text, at);
  const offset = at === text.length - 1 ? 0 : offsetMinutes(text, at);
  // Where one of them is no number, its comparison is false.
  const isPossible =
    year >= 1000 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    milliseconds >= 0 &&
    offset > -minutesOfDay;
  if (!isPossible || day > (month === 2 && isLeap(year) ? 29 : (daysOf[month] ?? 0))) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - offset * 60_000;
}

const minutesOfDay = 24 * 60;

const daysOf = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const [zero, hyphen, plus, colon, dot] = ['0', '-', '+', ':', '.'].map((one) => one.charCodeAt(0));

/** Where the offset begins; undefined where what stands before it is not the form. */
function offsetAt(text: string): number | undefined {
  const { length } = text;
  const isDivided =
    text.charCodeAt(4) === hyphen &&
    text.charCodeAt(7) === hyphen &&
    text[10] === 'T' &&
    text.charCodeAt(13) === colon &&
    text.charCodeAt(16) === colon;
  const at = text.endsWith('Z') ? length - 1 : length - 6;
  return isDivided && (at === 19 || (at > 20 && at <= 23 && text.charCodeAt(19) === dot)) ? at : undefined;
}

/** Minutes of `+hh:mm`, east of Greenwich above zero; NaN where it is none. */
function offsetMinutes(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  if ((sign !== plus && sign !== hyphen) || text.charCodeAt(at + 3) !== colon || !(hours <= 23 && minutes <= 59))
    return Number.NaN;
  return (sign === plus ? 1 : -1) * (hours * 60 + minutes);
}

/** @returns NaN where they are not digits */
function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - (zero ?? 0);
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

/** `.5` is 500 milliseconds. */
function fraction(text: string, end: number): number {
  let milliseconds = 0;
  for (let at = 20, worth = 100; at < end; at++, worth /= 10) milliseconds += digit(text, at) * worth;
  return milliseconds;
}
