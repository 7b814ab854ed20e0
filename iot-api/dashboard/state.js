// What is shown: kept in the address, so that a link shows the same.

const listeners = new Set();

const SORTS = ['odd', 'id', 'seen'];
const SECTIONS = ['statistics', 'distributions', 'anomalies'];

/**
 * `range` is one of the lengths of range.js, or `from..to` in milliseconds since 1970; `hide` and `tables` are sets of
 * names; `anomaly` has a method with its parameters by quantity.
 */
export const state = {};

const set = (text) => new Set((text ?? '').split(',').filter(Boolean));

function read() {
  const parameters = new URLSearchParams(location.search);
  const sort = parameters.get('sort');
  Object.assign(state, {
    device: parameters.get('device'),
    range: parameters.get('range') ?? 'all',
    zone: parameters.get('zone') === 'utc' ? 'utc' : 'local',
    live: parameters.get('live') !== '0',
    search: parameters.get('q') ?? '',
    sort: SORTS.includes(sort) ? sort : 'odd',
    hide: new Set([...set(parameters.get('hide'))].filter((name) => SECTIONS.includes(name))),
    tables: set(parameters.get('tables')),
    anomaly: {},
  });
  for (const [name, text] of parameters) {
    if (name.startsWith('anomaly.')) {
      state.anomaly[name.slice('anomaly.'.length)] = Object.fromEntries(new URLSearchParams(text));
    }
  }
}

function write() {
  const parameters = new URLSearchParams();
  const put = (name, value, usual) => value !== usual && parameters.set(name, value);
  if (state.device !== null) parameters.set('device', state.device);
  put('range', state.range, 'all');
  put('zone', state.zone, 'local');
  put('live', state.live ? '1' : '0', '1');
  put('q', state.search, '');
  put('sort', state.sort, 'odd');
  put('hide', [...state.hide].join(), '');
  put('tables', [...state.tables].join(), '');
  for (const [quantity, method] of Object.entries(state.anomaly)) {
    parameters.set(`anomaly.${quantity}`, new URLSearchParams(method).toString());
  }
  const query = parameters.toString();
  return query ? `?${query}` : location.pathname;
}

const tell = (before) => {
  const changed = (name) => before === null || before[name] !== state[name];
  listeners.forEach((listener) => listener(changed));
};

/** Changes what is shown; `push` makes it a step that the back button undoes. */
export function change(changes, { push = true } = {}) {
  const before = { ...state };
  Object.assign(state, changes);
  history[push ? 'pushState' : 'replaceState'](null, '', write());
  tell(before);
}

/** The same set with this name in it, or without it. */
export function toggled(names, name, present) {
  const copy = new Set(names);
  copy[present ? 'add' : 'delete'](name);
  return copy;
}

/** `listener(changed)` is told of each change; `changed(name)` says whether that part is another now. */
export const onChange = (listener) => listeners.add(listener);

read();
addEventListener('popstate', () => {
  read();
  tell(null);
});
