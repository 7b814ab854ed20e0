// What a detector says, drawn over a plot: bounds as dashed lines, anomalies as crosses.

import { colour } from './colours.js';
import { value } from './format.js';

/**
 * The range of values to show in a stretch of time: anomalies are part of it, and bounds unless the line would be squeezed
 * flat by them.
 */
export function withMarks(least, most, marks, [from, to]) {
  let [min, max] = [least ?? Infinity, most ?? -Infinity];
  marks?.values.forEach((value, i) => {
    if (value === null || marks.times[i] < from || marks.times[i] > to) return;
    min = Math.min(min, value);
    max = Math.max(max, value);
  });
  if (min > max) return [0, 1];
  const spread = max - min || Math.abs(max) || 1;
  const near = [marks?.low, marks?.high].filter((bound) => Number.isFinite(bound) && bound > min - 2 * spread && bound < max + 2 * spread);
  const [low, high] = [Math.min(min, ...near), Math.max(max, ...near)];
  const margin = (high - low || Math.abs(high) || 1) * 0.08;
  return [low - margin, high + margin];
}

/** Draws over a plot: `low` and `high`, and the anomalies at `times` with `values`. */
export function drawMarks(plot, { low, high, times, values }) {
  const { ctx: context, bbox: { left, top, width, height } } = plot;
  const scale = devicePixelRatio || 1;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  const bounds = [['high', high, -5], ['low', low, 13]].filter(([, bound]) => Number.isFinite(bound));
  context.strokeStyle = colour('--bound');
  context.lineWidth = 1.5 * scale;
  context.setLineDash([6 * scale, 4 * scale]);
  for (const [, bound] of bounds) {
    const y = plot.valToPos(bound, 'y', true);
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + width, y);
    context.stroke();
  }
  context.setLineDash([]);
  context.strokeStyle = colour('--anomaly');
  context.lineWidth = 2 * scale;
  const arm = 4 * scale;
  context.beginPath();
  times.forEach((ms, i) => {
    // A value that is missing is marked at the foot.
    const x = plot.valToPos(ms, 'x', true);
    const y = values[i] === null ? top + height - 2 * arm : plot.valToPos(values[i], 'y', true);
    if (x < left - arm || x > left + width + arm) return;
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x + arm, y - arm);
    context.lineTo(x - arm, y + arm);
  });
  context.stroke();
  // Last, and with a rim, so that nothing hides them.
  [context.textAlign, context.textBaseline, context.lineJoin] = ['left', 'alphabetic', 'round'];
  context.font = `${Math.round(11 * scale)}px system-ui, sans-serif`;
  context.strokeStyle = colour('--card');
  context.fillStyle = colour('--bound');
  context.lineWidth = 4 * scale;
  for (const [name, bound, below] of bounds) {
    const place = [`${name} ${value(bound)}`, left + 6 * scale, plot.valToPos(bound, 'y', true) + below * scale];
    context.strokeText(...place);
    context.fillText(...place);
  }
  context.restore();
}
