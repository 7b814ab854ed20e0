// What the page asks its server.

const BASE = new URL('../api/v1/', document.baseURI);
const KEY = 'iot-token';

/** An answer that is not a success: its status, and the words of the server. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Remembers a token for as long as the tab is open. */
export const setToken = (token) => sessionStorage.setItem(KEY, token);

async function get(path, parameters, signal) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null) url.searchParams.set(name, value);
  }
  const token = sessionStorage.getItem(KEY);
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(url, { headers, signal });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Refused(response.status, problem.detail ?? response.statusText);
}

const ofDevice = (id, what) => `devices/${encodeURIComponent(id)}/${what}`;

/** Nanoseconds, as the server takes times: exact, as text. */
const nanos = (ms) => (ms === undefined ? undefined : `${Math.round(ms)}000000`);

/** All devices, by id. */
export async function devices(signal) {
  const all = [];
  let cursor;
  do {
    const page = await get('devices', { limit: 10000, cursor }, signal);
    all.push(...page.devices);
    cursor = page.next;
  } while (cursor);
  return all;
}

/** A device over a range, in about so many points. */
export const series = (id, { from, to }, points, signal) =>
  get(ofDevice(id, 'series'), { from: nanos(from), to: nanos(to), points }, signal);

/** The statistics of a device over a range. */
export const statistics = (id, { from, to }, signal) =>
  get(ofDevice(id, 'statistics'), { from: nanos(from), to: nanos(to) }, signal);
