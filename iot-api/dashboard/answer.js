// Whether a device is odd, since when and by how much: in words.

import { el, keepingFocus } from './dom.js';
import { about, apart, brief, clock, inUnit, length, title, value, whole } from './format.js';
import { state } from './state.js';

/** A device may be so late, in its usual steps and in milliseconds, before it counts as silent: as the server has it. */
const [STEPS, LEAST_MS] = [10, 30e3];

/** A condition as it is at this moment: a silence begins without a word of the server. */
export function asOf(condition, device, now = Date.now()) {
  if (!condition) return condition;
  const { usual_step_ms: step } = condition;
  const seen = Date.parse(device.last_seen);
  const silent = step !== null && now - seen > Math.max(STEPS * step, LEAST_MS);
  return { ...condition, silent_since_ms: silent ? seen : null };
}

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

/** `since 14:02:31 UTC (5 min)`, or from when to when. */
function when({ from_ms: from, to_ms: to, ongoing }) {
  if (ongoing) return `since ${clock(from)} (${length(Date.now() - from)} ago)`;
  return from === to ? `at ${clock(from)}` : `from ${clock(from)} to ${clock(to)} (${length(to - from)})`;
}

/** One finding as a sentence. */
function sentence(finding) {
  const { quantity, unit, kind, ongoing, by, usual_low: low, usual_high: high } = finding;
  const be = ongoing ? 'is' : 'was';
  const name = quantity === null ? '' : title(quantity);
  const [least, most] = low === null ? [] : apart([low, high]);
  const range = low === null ? '' : ` (${least} to ${inUnit(most, unit)})`;
  const past = { high: 'above', low: 'below', both: 'outside of' }[kind];
  const what = {
    stuck: () => `${name} ${be} stuck at ${inUnit(value(finding.value), unit)}`,
    pause: () => 'No readings came',
  }[kind] ?? (() => `${name} ${be} ${finding.readings > 1 ? 'up to ' : ''}${inUnit(about(by), unit)} ${past} its normal range${range}`);
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

/** Why what is shown may be old; empty where it is not. It tells no age: it is read out whenever it changes. */
export function staleness(device, condition) {
  const { silent_since_ms: silent = null, usual_step_ms: step = null } = asOf(condition, device) ?? {};
  if (silent === null) return '';
  const usual = `usually one comes every ${step < 1000 ? `${Math.round(step)} ms` : length(step)}`;
  return `${state.live ? 'Silent since' : 'Live is off: the last reading that is known is of'} ${clock(silent)}; ${usual}.`;
}
