// New readings as they come: server-sent events, read from a fetch, for that can show a token and be stopped.

import { ask } from './api.js';

const [SHORT_MS, LONG_MS] = [1e3, 30e3];

/** Reads events until the stream ends; answers with the id of the last one. */
async function follow(response, last, onEvent) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let id = last;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return id;
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    for (const text of events) {
      const fields = {};
      for (const line of text.split('\n')) {
        const at = line.indexOf(':');
        if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).trimStart();
      }
      if (fields.id) id = fields.id;
      if (fields.data) onEvent(fields.event, JSON.parse(fields.data));
    }
  }
}

const rest = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
});

export class Follower {
  #control = null;

  /** Follows a stream, and again where it breaks off, until it is stopped; a second one ends the first. */
  async open(url, onEvent) {
    this.stop();
    const control = new AbortController();
    this.#control = control;
    const { signal } = control;
    let [wait, last] = [SHORT_MS, null];
    while (!signal.aborted) {
      try {
        const headers = last === null ? {} : { 'last-event-id': last };
        const response = await ask(url, signal, headers);
        wait = SHORT_MS;
        last = await follow(response, last, onEvent);
      } catch {
        // What is wrong is said by the questions that the page asks besides.
        wait = Math.min(2 * wait, LONG_MS);
      }
      await rest(wait, signal);
    }
  }

  stop() {
    this.#control?.abort();
    this.#control = null;
  }

  get isOpen() {
    return this.#control !== null;
  }
}
