// What a person sees, as times of the page's clock: when the mouse acted, and when lines of a plot were painted.
// uPlot strokes the lines of series by Path2D, and the grid without one.
(() => {
  const seen = { acted: null, strokes: [], painted: [] };
  window.seen = seen;
  for (const kind of ['click', 'mouseup']) {
    addEventListener(kind, (event) => { seen.acted ??= event.timeStamp; }, { capture: true });
  }
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (...path) {
    stroke.apply(this, path);
    if (path.length === 0) return;
    const stroked = performance.now();
    // The frame with it is on the screen before the next one begins.
    requestAnimationFrame(() => requestAnimationFrame(() => seen.painted.push([stroked, performance.now()])));
  };
  /** Forgets everything until the next action of the mouse. */
  seen.forget = () => {
    seen.acted = null;
    seen.painted = [];
    performance.clearResourceTimings();
  };
  /** Once a line of fresh data is on the screen: milliseconds since the mouse acted, bytes over the wire until then. */
  seen.answer = () => {
    if (seen.acted === null) return null;
    const asked = performance.getEntriesByType('resource').filter(({ startTime }) => startTime >= seen.acted);
    const fresh = asked.filter(({ name, responseEnd }) => name.includes('/series') && responseEnd > 0);
    for (const [stroked, painted] of seen.painted) {
      if (fresh.some(({ responseEnd }) => responseEnd <= stroked)) {
        const before = asked.filter(({ responseEnd }) => responseEnd > 0 && responseEnd <= painted);
        return [painted - seen.acted, before.reduce((sum, { transferSize }) => sum + transferSize, 0)];
      }
    }
    return null;
  };
})();
