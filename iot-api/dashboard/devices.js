// The list of devices.

import { el } from './dom.js';
import { ago } from './format.js';
import { change, state } from './state.js';

/** More than these are not drawn: a search finds them. */
const MAX_DRAWN = 300;

/** A device that was silent for longer is not fresh. */
const FRESH_MS = 60e3;

const facts = (device) => [device.device_type, device.location].filter(Boolean);

function matches(device, words) {
  const text = [device.device_id, ...facts(device)].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

function item(device, now) {
  const silent = now - Date.parse(device.last_seen);
  const fresh = silent < FRESH_MS;
  return el('li', {},
    el('button', {
      type: 'button',
      title: device.device_id,
      'aria-current': String(device.device_id === state.device),
      onclick: () => change({ device: device.device_id, range: state.range.includes('..') ? 'all' : state.range }),
    },
    el('span', { className: `dot ${fresh ? 'fresh' : 'stale'}`, role: 'img', 'aria-label': fresh ? 'sends' : 'silent' }),
    el('span', { className: 'id' }, device.device_id),
    el('span', { className: 'ago' }, ago(silent)),
    el('span', { className: 'facts' }, facts(device).join(' · '))));
}

/** Draws the devices that a search finds. The button that has the focus keeps it. */
export function drawDevices(list, note, devices, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = devices.filter((device) => matches(device, words));
  const now = Date.now();
  const focused = list.contains(document.activeElement) ? document.activeElement.title : null;
  list.replaceChildren(...found.slice(0, MAX_DRAWN).map((device) => item(device, now)));
  if (focused !== null) [...list.querySelectorAll('button')].find((button) => button.title === focused)?.focus();
  const more = found.length - MAX_DRAWN;
  if (more > 0) note.textContent = `${more} more: search to find them`;
  else if (devices.length > 0 && found.length === 0) note.textContent = 'No device matches.';
  else note.textContent = '';
}
