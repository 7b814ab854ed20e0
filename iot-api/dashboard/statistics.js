// The table of statistics.

import { el } from './dom.js';
import { value, whole, withUnit } from './format.js';

const ROWS = [
  ['Count', ({ count }) => whole(count)],
  ['Mean', ({ mean }) => value(mean)],
  ['Standard deviation', ({ std }) => value(std)],
  ['Minimum', ({ min }) => value(min)],
  ['Maximum', ({ max }) => value(max)],
  ['Median', ({ median, median_rank_error: error }) => (error > 0 ? `≈ ${value(median)}` : value(median))],
];

const row = (name, cells) => el('tr', {}, el('th', { scope: 'row' }, name), ...cells.map((cell) => el('td', {}, cell)));

/** Draws the statistics of a device. */
export function drawStatistics(container, { quantities, power, energy, correlation }) {
  const columns = power ? [...quantities, { ...power, name: 'power (V·I)' }] : quantities;
  const head = el('tr', {}, el('td'), ...columns.map((column) => el('th', { scope: 'col' }, withUnit(column))));
  const rows = ROWS.map(([name, cell]) => row(name, columns.map(cell)));
  // These two are of voltage and current together, and stand under power.
  const underPower = (name, cell) => rows.push(row(name, columns.map((_, at) => (at === columns.length - 1 ? cell : ''))));
  if (energy) {
    const partly = energy.gaps > 0 && energy.coverage_percent !== null ? ` (${value(energy.coverage_percent)} % of the time)` : '';
    underPower(`Total energy (${energy.unit})`, value(energy.value) + partly);
  }
  if (correlation) underPower('Correlation (V-I)', value(correlation.pearson));
  container.replaceChildren(el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows)));
}
