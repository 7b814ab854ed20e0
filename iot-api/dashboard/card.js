// The frame around a plot: its title, its buttons, and the table behind it.

import { el, fileName, role, save } from './dom.js';
import { change, state, toggled } from './state.js';
import { colour } from './colours.js';

/**
 * A card with the plot of `id` (a kind of plot and a quantity), `{ attribute: value }` to find it by, and `parts`
 * between its head and its plot. `table()` is what the table shows; `picture()` is the canvas.
 */
export function card({ id, attributes, title, keys, parts = [], table, picture, caption }) {
  const note = el('span', { className: 'note', 'data-role': 'note' });
  const behind = el('div', { className: 'scroll behind', 'data-role': 'table', id: `table-${id}`, hidden: true, tabIndex: 0, role: 'group', 'aria-label': `${title}, as a table` });
  const show = el('button', {
    type: 'button', 'data-action': 'table', 'aria-controls': behind.id, 'aria-expanded': 'false', 'aria-label': `Table of ${title}`,
    onclick: () => change({ tables: toggled(state.tables, id, behind.hidden) }, { push: false }),
  }, 'Table');
  const png = el('button', {
    type: 'button', 'data-action': 'png', 'aria-label': `Save ${title} as PNG`, disabled: true,
    onclick: () => savePicture(picture(), title, state.device ?? '', caption()),
  }, 'PNG');
  // Without the role of an application a screen reader would keep the arrow keys for itself.
  const use = keys ? { role: 'application', tabIndex: 0, 'aria-description': 'Arrow keys walk along the points, plus and minus zoom, 0 shows all.' } : { role: 'img' };
  const plot = el('div', { className: 'plot', 'data-role': 'plot', 'aria-label': title, ...use });
  const head = el('div', { className: 'head' }, el('h3', {}, title), note, el('span', { className: 'tools' }, show, png));
  const article = el('article', { className: 'card', ...attributes }, head, ...parts, plot, behind);
  return { article, plot, note, png, id, table };
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

/** A picture tells of what and when it is: it is looked at far from the page. */
function savePicture(canvas, title, device, caption) {
  const scale = devicePixelRatio || 1;
  const at = (length) => Math.round(length * scale);
  const picture = el('canvas', { width: canvas.width, height: canvas.height + at(63) });
  const context = picture.getContext('2d');
  context.fillStyle = colour('--card');
  context.fillRect(0, 0, picture.width, picture.height);
  const lines = [['--ink', 600, 14, title, 20], ['--soft', 400, 12, device, 37], ['--soft', 400, 12, caption, 54]];
  for (const [ink, weight, size, text, y] of lines) {
    context.fillStyle = colour(ink);
    context.font = `${weight} ${at(size)}px system-ui, sans-serif`;
    context.fillText(text, at(12), at(y), picture.width - at(24));
  }
  context.drawImage(canvas, 0, at(63));
  picture.toBlob((blob) => save(blob, `${fileName(`${device} ${title}`)}.png`), 'image/png');
}
