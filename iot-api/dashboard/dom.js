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

/** Waits for so long, or until a signal says that nobody does any more. */
export const sleep = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, signal?.aborted ? 0 : ms);
  signal?.addEventListener('abort', () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
});

/**
 * Draws into a container; the control in it that has the focus has it afterwards too, or the one made in its place, or
 * else `instead`.
 */
export function keepingFocus(container, draw, instead = null) {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  draw();
  if (focused === null || document.activeElement === focused) return;
  const same = (control) => Object.keys(focused.dataset).every((name) => control.dataset[name] === focused.dataset[name]);
  const place = focused.isConnected ? focused : [...container.querySelectorAll('button, input, select')].find(same) ?? instead;
  place?.focus({ preventScroll: true });
}

/** A name of a file, of a text that may have anything in it. */
export const fileName = (text) => text.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 120).replace(/^[-.]+|-+$/g, '');

/** Has the browser save these bytes. */
export function save(blob, name) {
  const href = URL.createObjectURL(blob);
  const link = el('a', { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 10e3);
}
