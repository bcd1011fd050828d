// Pieces that several views share.

import { announce, fill, h } from './dom.js';
import { inWords } from './rules.js';
import { number, t } from './texts.js';

/** A state as a word with a mark in its colour. */
export const stateMark = (state) => h('span', { class: `state ${state}` }, t(state));

export const short = (identifier) => identifier.split('-')[0];

/** An identifier, shortened for the eye and whole for the pointer. */
export const identifierOf = (identifier) => h('span', { class: 'code', title: identifier }, short(identifier));

/** A heading with controls at its right. */
export const heading = (text, ...controls) =>
  h('div', { class: 'heading' }, h('h1', {}, text), controls.length ? h('div', { class: 'controls' }, controls) : null);

/** A path of tags that breaks between them, never inside one. */
export const pathOf = (path) => h('span', { class: 'path' }, path.split('.').map((tag, index) => [index ? ['.', h('wbr')] : null, h('span', { class: 'tag' }, tag)]));

export const empty = (text) => h('div', { class: 'card empty' }, text);

/** A box that says how something that was asked for went. */
export function notice() {
  const element = h('div', { class: 'notice', role: 'status' });
  element.hidden = true;
  return {
    element,
    say(kind, ...content) {
      element.className = `notice ${kind}`;
      element.hidden = false;
      fill(element, ...content);
    },
  };
}

const underWay = new Set();

/** A button that waits for what it starts, and says how it went in `note`; drawn anew meanwhile, it still waits. */
export function actionButton(label, key, note, action, attributes = {}) {
  const button = h('button', { type: 'button', 'data-key': key, 'aria-disabled': underWay.has(key) && 'true', ...attributes, onclick: async () => {
    if (underWay.has(key)) return;
    underWay.add(key);
    button.setAttribute('aria-disabled', 'true'); // not `disabled`, which would take the focus away
    try {
      const said = await action();
      if (said) note.say('good', said);
    } catch (error) {
      note.say('bad', error.status ? t('refused', error.message) : t('unreachable'));
    }
    underWay.delete(key);
    for (const each of document.querySelectorAll('button[aria-disabled]')) {
      if (each.dataset.key === key) each.removeAttribute('aria-disabled');
    }
  } }, label);
  return button;
}

/** A labelled select; `options` are [value, text]. */
export function choose(label, id, options, chosen, onchange) {
  const select = h('select', { id, 'data-key': id, onchange: () => onchange && onchange(select.value) },
    options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)));
  return { select, element: h('label', { for: id }, label, select) };
}

const FINDINGS = 3;

/** Why a work is held back: its rule, where the reason does not begin with it, and what was found. */
export function whyOf(row) {
  const findings = inWords(row.Reason).split('; ');
  const lines = (some) => some.map((text) => h('div', {}, text));
  const rest = findings.slice(FINDINGS);
  return [
    row.Rule && !row.Reason.startsWith(row.Rule) ? h('div', { class: 'soft' }, inWords(row.Rule)) : null,
    lines(findings.slice(0, FINDINGS)),
    rest.length ? h('details', { 'data-key': `why-${row.Row}` }, h('summary', {}, t('moreFindings', number(rest.length))), lines(rest)) : null,
  ];
}

/** Show only the rows of tables below `shown` that hold what is looked for. */
export function narrow(shown, text) {
  const wanted = text.trim().toLowerCase();
  for (const row of shown.querySelectorAll('tbody tr')) {
    row.hidden = wanted !== '' && !row.textContent.toLowerCase().includes(wanted);
  }
}

/** Read again and again until the view is left; `read` draws, a failure is said in `note` and does not end it. */
export function repeat(signal, pause, note, read) {
  let timer = 0;
  let running = false;
  async function round() {
    clearTimeout(timer);
    if (running || signal.aborted) return;
    running = true;
    try {
      if (!document.hidden) await read();
      if (note.failing) note.element.hidden = true;
      note.failing = false;
    } catch (error) {
      note.failing = true;
      const text = error.status ? t('failedToLoad', error.message) : t('unreachable');
      note.say('bad', text);
      announce(text);
    }
    running = false;
    if (!signal.aborted) timer = setTimeout(round, pause);
  }
  round();
  return round;
}

/** Pairs of a profile and a store that admits it. */
export const storesFor = (state, profile) =>
  Object.entries(state.Stores).filter(([, store]) => store.Profiles.includes(profile)).map(([name]) => name);

/** Profiles that some store admits, the default first. */
export function usableProfiles(state) {
  const admitted = Object.keys(state.Profiles).filter((name) => storesFor(state, name).length);
  return admitted.sort((one, other) => (other === state.DefaultProfile) - (one === state.DefaultProfile));
}
