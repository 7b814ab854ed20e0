// How the values of each quantity are distributed.

import { valueAxis } from './axes.js';
import { card, drawTable, rows } from './card.js';
import { colour } from './colours.js';
import { apart, many, time, title, whole, withUnit } from './format.js';

/* global uPlot */
const HEIGHT = 220;

export class Distribution {
  #plot = null;
  #answer = null;
  #width = 0;

  /** `linked` knows which time is seen. */
  constructor(quantity, linked) {
    this.quantity = quantity;
    const name = withUnit(quantity);
    this.card = card({
      id: `distribution.${quantity.name}`,
      attributes: { 'data-distribution': quantity.name },
      title: `Distribution of ${name}`,
      table: () => this.#table(),
      picture: () => this.#plot?.ctx.canvas,
      caption: () => `${time(linked.view[0])} to ${time(linked.view[1])}`,
    });
    this.article = this.card.article;
    this.observer = new ResizeObserver(([{ contentRect }]) => {
      const width = Math.floor(contentRect.width);
      if (width === this.#width || width <= 0) return;
      this.#width = width;
      this.repaint();
    });
    this.observer.observe(this.card.plot);
  }

  destroy() {
    this.observer.disconnect();
    this.#plot?.destroy();
    this.article.remove();
  }

  /** Draws an answer of the server. */
  fill(answer) {
    this.#answer = answer;
    const { count, density_absent: absent } = answer;
    this.card.note.textContent = count === 0 ? 'no values' : `${many(count, 'value')}${absent ? `; no density: ${absent.detail}` : ''}`;
    const { counts } = answer;
    const [edges, most] = [apart(answer.edges, 6), counts.indexOf(Math.max(...counts))];
    const summary = count > 0 ? `, from ${edges[0]} to ${edges.at(-1)}, most of them from ${edges[most]} to ${edges[most + 1]}` : '';
    this.card.plot.setAttribute('aria-label', `Histogram of ${title(this.quantity.name)}: ${many(count, 'value')}${summary}`);
    this.repaint();
    drawTable(this.card);
  }

  /** Says why there is no answer. */
  refuse(words) {
    this.card.note.textContent = words;
    this.#answer = null;
    this.repaint();
    drawTable(this.card);
  }

  repaint() {
    this.#plot?.destroy();
    this.#plot = null;
    this.card.png.disabled = !(this.#width > 0 && this.#answer);
    if (this.#width > 0 && this.#answer) this.#make(this.card.plot, this.#answer);
  }

  #make(box, { edges, counts, count, density }) {
    const line = { stroke: colour('--line'), width: 1 };
    const axis = { stroke: colour('--soft'), grid: line, ticks: line };
    const ink = { bar: colour('--bar'), curve: colour('--curve') };
    // A density is per unit: over a bin of this width it is so many values.
    const scaled = density ? density.densities.map((y) => y * count * (edges[1] - edges[0])) : [];
    const most = Math.max(1, ...counts, ...scaled);
    const middles = counts.map((_, i) => (edges[i] + edges[i + 1]) / 2);
    const texts = apart(edges, 6);
    const bin = (i) => `${texts[i]} to ${texts[i + 1]}`;
    this.#plot = new uPlot({
      width: this.#width,
      height: HEIGHT,
      cursor: { drag: { x: false, y: false }, y: false },
      scales: { x: { time: false, range: () => (edges.length ? [edges[0], edges.at(-1)] : [0, 1]) }, y: { range: () => [0, most * 1.05] } },
      axes: [{ ...axis, space: 72, values: valueAxis().values }, { ...axis, size: 64, values: (_, ticks) => ticks.map((n) => (Number.isInteger(n) ? whole(n) : '')) }],
      series: [
        { label: withUnit(this.quantity), value: (_, __, ___, i) => (i === null || i === undefined ? '–' : bin(i)) },
        { label: 'Values', stroke: ink.bar, paths: () => null, points: { show: false }, value: (_, n) => whole(n) },
      ],
      hooks: { draw: [(plot) => draw(plot, { edges, counts, curve: density && { x: density.points, y: scaled } }, ink)] },
    }, [middles, counts], box);
    box.dataset.points = counts.length;
  }

  #table() {
    const { edges = [], counts = [] } = this.#answer ?? {};
    const texts = apart(edges, 6);
    return rows([`From (${this.quantity.unit || '1'})`, 'To', 'Values'], counts.map((n, i) => [texts[i], texts[i + 1], whole(n)]));
  }
}

/** Each bar stands exactly between the edges of its bin. */
function draw(plot, { edges, counts, curve }, ink) {
  const { ctx: context, bbox: { left, top, width, height } } = plot;
  const scale = devicePixelRatio || 1;
  const [x, y] = [(at) => plot.valToPos(at, 'x', true), (at) => plot.valToPos(at, 'y', true)];
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.fillStyle = ink.bar;
  counts.forEach((n, i) => context.fillRect(x(edges[i]) + 0.5, y(n), Math.max(1, x(edges[i + 1]) - x(edges[i]) - scale), y(0) - y(n)));
  if (curve) {
    context.strokeStyle = ink.curve;
    context.lineWidth = 2 * scale;
    context.beginPath();
    curve.x.forEach((at, i) => context.lineTo(x(at), y(curve.y[i])));
    context.stroke();
  }
  context.restore();
}
