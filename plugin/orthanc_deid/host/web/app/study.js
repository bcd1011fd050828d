// One study: what became of it, instance by instance, where its results are, and how to start.

import { get, post } from './api.js';
import { announce, fill, h, table } from './dom.js';
import { heldActions } from './held.js';
import { actionButton, choose, empty, heading, identifierOf, notice, repeat, stateMark, storesFor, usableProfiles, whyOf } from './parts.js';
import { inWords } from './rules.js';
import { number, t, time } from './texts.js';

const MS = 2000;
const HELD = ['Quarantined', 'Failed', 'Lost'];
const SHOWN = 200;

export function studyView(place, { site, rest, signal }) {
  const study = rest[0] || '';
  const note = notice();
  const status = h('div', { id: 'study-state' }, h('p', { class: 'soft' }, t('loading')));
  const form = h('div');
  let drawn = '';
  let all = false;
  const again = repeat(signal, MS, note, async () => {
    const found = await get(`deidentify/studies/${encodeURIComponent(study)}`).catch((error) => (error.status === 404 ? null : Promise.reject(error)));
    form.hidden = !found;
    if (!found) {
      drawn = '';
      fill(status, empty(t('openNone')));
      return;
    }
    const seen = JSON.stringify([found, all]);
    if (seen === drawn || signal.aborted) return;
    if (drawn) announce(t(found.State));
    drawn = seen;
    fill(status, summary(found), resultTable(found), worksTable(found, site.state, note, again, all, () => { all = true; again(); }));
  });
  const links = h('a', { class: 'button', href: `../../app/explorer.html#study?uuid=${study}` }, t('openOrthanc'));
  fill(place, heading(h('span', {}, t('study'), ' ', identifierOf(study)), links), form, note.element, status);
  fill(form, startForm(study, site.state, note, again));
}

function startForm(study, state, note, again) {
  const profiles = usableProfiles(state);
  let store = null;
  const holder = h('div');
  const offer = (profile) => {
    store = choose(t('store'), 'store', storesFor(state, profile).map((name) => [name, name]));
    fill(holder, store.element);
  };
  const profile = choose(t('profile'), 'profile', profiles.map((name) => [name, name]), profiles[0], (name) => { offer(name); describe(name); });
  const description = h('p', { class: 'soft small', id: 'profile-description' });
  const describe = (name) => fill(description, inWords(state.Profiles[name] || ''));
  offer(profiles[0]);
  describe(profiles[0]);
  const start = actionButton(t('start'), 'start', note, async () => {
    await post(`studies/${study}/deidentify`, { Profile: profile.select.value, Store: store.select.value });
    await again();
    return h('span', {}, t('started'), '. ', h('a', { href: '#jobs' }, t('jobs')));
  }, { class: 'main' });
  const preview = h('button', { type: 'button', id: 'preview', onclick: () => {
    location.hash = `#preview/studies/${study}?profile=${encodeURIComponent(profile.select.value)}`;
  } }, t('preview'));
  const tags = h('a', { class: 'button', id: 'tags', href: `#tags/studies/${study}` }, t('identifying'));
  profile.select.setAttribute('aria-describedby', 'profile-description');
  return h('section', { class: 'card pad' }, h('div', { class: 'controls' }, profile.element, holder, preview, start, tags), description);
}

function summary(found) {
  const parts = Object.entries(found.Counts).map(([key, count]) => h('li', {}, stateMark(key), ` ${number(count)}`));
  return h('section', {}, h('h2', {}, t('state')), h('div', { class: 'card pad' },
    h('p', {}, h('strong', { id: 'study-word' }, stateMark(found.State)), h('span', { class: 'soft' }, ` · ${t('instances')}: ${number(found.Instances)}`)),
    parts.length > 1 ? h('ul', { class: 'legend' }, parts) : null,
    found.State === 'Ignored' ? h('p', { class: 'soft' }, t('ignoredHint')) : null,
    found.Unknown && parts.length ? h('p', { class: 'soft' }, t('unknownCount', number(found.Unknown))) : null));
}

function resultTable(found) {
  if (!found.Results.length) return null;
  const columns = [{ title: t('by') }, { title: 'PatientID', kind: 'code keep' }, { title: 'StudyInstanceUID', kind: 'code long' },
    { title: t('instances'), number: true }, { title: t('place'), kind: 'code long' }];
  const rows = found.Results.map((each) => [
    `${each.Profile} → ${each.Store}`, each.PatientID, each.StudyInstanceUID, number(each.Instances), whereOf(each)]);
  return h('section', {}, h('h2', {}, t('results')), table(t('results'), columns, rows));
}

function whereOf(result) {
  if (/^https?:/.test(result.Link || '')) return h('a', { href: result.Link, rel: 'noreferrer' }, t('openResult'));
  return result.Folder || result.OrthancID || '';
}

function worksTable(found, state, note, again, all, showAll) {
  if (!found.Works.length) return null;
  // What needs somebody comes first.
  const order = (work) => (HELD.includes(work.State) ? 0 : work.State === 'Pending' || work.State === 'Claimed' ? 1 : 2);
  const works = [...found.Works].sort((one, other) => order(one) - order(other));
  const columns = [{ title: t('state') }, { title: t('instance') }, { title: t('by') },
    { title: t('reason'), kind: 'wide' }, { title: t('since'), kind: 'keep' }, { title: t('actions') }];
  const rows = (all ? works : works.slice(0, SHOWN)).map((work) => [
    stateMark(work.State),
    h('a', { href: `#preview/instances/${work.Instance}?profile=${encodeURIComponent(work.Profile)}`, 'aria-label': `${t('preview')}: ${t('instance')} ${work.Instance.split('-')[0]}` }, identifierOf(work.Instance)),
    work.Store ? `${work.Profile} → ${work.Store}` : '',
    whyOf(work), time(work.LastUpdate),
    HELD.includes(work.State) ? heldActions(work, state, note, again) : '',
  ]);
  return h('section', {}, h('h2', {}, t('works')), table(t('works'), columns, rows),
    !all && works.length > SHOWN ? h('p', {}, h('button', { type: 'button', onclick: showAll }, t('more'))) : null);
}
