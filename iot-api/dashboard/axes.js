// Where the labels of an axis stand, and what they say.

import { calendar, fixed } from './format.js';
import { state } from './state.js';

const [SECOND, MINUTE, DAY, MONTH, YEAR] = [1e3, 60e3, 86400e3, 30 * 86400e3, 365 * 86400e3];

/** The first of every so many months, counted from the year 0, in UTC. */
function months(min, max, step) {
  const start = new Date(min);
  const first = Math.floor((start.getUTCFullYear() * 12 + start.getUTCMonth()) / step) * step;
  const all = [];
  for (let month = first; ; month += step) {
    const ms = Date.UTC(Math.floor(month / 12), month % 12);
    if (!(ms <= max)) return all;
    if (ms >= min) all.push(ms);
  }
}

/**
 * The labels' instants in UTC, at steps that uPlot has chosen. Its own are made of local days, which are an hour longer
 * or shorter twice a year.
 */
function utcSplits(_, __, min, max, step) {
  if (step >= 28 * DAY) return months(min, max, Math.max(1, Math.round(step >= YEAR ? (step / YEAR) * 12 : step / MONTH)));
  const all = [];
  for (let ms = Math.ceil(min / step) * step; ms <= max; ms += step) all.push(ms);
  return all;
}

/** What is said of an instant at a step between labels, and what below it where that has changed. */
function label(ms, step) {
  const { year, month, date, day, hour, minute, second, fraction, monthName } = calendar(ms);
  if (step >= YEAR) return [year, ''];
  if (step >= 28 * DAY) return [monthName, year];
  if (step >= DAY) return [`${month}-${date}`, year];
  if (step >= MINUTE) return [`${hour}:${minute}`, day];
  if (step >= SECOND) return [`${hour}:${minute}:${second}`, day];
  return [`:${second}.${fraction}`, `${day} ${hour}:${minute}`];
}

function timeLabels(_, splits, __, ___, step) {
  let before = '';
  return splits.map((ms) => {
    const [text, below] = label(ms, step);
    const changed = below !== before;
    before = below;
    return changed ? `${text}\n${below}` : text;
  });
}

/** The axis of time, in the chosen zone. */
export const timeAxis = () => ({ values: timeLabels, space: 64, ...(state.zone === 'utc' ? { splits: utcSplits } : {}) });

/** An axis of values, with as many decimals as the steps have, and as wide as that takes. */
export const valueAxis = () => ({
  values: (_, ticks, __, ___, step) => fixed(ticks, step),
  size: (_, texts) => Math.max(64, 20 + 7 * Math.max(0, ...(texts ?? []).map(({ length }) => length))),
});
