// One study: its state, instance by instance, where its results are, and how to start.

import { getOrNull, post } from './api.js';
import { STATES } from './catalogue.js';
import {
  actionButton, choose, empty, heading, identifierOf, locationOf, notice, optionsOf, reasonOf, repeat, short, stateMark, storesFor, usableProfiles,
} from './components.js';
import { announce, fill, h, table } from './dom.js';
import { heldActions } from './quarantine.js';
import { translated } from './reasons.js';
import { number, t, time } from './words.js';

/** @typedef {import('./types.js').Notice} Notice */
/** @typedef {import('./types.js').Status} Status */
/** @typedef {import('./types.js').Study} Study */

const MS = 2000;
const SHOWN = 200;

/**
 * @param {HTMLElement} place
 * @param {import('./types.js').Context} context
 */
export function studyView(place, { site, rest, signal }) {
  const study = rest[0] || '';
  const note = notice();
  const status = h('div', { id: 'study-state' }, h('p', { class: 'soft' }, t('app.loading')));
  const form = h('div');
  let drawn = '';
  let all = false;
  const again = repeat(signal, MS, note, async () => {
    /** @type {Study | null} */
    const found = await getOrNull(`deidentify/studies/${encodeURIComponent(study)}`);
    form.hidden = !found;
    if (!found) {
      drawn = '';
      fill(status, empty(t('study.unknown')));
      return;
    }
    const seen = JSON.stringify([found, all]);
    if (seen === drawn || signal.aborted) return;
    if (drawn) announce(t(`studyState.${found.State}`));
    drawn = seen;
    const more = () => { all = true; again(); };
    fill(status, summary(found), resultTable(found), taskTable(found, site.state, note, again, all ? null : more));
  });
  const links = h('a', { class: 'button', href: `../../app/explorer.html#study?uuid=${study}` }, t('app.openExplorer'));
  fill(place, heading(h('span', {}, t('column.study'), ' ', identifierOf(study)), links), form, note.element, status);
  fill(form, startForm(study, site.state, note, again));
}

/**
 * @param {string} study
 * @param {Status} state
 * @param {Notice} note
 * @param {() => Promise<void>} again
 */
function startForm(study, state, note, again) {
  const profiles = usableProfiles(state);
  const store = choose(t('column.store'), 'store', []);
  const description = h('p', { class: 'soft small', id: 'profile-description' });
  const offer = (/** @type {string} */ name) => {
    fill(store.select, storesFor(state, name).map((each) => h('option', { value: each }, each)));
    fill(description, translated(state.Profiles[name] || ''));
  };
  const profile = choose(t('column.profile'), 'profile', optionsOf(profiles), profiles[0], offer);
  offer(profiles[0]);
  const start = actionButton(t('study.start'), 'start', note, async () => {
    await post(`studies/${study}/deidentify`, { Profile: profile.select.value, Store: store.select.value });
    await again();
    return h('span', {}, t('jobs.started'), '. ', h('a', { href: '#jobs' }, t('jobs.title')));
  }, { class: 'main' });
  const preview = h('button', { type: 'button', id: 'preview', onclick: () => {
    location.hash = `#preview/studies/${study}?profile=${encodeURIComponent(profile.select.value)}`;
  } }, t('preview.name'));
  const tags = h('a', { class: 'button', id: 'tags', href: `#tags/studies/${study}` }, t('analysis.name'));
  profile.select.setAttribute('aria-describedby', 'profile-description');
  return h('section', { class: 'card pad' },
    h('div', { class: 'controls' }, profile.element, h('div', {}, store.element), preview, start, tags), description);
}

/** @param {Study} found */
function summary(found) {
  const parts = Object.entries(found.Counts).map(([key, count]) => h('li', {}, stateMark(key), ` ${number(count)}`));
  return h('section', {}, h('h2', {}, t('column.state')), h('div', { class: 'card pad' },
    h('p', {}, h('strong', { id: 'study-word' }, stateMark(found.State, 'studyState')),
      h('span', { class: 'soft' }, ` · ${t('column.instances')}: ${number(found.Instances)}`)),
    parts.length > 1 ? h('ul', { class: 'legend' }, parts) : null,
    found.State === 'Ignored' ? h('p', { class: 'soft' }, t('study.ignored')) : null,
    found.Unknown && parts.length ? h('p', { class: 'soft' }, t('study.notAsked', number(found.Unknown))) : null));
}

/** @param {Study} found */
function resultTable(found) {
  if (!found.Results.length) return null;
  const columns = [{ title: t('column.profileAndStore') }, { title: 'PatientID', kind: 'code keep' }, { title: 'StudyInstanceUID', kind: 'code long' },
    { title: t('column.instances'), number: true }, { title: t('column.place'), kind: 'code long' }];
  const rows = found.Results.map((each) => [
    `${each.Profile} → ${each.Store}`, each.PatientID, each.StudyInstanceUID, number(each.Instances), placeOf(each)]);
  return h('section', {}, h('h2', {}, t('study.results')), table(t('study.results'), columns, rows));
}

/** @param {import('./types.js').Result} result */
function placeOf(result) {
  const { text, link } = locationOf(result);
  return link ? h('a', { href: link, rel: 'noreferrer' }, t('app.openResult')) : text;
}

/** @param {string} state */
function orderOf(state) {
  if (STATES.Held.includes(state)) return 0; // what needs somebody comes first
  return STATES.Open.includes(state) ? 1 : 2;
}

/**
 * @param {Study} found
 * @param {Status} state
 * @param {Notice} note
 * @param {() => Promise<void>} again
 * @param {(() => void) | null} more
 */
function taskTable(found, state, note, again, more) {
  if (!found.Works.length) return null;
  const tasks = [...found.Works].sort((one, other) => orderOf(one.State) - orderOf(other.State));
  const columns = [{ title: t('column.state') }, { title: t('column.instance') }, { title: t('column.profileAndStore') },
    { title: t('column.reason'), kind: 'wide' }, { title: t('column.since'), kind: 'keep' }, { title: t('column.actions') }];
  const rows = (more ? tasks.slice(0, SHOWN) : tasks).map((task) => [
    stateMark(task.State),
    h('a', {
      href: `#preview/instances/${task.Instance}?profile=${encodeURIComponent(task.Profile)}`,
      'aria-label': `${t('preview.name')}: ${t('column.instance')} ${short(task.Instance)}`,
    }, identifierOf(task.Instance)),
    task.Store ? `${task.Profile} → ${task.Store}` : '',
    reasonOf(task), time(task.LastUpdate),
    STATES.Held.includes(task.State) ? heldActions(task, state, note, again) : '',
  ]);
  return h('section', {}, h('h2', {}, t('study.tasks')), table(t('study.tasks'), columns, rows),
    more && tasks.length > SHOWN ? h('p', {}, h('button', { type: 'button', onclick: more }, t('app.more'))) : null);
}
