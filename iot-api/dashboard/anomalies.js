// Anomaly detection of one quantity: its method, the plot with marks, and the events.

import { el, keepingFocus } from './dom.js';
import { fields, stated, unreadable } from './fields.js';
import { apart, clock, inUnit, length, many, measured, title, value, whole } from './format.js';
import { TimePlot } from './timeplot.js';

/** The seed's own demo. */
export const DEMO = {
  current: { method: 'value_based', low: '22.67', high: '90.21' },
  voltage: { method: 'quantile', low: '0.12', high: '0.67' },
};

/** As many anomalies are drawn; of more, those furthest out. */
export const LIMIT = 2000;

/** More events than these are not listed. */
const MAX_LISTED = 100;

/** Whether a reading is an anomaly, of which there may be more than were listed: an event has nothing else in it. */
function anomalous(events, low, high) {
  return (ms, x) => {
    if ((low !== null && x < low) || (high !== null && x > high)) return true;
    let [start, end] = [0, events.length];
    while (start < end) {
      const middle = (start + end) >> 1;
      if (events[middle].to_ms < ms) start = middle + 1;
      else end = middle;
    }
    return start < events.length && events[start].from_ms <= ms;
  };
}

/** The events furthest out of the bounds of scores, as many as are listed, in order. */
function worst(events, { low, high }) {
  const excess = ({ peak_score: score }) => Math.max(high === null ? -Infinity : score - high, low === null ? -Infinity : low - score);
  const kept = new Set([...events].sort((a, b) => excess(b) - excess(a)).slice(0, MAX_LISTED));
  return events.filter((event) => kept.has(event));
}

export class Anomalies {
  #methods;
  #onChange;
  #onJump;
  #drawn = '';
  /** Why what the fields say cannot even be asked; the answer to what they said before is drawn when they are mended. */
  #unreadable = null;
  #answer = () => {};

  /**
   * `methods` are those of the server; `onChange(method)` is told which is chosen, `onJump(from, to)` which event is to
   * be seen.
   */
  constructor(linked, quantity, place, methods, { onChange, onJump }) {
    this.quantity = quantity;
    this.#methods = methods;
    this.#onChange = onChange;
    this.#onJump = onJump;
    this.method = el('select', { 'data-role': 'method', onchange: () => this.#choose() },
      ...methods.map(({ name, finds }) => el('option', { value: name, title: finds }, name.replaceAll('_', ' '))));
    this.fields = el('span', { className: 'fields', 'data-role': 'fields' });
    this.form = el('form', { className: 'method', 'aria-label': `Method for ${title(quantity.name)}` },
      el('label', { className: 'field' }, 'Method', this.method), this.fields);
    this.form.noValidate = true;
    this.form.addEventListener('change', (event) => event.target !== this.method && this.#tell());
    this.form.addEventListener('submit', (event) => event.preventDefault());
    this.finds = el('p', { className: 'note', 'data-role': 'finds' });
    this.error = el('p', { className: 'error', 'data-role': 'error', role: 'alert', hidden: true });
    this.count = el('p', { 'data-role': 'count' });
    this.bounds = el('p', { className: 'note', 'data-role': 'bounds' });
    this.plot = new TimePlot(linked, { kind: 'anomalies', quantity, place, parts: [this.form, this.finds, this.error, this.count, this.bounds] });
    this.events = el('ol', { className: 'events', 'data-role': 'events', 'aria-label': `Events of ${title(quantity.name)}` });
    this.card = this.plot.card;
    this.article = this.plot.article;
    this.article.append(this.events);
  }

  destroy() {
    this.plot.destroy();
  }

  repaint() {
    this.plot.repaint();
  }

  /** Shows this method in the fields, unless they show it already. */
  show(method) {
    const text = JSON.stringify(method);
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.#unreadable = null;
    this.plot.mark(null);
    this.method.value = method.method;
    keepingFocus(this.fields, () => this.#drawFields(method), this.method);
  }

  #known() {
    return this.#methods.find(({ name }) => name === this.method.value) ?? this.#methods[0];
  }

  #drawFields(chosen) {
    const method = this.#known();
    this.fields.replaceChildren(...fields(method, chosen, this.quantity.unit));
    this.finds.textContent = method.finds;
  }

  #choose() {
    this.#drawFields({ ...this.#known().example, method: this.method.value });
    this.#tell();
  }

