// The table of statistics.

import { el } from './dom.js';
import { value, whole, withUnit } from './format.js';

const number = (name) => (of) => [value(of[name]), of[name]];

const ROWS = [
  ['count', 'Count', ({ count }) => [whole(count), count]],
  ['mean', 'Mean', number('mean')],
  ['std', 'Standard deviation', number('std')],
  ['min', 'Minimum', number('min')],
  ['max', 'Maximum', number('max')],
  ['median', 'Median', ({ median, median_rank_error: error }) => [error > 0 ? `≈ ${value(median)}` : value(median), median]],
];

function row(name, label, columns, cell) {
  const cells = columns.map((column) => {
    const [text, exact] = cell(column);
    return el('td', { 'data-quantity': column.name, 'data-value': exact ?? '' }, text);
  });
  return el('tr', { 'data-row': name }, el('th', { scope: 'row' }, label), ...cells);
}

/** Draws the statistics of a device. */
export function drawStatistics(container, { quantities, power, energy, correlation }) {
  if (quantities.length === 0) {
    container.replaceChildren(el('p', { className: 'note' }, 'No readings in this range.'));
    return;
  }
  const measured = quantities.some(({ name }) => name === 'power');
  const derived = power && { ...power, name: measured ? 'derived_power' : 'power', derived: true };
  const columns = derived ? [...quantities, derived] : quantities;
  const label = (column) => (column.derived ? `Power, V·I (${column.unit})` : withUnit(column));
  const head = el('tr', {}, el('td'), ...columns.map((column) => el('th', { scope: 'col' }, label(column))));
  const rows = ROWS.map(([name, text, cell]) => row(name, text, columns, cell));
  // These two are of voltage and current together, and stand under power.
  const underPower = (name, text, cell) => rows.push(row(name, text, columns, (column) => (column.derived ? cell : ['', ''])));
  if (energy) {
    const partly = energy.gaps > 0 && energy.coverage_percent !== null ? ` (${value(energy.coverage_percent)} % of the time)` : '';
    underPower('energy', `Total energy (${energy.unit})`, [value(energy.value) + partly, energy.value]);
  }
  if (correlation) underPower('correlation', 'Correlation (V-I)', [value(correlation.pearson), correlation.pearson]);
  container.replaceChildren(el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows)));
}
