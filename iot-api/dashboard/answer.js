// Whether a device is odd, since when and by how much: in words.

import { el, keepingFocus } from './dom.js';
import { about, ago, brief, clock, length, title, whole } from './format.js';

/** What a device is. Of one that is silent nobody knows whether it is still odd. */
export function mood(condition) {
  if (!condition) return 'unknown';
  return condition.silent_since_ms === null ? condition.state : 'silent';
}

/** A shape and short words for what a device is; nothing for what needs none. */
export function badge(condition) {
  const last = condition?.findings.at(-1);
  switch (mood(condition)) {
    case 'odd': return ['▲', `odd since ${brief(condition.findings.find(({ ongoing }) => ongoing).from_ms)}`];
    case 'silent': return ['◌', `${condition.state === 'odd' ? 'odd, then ' : ''}silent since ${brief(condition.silent_since_ms)}`];
    case 'recovered': return ['△', `odd until ${brief(last.to_ms)}`];
    default: return null;
  }
}

const ORDER = ['odd', 'silent', 'recovered', 'unknown', 'normal'];

/** When what was odd last began, of a device that is or was not long ago. */
const lately = (condition) => (['odd', 'recovered'].includes(condition?.state) ? condition.findings.at(-1)?.from_ms ?? 0 : 0);

/** The order of two devices in a list of what is odd: the latest first. */
export const compare = (a, b) => ORDER.indexOf(mood(a)) - ORDER.indexOf(mood(b)) || lately(b) - lately(a);

const measured = (x, unit) => (unit ? `${about(x)} ${unit}` : about(x));

/** `since 14:02:31 UTC (5 min)`, or from when to when. */
function when({ from_ms: from, to_ms: to, ongoing }) {
  if (ongoing) return `since ${clock(from)} (${length(Date.now() - from)} ago)`;
  return from === to ? `at ${clock(from)}` : `from ${clock(from)} to ${clock(to)} (${length(to - from)})`;
}

/** One finding as a sentence. */
function sentence(finding) {
  const { quantity, unit, kind, ongoing, by, value, usual_low: low, usual_high: high } = finding;
  const be = ongoing ? 'is' : 'was';
  const name = quantity === null ? '' : title(quantity);
  const range = low === null ? '' : ` (${about(low)} to ${measured(high, unit)})`;
  const past = { high: 'above', low: 'below', both: 'outside of' }[kind];
  const what = {
    stuck: () => `${name} ${be} stuck at ${measured(value, unit)}`,
    pause: () => 'No readings came',
  }[kind] ?? (() => `${name} ${be} ${finding.readings > 1 ? 'up to ' : ''}${measured(by, unit)} ${past} its normal range${range}`);
  return `${what()} ${when(finding)}.`;
}

function lead({ state, silent_since_ms: silent, judged, findings }) {
  const since = judged.from_ms === null ? '' : ` since ${clock(judged.from_ms)}`;
  if (state === 'unknown') return 'Too few readings to say whether it is odd.';
  if (findings.length === 0) return `Nothing odd in its last ${whole(judged.readings)} readings${since}.`;
  if (silent !== null) return state === 'odd' ? 'Odd when it fell silent:' : `Normal when it fell silent, odd at times${since}:`;
  return { odd: 'Odd now:', recovered: 'Normal now, odd not long ago:' }[state] ?? `Normal now, odd at times${since}:`;
}

/** Draws the answer; `jump(from, to)` shows a stretch of time. */
export function drawAnswer(box, condition, jump) {
  box.hidden = !condition;
  if (!condition) return;
  const item = (finding) => el('li', { className: finding.ongoing ? 'now' : '' },
    sentence(finding), ' ',
    el('button', { type: 'button', className: 'link', 'data-jump': finding.from_ms, 'aria-label': `Show it: ${sentence(finding)}`, onclick: () => jump(finding.from_ms, finding.to_ms) }, 'Show'));
  const shape = el('span', { className: 'shape', 'aria-hidden': 'true' }, { odd: '▲', recovered: '△', normal: '✓' }[condition.state] ?? '·');
  // The newest comes first.
  const silent = condition.silent_since_ms !== null;
  const findings = condition.findings.map((finding) => ({ ...finding, ongoing: finding.ongoing && !silent })).reverse();
  const text = [lead(condition), ...findings.map(sentence)].join(' ');
  if (box.dataset.state === condition.state && box.dataset.text === text) return;
  Object.assign(box.dataset, { state: condition.state, text });
  const draw = () => box.replaceChildren(el('p', {}, shape, el('strong', {}, lead(condition))), ...(findings.length ? [el('ul', {}, ...findings.map(item))] : []));
  keepingFocus(box, draw);
}

/** Why what is shown may be old; empty where it is not. */
export function staleness(device, condition) {
  if (!condition || condition.silent_since_ms === null) return '';
  const silent = Date.now() - Date.parse(device.last_seen);
  const usual = condition.usual_step_ms === null ? '' : `; usually one comes every ${condition.usual_step_ms < 1000 ? `${Math.round(condition.usual_step_ms)} ms` : length(condition.usual_step_ms)}`;
  return `Silent: the last reading came ${ago(silent)}${usual}.`;
}
