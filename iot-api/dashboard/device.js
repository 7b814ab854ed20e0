// The device that is shown: its plots and all that is said of it.

import { Anomalies, LIMIT } from './anomalies.js';
import { drawAnswer } from './answer.js';
import * as api from './api.js';
import { drawTable } from './card.js';
import { Distribution } from './distributions.js';
import { byId, el } from './dom.js';
import { many } from './format.js';
import { Linked } from './linked.js';
import { Question, awaited } from './question.js';
import { bounds, choose, follows, learning, view, zoom } from './range.js';
import { change, state } from './state.js';
import { drawStatistics } from './statistics.js';
import { TimePlot } from './timeplot.js';

/** One answer has no more quantities than these. */
const MAX_QUANTITIES = 16;

/** Some detectors judge nothing before they have seen so many readings. */
const WARM_UP = 60;

/** How many points the screen can show. */
const points = () => Math.min(2000, Math.max(300, Math.round(byId('plots').clientWidth || 800)));

/** What is measured, and power where it can be made of it. */
function quantities(device) {
  const all = device.quantities;
  const has = (name) => all.some((quantity) => quantity.name === name);
  const derived = has('voltage') && has('current') && !has('power') ? [{ name: 'power', unit: 'W' }] : [];
  return [...all.slice(0, MAX_QUANTITIES - derived.length), ...derived];
}

/** What the cards of a device are made of. */
const outline = (device) => JSON.stringify([device.device_id, ...quantities(device).map(({ name, unit }) => [name, unit])]);

