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

/** The server counts nanoseconds in 64 bits: these many milliseconds before and after 1970. */
const FURTHEST = 9.2e12;

/** The stretch of time that a range states, if it does. */
function stretch(range) {
  const stated = /^(-?\d+)\.\.(-?\d+)$/.exec(range);
  if (!stated) return null;
  const [from, to] = stated.slice(1).map((ms) => Math.min(FURTHEST, Math.max(-FURTHEST, Number(ms))));
  return { from, to: Math.max(to, from + 1) };
}

/** How long a range is, where it ends at the newest reading. */
const span = (range) => LENGTHS[range]?.[1] ?? Infinity;

/** A range as milliseconds since 1970, for a device; the end is not part of it. Nothing where all is wanted. */
export function bounds(device, range = state.range) {
  const stated = stretch(range);
  if (stated) return stated;
  if (span(range) === Infinity) return {};
  const to = Date.parse(device.last_seen) + 1;
  return { from: to - span(range), to };
}

/** Where detectors learn, if not in the range itself. */
export function learning(device) {
  if (state.learn === null) return {};
  const { from = Date.parse(device.first_seen), to } = bounds(device, state.learn);
  return { from, to };
}

/** What the time axis shows. */
export function view(device) {
  const { from = Date.parse(device.first_seen), to = Date.parse(device.last_seen) } = bounds(device);
  return to > from ? [from, to] : [from - 500, from + 500];
}

/**
 * Shows one stretch of time only; all again where it is all there is. Detectors go on learning where they do, or in
 * `learn` from now on.
 */
export function zoom(device, from, to, learn = state.learn) {
  const all = from <= Date.parse(device.first_seen) && to >= Date.parse(device.last_seen);
  const end = Math.max(Math.ceil(to), Math.floor(from) + 1);
  if (all) choose('all');
  else change({ range: `${Math.floor(from)}..${end}`, learn });
}

/** Shows a range, in which detectors learn too. */
export const choose = (range) => change({ range, learn: null });

/** Whether new readings are part of the range. */
export const follows = () => (stretch(state.range)?.to ?? Infinity) > Date.now();

/** Whether one stretch of time is chosen. */
export const isZoomed = () => stretch(state.range) !== null;

/**
 * Makes the buttons and the fields of the range work. `device()` is the one shown, and `settle()` has its plots show the
 * range, even one that is chosen already: they may have been moved meanwhile.
 */
export function bindRange({ ranges, absolute, from, to, reset }, device, settle) {
  const show = (range) => {
    choose(range);
    settle();
  };
  const button = ([range, [label]]) =>
    el('button', { type: 'button', 'data-range': range, onclick: () => show(range) }, label);
  ranges.replaceChildren(...Object.entries(LENGTHS).map(button));
  reset.addEventListener('click', () => {
    // It goes with what it undoes, and the focus would go with it.
    ranges.querySelector('[data-range="all"]').focus({ preventScroll: true });
    show('all');
  });
  absolute.addEventListener('submit', (event) => {
    event.preventDefault();
    const [start, end] = [fromField(from.value), fromField(to.value)];
    to.setCustomValidity(end > start ? '' : 'The end is not after the start.');
    if (!absolute.reportValidity()) return;
    zoom(device(), start, end, null);
    settle();
  });
  to.addEventListener('input', () => to.setCustomValidity(''));
}

/** The range of a device in words. */
export function inWords(device) {
  const [start, end] = view(device);
  return `${time(start)} to ${time(end)}`;
}

/** Draws the range of a device. */
export function drawRange({ ranges, absolute, from, to, reset, note }, device) {
  for (const button of ranges.children) {
    button.setAttribute('aria-pressed', String(button.dataset.range === (state.range in LENGTHS ? state.range : '')));
  }
  const [start, end] = view(device);
  reset.hidden = !isZoomed();
  note.textContent = `${inWords(device)}${span(state.range) < Infinity ? ', up to the newest reading' : ''}`;
  if (absolute.contains(document.activeElement)) return;
  from.value = toField(start);
  to.value = toField(Math.ceil(end / 1000) * 1000);
}
