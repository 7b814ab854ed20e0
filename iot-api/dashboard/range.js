// Which time is shown.

import { el } from './dom.js';
import { fromField, time, toField } from './format.js';
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

const chosen = () => /^(-?\d+)\.\.(-?\d+)$/.exec(state.range);

/** How long the range is, where it ends at the newest reading. */
const span = () => LENGTHS[state.range]?.[1] ?? Infinity;

/** The range as milliseconds since 1970, for a device; the end is not part of it. Nothing where all is wanted. */
export function bounds(device) {
  const stretch = chosen();
  if (stretch) return { from: Number(stretch[1]), to: Math.max(Number(stretch[2]), Number(stretch[1]) + 1) };
  if (span() === Infinity) return {};
  const to = Date.parse(device.last_seen) + 1;
  return { from: to - span(), to };
}

/** What the time axis shows. */
export function view(device) {
  const { from = Date.parse(device.first_seen), to = Date.parse(device.last_seen) } = bounds(device);
  return to > from ? [from, to] : [from - 500, from + 500];
}

/** Shows one stretch of time only; all again where it is all there is. */
export function zoom(device, from, to) {
  const all = from <= Date.parse(device.first_seen) && to >= Date.parse(device.last_seen);
  const end = Math.max(Math.ceil(to), Math.floor(from) + 1);
  change({ range: all ? 'all' : `${Math.floor(from)}..${end}` });
}

/** Whether the newest readings are part of the range, and stay so. */
export const follows = () => !chosen();

/** Whether one stretch of time is chosen. */
export const isZoomed = () => chosen() !== null;

/** Makes the buttons and the fields of the range work; `device()` is the one shown. */
export function bindRange({ ranges, absolute, from, to, reset }, device) {
  const button = ([range, [label]]) =>
    el('button', { type: 'button', 'data-range': range, onclick: () => change({ range }) }, label);
  ranges.replaceChildren(...Object.entries(LENGTHS).map(button));
  reset.addEventListener('click', () => change({ range: 'all' }));
  absolute.addEventListener('submit', (event) => {
    event.preventDefault();
    const [start, end] = [fromField(from.value), fromField(to.value)];
    to.setCustomValidity(end > start ? '' : 'The end is not after the start.');
    if (absolute.reportValidity()) zoom(device(), start, end);
  });
  to.addEventListener('input', () => to.setCustomValidity(''));
}

/** Draws the range of a device. */
export function drawRange({ ranges, absolute, from, to, reset, note }, device) {
  for (const button of ranges.children) {
    button.setAttribute('aria-pressed', String(button.dataset.range === (state.range in LENGTHS ? state.range : '')));
  }
  const [start, end] = view(device);
  reset.hidden = !isZoomed();
  note.textContent = `${time(start)} to ${time(end)}${span() < Infinity ? ', up to the newest reading' : ''}`;
  if (absolute.contains(document.activeElement)) return;
  from.value = toField(start);
  to.value = toField(Math.ceil(end / 1000) * 1000);
}
