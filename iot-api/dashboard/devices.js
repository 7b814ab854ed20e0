// The list of devices.

import { asOf, badge, compare, mood } from './answer.js';
import { el, keepingFocus } from './dom.js';
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

const inOrder = (a, b) => (a.device_id < b.device_id ? -1 : 1);

/** The devices as they are sorted; `conditions` by id. */
export function sorted(devices, conditions) {
  const now = Date.now();
  const condition = (device) => asOf(conditions.get(device.device_id), device, now);
  const by = {
    id: inOrder,
    seen: (a, b) => Date.parse(b.last_seen) - Date.parse(a.last_seen) || inOrder(a, b),
    odd: (a, b) => compare(condition(a), condition(b)) || inOrder(a, b),
  }[state.sort];
  return [...devices].sort(by);
}

/** What is drawn now, by id: kept from one drawing to the next, or a press that it falls into would be lost. */
let drawn = new Map();

/** While a button of the list is held down, no row moves away from under it. */
let held = false;

function make(id) {
  const part = (className) => el('span', { className });
  const parts = { dot: part('dot'), id: part('id'), ago: part('ago'), facts: part('facts'), badge: part('badge') };
  parts.dot.setAttribute('role', 'img');
  parts.id.textContent = id;
  const button = el('button', {
    type: 'button',
    title: id,
    'data-device': id,
    onclick: () => change({ device: id, range: state.range.includes('..') ? 'all' : state.range, learn: null }),
  }, ...Object.values(parts));
  return { ...parts, button, li: el('li', {}, button) };
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function update(row, now) {
  const { button, dot, ago: since, facts: of, badge: mark, device } = row;
  const condition = asOf(row.condition, device, now);
  const silent = now - Date.parse(device.last_seen);
  const known = condition && condition.usual_step_ms !== null;
  const fresh = known ? condition.silent_since_ms === null : silent < FRESH_MS;
  button.setAttribute('aria-current', String(device.device_id === state.device));
  if (dot.classList.contains('fresh') !== fresh || !dot.ariaLabel) {
    dot.className = `dot ${fresh ? 'fresh' : 'stale'}`;
    dot.ariaLabel = fresh ? 'sends' : 'silent';
  }
  write(since, ago(silent));
  write(of, facts(device).join(' · '));
  const short = badge(condition);
  mark.hidden = short === null;
  mark.className = `badge ${mood(condition)}`;
  write(mark, short ? short.join(' ') : '');
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
  list.addEventListener('pointerdown', () => { held = true; });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => { held = false; });
}

/** Says anew how long ago the devices in the list were heard of. */
export function drawAges() {
  const now = Date.now();
  drawn.forEach((row) => update(row, now));
}

/** Draws the devices that a search finds. The button that has the focus keeps it. */
export function drawDevices(list, note, devices, conditions) {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = sorted(devices.filter((device) => matches(device, words)), conditions);
  const before = drawn;
  drawn = new Map();
  for (const device of found.slice(0, MAX_DRAWN)) {
    const { device_id: id } = device;
    drawn.set(id, Object.assign(before.get(id) ?? make(id), { device, condition: conditions.get(id) }));
  }
  drawAges();
  const items = [...drawn.values()].map(({ li }) => li);
  const same = items.length === list.children.length && items.every((li, at) => li === list.children[at]);
  if (!same && !held) keepingFocus(list, () => list.replaceChildren(...items));
  const more = found.length - MAX_DRAWN;
  const none = devices.length > 0 && found.length === 0 ? 'No device matches.' : '';
  // Said again and again it would be a nuisance to who hears it.
  write(note, more > 0 ? `${more} more: search to find them` : none);
}
