// Numbers and times as text.

import { state } from './state.js';

const formats = new Map();

/** So many significant digits, but never fewer than the whole number has. */
function digits(n) {
  if (!formats.has(n)) {
    formats.set(n, new Intl.NumberFormat('en', { maximumSignificantDigits: n, maximumFractionDigits: 0, roundingPriority: 'morePrecision' }));
  }
  return formats.get(n);
}

const count = new Intl.NumberFormat('en');

const odd = (x) => x !== 0 && (Math.abs(x) < 1e-4 || Math.abs(x) >= 1e15);

const text = (x, n) => (odd(x) ? x.toExponential(n - 1) : digits(n).format(x));

/** A measured number; a dash where there is none. */
export const value = (x) => (x === null || x === undefined ? '–' : text(x, 6));

/** Numbers in a few significant digits, and as many more as it takes to tell them apart. */
export function apart(numbers, least = 3) {
  const different = new Set(numbers).size;
  for (let n = least; ; n += 1) {
    const texts = numbers.map((x) => text(x, n));
    if (n >= 17 || new Set(texts).size >= different) return texts;
  }
}

/** The same of one number, for sentences. */
export const about = (x) => apart([x])[0];

/** The labels of an axis: all with the decimals that a step between them has. */
export function fixed(ticks, step) {
  const [mantissa, exponent] = step.toExponential().split('e');
  const decimals = (mantissa.split('.')[1]?.length ?? 0) - Number(exponent);
  const most = Math.max(...ticks.map(Math.abs));
  if (odd(most)) {
    const significant = Number(most.toExponential().split('e')[1]) + decimals;
    return ticks.map((x) => (x === 0 ? '0' : x.toExponential(Math.min(20, Math.max(0, significant)))));
  }
  const places = Math.min(20, Math.max(0, decimals));
  const format = new Intl.NumberFormat('en', { minimumFractionDigits: places, maximumFractionDigits: places });
  // A zero that the steps have not quite come to would be -0.
  return ticks.map((x) => format.format(Math.abs(x) < step / 2 ? 0 : x));
}

export const whole = (x) => (x === null || x === undefined ? '–' : count.format(x));

/** `voltage` as `Voltage`. */
export const title = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

/** A quantity with its unit. */
export const withUnit = ({ name, unit }) => (unit ? `${title(name)} (${unit})` : title(name));

/** A text with a unit behind it. */
export const inUnit = (text, unit) => (unit ? `${text} ${unit}` : text);

/** A measured number with its unit. */
export const measured = (x, unit) => inUnit(value(x), unit);

const isUtc = () => state.zone === 'utc';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n) => String(n).padStart(2, '0');

/** Year to millisecond of an instant in the chosen zone, as texts. */
export function calendar(ms) {
  const moment = new Date(ms);
  const get = (name) => moment[isUtc() ? `getUTC${name}` : `get${name}`]();
  const [year, month, date] = [String(get('FullYear')), two(get('Month') + 1), two(get('Date'))];
  const [hour, minute, second] = [two(get('Hours')), two(get('Minutes')), two(get('Seconds'))];
  return {
    year, month, date, hour, minute, second,
    day: `${year}-${month}-${date}`,
    clock: `${hour}:${minute}:${second}`,
    fraction: String(get('Milliseconds')).padStart(3, '0'),
    monthName: MONTHS[get('Month')],
  };
}

/** The name of the zone at an instant: `UTC`, `GMT+1`. */
export function zoneName(ms) {
  if (isUtc()) return 'UTC';
  const named = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(ms);
  return named.find(({ type }) => type === 'timeZoneName')?.value ?? 'local time';
}

/** Milliseconds since 1970 as a time of the chosen zone, without its name. */
export function bareTime(ms) {
  const { day, clock, fraction } = calendar(ms);
  return `${day} ${clock}${fraction === '000' ? '' : `.${fraction}`}`;
}

/** Milliseconds since 1970 as a time with its zone. */
export const time = (ms) => `${bareTime(ms)} ${zoneName(ms)}`;

/** The clock alone where it is today's, with the day where not. */
export function clock(ms) {
  const { day, clock } = calendar(ms);
  return day === calendar(Date.now()).day ? `${clock} ${zoneName(ms)}` : `${day} ${clock} ${zoneName(ms)}`;
}

/** Hour and minute, with the day where it is not today; for lists, in which the zone is clear. */
export function brief(ms) {
  const { day, clock } = calendar(ms);
  return day === calendar(Date.now()).day ? clock.slice(0, 5) : `${day} ${clock.slice(0, 5)}`;
}

/** An instant as the value of a `datetime-local` field, in the chosen zone. */
export const toField = (ms) => bareTime(Math.floor(ms / 1000) * 1000).replace(' ', 'T');

/** The instant of such a value; NaN if it is none. */
export const fromField = (text) => Date.parse(isUtc() ? `${text}Z` : text);

/** A length of time, roughly: `12 s`, `3 min`. */
export function length(ms) {
  const seconds = ms / 1000;
  const [unit, size] = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]].find(([, size]) => seconds >= size) ?? ['s', 1];
  return `${whole(Math.floor(seconds / size))} ${unit}`;
}

/** How long ago, roughly: `now`, `12 s ago`, `3 min ago`. */
export function ago(ms) {
  if (ms < -5e3) return 'in the future';
  return ms < 5e3 ? 'now' : `${length(ms)} ago`;
}

/** So many things, `1 reading` or `2 readings`. */
export const many = (n, thing) => `${whole(n)} ${thing}${n === 1 ? '' : 's'}`;
