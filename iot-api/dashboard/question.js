// What is asked about one device over one range.

/** What cannot be asked in this way need not be asked again. */
const isFinal = ({ status }) => status === 400 || status === 422;

/**
 * A device, a range, and what is asked about them. Each section of the page has a question of its own, of which only the
 * newest counts: what an older one answers, or one about a device or a range no longer shown, is never drawn.
 */
export class Question {
  #asked = new Map();
  #ended = false;

  /** `key` tells it from others. */
  constructor(key, device) {
    this.key = key;
    this.device = device;
  }

  /**
   * Asks for a section, unless it was asked for the same before; `again` asks in any case. A section has a `name`, a
   * `box`, `what` it is asked for where that may change, `ask(signal)`, `draw(answer, again)` and `refuse(error)`.
   * Answers with whether the section says now what it was asked for, or why not.
   */
  async ask(section, { again = false } = {}) {
    const { name, what = '', box, ask, draw, refuse } = section;
    const before = this.#asked.get(name);
    const same = before?.what === what;
    if (this.#ended || (same && !again)) return false;
    before?.control.abort();
    const asked = { what, control: new AbortController() };
    const { signal } = asked.control;
    this.#asked.set(name, asked);
    if (!same) awaited(section);
    try {
      const answer = await ask(signal);
      if (signal.aborted) return false;
      draw(answer, same);
    } catch (error) {
      if (signal.aborted) return false;
      if (!isFinal(error)) asked.what = null;
      refuse(error);
    }
    box.removeAttribute('aria-busy');
    return true;
  }

  /** Whether a section has no answer, and is to be asked for again. */
  get hasFailed() {
    return [...this.#asked.values()].some(({ what }) => what === null);
  }

  /** Asks for nothing any more. */
  end() {
    this.#ended = true;
    this.#asked.forEach(({ control }) => control.abort());
  }
}

/** What a section shows is not what it is now asked for, and nobody is to read it; unless it `lasts` whatever the range. */
export const awaited = ({ box, lasts = false }) => !lasts && box.setAttribute('aria-busy', 'true');
