// One quantity over time.

import { byId, el } from './dom.js';
import { many, time, title, value, whole, withUnit } from './format.js';

/* global uPlot */
const HEIGHT = 240;
const COLOURS = 6;

/** How the time axis is labelled, by the step between labels (ms): the label, and what is added where a day or year begins. */
const [SECOND, MINUTE, DAY, YEAR] = [1e3, 60e3, 86400e3, 365 * 86400e3];
const date = '{YYYY}-{MM}-{DD}';
const TIMES = [
  [YEAR, '{YYYY}', null, null, null, null, null, null, 1],
  [28 * DAY, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [DAY, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [MINUTE, '{HH}:{mm}', `\n${date}`, null, `\n${date}`, null, null, null, 1],
  [SECOND, '{HH}:{mm}:{ss}', `\n${date}`, null, `\n${date}`, null, null, null, 1],
  [1, ':{ss}.{fff}', `\n${date} {HH}:{mm}`, null, `\n${date} {HH}:{mm}`, null, `\n{HH}:{mm}`, null, 1],
];

/** What the system's light or dark says of a colour now. */
const colour = (name) => {
  const probe = el('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
};

function options(quantity, place, width, onZoom) {
  const ink = colour('--soft');
  const grid = { stroke: colour('--line'), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid };
  return {
    width,
    height: HEIGHT,
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), 'Etc/UTC'),
    cursor: { sync: { key: 'time' }, drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => () => onZoom() } },
    legend: { live: true },
    scales: { x: { time: true } },
    axes: [{ ...axis, values: TIMES, space: 64 }, { ...axis, size: 64, values: (_, ticks) => ticks.map(value) }],
    series: [
      { label: 'Time', value: (_, ms) => (ms === null || ms === undefined ? '–' : time(ms)) },
      {
        label: withUnit(quantity),
        stroke: colour(`--q${place % COLOURS}`),
        width: 1.5,
        points: { show: quantity.times_ms.length < 60 },
        value: (_, x) => value(x),
      },
    ],
    hooks: {
      setSelect: [(plot) => {
        const { left, width: selected } = plot.select;
        if (selected < 3) return;
        onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + selected, 'x'));
        plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  };
}

/** The plots of a device, one a quantity; they stay while the quantities do, so that the cursor does. */
export class Plots {
  #container;
  #onZoom;
  #drawn = new Map();
  #observer = new ResizeObserver((entries) => entries.forEach(({ target, contentRect }) => {
    const drawn = [...this.#drawn.values()].find(({ box }) => box === target);
    if (drawn && contentRect.width > 0) drawn.plot.setSize({ width: Math.floor(contentRect.width), height: HEIGHT });
  }));

  /** `onZoom(from, to)` is told which stretch was chosen, and nothing where all is wanted again. */
  constructor(container, onZoom) {
    this.#container = container;
    this.#onZoom = onZoom;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#redraw());
  }

  draw(quantities) {
    const names = quantities.map(({ name, unit }) => `${name} ${unit}`);
    if (names.join() !== [...this.#drawn.keys()].join()) {
      this.clear();
      quantities.forEach((quantity, place) => this.#add(names[place], quantity, place));
    }
    quantities.forEach((quantity, place) => this.#fill(this.#drawn.get(names[place]), quantity));
  }

  clear() {
    this.#observer.disconnect();
    this.#drawn.forEach(({ plot }) => plot.destroy());
    this.#drawn.clear();
    this.#container.replaceChildren();
  }

  #redraw() {
    const quantities = [...this.#drawn.values()].map(({ quantity }) => quantity);
    this.clear();
    this.draw(quantities);
  }

  #add(name, quantity, place) {
    const note = el('span', { className: 'note' });
    const box = el('div', { className: 'plot' });
    const card = el('article', { className: 'card' }, el('h2', {}, withUnit(quantity), note), box);
    this.#container.append(card);
    const plot = new uPlot(options(quantity, place, box.clientWidth || 600, this.#onZoom), [[], []], box);
    this.#drawn.set(name, { plot, box, card, note });
    this.#observer.observe(box);
  }

  #fill(drawn, quantity) {
    drawn.quantity = quantity;
    drawn.plot.setData([quantity.times_ms, quantity.values]);
    const shown = quantity.complete ? '' : ` in ${whole(quantity.times_ms.length)} points`;
    drawn.note.textContent = `${many(quantity.readings, 'reading')}${shown}`;
    drawn.card.setAttribute('aria-label', `${title(quantity.name)} over time, ${many(quantity.readings, 'reading')}`);
  }
}

/** How many points the screen can show. */
export const points = () => Math.min(4000, Math.max(300, Math.round(byId('plots').clientWidth || 800)));
