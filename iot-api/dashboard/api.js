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

/** No answer, or none that can be read. */
export class Unanswered extends Error {}

/** What is wrong, as a sentence; a fault of the page itself is not laid at the server's door. */
export function words(error) {
  if (error instanceof Unanswered) return error.message;
  if (error instanceof Refused) return `The server says: ${error.message.replace(/\.?$/, '.')}`;
  return `This page has a fault: ${error.message}.`;
}

/** How long an answer may take: the server itself gives up on one that is costly after a minute. */
const [QUICK_MS, COSTLY_MS] = [15e3, 70e3];

/** Remembers a token for as long as the tab is open. */
export const setToken = (token) => sessionStorage.setItem(KEY, token);

/** Whether a token is remembered: then links cannot fetch anything, they carry none. */
export const hasToken = () => sessionStorage.getItem(KEY) !== null;

function address(path, parameters) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, value);
  }
  return url;
}

/** What the network comes to; `signal` is that of who asks. */
async function arrived(promise, signal) {
  try {
    return await promise;
  } catch (error) {
    if (signal?.aborted || error instanceof Refused) throw error;
    if (error.name === 'TimeoutError') throw new Unanswered('The server does not answer.');
    throw new Unanswered(error instanceof SyntaxError ? 'The server says what cannot be read.' : 'The server cannot be reached.');
  }
}

/** The answer to a request, once its head is there; further headers are added to the token's. */
export async function ask(url, signal, headers = {}) {
  const token = sessionStorage.getItem(KEY);
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(url, { headers, signal });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Refused(response.status, problem.detail ?? response.statusText);
}

async function get(path, parameters, signal, patience = COSTLY_MS) {
  const limited = AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])]);
  return arrived(ask(address(path, parameters), limited).then((response) => response.json()), signal);
}

/** A file, however long it takes. */
export const file = (url) => arrived(ask(url).then((response) => response.blob()));

const ofDevice = (id, what) => `devices/${encodeURIComponent(id)}/${what}`;

/** Nanoseconds, as the server takes times: exact, as text. */
const nanos = (ms) => (ms === undefined ? undefined : `${Math.round(ms)}000000`);

const between = ({ from, to }) => ({ from: nanos(from), to: nanos(to) });

/** Numbers as JSON has them: `012`, `.5` and `+1` are numbers to a person. */
const plain = (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? String(Number(text)) : text);

/** All devices, by id. */
export async function devices(signal) {
  const all = [];
  let cursor;
  do {
    const page = await get('devices', { limit: 10000, cursor }, signal, QUICK_MS);
    all.push(...page.devices);
    cursor = page.next;
  } while (cursor);
  return all;
}

/** A device over a range, these quantities in about so many points each. */
export const series = (id, range, quantities, points, signal) =>
  get(ofDevice(id, 'series'), { ...between(range), quantities: quantities.join(), points }, signal);

/** The statistics of a device over a range. */
export const statistics = (id, range, signal) => get(ofDevice(id, 'statistics'), between(range), signal);

/** How a quantity is distributed over a range. */
export const distribution = (id, range, quantity, signal) =>
  get(ofDevice(id, 'distribution'), { ...between(range), quantity }, signal);

/** What a method finds in a quantity over a range, learning from the range itself or from another one. */
export function anomalies(id, range, learn, quantity, method, limit, signal) {
  const parameters = Object.fromEntries(Object.entries(method).map(([name, text]) => [name, plain(text)]));
  const learning = { learn_from: nanos(learn.from), learn_to: nanos(learn.to) };
  return get(ofDevice(id, 'anomalies'), { ...parameters, ...between(range), ...learning, quantity, limit }, signal);
}

/** The methods there are, with their parameters. */
export const methods = (signal) => get('methods', {}, signal, QUICK_MS);

/** Whether a device is odd. */
export const condition = (id, signal) => get(ofDevice(id, 'condition'), {}, signal);

/** Whether devices are odd: one page of them, and the cursor of the next. */
export const conditions = (limit, cursor, signal) => get('conditions', { limit, cursor }, signal);

/** Where the readings of a range are as a table. */
export const table = (id, range) => address(ofDevice(id, 'readings'), { ...between(range), format: 'csv' });

/** Where the readings of a device from an instant on come from, and new ones as they come. */
export const stream = (id, quantities, from) =>
  address(ofDevice(id, 'stream'), { quantities: quantities.join(), from: nanos(from) });
