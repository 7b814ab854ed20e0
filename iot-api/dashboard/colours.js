// Colours, as the system's light or dark has them now.

import { el } from './dom.js';

/** How many quantities have a colour of their own. */
const OWN = 6;

/** What was looked up since the last change: to look costs the browser a calculation of all styles. */
const known = new Map();

/** What a custom property of the style sheet comes to. */
export function colour(name) {
  if (!known.has(name)) {
    const probe = el('span');
    probe.style.color = `var(${name})`;
    // Where the system forces its colours on text, a canvas keeps ours.
    probe.style.forcedColorAdjust = 'none';
    document.body.append(probe);
    known.set(name, getComputedStyle(probe).color);
    probe.remove();
  }
  return known.get(name);
}

/** The colour of the quantity at this place. */
export const ofPlace = (place) => colour(`--q${place % OWN}`);

/** `listener` is told when the system goes from light to dark or back, or forces its own colours. */
export function onTheme(listener) {
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
    matchMedia(query).addEventListener('change', () => {
      known.clear();
      listener();
    });
  }
}
