// One quantity over time.

import { timeAxis, valueAxis } from './axes.js';
import { card, drawTable, rows } from './card.js';
import { colour, ofPlace } from './colours.js';
import { byId } from './dom.js';
import { bareTime, many, measured, time, title, value, whole, withUnit, zoneName } from './format.js';
import { bindKeys, bindTouch, bindWheel, panning } from './gestures.js';
import { drawMarks, withMarks } from './marks.js';

/* global uPlot */
const HEIGHT = 210;

/** More rows than these are not drawn. */
const MAX_ROWS = 500;

export class TimePlot {
  #linked;
  #place;
  #dots;
  #plot = null;
  /** The instant that the keys have gone to. */
  #at = null;
  #width = 0;
  /** What a detector found: its bounds, and the times and values of anomalies. */
  #marks = null;
  times = [];
  values = [];

  /**
   * `kind` is `plot` or `anomalies`: the latter is drawn in dots, with marks. `place` chooses the colour, `parts` stand
   * between the head of the card and the plot.
   */
  constructor(linked, { kind, quantity, place, parts }) {
    this.#linked = linked;
    this.#place = place;
    this.#dots = kind === 'anomalies';
    this.quantity = quantity;
    const { name } = quantity;
    this.card = card({
      id: `${kind}.${name}`,
      attributes: { [`data-${kind}`]: name },
      title: withUnit(quantity),
      keys: true,
      parts,
      table: () => this.#table(),
      picture: () => this.#plot?.ctx.canvas,
      caption: () => `${time(this.#linked.view[0])} to ${time(this.#linked.view[1])}`,
    });
    this.article = this.card.article;
    const box = this.card.plot;
    bindKeys(box, linked, (steps) => this.#walk(steps));
    this.observer = new ResizeObserver(([{ contentRect }]) => this.#resize(Math.floor(contentRect.width)));
    this.observer.observe(box);
    linked.add(this);
  }

  destroy() {
    this.observer.disconnect();
    this.#linked.remove(this);
    this.#plot?.destroy();
    this.article.remove();
  }

  /** Draws anew in the colours and the zone of now. */
  repaint() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#paint();
  }

  /** Draws a series. */
  fill({ times_ms: times, values, readings, complete }) {
    [this.times, this.values] = [times, values];
    this.readings = readings;
    this.complete = complete;
    this.#paint();
  }

  /** Adds what is new of a range, and forgets what is no longer part of it. */
  append(times, values, { from = -Infinity, to = Infinity }) {
    const last = this.times.at(-1) ?? -Infinity;
    times.forEach((ms, i) => {
      if (ms <= last || ms >= to) return;
      this.times.push(ms);
      this.values.push(values[i]);
      this.readings += 1;
    });
    const old = this.times.findIndex((ms) => ms >= from);
    if (old > 0) {
      this.times.splice(0, old);
      // Of readings that were not drawn nobody knows how many went.
      this.readings -= this.values.splice(0, old).filter((value) => value !== null).length;
    }
    this.#paint();
  }

  /** Marks bounds and anomalies: those at `times`, and what is drawn of those that `isAnomaly(ms, value)` tells. */
  mark(marks) {
    this.#marks = marks && { ...marks, ...this.#marked(marks) };
    this.#paint();
  }

  #marked({ times, values, isAnomaly }) {
    const all = new Map(times.map((ms, i) => [ms, values[i]]));
    this.times.forEach((ms, i) => {
      if (this.values[i] !== null && isAnomaly(ms, this.values[i])) all.set(ms, this.values[i]);
    });
    return { times: [...all.keys()], values: [...all.values()] };
  }

