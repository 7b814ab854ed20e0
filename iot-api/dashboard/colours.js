// Colours, as the system's light or dark has them now.

import { el } from './dom.js';

/** How many quantities have a colour of their own. */
const OWN = 6;

/** What a custom property of the style sheet comes to. */
export function colour(name) {
  const probe = el('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
}

/** The colour of the quantity at this place. */
export const ofPlace = (place) => colour(`--q${place % OWN}`);

/** `listener` is told when the system goes from light to dark or back. */
export const onTheme = (listener) => matchMedia('(prefers-color-scheme: dark)').addEventListener('change', listener);
