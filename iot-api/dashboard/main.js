// The page: joins what is asked, what is shown, and what is drawn.

import { DEMO } from './anomalies.js';
import { asOf, staleness } from './answer.js';
import * as api from './api.js';
import { onTheme } from './colours.js';
import { Shown } from './device.js';
import { bindList, drawAges, drawDevices, sorted } from './devices.js';
import { byId, el, fileName, save, sleep } from './dom.js';
import { ago, clock, many, time } from './format.js';
import { bindRange, bounds, drawRange } from './range.js';
import { change, onChange, state, toggled } from './state.js';
import { Follower } from './stream.js';

/** How often devices are looked at; what is costly to answer is asked for less often. */
const TICK_MS = 2000;
const CONDITIONS_MS = 10e3;
const FLEET = 200;

/** The list of a fleet grows with it: a device more is a millisecond more between two looks. */
const EACH_MS = 1;

/** How often that is said anew which changes with the clock alone. */
const AGE_MS = 1000;

/** How long the first choice of a device waits for what is odd. */
const PATIENCE_MS = 1500;

const range = Object.fromEntries(['ranges', 'absolute', 'from', 'to'].map((id) => [id, byId(id)]));
Object.assign(range, { reset: byId('reset-zoom'), note: byId('range-note') });

const conditions = new Map();
const follower = new Follower();
let shown = null;
let devices = [];
let failed = '';
let askedAt = null;
let devicesDue = 0;
let conditionsDue = 0;

const current = () => devices.find((device) => device.device_id === state.device);
/** The next moment after the screen has been drawn. */
const painted = () => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });

function say(text, bad = false) {
  if (byId('status').textContent !== text) byId('status').textContent = text;
  byId('status').className = bad ? 'bad' : '';
}

/** Shows words in place of a device. */
function explain(head, text, bad = false) {
  byId('content').hidden = true;
  byId('message').hidden = false;
  byId('message').className = bad ? 'message bad' : 'message';
  byId('message').replaceChildren(el('h2', {}, head), el('p', {}, text));
}

/** Asks for a token, where there is none or one that is not accepted. */
function askForToken() {
  const isNew = byId('token-form').hidden;
  byId('token-form').hidden = false;
  byId('content').hidden = true;
  byId('message').hidden = true;
  byId('token-error').textContent = api.hasToken() ? 'The server does not accept this token.' : '';
  if (isNew) byId('token').focus();
  say('');
}

/** Says why the page has no answer; a section that has none says so itself, unless all of the page is concerned. */
function fail(error, ofSection = false) {
  if (error.name === 'AbortError') return;
  // Where the console shows it, as for any other fault.
  if (!(error instanceof api.Refused || error instanceof api.Unanswered)) reportError(error);
  if (error.status === 401) askForToken();
  if (error.status === 401 || ofSection) return;
  failed = api.words(error);
  if (byId('content').hidden) explain('No data', failed, true);
  if (askedAt !== null) failed += ` What is shown is of ${clock(askedAt)}.`;
  say(failed, true);
  drawStale();
}

/** Says why what is shown may be old. */
function drawStale() {
  const device = current();
  const text = failed || (device ? staleness(device, conditions.get(device.device_id)) : '');
  byId('stale').hidden = text === '';
  if (byId('stale').textContent !== text) byId('stale').textContent = text;
}

const drawList = () => drawDevices(byId('devices'), byId('devices-note'), devices, conditions);

function drawFacts(device) {
  const seen = Date.parse(device.last_seen);
  const readings = device.readings === null ? null : many(device.readings, 'reading');
  byId('device-facts').textContent = [device.device_type, device.location, readings, `last one ${time(seen)}, ${ago(Date.now() - seen)}`].filter(Boolean).join(' · ');
  drawStale();
}

function drawHead(device) {
  byId('device-id').textContent = device.device_id;
  byId('statistics-title').textContent = `Statistics for device: ${device.device_id}`;
  document.title = `${device.device_id} · Devices`;
  drawFacts(device);
  byId('export-csv').href = api.table(device.device_id, bounds(device));
  byId('export-csv').download = `${fileName(device.device_id)}.csv`;
  drawRange(range, device);
}

async function refreshDevices() {
  const began = performance.now();
  devices = await api.devices();
  askedAt = Date.now();
  byId('token-form').hidden = true;
  if (failed) say('');
  failed = '';
  devicesDue = performance.now() + Math.max(TICK_MS, EACH_MS * devices.length, 10 * (performance.now() - began));
}

/** Asks which devices are odd, page by page: of a large fleet that is never more than a small part of the work. */
async function refreshConditions() {
  conditionsDue = Infinity;
  try {
    const began = performance.now();
    let cursor;
    do {
      const page = performance.now();
      const answer = await api.conditions(FLEET, cursor);
      answer.conditions.forEach((condition) => conditions.set(condition.device_id, condition));
      cursor = answer.next;
      drawList();
      if (cursor) await sleep(5 * (performance.now() - page));
      // Who comes back sees to the rest.
    } while (cursor && !document.hidden);
    conditionsDue = cursor ? 0 : performance.now() + Math.max(CONDITIONS_MS, 10 * (performance.now() - began));
  } catch (error) {
    conditionsDue = performance.now() + CONDITIONS_MS;
    throw error;
  }
}

function learn(condition) {
  conditions.set(condition.device_id, condition);
  if (condition.device_id === state.device) drawHead(current());
  drawList();
}