  #tell() {
    // Who has changed something hears what comes of it, and not what comes of each new reading.
    this.count.ariaLive = 'polite';
    this.#unreadable = unreadable(this.form);
    if (this.#unreadable) {
      this.#refuse(this.#unreadable);
      return;
    }
    const method = stated(this.method.value, this.form);
    const text = JSON.stringify(method);
    // What was found by the method before is nothing of this one.
    if (text === this.#drawn) this.#answer();
    else this.plot.mark(null);
    this.#drawn = text;
    this.#onChange(method);
  }

  /** Says why there is no answer. */
  refuse(words) {
    this.#answer = () => this.#refuse(words);
    if (!this.#unreadable) this.#answer();
  }

  /** Draws what was found; `again` where nothing else was asked for. */
  fill(found, again) {
    if (again) this.count.ariaLive = 'off';
    this.#answer = () => this.#fill(found);
    if (!this.#unreadable) this.#answer();
  }

  #refuse(words) {
    this.error.hidden = false;
    if (this.error.textContent !== words) this.error.textContent = words;
    this.count.textContent = '';
    this.bounds.textContent = '';
    this.#list([]);
    this.plot.mark(null);
  }

  #list(items) {
    keepingFocus(this.events, () => this.events.replaceChildren(...items), this.card.plot);
  }

  #fill(found) {
    this.error.hidden = true;
    const { anomalies, values, judged, events_in_all: all, points, events, bounds, unit, learnt_from: learnt } = found;
    this.count.dataset.anomaliesCount = anomalies;
    this.count.dataset.eventsCount = all;
    const exact = anomalies > points.times_ms.length ? `; the ${whole(points.times_ms.length)} furthest out are drawn exactly` : '';
    const share = values > 0 ? ` (${value((100 * anomalies) / values)} %)` : '';
    const unjudged = judged < values ? ` ${many(values - judged, 'reading')} could not be judged.` : '';
    this.count.textContent = `${whole(anomalies)} of ${many(values, 'reading')}${share} ${anomalies === 1 ? 'is an anomaly' : 'are anomalies'}, in ${many(all, 'event')}${exact}.${unjudged}`;
    const ofValues = bounds.of === 'value';
    this.#say(bounds, ofValues ? unit : '', ofValues, learnt);
    const [low, high] = ofValues ? [bounds.low, bounds.high] : [null, null];
    this.plot.mark({ low, high, times: points.times_ms, values: points.values, isAnomaly: anomalous(events, low, high) });
    const listed = worst(events, bounds);
    const more = all - listed.length;
    this.#list([
      ...listed.map((event) => this.#event(event, unit)),
      ...(more > 0 ? [el('li', { className: 'note' }, `${whole(more)} more, less far out`)] : []),
    ]);
  }

  #say({ low, high }, unit, ofValues, learnt) {
    const texts = apart([low, high].filter((bound) => bound !== null), 6).map((bound) => inUnit(bound, unit));
    const text = [low === null ? '' : `from ${texts.shift()}`, high === null ? '' : `to ${texts.shift()}`].filter(Boolean).join(' ');
    const what = ofValues ? 'Normal are values' : 'Normal are scores';
    const samples = learnt.samples > 0 ? `; learnt from ${many(learnt.samples, 'reading')}, ${clock(learnt.from_ms)} to ${clock(learnt.to_ms)}` : '';
    Object.assign(this.bounds.dataset, { low: low ?? '', high: high ?? '', of: ofValues ? 'value' : 'score' });
    this.bounds.textContent = text ? `${what} ${text}${samples}.` : '';
  }

  #event({ from_ms: from, to_ms: to, samples, peak_value: peak }, unit) {
    const when = from === to ? clock(from) : `${clock(from)}, for ${length(to - from)}`;
    const what = `${when}: ${many(samples, 'reading')}${peak === null ? '' : `, furthest out ${measured(peak, unit)}`}`;
    return el('li', {}, el('button', { type: 'button', 'data-event': from, onclick: () => this.#onJump(from, to) }, what));
  }
}
