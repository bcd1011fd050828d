// Components that several views share.

import { Refused } from './api.js';
import { STATES } from './catalogue.js';
import { announce, fill, h } from './dom.js';
import { translated } from './reasons.js';
import { number, t } from './words.js';

/** @typedef {import('./types.js').Attributes} Attributes */
/** @typedef {import('./types.js').Child} Child */
/** @typedef {import('./types.js').Notice} Notice */
/** @typedef {import('./types.js').Status} Status */

const LEVELS = ['patients', 'studies', 'series', 'instances'];

/**
 * A state as a word with a mark in its colour; `family` says whether it is that of a task, a study or a job.
 *
 * @param {string} state
 * @param {'state' | 'studyState' | 'jobState'} [family]
 */
export const stateMark = (state, family = 'state') => h('span', { class: `state ${state}` }, t(`${family}.${state}`));

/** @param {string} identifier */
export const short = (identifier) => identifier.split('-')[0];

/**
 * An Orthanc identifier: its first group as text, all of it as a tooltip.
 *
 * @param {string} identifier
 */
export const identifierOf = (identifier) => h('span', { class: 'code', title: identifier }, short(identifier));

/**
 * The level and the Orthanc identifier of a resource from the parts of the address' hash; a study by default.
 *
 * @param {string[]} parts
 */
export const resourceOf = ([level, resource]) => ({ level: LEVELS.includes(level) ? level : 'studies', resource: resource || '' });

/**
 * A heading with controls at its right.
 *
 * @param {Child} text
 * @param {...Child} controls
 */
export const heading = (text, ...controls) =>
  h('div', { class: 'heading' }, h('h1', {}, text), controls.length ? h('div', { class: 'controls' }, controls) : null);

/**
 * A path of tags that breaks between them, never inside one.
 *
 * @param {string} path
 */
export const pathOf = (path) =>
  h('span', { class: 'path' }, path.split('.').map((tag, index) => [index ? ['.', h('wbr')] : null, h('span', { class: 'tag' }, tag)]));

/** @param {string} text */
export const empty = (text) => h('div', { class: 'card empty' }, text);

/** @param {unknown} error */
export function messageOf(error) {
  if (!(error instanceof Refused)) throw error;
  return error.status ? t('app.refused', error.message) : t('app.unreachable');
}

/**
 * A box that reports the outcome of a request.
 *
 * @returns {Notice}
 */
export function notice() {
  const element = h('div', { class: 'notice', role: 'status' });
  element.hidden = true;
  return {
    element,
    failing: false,
    say(kind, ...content) {
      element.className = `notice ${kind}`;
      element.hidden = false;
      fill(element, ...content);
    },
  };
}

/** @type {Set<string>} */
const underWay = new Set();

/**
 * A button that is disabled until its action has ended, and reports the outcome in `note`. A button with the same key
 * that is drawn meanwhile is disabled too.
 *
 * @param {string} label
 * @param {string} key
 * @param {Notice} note
 * @param {() => Promise<Child>} action
 * @param {Attributes} [attributes]
 */
export function actionButton(label, key, note, action, attributes = {}) {
  const button = h('button', { type: 'button', 'data-key': key, 'aria-disabled': underWay.has(key) && 'true', ...attributes, onclick: async () => {
    if (underWay.has(key)) return;
    underWay.add(key);
    button.setAttribute('aria-disabled', 'true'); // not `disabled`, which would take the focus away
    try {
      const said = await action();
      if (said) note.say('good', said);
    } catch (error) {
      note.say('bad', messageOf(error));
    } finally {
      underWay.delete(key);
      for (const each of document.querySelectorAll('button[aria-disabled]')) {
        if (each instanceof HTMLElement && each.dataset.key === key) each.removeAttribute('aria-disabled');
      }
    }
  } }, label);
  return button;
}

/**
 * A labelled select; `options` are [value, text].
 *
 * @param {string} label
 * @param {string} id
 * @param {[string, string][]} options
 * @param {string} [chosen]
 * @param {(value: string) => void} [onchange]
 */