/** Asks for what is shown and draws it. What has no answer says so by itself. */
async function load() {
  const device = current();
  follower.stop();
  if (!device) {
    shown?.clear();
    document.body.classList.remove('busy');
    if (devices.length === 0) explain('No device yet', 'As soon as a reading arrives, its device appears here.');
    else explain('No such device', `There is no device ${state.device}. Choose one from the list.`);
    return;
  }
  document.body.classList.add('busy');
  drawHead(device);
  if (!await shown.load(device)) return;
  document.body.classList.remove('busy');
  follow();
  await painted();
  await shown.tell({ again: true });
}

/** Draws the plots anew where they do not hold what the server does, or more than it takes. */
async function redraw() {
  follower.stop();
  if (!await shown.load(current() ?? shown.device)) return;
  document.body.classList.remove('busy');
  follow();
}

/** Follows new readings where they are wanted and can be seen. */
function follow() {
  const source = state.live && !document.hidden && byId('message').hidden ? shown?.source : null;
  if (!source) {
    follower.stop();
    return;
  }
  follower.open(source, (event, data) => {
    if (event !== 'readings' || data.quantities.length === 0) return;
    const device = shown.append(data.quantities);
    devices = devices.map((other) => (other.device_id === device.device_id ? { ...other, last_seen: device.last_seen } : other));
    drawHead(current());
    if (shown.isLong) redraw();
  });
}

/** Looks which devices there are, and what that means for the one shown. */
async function look() {
  const [had, away] = [current(), failed];
  await refreshDevices();
  drawList();
  const device = current();
  if (state.device === null && devices.length > 0) change({ device: sorted(devices, conditions)[0].device_id }, { push: false });
  else if (device && (!had || away || shown.differs(device)) || had && !device) load();
  else if (device) {
    drawHead(device);
    if (device.readings !== had.readings) shown.touch();
  }
}

/** Looks after all that changes by itself. */
async function tick() {
  const due = () => (state.live || failed) && !document.hidden && byId('token-form').hidden;
  try {
    if (due() && !shown) await start();
    else if (due() && performance.now() >= devicesDue) await look();
  } catch (error) {
    fail(error);
  }
  if (due() && performance.now() >= conditionsDue) refreshConditions().catch(fail);
  if (due()) shown?.refresh();
  setTimeout(tick, TICK_MS);
}

/** Draws what changes by the clock alone, whatever the server does. */
function age() {
  if (document.hidden) return;
  drawAges();
  const device = current();
  if (device) drawFacts(device);
}

function drawSections() {
  for (const name of ['statistics', 'distributions', 'anomalies']) {
    const hidden = state.hide.has(name);
    byId(name).hidden = hidden;
    byId(`${name}-toggle`).textContent = hidden ? 'Show' : 'Hide';
    byId(`${name}-toggle`).setAttribute('aria-expanded', String(!hidden));
  }
}

function drawControls() {
  byId('zone').value = state.zone;
  byId('live').checked = state.live;
  byId('sort').value = state.sort;
  if (byId('search').value !== state.search) byId('search').value = state.search;
  drawSections();
}

function bind() {
  byId('zone').addEventListener('change', ({ target }) => change({ zone: target.value }));
  byId('live').addEventListener('change', ({ target }) => change({ live: target.checked }));
  byId('sort').addEventListener('change', ({ target }) => change({ sort: target.value }));
  byId('search').addEventListener('input', ({ target }) => change({ search: target.value }, { push: false }));
  byId('demo').addEventListener('click', () => change({ anomaly: { ...state.anomaly, ...DEMO }, hide: toggled(state.hide, 'anomalies', false) }));
  for (const name of ['statistics', 'distributions', 'anomalies']) {
    byId(`${name}-toggle`).addEventListener('click', () => change({ hide: toggled(state.hide, name, !state.hide.has(name)) }, { push: false }));
  }
  byId('export-csv').addEventListener('click', async (event) => {
    if (!api.hasToken()) return;
    // A link shows no token.
    event.preventDefault();
    const { href, download } = event.currentTarget;
    try {
      save(await api.file(href), download);
    } catch (error) {
      fail(error);
    }
  });
  byId('token-form').addEventListener('submit', (event) => {
    event.preventDefault();
    api.setToken(byId('token').value);
    byId('token').value = '';
    start();
  });
  bindRange(range, current, () => shown?.settle());
  bindList(byId('devices'));
  onTheme(() => shown?.repaint());
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) follower.stop();
    else if (state.live && shown) load();
  });
}

onChange((changed) => {
  drawControls();
  drawList();
  if (!shown) return;
  if (changed('zone')) shown.repaint();
  if (changed('device') || changed('range') || changed('learn')) {
    load();
  } else if (changed('zone')) {
    if (current()) drawHead(current());
    shown.tell({ again: true });
  } else if (changed('anomaly') || changed('hide')) {
    shown.tell();
  }
  if (changed('tables')) shown.drawTables();
  if (changed('live')) follow();
});

async function start() {
  try {
    const [methods] = await Promise.all([api.methods(), refreshDevices()]);
    byId('token-form').hidden = true;
    shown ??= new Shown({ all: methods.methods, usual: methods.usual }, {
      onCondition: learn,
      onRefusal: (error) => fail(error, true),
      onGap: redraw,
    });
    const odd = refreshConditions().catch(fail);
    drawList();
    if (state.device === null && devices.length > 0) {
      await Promise.race([odd, sleep(PATIENCE_MS)]);
      // Someone may have been quicker.
      if (state.device === null) change({ device: sorted(devices, conditions)[0].device_id }, { push: false });
    } else {
      load();
    }
  } catch (error) {
    fail(error);
  }
}

bind();
drawControls();
explain('Loading', 'Asking for the devices.');
setInterval(age, AGE_MS);
await start();
setTimeout(tick, TICK_MS);