  show(from, to) {
    if (!this.#plot) return;
    this.#plot.setScale('x', { min: from, max: to });
    this.card.plot.dataset.from = Math.round(from);
    this.card.plot.dataset.to = Math.round(to);
  }

  point(ms) {
    if (!this.#plot) return;
    const left = this.#plot.valToPos(ms, 'x');
    this.#plot.setCursor({ left, top: this.#plot.over.clientHeight / 2 }, false);
  }

  #resize(width) {
    if (width <= 0 || width === this.#width) return;
    this.#width = width;
    if (this.#plot) this.#plot.setSize({ width, height: HEIGHT });
    else this.#paint();
  }

  #paint() {
    const box = this.card.plot;
    this.#width ||= Math.floor(box.clientWidth);
    if (this.#width > 0 && !this.#plot) this.#make(box);
    this.card.png.disabled = !this.#plot;
    this.#plot?.setData([this.times, this.#shown()], false);
    this.show(...this.#linked.view);
    box.dataset.points = this.times.length;
    if (this.readings !== undefined) {
      const all = many(this.readings, 'reading');
      this.card.note.textContent = this.complete ? all : `${all}, drawn in ${whole(this.times.length)} points`;
      box.setAttribute('aria-label', `${withUnit(this.quantity)} over time, ${all}`);
    }
    drawTable(this.card);
  }

  /** The values to draw as normal ones: anomalies have marks of their own. */
  #shown() {
    if (!this.#dots || !this.#marks) return this.values;
    const marked = new Set(this.#marks.times);
    return this.values.map((value, i) => (marked.has(this.times[i]) ? null : value));
  }

  #make(box) {
    const line = { stroke: colour('--line'), width: 1 };
    const axis = { stroke: colour('--soft'), grid: line, ticks: line };
    const ink = ofPlace(this.#place);
    const series = this.#dots
      ? { stroke: colour('--normal'), paths: () => null, points: { show: true, size: 4, width: 0, fill: colour('--normal') } }
      : { stroke: ink, width: 1.5, points: { show: (plot, _, from, to) => to - from < plot.width / 12 } };
    this.#plot = new uPlot({
      width: this.#width,
      height: HEIGHT,
      ms: 1,
      cursor: {
        sync: { key: 'time' },
        drag: { x: true, y: false, setScale: false },
        bind: { mousedown: panning(this.#linked), dblclick: () => () => this.#linked.reset() },
        focus: { prox: 16 },
      },
      legend: { live: true },
      scales: { x: { time: true, auto: false }, y: { range: (_, min, max) => withMarks(min, max, this.#marks, this.#linked.view) } },
      axes: [{ ...axis, ...timeAxis() }, { ...axis, ...valueAxis() }],
      series: [
        { label: 'Time', value: (_, ms) => (ms === null || ms === undefined ? '–' : time(ms)) },
        { label: withUnit(this.quantity), value: (_, x) => value(x), ...series },
      ],
      hooks: {
        draw: [(plot) => this.#marks && drawMarks(plot, this.#marks)],
        setSelect: [(plot) => {
          const { left, width } = plot.select;
          if (width < 3) return;
          const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          this.#linked.choose(from, to);
        }],
      },
    }, [this.times, this.values], box);
    bindWheel(box, this.#plot.over, this.#linked);
    bindTouch(this.#plot.over, this.#linked);
    this.#plot.over.addEventListener('mousedown', () => box.focus({ preventScroll: true }));
  }

  /** What is seen, in order: the points that are drawn and have a value, and all anomalies. */
  #seen() {
    const [from, to] = this.#linked.view;
    const anomalies = new Map(this.#marks?.times.map((ms, i) => [ms, this.#marks.values[i]]));
    const all = [...anomalies].map(([ms, x]) => ({ ms, x, isAnomaly: true }));
    this.times.forEach((ms, i) => {
      if (this.values[i] !== null && !anomalies.has(ms)) all.push({ ms, x: this.values[i], isAnomaly: false });
    });
    const seen = all.filter(({ ms }) => ms >= from && ms <= to);
    return anomalies.size > 0 ? seen.sort((a, b) => a.ms - b.ms) : seen;
  }

  /** Goes along what is seen, and says where it is. */
  #walk(steps) {
    const seen = this.#seen();
    if (seen.length === 0) return;
    const before = seen.findIndex(({ ms }) => ms === this.#at);
    const start = before < 0 ? (steps > 0 ? -1 : seen.length) : before;
    const now = Math.min(seen.length - 1, Math.max(0, start + steps));
    const { ms, x, isAnomaly } = seen[now];
    this.#at = ms;
    this.#linked.point(ms);
    byId('walk').textContent = `${title(this.quantity.name)} ${measured(x, this.quantity.unit)}${isAnomaly ? ', an anomaly' : ''} at ${time(ms)}, point ${now + 1} of ${seen.length}`;
  }

  #table() {
    const all = this.#seen().map(({ ms, x, isAnomaly }) => [bareTime(ms), value(x), ...(this.#dots ? [isAnomaly ? 'anomaly' : ''] : [])]);
    const heads = [`Time (${zoneName(this.#linked.view[1])})`, withUnit(this.quantity), ...(this.#dots ? ['Judged'] : [])];
    return rows(heads, all.slice(0, MAX_ROWS), all.length - MAX_ROWS);
  }
}
