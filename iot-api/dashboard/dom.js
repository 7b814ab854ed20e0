// Elements. Text is only ever text: ids and names come from strangers.

export const byId = (id) => document.getElementById(id);

/** An element with these properties and children; a child that is no element is text. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** The element of this role in a card. */
export const role = (card, name) => card.querySelector(`[data-role="${name}"]`);

/** A name of a file, of a text that may have anything in it. */
export const fileName = (text) => text.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80);

/** Has the browser save these bytes. */
export function save(blob, name) {
  const href = URL.createObjectURL(blob);
  const link = el('a', { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 10e3);
}
