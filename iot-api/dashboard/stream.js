// New readings as they come: server-sent events, read from a fetch, for that can show a token and be stopped.

import { ask } from './api.js';
import { sleep } from './dom.js';

const [SHORT_MS, LONG_MS] = [1e3, 30e3];

/** A stream in which nothing comes for so long is dead: the server sends a sign of life every quarter of a minute. */
const DEAD_MS = 45e3;

/** The events in a body, each as its fields; `alive` is told of whatever comes. */
async function* events(body, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const texts = (rest + value).split('\n\n');
    rest = texts.pop();
    for (const text of texts) {
      const fields = {};
      for (const line of text.split('\n')) {
        const at = line.indexOf(':');
        if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).trimStart();
      }
      yield fields;
    }
  }
}

export class Follower {
  #control = null;

  /** Follows a stream, and again where it breaks off, until it is stopped; a second one ends the first. */
  async open(url, onEvent) {
    this.stop();
    const { signal } = (this.#control = new AbortController());
    let [wait, last] = [SHORT_MS, null];
    while (!signal.aborted) {
      const dead = new AbortController();
      let timer = null;
      const alive = () => {
        clearTimeout(timer);
        timer = setTimeout(() => dead.abort(), DEAD_MS);
      };
      try {
        alive();
        const response = await ask(url, AbortSignal.any([signal, dead.signal]), last === null ? {} : { 'last-event-id': last });
        wait = SHORT_MS;
        for await (const { id, event, data } of events(response.body, alive)) {
          if (signal.aborted) return;
          if (data) draw(onEvent, event, data);
          last = id ?? last;
        }
      } catch {
        // What is wrong is said by the questions that the page asks besides.
        wait = Math.min(2 * wait, LONG_MS);
      } finally {
        clearTimeout(timer);
      }
      await sleep(wait, signal);
    }
  }

  stop() {
    this.#control?.abort();
    this.#control = null;
  }
}

/** A fault of the page in drawing an event is none of the stream. */
function draw(onEvent, event, data) {
  try {
    onEvent(event, JSON.parse(data));
  } catch (error) {
    reportError(error);
  }
}
