// Which time is shown.

import { el } from './dom.js';
import { time } from './format.js';
import { change, state } from './state.js';

const HOUR = 3600e3;

/** Lengths back from the newest reading of the device. */
const LENGTHS = {
  '15m': ['15 min', HOUR / 4],
  '1h': ['1 hour', HOUR],
  '6h': ['6 hours', 6 * HOUR],
  '24h': ['24 hours', 24 * HOUR],
  '7d': ['7 days', 168 * HOUR],
  '30d': ['30 days', 720 * HOUR],
  all: ['All', Infinity],
};

/** The range as milliseconds since 1970, for a device; the end is not part of it. */
export function bounds(device) {
  const zoom = /^(-?\d+)\.\.(-?\d+)$/.exec(state.range);
  if (zoom) return { from: Number(zoom[1]), to: Number(zoom[2]) };
  const length = LENGTHS[state.range]?.[1] ?? Infinity;
  if (length === Infinity) return {};
  const to = Date.parse(device.last_seen) + 1;
  return { from: to - length, to };
}

/** Shows one stretch of time only. */
export const zoom = (from, to) => change({ range: `${Math.floor(from)}..${Math.ceil(to)}` });

/** Whether the newest readings are part of the range. */
export const follows = () => state.range in LENGTHS;

/** Draws the buttons. */
export function drawRanges(container, device) {
  const buttons = Object.entries(LENGTHS).map(([range, [label]]) =>
    el('button', { type: 'button', 'aria-pressed': String(range === state.range), onclick: () => change({ range }) }, label));
  const { from, to } = bounds(device);
  const note = from === undefined ? `${time(Date.parse(device.first_seen))} to ${time(Date.parse(device.last_seen))}` : `${time(from)} to ${time(to)}`;
  container.replaceChildren(...buttons, el('span', { className: 'note' }, note));
}
