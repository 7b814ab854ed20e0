// The frame around a plot: its title, its buttons, and the table behind it.

import { el, fileName, role, save } from './dom.js';
import { change, state, toggled } from './state.js';
import { colour } from './colours.js';

/**
 * A card with the plot of `id` (a kind of plot and a quantity), `{ attribute: value }` to find it by, and `parts`
 * between its head and its plot. `table()` is what the table shows; `picture()` is the canvas.
 */
export function card({ id, attributes, title, keys, parts = [], table, picture }) {
  const note = el('span', { className: 'note', 'data-role': 'note' });
  const behind = el('div', { className: 'scroll behind', 'data-role': 'table', id: `table-${id}`, hidden: true, tabIndex: 0, 'aria-label': `${title}, as a table` });
  behind.setAttribute('role', 'group');
  const show = el('button', {
    type: 'button', 'data-action': 'table', 'aria-controls': behind.id, 'aria-expanded': 'false',
    onclick: () => change({ tables: toggled(state.tables, id, behind.hidden) }, { push: false }),
  }, 'Table');
  const png = el('button', {
    type: 'button', 'data-action': 'png', 'aria-label': `Save ${title} as PNG`,
    onclick: () => savePicture(picture(), title, state.device ?? ''),
  }, 'PNG');
  show.setAttribute('aria-label', `Table of ${title}`);
  const plot = el('div', { className: 'plot', 'data-role': 'plot', tabIndex: 0, 'aria-label': title });
  // Without it a screen reader would keep the arrow keys for itself.
  plot.setAttribute('role', keys ? 'application' : 'img');
  if (keys) plot.setAttribute('aria-description', 'Arrow keys walk along the points, plus and minus zoom, 0 shows all.');
  else plot.removeAttribute('tabindex');
  const head = el('div', { className: 'head' }, el('h3', {}, title), note, el('span', { className: 'tools' }, show, png));
  const article = el('article', { className: 'card', ...attributes }, head, ...parts, plot, behind);
  return { article, plot, note, id, table };
}

/** Shows or hides the table of a card, as the state says, and fills it. */
export function drawTable({ article, id, table }) {
  const behind = role(article, 'table');
  const open = state.tables.has(id);
  const button = article.querySelector('[data-action="table"]');
  behind.hidden = !open;
  button.setAttribute('aria-expanded', String(open));
  behind.replaceChildren(...(open ? table() : []));
}

/** A table of these rows under these heads, and how many more there are. */
export function rows(heads, all, more = 0) {
  const line = (cells) => el('tr', {}, ...cells.map((cell) => el('td', {}, cell)));
  const head = el('tr', {}, ...heads.map((text) => el('th', { scope: 'col' }, text)));
  const table = el('table', {}, el('thead', {}, head), el('tbody', {}, ...all.map(line)));
  return more > 0 ? [table, el('p', { className: 'note' }, `${more} more: zoom in to see them.`)] : [table];
}

function savePicture(canvas, title, device) {
  const scale = devicePixelRatio || 1;
  const at = (length) => Math.round(length * scale);
  const picture = el('canvas', { width: canvas.width, height: canvas.height + at(46) });
  const context = picture.getContext('2d');
  context.fillStyle = colour('--card');
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = colour('--ink');
  context.font = `600 ${at(14)}px system-ui, sans-serif`;
  context.fillText(title, at(12), at(20));
  context.fillStyle = colour('--soft');
  context.font = `${at(12)}px system-ui, sans-serif`;
  context.fillText(device, at(12), at(37));
  context.drawImage(canvas, 0, at(46));
  picture.toBlob((blob) => save(blob, `${fileName(`${device} ${title}`)}.png`), 'image/png');
}
