// Plots over time that show the same stretch of it.

/** How long the fingers must rest before the server is asked for more points. */
const REST_MS = 150;

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

  /** Shows a stretch at once, and has it asked for when the fingers rest; of 0, before anything is drawn. */
  look(from, to, rest = REST_MS) {
    const least = 2;
    const middle = (from + to) / 2;
    const [start, end] = to - from < least ? [middle - least / 2, middle + least / 2] : [from, to];
    this.forget();
    if (rest === 0) {
      this.#onView(start, end);
      return;
    }
    this.show(start, end);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#onView(start, end);
    }, rest);
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