export function choose(label, id, options, chosen, onchange) {
  const select = h('select', { id, 'data-key': id, onchange: () => { if (onchange) onchange(select.value); } },
    options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)));
  return { select, element: h('label', { for: id }, label, select) };
}

/**
 * Names as options of `choose`.
 *
 * @param {string[]} names
 * @returns {[string, string][]}
 */
export const optionsOf = (names) => names.map((name) => [name, name]);

const FINDINGS = 3;

/**
 * Why a task is held back: its rule, unless the reason begins with it, and the findings.
 *
 * @param {import('./types.js').Task} task
 * @returns {Child}
 */
export function reasonOf(task) {
  const findings = translated(task.Reason).split('; ');
  const lines = (/** @type {string[]} */ some) => some.map((text) => h('div', {}, text));
  const rest = findings.slice(FINDINGS);
  return [
    task.Rule && !task.Reason.startsWith(task.Rule) ? h('div', { class: 'soft' }, translated(task.Rule)) : null,
    lines(findings.slice(0, FINDINGS)),
    rest.length ? h('details', { 'data-key': `why-${task.Row}` }, h('summary', {}, t('quarantine.moreFindings', number(rest.length))), lines(rest)) : null,
  ];
}

/**
 * Show only those rows of the tables below `shown` that contain `text`.
 *
 * @param {HTMLElement} shown
 * @param {string} text
 */
export function narrow(shown, text) {
  const wanted = text.trim().toLowerCase();
  /** @type {NodeListOf<HTMLTableRowElement>} */
  const rows = shown.querySelectorAll('tbody tr');
  for (const row of rows) {
    row.hidden = wanted !== '' && !(row.textContent || '').toLowerCase().includes(wanted);
  }
}

/**
 * Call `read` now and every `pause` milliseconds until the view is left; a failure is reported in `note` and does not
 * end the polling. Returns the function that reads at once.
 *
 * @param {AbortSignal} signal
 * @param {number} pause
 * @param {Notice} note
 * @param {() => Promise<void>} read
 */
export function repeat(signal, pause, note, read) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
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
      const text = error instanceof Refused && !error.status ? t('app.unreachable') : t('app.failedToLoad', error instanceof Error ? error.message : '');
      note.say('bad', text);
      announce(text);
    }
    running = false;
    if (!signal.aborted) timer = setTimeout(round, pause);
  }
  round();
  return round;
}

/**
 * The location of a result: a link if the store gives a URL of http or https, otherwise text.
 *
 * @param {import('./types.js').Result} result
 * @returns {{ text: string, link: string | null }}
 */
export function locationOf({ Location: location }) {
  const link = location?.Link || '';
  return { text: location?.Text || '', link: /^https?:\/\//i.test(link) ? link : null };
}

/**
 * The stores that admit a profile.
 *
 * @param {Pick<Status, 'Stores'>} state
 * @param {string} profile
 */
export const storesFor = (state, profile) =>
  Object.entries(state.Stores).filter(([, store]) => store.Profiles.includes(profile)).map(([name]) => name);

/**
 * The profiles that some store admits, the default first.
 *
 * @param {Pick<Status, 'Stores' | 'Profiles' | 'DefaultProfile'>} state
 */
export function usableProfiles(state) {
  const admitted = Object.keys(state.Profiles).filter((name) => storesFor(state, name).length);
  return admitted.sort((one, other) => Number(other === state.DefaultProfile) - Number(one === state.DefaultProfile));
}

/**
 * The sum of an answer's counts over some states.
 *
 * @param {import('./types.js').Counts} counts
 * @param {string[]} states
 */
export const sumOf = (counts, states) => states.reduce((sum, state) => sum + (counts[state] || 0), 0);

/**
 * The counts of a job by state, in words: only those above 0.
 *
 * @param {import('./types.js').Job} job
 * @returns {string[]}
 */
export const countsOf = (job) =>
  [...STATES.Sent, ...STATES.Held, 'Cancelled'].filter((state) => job[state]).map((state) => `${t(`state.${state}`)} ${number(job[state])}`);

/** @param {import('./types.js').Job} job */
export const isUnderWay = (job) => job.State === 'Pending' || job.State === 'Running';
