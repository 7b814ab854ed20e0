// What mouse wheel, fingers and keys do to a plot.

/** Each notch of the wheel; a press of + or - is two of them. */
const STEP = 1.25;

/** As far a wheel turns in a notch; a pinch on a trackpad comes as a wheel with Ctrl, in much smaller steps. */
const [NOTCH_PX, PINCH_PX, LINE_PX] = [100, 22, 33];

/** How many notches a wheel has turned, at most one at a time: trackpads tell of parts. */
function notches(delta, { deltaMode, ctrlKey }) {
  const turned = (delta * (deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PX)) / (ctrlKey ? PINCH_PX : NOTCH_PX);
  return Math.min(1, Math.max(-1, turned));
}

const share = (over, x) => {
  const { left, width } = over.getBoundingClientRect();
  return width > 0 ? Math.min(1, Math.max(0, (x - left) / width)) : 0.5;
};

/** The wheel scrolls the page unless the plot has the focus: nobody is to be caught by a plot on the way down. */
export function bindWheel(box, over, linked) {
  over.addEventListener('wheel', (event) => {
    const meant = event.ctrlKey || event.metaKey || event.shiftKey || box.contains(document.activeElement);
    if (!meant) return;
    event.preventDefault();
    const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (Math.abs(along) > Math.abs(event.shiftKey ? 0 : event.deltaY)) linked.pan(notches(along, event) * 0.1);
    else if (event.deltaY !== 0) linked.zoom(STEP ** notches(event.deltaY, event), share(over, event.clientX));
  }, { passive: false });
}

/** One finger pans, two zoom; up and down is left to the page. */
export function bindTouch(over, linked) {
  const fingers = new Map();
  let start = null;
  const begin = () => {
    const xs = [...fingers.values()];
    start = xs.length > 0 ? { view: linked.view, xs } : null;
  };
  over.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'touch') return;
    fingers.set(event.pointerId, event.clientX);
    begin();
  });
  over.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId) || start === null) return;
    fingers.set(event.pointerId, event.clientX);
    const [from, to] = start.view;
    const { left, width } = over.getBoundingClientRect();
    const at = (x) => (x - left) / width;
    const xs = [...fingers.values()].map(at);
    const before = start.xs.map(at);
    if (xs.length === 1) {
      const by = (before[0] - xs[0]) * (to - from);
      if (Math.abs(before[0] - xs[0]) * width > 4) linked.look(from + by, to + by);
    } else {
      // What was under each finger stays there.
      const apart = (pair) => Math.max(Math.abs(pair[1] - pair[0]), 0.02);
      const span = (to - from) * (apart(before) / apart(xs));
      const held = from + ((before[0] + before[1]) / 2) * (to - from);
      const left = held - ((xs[0] + xs[1]) / 2) * span;
      linked.look(left, left + span);
    }
  });
  const end = (event) => {
    if (fingers.delete(event.pointerId)) begin();
  };
  over.addEventListener('pointerup', end);
  over.addEventListener('pointercancel', end);
}

/** Shift and drag pans: handed to uPlot in place of its own start of a drag. */
export function panning(linked) {
  return (plot, _, handler) => (event) => {
    if (!event.shiftKey || event.button !== 0) return handler(event);
    const [from, to] = linked.view;
    const { width } = plot.over.getBoundingClientRect();
    const move = (now) => {
      const by = ((event.clientX - now.clientX) / width) * (to - from);
      linked.look(from + by, to + by);
    };
    const end = () => {
      removeEventListener('mousemove', move);
      removeEventListener('mouseup', end);
    };
    addEventListener('mousemove', move);
    addEventListener('mouseup', end);
    return null;
  };
}

/** Keys: `walk(steps)` goes along the points, infinitely far to an end. */
export function bindKeys(box, linked, walk) {
  const keys = {
    ArrowLeft: (shift) => (shift ? linked.pan(-0.1) : walk(-1)),
    ArrowRight: (shift) => (shift ? linked.pan(0.1) : walk(1)),
    PageUp: () => walk(-10),
    PageDown: () => walk(10),
    Home: () => walk(-Infinity),
    End: () => walk(Infinity),
    '+': () => linked.zoom(1 / STEP / STEP),
    '=': () => linked.zoom(1 / STEP / STEP),
    '-': () => linked.zoom(STEP * STEP),
    0: () => linked.reset(),
    Escape: () => linked.reset(),
  };
  box.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target !== box) return;
    event.preventDefault();
    act(event.shiftKey);
  });
}
