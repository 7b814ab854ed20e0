// The list of devices.

import { badge, compare, mood } from './answer.js';
import { el } from './dom.js';
import { ago } from './format.js';
import { change, state } from './state.js';

/** More than these are not drawn: a search finds them. */
const MAX_DRAWN = 300;

/** A device whose rhythm is not known is silent after so long. */
const FRESH_MS = 60e3;

const facts = (device) => [device.device_type, device.location].filter(Boolean);

function matches(device, words) {
  const text = [device.device_id, ...facts(device)].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

const byId = (a, b) => (a.device_id < b.device_id ? -1 : 1);

/** The devices as they are sorted; `conditions` by id. */
export function sorted(devices, conditions) {
  const by = {
    id: byId,
    seen: (a, b) => Date.parse(b.last_seen) - Date.parse(a.last_seen) || byId(a, b),
    odd: (a, b) => compare(conditions.get(a.device_id), conditions.get(b.device_id)) || byId(a, b),
  }[state.sort];
  return [...devices].sort(by);
}

function item(device, condition, now) {
  const silent = now - Date.parse(device.last_seen);
  const known = condition && condition.usual_step_ms !== null;
  const fresh = known ? condition.silent_since_ms === null : silent < FRESH_MS;
  const short = badge(condition);
  return el('li', {},
    el('button', {
      type: 'button',
      title: device.device_id,
      'data-device': device.device_id,
      'aria-current': String(device.device_id === state.device),
      onclick: () => change({ device: device.device_id, range: state.range.includes('..') ? 'all' : state.range }),
    },
    el('span', { className: `dot ${fresh ? 'fresh' : 'stale'}`, role: 'img', 'aria-label': fresh ? 'sends' : 'silent' }),
    el('span', { className: 'id' }, device.device_id),
    el('span', { className: 'ago' }, ago(silent)),
    el('span', { className: 'facts' }, facts(device).join(' · ')),
    ...(short ? [el('span', { className: `badge ${mood(condition)}` }, el('span', { 'aria-hidden': 'true' }, `${short[0]} `), short[1])] : [])));
}

/** Up and down go along the list; Tab leads on to each as well. */
export function bindList(list) {
  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const buttons = [...list.querySelectorAll('button')];
    const next = buttons[buttons.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/** Draws the devices that a search finds. The button that has the focus keeps it. */
export function drawDevices(list, note, devices, conditions) {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = sorted(devices.filter((device) => matches(device, words)), conditions);
  const now = Date.now();
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.device : null;
  list.replaceChildren(...found.slice(0, MAX_DRAWN).map((device) => item(device, conditions.get(device.device_id), now)));
  if (focused !== null) [...list.querySelectorAll('button')].find((button) => button.dataset.device === focused)?.focus({ preventScroll: true });
  const more = found.length - MAX_DRAWN;
  const said = more > 0 ? `${more} more: search to find them` : devices.length > 0 && found.length === 0 ? 'No device matches.' : '';
  // Said again and again it would be a nuisance to who hears it.
  if (note.textContent !== said) note.textContent = said;
}