export class Shown {
  #methods;
  #hooks;
  #question = null;
  #outline = '';
  #plots = new Map();
  #distributions = new Map();
  #anomalies = new Map();
  #cost = 0;
  #told = 0;
  #dirty = false;
  linked = new Linked((from, to) => {
    if (from === undefined) choose('all');
    else zoom(this.#question.device, from, to);
    this.settle();
  });

  /**
   * `all` methods of the server, and the `usual` one, where none was chosen. `onCondition` is told of each condition,
   * `onRefusal` of each error, which the section that has no answer says by itself.
   */
  constructor(methods, hooks) {
    this.#methods = methods;
    this.#hooks = hooks;
  }

  /** Ends what is asked for, and forgets the device. */
  clear() {
    this.#question?.end();
    this.#question = null;
    this.linked.forget();
    for (const all of [this.#plots, this.#distributions, this.#anomalies]) {
      all.forEach((one) => one.destroy());
      all.clear();
    }
    byId('statistics').replaceChildren();
    drawAnswer(byId('answer'), null);
    this.#outline = '';
  }

  /** Shows a device over the range: asks for its plots, and leaves the rest to `tell`. Answers with whether they are drawn. */
  async load(device) {
    const key = JSON.stringify([outline(device), state.range, state.learn]);
    const again = this.#question?.key === key;
    byId('message').hidden = true;
    byId('content').hidden = false;
    if (again) this.#question.device = device;
    else this.#begin(key, device);
    return this.#question.ask(this.#series(this.#question), { again });
  }

  #begin(key, device) {
    if (this.#outline !== outline(device)) this.#arrange(device);
    this.#question?.end();
    this.#question = new Question(key, device);
    // How many there are in another range says nothing.
    this.#plots.forEach((plot) => { plot.readings = undefined; });
    this.#sections(this.#question).forEach(awaited);
    awaited(this.#series(this.#question));
    this.settle();
  }

  /** Has the plots show the range, whatever the fingers did. */
  settle() {
    this.linked.forget();
    if (this.#question) this.linked.show(...view(this.#question.device));
  }

  /** Whether it would take long to ask for the series again, given what came since. */
  get isLong() {
    return [...this.#plots.values()].some((plot) => plot.times.length > 2 * points() + 200);
  }

  get device() {
    return this.#question?.device ?? null;
  }

  /** Adds new readings to the plots, and follows them. */
  append(pieces) {
    const { device } = this.#question;
    const newest = Math.max(...pieces.map(({ times_ms: times }) => times.at(-1)));
    this.#question.device = { ...device, last_seen: new Date(Math.max(Math.ceil(newest), Date.parse(device.last_seen))).toISOString() };
    this.#dirty = true;
    this.linked.follow(view(this.device));
    for (const { name, times_ms: times, values } of pieces) this.#plots.get(name)?.append(times, values, bounds(this.device));
    this.linked.show(...this.linked.view);
    return this.device;
  }

  /** Takes note that the device has another number of readings: one may have come late, where no stream tells of it. */
  touch() {
    if (follows()) this.#dirty = true;
  }

  /** Says all again where readings came or an answer is missing, unless that is costly and was done of late. */
  async refresh() {
    const due = this.#dirty || this.#question?.hasFailed;
    if (!due || performance.now() - this.#told < Math.max(5e3, 20 * this.#cost)) return;
    if (this.#question.hasFailed) await this.#question.ask(this.#series(this.#question));
    await this.tell({ again: this.#dirty });
  }

  /** Asks for all but the plots, one after the other; what was asked for before only `again`. */
  async tell({ again = false } = {}) {
    const question = this.#question;
    if (!question) return;
    if (again) this.#dirty = false;
    this.#told = Infinity;
    const began = performance.now();
    this.#arrangeRest();
    for (const section of this.#sections(question)) {
      if (!section.isHidden) await question.ask(section, { again });
    }
    if (question !== this.#question) return;
    this.#told = performance.now();
    this.#cost = this.#told - began;
  }

  /** What stands on the page beside the plots. */
  #sections(question) {
    const { device_id: id } = question.device;
    const section = (name, box, ask, draw, refuse) => ({ name, box, ask, draw, refuse: this.#refusing(refuse) });
    const answer = section('answer', byId('answer'),
      (signal) => api.condition(id, signal),
      (condition) => {
        this.#hooks.onCondition(condition);
        drawAnswer(byId('answer'), condition, (from, to) => this.jump(from, to ?? Date.parse(this.device.last_seen)));
      },
      () => drawAnswer(byId('answer'), null));
    let drawnBefore;
    const statistics = section('statistics', byId('statistics'),
      (signal) => {
        drawnBefore = new Map([...this.#plots].map(([name, { readings }]) => [name, readings]));
        return api.statistics(id, this.#untilNow(question), signal);
      },
      (found, again) => {
        drawStatistics(byId('statistics'), found);
        const differs = ({ name, count }) => (drawnBefore.get(name) ?? count) !== count;
        // One came late, or was written again.
        if (again && found.quantities.some(differs)) this.#hooks.onGap();
      },
      (error) => byId('statistics').replaceChildren(el('p', { className: 'error' }, api.words(error))));
    const distributions = [...this.#distributions].map(([name, drawn]) => section(`distributions.${name}`, drawn.article,
      (signal) => api.distribution(id, bounds(question.device), name, signal),
      (found) => drawn.fill(found),
      (error) => drawn.refuse(api.words(error))));
    return [
      { ...answer, lasts: true },
      { ...statistics, isHidden: state.hide.has('statistics') },
      ...[...this.#anomalies].map(([name, drawn]) => ({ ...this.#detection(question, name, drawn), isHidden: state.hide.has('anomalies') })),
      ...distributions.map((one) => ({ ...one, isHidden: state.hide.has('distributions') })),
    ];
  }

  #refusing(refuse) {
    return (error) => {
      refuse(error);
      this.#hooks.onRefusal(error);
    };
  }

  /** The range up to the newest reading that is drawn, so that the plots can be held against an answer. */
  #untilNow(question) {
    return { to: Date.parse(question.device.last_seen) + 1, ...bounds(question.device) };
  }

  #series(question) {
    const { device } = question;
    const names = [...this.#plots.keys()];
    let began;
    return {
      name: 'plots',
      box: byId('plots'),
      ask: async (signal) => {
        began = performance.now();
        return names.length > 0 ? api.series(device.device_id, bounds(device), names, points(), signal) : { quantities: [] };
      },
      draw: ({ quantities: series }) => {
        this.linked.follow(view(question.device));
        this.#drawSeries(series, device);
        performance.clearMeasures('first plot');
        performance.measure('first plot', { start: began });
      },
      refuse: this.#refusing((error) => {
        byId('plots-note').textContent = `Not drawn: ${api.words(error)}`;
        byId('plots-note').hidden = false;
      }),
    };
  }

  /** The anomalies of one quantity. */
  #detection(question, name, drawn) {
    const chosen = state.anomaly[name];
    const method = chosen ?? this.#methods.usual;
    const plot = this.#plots.get(name);
    return {
      name: `anomalies.${name}`,
      what: JSON.stringify(method),
      box: drawn.article,
      ask: async (signal) => {
        drawn.show(method);
        if (plot.readings !== undefined) drawn.plot.fill({ times_ms: plot.times.slice(), values: plot.values.slice(), readings: plot.readings, complete: plot.complete });
        // What nobody has chosen is not asked for in vain.
        if (!chosen && plot.readings <= method.min_periods) {
          const few = `${many(plot.readings, 'reading')} ${plot.readings === 1 ? 'is' : 'are'} too few`;
          return { tooFew: `${few}: this method needs more than ${method.min_periods}.` };
        }
        return api.anomalies(question.device.device_id, bounds(question.device), learning(question.device), name, method, LIMIT, signal);
      },
      draw: (found, again) => (found.tooFew ? drawn.refuse(found.tooFew) : drawn.fill(found, again)),
      // A wrong parameter is no reason to speak of the server.
      refuse: this.#refusing((error) => drawn.refuse(error.status === 400 || error.status === 422 ? error.message : api.words(error))),
    };
  }

  /** Shows a stretch of time with some room around it; detectors go on learning from what was shown before. */
  jump(from, to) {
    const [first, last] = [Date.parse(this.device.first_seen), Date.parse(this.device.last_seen)];
    const step = (last - first) / Math.max(1, (this.device.readings ?? 1000) - 1);
    const room = Math.max((to - from) * 1.5, WARM_UP * step, 10);
    zoom(this.device, Math.max(from - room, first - step), Math.min(to + room, last + step), state.learn ?? state.range);
    this.settle();
    byId('plots').scrollIntoView({ block: 'start' });
  }

  /** Draws all anew, in the colours and the zone of now. */
  repaint() {
    for (const plot of this.#plots.values()) plot.repaint();
    for (const drawn of [...this.#anomalies.values(), ...this.#distributions.values()]) drawn.repaint();
  }

  /** Shows and hides the tables that the state says. */
  drawTables() {
    for (const { card } of [...this.#plots.values(), ...this.#anomalies.values(), ...this.#distributions.values()]) drawTable(card);
  }

  /** Makes the cards of a device anew. */
  #arrange(device) {
    this.clear();
    this.#outline = outline(device);
    byId('plots-note').hidden = true;
    quantities(device).forEach((quantity, place) => {
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
      const distribution = new Distribution(quantity, this.linked);
      const anomalies = new Anomalies(this.linked, quantity, place, this.#methods.all, {
        onChange: (method) => change({ anomaly: { ...state.anomaly, [name]: method } }),
        onJump: (from, to) => this.jump(from, to),
      });
      this.#distributions.set(name, distribution);
      this.#anomalies.set(name, anomalies);
      byId('distributions').append(distribution.article);
      byId('anomalies').append(anomalies.article);
      for (const { article: box } of [distribution, anomalies]) awaited({ box });
    });
  }

  #drawSeries(series, device) {
    const note = byId('plots-note');
    const drawn = device.quantities.filter(({ name }) => this.#plots.has(name)).length;
    const more = device.quantities.length > drawn ? `Of ${device.quantities.length} quantities the first ${this.#plots.size} are drawn.` : '';
    note.textContent = series.length === 0 ? 'No readings in this range.' : more;
    note.hidden = note.textContent === '';
    for (const [name, plot] of this.#plots) {
      plot.fill(series.find((line) => line.name === name) ?? { times_ms: [], values: [], readings: 0, complete: true });
    }
  }

  /** Where new readings come from: from the last that is drawn, which is the same again. */
  get source() {
    if (!follows() || !this.device) return null;
    const last = Math.max(...[...this.#plots.values()].map((plot) => plot.times.at(-1) ?? -Infinity));
    const from = Number.isFinite(last) ? Math.floor(last) : undefined;
    return api.stream(this.device.device_id, [...this.#plots.keys()], from);
  }

  /** Whether a device has quantities that are not drawn, or no longer those that are. */
  differs(device) {
    return outline(device) !== this.#outline;
  }
}
