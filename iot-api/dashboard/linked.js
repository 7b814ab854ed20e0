// Plots over time that show the same stretch of it.

/** How long the fingers must rest before the server is asked for more points. */
const REST_MS = 150;

/** The narrowest stretch, in ms. */
const LEAST_MS = 2;

/** A stretch, or the narrowest one around its middle. */
function wide(from, to) {
  const middle = (from + to) / 2;
  return to - from < LEAST_MS ? [middle - LEAST_MS / 2, middle + LEAST_MS / 2] : [from, to];
}

export class Linked {
  #plots = new Set();
  #onView;
  #timer = null;
  view = [0, 1];

  /** `onView(from, to)` is told which stretch was chosen, and nothing where all is wanted again. */
  constructor(onView) {
    this.#onView = onView;
  }

  add(plot) {
    this.#plots.add(plot);
  }

  remove(plot) {
    this.#plots.delete(plot);
  }

  /** Shows a stretch at once, in the points that are there. */
  show(from, to) {
    this.view = [from, to];
    this.#plots.forEach((plot) => plot.show(from, to));
  }

  /** Shows a stretch at once, and has it asked for when the fingers rest. */
  look(from, to) {
    const [start, end] = wide(from, to);
    this.show(start, end);
    this.forget();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#onView(start, end);
    }, REST_MS);
  }

  /** Has a stretch asked for that is chosen for good, before it is drawn. */
  choose(from, to) {
    this.forget();
    this.#onView(...wide(from, to));
  }

  /** Zooms by a factor around a share of the width. */
  zoom(factor, share = 0.5) {
    const [from, to] = this.view;
    const around = from + (to - from) * share;
    this.look(around - (around - from) * factor, around + (to - around) * factor);
  }

  /** Moves by a share of the width. */
  pan(share) {
    const [from, to] = this.view;
    const by = (to - from) * share;
    this.look(from + by, to + by);
  }

  reset() {
    this.forget();
    this.#onView();
  }

  /** Sets what is to be seen, unless the fingers are at work. */
  follow(view) {
    if (this.#timer === null) this.view = view;
  }

  /** Asks for nothing any more. */
  forget() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Puts the crosshair of every plot on an instant. */
  point(ms) {
    this.#plots.forEach((plot) => plot.point(ms));
  }
}
