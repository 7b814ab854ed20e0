// What is shown: kept in the address, so that a link shows the same.

const listeners = new Set();

/** The device, and the range: one of the lengths of range.js, or `from..to` in milliseconds since 1970. */
export const state = { device: null, range: 'all' };

function read() {
  const parameters = new URLSearchParams(location.search);
  state.device = parameters.get('device');
  state.range = parameters.get('range') ?? 'all';
}

/** Changes what is shown; `push` makes it a step that the back button undoes. */
export function change(changes, { push = true } = {}) {
  Object.assign(state, changes);
  const parameters = new URLSearchParams();
  if (state.device !== null) parameters.set('device', state.device);
  if (state.range !== 'all') parameters.set('range', state.range);
  const query = parameters.toString();
  history[push ? 'pushState' : 'replaceState'](null, '', query ? `?${query}` : location.pathname);
  listeners.forEach((listener) => listener());
}

export const onChange = (listener) => listeners.add(listener);

read();
addEventListener('popstate', () => {
  read();
  listeners.forEach((listener) => listener());
});
