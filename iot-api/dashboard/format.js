// Numbers and times as text.

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const count = new Intl.NumberFormat('en');

/** A measured number; a dash where there is none. */
export const value = (x) => {
  if (x === null || x === undefined) return '–';
  return x !== 0 && (Math.abs(x) < 1e-4 || Math.abs(x) >= 1e9) ? x.toExponential(4) : number.format(x);
};

export const whole = (x) => (x === null || x === undefined ? '–' : count.format(x));

/** `voltage` as `Voltage`. */
export const title = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

/** A quantity with its unit. */
export const withUnit = ({ name, unit }) => (unit ? `${title(name)} (${unit})` : title(name));

/** Milliseconds since 1970 as a time of UTC. */
export const time = (ms) => `${new Date(ms).toISOString().replace('T', ' ').replace(/\.000Z$|Z$/, '')} UTC`;

/** How long ago, roughly: `now`, `12 s ago`, `3 min ago`. */
export function ago(ms) {
  const seconds = ms / 1000;
  if (seconds < -5) return 'in the future';
  if (seconds < 5) return 'now';
  const [unit, length] = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]].find(([, length]) => seconds >= length);
  return `${whole(Math.floor(seconds / length))} ${unit} ago`;
}

/** So many things, `1 reading` or `2 readings`. */
export const many = (n, thing) => `${whole(n)} ${thing}${n === 1 ? '' : 's'}`;
