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
