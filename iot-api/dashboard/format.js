// Numbers and times as text.

import { state } from './state.js';

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const rough = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const count = new Intl.NumberFormat('en');

const odd = (x) => x !== 0 && (Math.abs(x) < 1e-4 || Math.abs(x) >= 1e9);

/** A measured number; a dash where there is none. */
export const value = (x) => {
  if (x === null || x === undefined) return '–';
  return odd(x) ? x.toExponential(4) : number.format(x);
};

/** The same in three digits, for sentences. */
export const about = (x) => (odd(x) ? x.toExponential(2) : rough.format(x));

export const whole = (x) => (x === null || x === undefined ? '–' : count.format(x));

/** `voltage` as `Voltage`. */
export const title = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

/** A quantity with its unit. */
export const withUnit = ({ name, unit }) => (unit ? `${title(name)} (${unit})` : title(name));

/** A number with a unit behind it. */
export const measured = (x, unit) => (unit ? `${value(x)} ${unit}` : value(x));

const isUtc = () => state.zone === 'utc';
const two = (n) => String(n).padStart(2, '0');

/** Year to millisecond of an instant in the chosen zone. */
function parts(ms) {
  const date = new Date(ms);
  const get = (name) => date[isUtc() ? `getUTC${name}` : `get${name}`]();
  return { day: `${get('FullYear')}-${two(get('Month') + 1)}-${two(get('Date'))}`, clock: `${two(get('Hours'))}:${two(get('Minutes'))}:${two(get('Seconds'))}`, ms: get('Milliseconds') };
}

/** The name of the zone at an instant: `UTC`, `GMT+1`. */
export function zoneName(ms) {
  if (isUtc()) return 'UTC';
  const named = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(ms);
  return named.find(({ type }) => type === 'timeZoneName')?.value ?? 'local time';
}

/** Milliseconds since 1970 as a time of the chosen zone, without its name. */
export function bareTime(ms) {
  const { day, clock, ms: rest } = parts(ms);
  return `${day} ${clock}${rest ? `.${String(rest).padStart(3, '0')}` : ''}`;
}

/** Milliseconds since 1970 as a time with its zone. */
export const time = (ms) => `${bareTime(ms)} ${zoneName(ms)}`;

/** The clock alone where it is today's, with the day where not. */
export function clock(ms) {
  const { day, clock } = parts(ms);
  return day === parts(Date.now()).day ? `${clock} ${zoneName(ms)}` : `${day} ${clock} ${zoneName(ms)}`;
}

/** Hour and minute, with the day where it is not today; for lists, in which the zone is clear. */
export function brief(ms) {
  const { day, clock } = parts(ms);
  return day === parts(Date.now()).day ? clock.slice(0, 5) : `${day} ${clock.slice(0, 5)}`;
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
