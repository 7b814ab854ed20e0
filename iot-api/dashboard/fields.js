// The fields of a method's parameters, as the server describes them.

import { el } from './dom.js';

/** What a field takes, beside it. */
function unitOf(parameter, unit) {
  return { value: unit, value_per_second: unit && `${unit}/s`, samples: 'samples', standard_deviations: 'σ', interquartile_ranges: 'IQR' }[parameter.unit] ?? '';
}

function control(parameter, text) {
  const common = { 'data-parameter': parameter.name, title: parameter.meaning, required: parameter.required };
  if (parameter.kind === 'choice' || parameter.kind === 'boolean') {
    const choices = parameter.kind === 'boolean' ? ['false', 'true'] : parameter.choices;
    const chosen = text ?? String(parameter.default ?? '');
    return el('select', common, ...choices.map((choice) => el('option', { value: choice, selected: choice === chosen }, choice.replaceAll('_', ' '))));
  }
  const number = parameter.kind === 'number' || parameter.kind === 'integer';
  const field = el('input', { ...common, type: number ? 'number' : 'text', value: text ?? '', autocomplete: 'off', spellcheck: false });
  if (number) {
    field.step = parameter.kind === 'integer' ? '1' : 'any';
    if (parameter.min !== null) field.min = parameter.min;
    if (parameter.max !== null) field.max = parameter.max;
  }
  if (parameter.default !== null) field.placeholder = String(parameter.default);
  else field.placeholder = { window: '60 or 15m', duration: '90s', json: '{…}' }[parameter.kind] ?? (parameter.required ? '' : 'none');
  return field;
}

/** A field for each parameter of a method; `chosen` has the texts of those that are set. */
export function fields(method, chosen, unit) {
  return method.parameters.map((parameter) => {
    const limits = parameter.min !== null && parameter.max !== null ? `${parameter.min} to ${parameter.max}` : '';
    const beside = [unitOf(parameter, unit), limits].filter(Boolean).join(', ');
    const label = parameter.name.replaceAll('_', ' ');
    return el('label', { className: 'field', title: parameter.meaning }, beside ? `${label} (${beside})` : label, control(parameter, chosen[parameter.name]));
  });
}

/** What cannot be read as what a field takes, in words; null if all can. */
export function unreadable(form) {
  const bad = [...form.querySelectorAll('[data-parameter]')].find(({ validity }) => validity.badInput);
  return bad ? `${bad.dataset.parameter.replaceAll('_', ' ')} is not a number.` : null;
}

/** The method that these fields state; what is left empty has its default. */
export function stated(name, form) {
  const method = { method: name };
  for (const field of form.querySelectorAll('[data-parameter]')) {
    const usual = field.tagName === 'SELECT' && field.value === field.options[0].value;
    if (field.value.trim() !== '' && !usual) method[field.dataset.parameter] = field.value.trim();
  }
  return method;
}
