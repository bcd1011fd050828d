// What was held back, by state and rule: tried again, or released by another profile that the store admits.

import { get, post } from './api.js';
import { fill, h, table } from './dom.js';
import { actionButton, choose, empty, heading, identifierOf, notice, repeat, short, whyOf } from './parts.js';
import { inWords } from './rules.js';
import { number, t, time } from './texts.js';

const STATES = ['Quarantined', 'Failed', 'Lost'];
const PAGE = 50;
const MS = 3000;

export function heldView(place, { site, query, signal }) {
  const state = STATES.includes(query.get('state')) ? query.get('state') : STATES[0];
  const rule = query.get('rule') || '';
  const note = notice();
  const tabs = h('div', { class: 'tabs', role: 'navigation', 'aria-label': t('state') });
  const list = h('div', { id: 'held' }, h('p', { class: 'soft' }, t('loading')));
  let limit = PAGE;
  let drawn = '';

  const again = repeat(signal, MS, note, async () => {
    const rows = await get('deidentify/quarantine', { state, rule, limit: limit + 1 });
    const admitted = JSON.stringify(site.state.Stores);
    const seen = JSON.stringify(rows) + admitted + limit;
    fillTabs(tabs, site.state, state);
    if (seen === drawn || signal.aborted) return;
    drawn = seen;
    const more = rows.length > limit;
    fill(list, rows.length ? table(t(state), COLUMNS(state), rows.slice(0, limit).map((row) => line(row, site.state, note, again))) : empty(t('noneHeld')),
      more && h('p', {}, h('button', { type: 'button', 'data-key': 'more', onclick: () => { limit += PAGE; again(); } }, t('more'))));
  });

  const retryAll = actionButton(t('retryAll'), 'retry-all', note, async () => {
    const { Retried: count } = await post('deidentify/quarantine/retry', { State: state, ...(rule ? { Rule: rule } : {}) });
    await again();
    return t('retried', number(count));
  });
  fill(place, heading(t('held'), retryAll), tabs, rule && ruleNotice(state, rule), note.element, list);
}

function fillTabs(tabs, state, shown) {
  fill(tabs, STATES.map((each) => h('a', {
    class: 'button', href: `#held?state=${each}`, 'data-key': `state-${each}`, 'aria-current': each === shown ? 'page' : null,
  }, `${t(each)} ${number(state[each])}`)));
}

const ruleNotice = (state, rule) =>
  h('p', { class: 'notice' }, `${t('rule')}: ${inWords(rule)} `, h('a', { href: `#held?state=${state}` }, t('allRules')));

const COLUMNS = (state) => [
  { title: t('instance') }, { title: t('by') }, { title: t('reason'), kind: 'wide' },
  ...(state === 'Failed' ? [{ title: t('attempts'), number: true }] : []), { title: t('since'), kind: 'keep' }, { title: t('actions') },
];

function line(row, state, note, again) {
  return [
    h('a', { href: `../../app/explorer.html#instance?uuid=${row.Instance}` }, identifierOf(row.Instance)),
    `${row.Profile} → ${row.Store}`,
    whyOf(row),
    ...(row.State === 'Failed' ? [number(row.Attempts)] : []),
    time(row.LastUpdate),
    heldActions(row, state, note, again),
  ];
}

/** The buttons of one work that was held back. */
export function heldActions(row, state, note, again) {
  const retry = actionButton(t('retry'), `retry-${row.Row}`, note, async () => {
    const { Retried: count } = await post(`deidentify/quarantine/${row.Row}/retry`);
    await again();
    return count ? t('retried', number(count)) : t('retriedNone');
  }, { 'aria-label': `${t('retry')}: ${t('instance')} ${short(row.Instance)}` });
  return h('div', { class: 'row-actions' }, retry, row.State === 'Quarantined' && release(row, state, note, again));
}

function release(row, state, note, again) {
  const store = state.Stores[row.Store];
  const others = store ? store.Profiles.filter((profile) => profile !== row.Profile) : [];
  if (!others.length) return null;
  const { select } = choose('', `by-${row.Row}`, others.map((name) => [name, name]), others[0]);
  select.setAttribute('aria-label', `${t('releaseBy')}: ${t('instance')} ${short(row.Instance)}`);
  const button = actionButton(t('release'), `release-${row.Row}`, note, async () => {
    await post(`deidentify/quarantine/${row.Row}/release`, { Profile: select.value });
    await again();
    return h('span', {}, t('released', select.value), ' ', h('a', { href: '#jobs' }, t('jobs')));
  }, { 'aria-label': `${t('release')}: ${t('instance')} ${short(row.Instance)}` });
  return [select, button];
}
