// What was held back, by state and rule: retried, or released by another profile that the store admits.

import { get, post } from './api.js';
import { STATES } from './catalogue.js';
import { actionButton, choose, empty, heading, identifierOf, notice, optionsOf, reasonOf, repeat, short } from './components.js';
import { fill, h, table } from './dom.js';
import { translated } from './reasons.js';
import { number, t, time } from './words.js';

/** @typedef {import('./types.js').Notice} Notice */
/** @typedef {import('./types.js').Status} Status */
/** @typedef {import('./types.js').Task} Task */

const PAGE = 50;
const MS = 3000;

/**
 * @param {HTMLElement} place
 * @param {import('./types.js').Context} context
 */
export function quarantineView(place, { site, query, signal }) {
  const asked = query.get('state') || '';
  const state = STATES.Held.includes(asked) ? asked : STATES.Held[0];
  const rule = query.get('rule') || '';
  const note = notice();
  const tabs = h('div', { class: 'tabs', role: 'navigation', 'aria-label': t('column.state') });
  const list = h('div', { id: 'held' }, h('p', { class: 'soft' }, t('app.loading')));
  let limit = PAGE;
  let drawn = '';

  const again = repeat(signal, MS, note, async () => {
    /** @type {Task[]} */
    const tasks = await get('deidentify/quarantine', { state, rule, limit: limit + 1 });
    const admitted = JSON.stringify(site.state.Stores);
    const seen = JSON.stringify(tasks) + admitted + limit;
    fillTabs(tabs, site.state, state);
    if (seen === drawn || signal.aborted) return;
    drawn = seen;
    const rows = tasks.slice(0, limit).map((task) => rowOf(task, site.state, note, again));
    fill(list, rows.length ? table(t(`state.${state}`), columnsOf(state), rows) : empty(t('quarantine.none')),
      tasks.length > limit && h('p', {}, h('button', { type: 'button', 'data-key': 'more', onclick: () => { limit += PAGE; again(); } }, t('app.more'))));
  });

  const retryAll = actionButton(t('quarantine.retryAll'), 'retry-all', note, async () => {
    const { Retried: count } = await post('deidentify/quarantine/retry', { State: state, ...(rule ? { Rule: rule } : {}) });
    await again();
    return t('quarantine.retried', number(count));
  });
  fill(place, heading(t('quarantine.title'), retryAll), tabs, rule && ruleNotice(state, rule), note.element, list);
}

/**
 * @param {HTMLElement} tabs
 * @param {Status} counts
 * @param {string} shown
 */
function fillTabs(tabs, counts, shown) {
  fill(tabs, STATES.Held.map((state) => h('a', {
    class: 'button', href: `#held?state=${state}`, 'data-key': `state-${state}`, 'aria-current': state === shown ? 'page' : null,
  }, `${t(`state.${state}`)} ${number(counts[state])}`)));
}

/**
 * @param {string} state
 * @param {string} rule
 */
const ruleNotice = (state, rule) =>
  h('p', { class: 'notice' }, t('quarantine.byRule', translated(rule)), ' ', h('a', { href: `#held?state=${state}` }, t('quarantine.allRules')));

/** @param {string} state */
const columnsOf = (state) => [
  { title: t('column.instance') }, { title: t('column.profileAndStore') }, { title: t('column.reason'), kind: 'wide' },
  ...(state === 'Failed' ? [{ title: t('column.attempts'), number: true }] : []), { title: t('column.since'), kind: 'keep' }, { title: t('column.actions') },
];

/**
 * @param {Task} task
 * @param {Status} state
 * @param {Notice} note
 * @param {() => Promise<void>} again
 */
function rowOf(task, state, note, again) {
  return [
    h('a', { href: `../../app/explorer.html#instance?uuid=${task.Instance}` }, identifierOf(task.Instance)),
    `${task.Profile} → ${task.Store}`,
    reasonOf(task),
    ...(task.State === 'Failed' ? [number(task.Attempts)] : []),
    time(task.LastUpdate),
    heldActions(task, state, note, again),
  ];
}

/** @param {Task} task */
const nameOf = (task) => `${t('column.instance')} ${short(task.Instance)}`;

/**
 * The buttons of one task that is held back.
 *
 * @param {Task} task
 * @param {Status} state
 * @param {Notice} note
 * @param {() => Promise<void>} again
 */
export function heldActions(task, state, note, again) {
  const retry = actionButton(t('quarantine.retry'), `retry-${task.Row}`, note, async () => {
    const { Retried: count } = await post(`deidentify/quarantine/${task.Row}/retry`);
    await again();
    return count ? t('quarantine.retried', number(count)) : t('quarantine.retriedNone');
  }, { 'aria-label': `${t('quarantine.retry')}: ${nameOf(task)}` });
  return h('div', { class: 'row-actions' }, retry, task.State === 'Quarantined' && release(task, state, note, again));
}

/**
 * @param {Task} task
 * @param {Status} state
 * @param {Notice} note
 * @param {() => Promise<void>} again
 */
function release(task, state, note, again) {
  const store = state.Stores[task.Store];
  const others = store ? store.Profiles.filter((profile) => profile !== task.Profile) : [];
  if (!others.length) return null;
  const { select } = choose('', `by-${task.Row}`, optionsOf(others), others[0]);
  select.setAttribute('aria-label', `${t('quarantine.releaseBy')}: ${nameOf(task)}`);
  const button = actionButton(t('quarantine.release'), `release-${task.Row}`, note, async () => {
    await post(`deidentify/quarantine/${task.Row}/release`, { Profile: select.value });
    await again();
    return h('span', {}, t('quarantine.released', select.value), ' ', h('a', { href: '#jobs' }, t('jobs.title')));
  }, { 'aria-label': `${t('quarantine.release')}: ${nameOf(task)}` });
  return [select, button];
}
