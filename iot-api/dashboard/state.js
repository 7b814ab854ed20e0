// What is shown: kept in the address, so that a link shows the same.

const listeners = new Set();

const SORTS = ['odd', 'id', 'seen'];
const SECTIONS = ['statistics', 'distributions', 'anomalies'];

/**
 * `range` is one of the lengths of range.js, or `from..to` in milliseconds since 1970; `learn` is such a range that
 * detectors learn from in place of it, or null; `hide` and `tables` are sets of names; `anomaly` has a method with its
 * parameters by quantity.
 */
export const state = {};

const set = (text) => new Set((text ?? '').split(',').filter(Boolean));

function read() {
  const parameters = new URLSearchParams(location.search);
  const sort = parameters.get('sort');
  Object.assign(state, {
    device: parameters.get('device'),
    range: parameters.get('range') ?? 'all',
    learn: parameters.get('learn'),
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
  if (state.learn !== null) parameters.set('learn', state.learn);
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

const text = (value) => JSON.stringify(value instanceof Set ? [...value] : value);

function tell(before, first = () => {}) {
  const changed = (name) => text(before[name]) !== text(state[name]);
  if (!Object.keys(state).some(changed)) return;
  first();
  listeners.forEach((listener) => listener(changed));
}

/** Changes what is shown; `push` makes it a step that the back button undoes. What changes nothing is no step. */
export function change(changes, { push = true } = {}) {
  const before = { ...state };
  Object.assign(state, changes);
  tell(before, () => history[push ? 'pushState' : 'replaceState'](null, '', write()));
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
  const before = { ...state };
  read();
  tell(before);
});
