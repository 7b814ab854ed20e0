// The device that is shown: its plots and all that is said of it.

import { Anomalies, LIMIT } from './anomalies.js';
import { drawAnswer } from './answer.js';
import * as api from './api.js';
import { drawTable } from './card.js';
import { Distribution } from './distributions.js';
import { byId } from './dom.js';
import { many } from './format.js';
import { Linked } from './linked.js';
import { bounds, follows, view, zoom } from './range.js';
import { change, state } from './state.js';
import { drawStatistics } from './statistics.js';
import { TimePlot } from './timeplot.js';

/** One answer has no more quantities than these. */
const MAX_QUANTITIES = 16;

/** How many points the screen can show. */
const points = () => Math.min(2000, Math.max(300, Math.round(byId('plots').clientWidth || 800)));

/** What is measured, and power where it can be made of it. */
function quantities(device) {
  const all = device.quantities;
  const has = (name) => all.some((quantity) => quantity.name === name);
  const derived = has('voltage') && has('current') && !has('power') ? [{ name: 'power', unit: 'W' }] : [];
  return [...all.slice(0, MAX_QUANTITIES - derived.length), ...derived];
}

export class Shown {
  #methods;
  #asked = new AbortController();
  #device = null;
  #names = '';
  #plots = new Map();
  #distributions = new Map();
  #anomalies = new Map();
  #cost = 0;
  #told = 0;
  #dirty = false;
  linked = new Linked((from, to) => (from === undefined ? change({ range: 'all' }) : zoom(this.#device, from, to)));

  /** `all` methods of the server, and the `usual` one, where none was chosen. */
  constructor(methods) {
    this.#methods = methods;
  }

  /** Ends what is asked for, and forgets the device. */
  clear() {
    this.#asked.abort();
    this.linked.forget();
    for (const all of [this.#plots, this.#distributions, this.#anomalies]) {
      all.forEach((one) => one.destroy());
      all.clear();
    }
    this.#names = '';
    this.#device = null;
  }

  /** Asks for a device and draws its plots; the rest is left to `tell`. */
  async load(device) {
    this.#asked.abort();
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    const wanted = quantities(device);
    const range = bounds(device);
    const names = wanted.map(({ name }) => name);
    const began = performance.now();
    const series = names.length > 0 ? await api.series(device.device_id, range, names, points(), signal) : { quantities: [] };
    if (signal.aborted) return;
    const changed = this.#device?.device_id !== device.device_id;
    this.#device = device;
    byId('message').hidden = true;
    byId('content').hidden = false;
    this.#arrange(wanted, changed);
    this.linked.follow(view(device));
    this.#drawSeries(series.quantities, wanted, device);
    performance.clearMeasures('first plot');
    performance.measure('first plot', { start: began });
  }

  /** Whether it would take long to ask for the series again, given what came since. */
  get isLong() {
    return [...this.#plots.values()].some((plot) => plot.times.length > 2 * points() + 200);
  }

  /** Adds new readings to the plots, and follows them. */
  append(pieces) {
    const newest = Math.max(...pieces.map(({ times_ms: times }) => times.at(-1)));
    this.#device = { ...this.#device, last_seen: new Date(Math.max(Math.ceil(newest), Date.parse(this.#device.last_seen))).toISOString() };
    const { from = -Infinity } = bounds(this.#device);
    this.#dirty = true;
    this.linked.follow(view(this.#device));
    for (const { name, times_ms: times, values } of pieces) this.#plots.get(name)?.append(times, values, from);
    this.linked.show(...this.linked.view);
    return this.#device;
  }

  /** Says all again where readings came, unless that is costly and was done of late. */
  async refresh(onCondition) {
    if (!this.#dirty || performance.now() - this.#told < Math.max(5e3, 20 * this.#cost)) return;
    await this.tell(onCondition, this.#asked.signal);
  }

  /** Draws all but the plots, one after the other. */
  async tell(onCondition, signal = this.#asked.signal) {
    const device = this.#device;
    if (!device) return;
    const { device_id: id } = device;
    const range = bounds(device);
    this.#dirty = false;
    this.#told = Infinity;
    this.#arrangeRest();
    const began = performance.now();
    try {
      const condition = await api.condition(id, signal);
      onCondition(condition);
      drawAnswer(byId('answer'), condition, (from, to) => this.jump(from, to ?? Date.parse(this.#device.last_seen)));
      if (!state.hide.has('statistics')) drawStatistics(byId('statistics'), await api.statistics(id, range, signal));
      if (!state.hide.has('anomalies')) for (const name of this.#anomalies.keys()) await this.detect(name, signal);
      if (!state.hide.has('distributions')) {
        for (const [name, drawn] of this.#distributions) drawn.fill(await api.distribution(id, range, name, signal));
      }
    } finally {
      this.#told = performance.now();
      this.#cost = this.#told - began;
    }
  }

  /** Detects the anomalies of one quantity. */
  async detect(name, signal = this.#asked.signal) {
    const drawn = this.#anomalies.get(name);
    if (!drawn || !this.#device) return;
    const chosen = state.anomaly[name];
    const method = chosen ?? this.#methods.usual;
    drawn.show(method);
    const plot = this.#plots.get(name);
    if (plot) drawn.plot.fill({ times_ms: plot.times.slice(), values: plot.values.slice(), readings: plot.readings, complete: plot.complete });
    // What nobody has chosen is not asked for in vain.
    if (!chosen && plot && plot.readings <= method.min_periods) {
      drawn.refuse({ message: `${many(plot.readings, 'reading')} ${plot.readings === 1 ? 'is' : 'are'} too few: this method needs more than ${method.min_periods}.` });
      return;
    }
    try {
      drawn.fill(await api.anomalies(this.#device.device_id, bounds(this.#device), name, method, LIMIT, signal));
    } catch (error) {
      // A wrong parameter is no reason to show nothing else.
      if (error.status !== 400 && error.status !== 422) throw error;
      drawn.refuse(error);
    }
  }

  /** Shows a stretch of time with some room around it. */
  jump(from, to) {
    const [first, last] = [Date.parse(this.#device.first_seen), Date.parse(this.#device.last_seen)];
    const step = (last - first) / Math.max(1, (this.#device.readings ?? 1000) - 1);
    const room = Math.max((to - from) * 1.5, 30 * step, 10);
    zoom(this.#device, Math.max(from - room, first - step), Math.min(to + room, last + step));
    byId('plots').scrollIntoView({ block: 'start' });
  }

  /** Draws all anew, in the colours and the zone of now. */
  repaint() {
    for (const plot of this.#plots.values()) plot.repaint();
    for (const drawn of this.#anomalies.values()) drawn.plot.repaint();
    for (const drawn of this.#distributions.values()) drawn.repaint();
  }

  /** Shows and hides the tables that the state says. */
  drawTables() {
    for (const drawn of [...this.#plots.values(), ...[...this.#anomalies.values()].map(({ plot }) => plot), ...this.#distributions.values()]) drawTable(drawn.card);
  }

  /** Makes the cards of these quantities; they stay while the quantities do. */
  #arrange(wanted, changed) {
    const names = wanted.map(({ name, unit }) => `${name} ${unit}`).join();
    if (names === this.#names && !changed) return;
    const device = this.#device;
    this.clear();
    this.#asked = new AbortController();
    this.#device = device;
    this.#names = names;
    wanted.forEach((quantity, place) => {
      const plot = new TimePlot(this.linked, { kind: 'plot', quantity, place });
      this.#plots.set(quantity.name, plot);
      byId('plots').append(plot.article);
    });
  }

  /** Makes the other cards: nobody is to wait for the plots because of them. */
  #arrangeRest() {
    if (this.#anomalies.size > 0) return;
    [...this.#plots.values()].forEach(({ quantity }, place) => {
      const { name } = quantity;
      const distribution = new Distribution(quantity);
      const anomalies = new Anomalies(this.linked, quantity, place, this.#methods.all, {
        onChange: (method) => change({ anomaly: { ...state.anomaly, [name]: method } }),
        onJump: (from, to) => this.jump(from, to),
      });
      this.#distributions.set(name, distribution);
      this.#anomalies.set(name, anomalies);
      byId('distributions').append(distribution.article);
      byId('anomalies').append(anomalies.article);
    });
  }

  #drawSeries(series, wanted, device) {
    const note = byId('plots-note');
    const more = device.quantities.length - wanted.filter(({ name }) => device.quantities.some((quantity) => quantity.name === name)).length;
    note.textContent = series.length === 0 ? 'No readings in this range.' : more > 0 ? `Of ${device.quantities.length} quantities the first ${wanted.length} are drawn.` : '';
    note.hidden = note.textContent === '';
    for (const { name } of wanted) {
      const line = series.find((line) => line.name === name) ?? { times_ms: [], values: [], readings: 0, complete: true };
      this.#plots.get(name).fill(line);
    }
  }

  /** Where new readings come from: from the last that is drawn, which is the same again. */
  get source() {
    if (!follows() || !this.#device) return null;
    const last = Math.max(...[...this.#plots.values()].map((plot) => plot.times.at(-1) ?? -Infinity));
    const from = Number.isFinite(last) ? Math.floor(last) : undefined;
    return api.stream(this.#device.device_id, [...this.#plots.keys()], from);
  }

  /** Whether a device has quantities that are not drawn, or no longer those that are. */
  differs(device) {
    return quantities(device).map(({ name, unit }) => `${name} ${unit}`).join() !== this.#names;
  }
}
