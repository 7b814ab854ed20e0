// The page: joins what is asked, what is shown, and what is drawn.

import * as api from './api.js';
import { drawDevices } from './devices.js';
import { byId, el } from './dom.js';
import { ago, many, time } from './format.js';
import { Plots, points } from './plot.js';
import { bounds, drawRanges, follows, zoom } from './range.js';
import { change, onChange, state } from './state.js';
import { drawStatistics } from './statistics.js';

/** How often new readings are asked for; what is costly to answer is asked for less often. */
const REFRESH_MS = 2000;
const LONG_LIST_MS = 15000;
const STATISTICS_MS = 10000;
const LONG_LIST = 500;

const plots = new Plots(byId('plots'), (from, to) => (from === undefined ? change({ range: 'all' }) : zoom(from, to)));
let devices = [];
let asked = new AbortController();
let drawn = {};

function say(text, bad = false) {
  byId('status').textContent = text;
  byId('status').className = bad ? 'bad' : '';
}

/** Shows words in place of a device. */
function explain(head, text, bad = false) {
  byId('content').hidden = true;
  byId('message').hidden = false;
  byId('message').className = bad ? 'message bad' : 'message';
  byId('message').replaceChildren(el('h2', {}, head), el('p', {}, text));
}

function fail(error) {
  if (error.name === 'AbortError') return;
  byId('token-form').hidden = error.status !== 401;
  if (error.status === 401) {
    byId('content').hidden = true;
    byId('message').hidden = true;
    say('');
    return;
  }
  const text = error.status ? error.message : 'The server cannot be reached.';
  say(text, true);
  if (byId('content').hidden) explain('No data', text, true);
}

const current = () => devices.find((device) => device.device_id === state.device);

const drawList = () => drawDevices(byId('devices'), byId('devices-note'), devices, byId('search').value);

async function refreshDevices() {
  devices = await api.devices();
  byId('token-form').hidden = true;
  if (state.device === null && devices.length > 0) change({ device: devices[0].device_id }, { push: false });
  drawList();
}

function drawHead(device) {
  byId('device-id').textContent = device.device_id;
  byId('statistics-title').textContent = `Statistics for device: ${device.device_id}`;
  document.title = `${device.device_id} · Devices`;
  const seen = Date.parse(device.last_seen);
  const facts = [device.device_type, device.location, device.readings === null ? null : many(device.readings, 'reading'), `last one ${time(seen)}, ${ago(Date.now() - seen)}`];
  byId('device-facts').textContent = facts.filter(Boolean).join(' · ');
  drawRanges(byId('ranges'), device);
}

/** Asks for what is shown and draws it. */
async function refreshDevice({ force }) {
  const device = current();
  if (!device) {
    if (devices.length === 0) explain('No device yet', 'As soon as a reading arrives, its device appears here.');
    else explain('No such device', `There is no device ${state.device}. Choose one from the list.`);
    return;
  }
  const shown = `${state.device} ${state.range}`;
  // A stretch of the past does not change, and nothing does without a new reading.
  if (!force && shown === drawn.shown && (!follows() || device.last_seen === drawn.seen)) {
    drawHead(device);
    return;
  }
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const range = bounds(device);
  document.body.classList.toggle('busy', shown !== drawn.shown);
  const withStatistics = force || shown !== drawn.shown || Date.now() - drawn.at > STATISTICS_MS;
  const [series, statistics] = await Promise.all([
    api.series(device.device_id, range, points(), signal),
    withStatistics ? api.statistics(device.device_id, range, signal) : null,
  ]);
  byId('message').hidden = true;
  byId('content').hidden = false;
  drawHead(device);
  if (series.quantities.length > 0) plots.draw(series.quantities);
  else {
    plots.clear();
    byId('plots').append(el('p', { className: 'card note' }, 'No readings in this range.'));
  }
  if (statistics) drawStatistics(byId('statistics'), statistics);
  drawn = { shown, seen: device.last_seen, at: statistics ? Date.now() : drawn.at };
  document.body.classList.remove('busy');
  say('');
}

async function refresh({ force = false } = {}) {
  try {
    await refreshDevices();
    await refreshDevice({ force });
  } catch (error) {
    fail(error);
  }
}

async function live() {
  const due = byId('live').checked && !document.hidden;
  if (due) await refresh();
  setTimeout(live, devices.length > LONG_LIST ? LONG_LIST_MS : REFRESH_MS);
}

onChange(() => {
  drawList();
  refreshDevice({ force: true }).catch(fail);
});
byId('search').addEventListener('input', drawList);
byId('live').addEventListener('change', () => byId('live').checked && refresh());
byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  api.setToken(byId('token').value);
  byId('token').value = '';
  refresh({ force: true });
});
explain('Loading', 'Asking for the devices.');
await refresh({ force: true });
setTimeout(live, REFRESH_MS);
