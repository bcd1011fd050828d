// The frame of the page: which view stands in it (by the address' hash), and the state in its head.

import { get } from './api.js';
import { announce, fill, h } from './dom.js';
import { heldView } from './held.js';
import { jobsView } from './jobs.js';
import { overviewView } from './overview.js';
import { previewView } from './preview.js';
import { inWords } from './rules.js';
import { studyView } from './study.js';
import { tagsView } from './tags.js';
import { language, number, t } from './texts.js';

const VIEWS = { overview: overviewView, held: heldView, jobs: jobsView, study: studyView, preview: previewView, tags: tagsView };
const TABS = ['overview', 'held', 'jobs'];
const STATE_MS = 3000;

const main = document.getElementById('main');
const site = { state: null, listeners: new Set() };
let leave = () => {};

function frame() {
  document.documentElement.lang = language;
  document.title = t('title');
  fill(document.getElementById('name'), t('title'));
  fill(document.getElementById('skip'), t('skip'));
  const nav = document.getElementById('nav');
  nav.setAttribute('aria-label', t('sections'));
  fill(nav, TABS.map((tab) => h('a', { href: `#${tab}`, id: `tab-${tab}` }, t(tab))),
    h('a', { href: '../../app/explorer.html' }, t('explorer')));
}

/** Show the view that the hash names: #overview, #held?state=Failed, #study/ID, #preview/LEVEL/ID?profile=NAME, #tags/LEVEL/ID. */
function show() {
  const [path, query] = location.hash.slice(1).split('?');
  const [name, ...rest] = path.split('/').map(decodeURIComponent);
  const view = VIEWS[name] ? name : 'overview';
  leave();
  const leaving = new AbortController();
  leave = () => leaving.abort();
  for (const tab of TABS) {
    const link = document.getElementById(`tab-${tab}`);
    if (tab === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const place = h('div', { id: `view-${view}` });
  main.replaceChildren(place);
  VIEWS[view](place, { site, rest, query: new URLSearchParams(query || ''), signal: leaving.signal });
}

async function watch() {
  const health = document.getElementById('health');
  try {
    site.state = await get('deidentify');
    const { State: state, Trouble: trouble, Version: version } = site.state;
    const words = state === 'Running' ? t('running') : `${t('impaired')}: ${inWords(trouble || '')}`;
    if (health.textContent !== words) fill(health, words);
    health.dataset.state = state;
    if (state !== 'Running') announce(words);
    fill(document.getElementById('footer'), t('version', version));
    const held = ['Quarantined', 'Failed', 'Lost'].reduce((sum, key) => sum + site.state[key], 0);
    fill(document.getElementById('tab-held'), t('held'), held ? h('span', { class: 'count' }, number(held)) : null);
    for (const listener of site.listeners) listener(site.state);
  } catch (error) {
    fill(health, error.status ? t('refused', error.message) : t('unreachable'));
    health.dataset.state = 'Unreachable';
    announce(health.textContent);
  }
  setTimeout(watch, document.hidden ? 4 * STATE_MS : STATE_MS);
}

frame();
await watch();
window.addEventListener('hashchange', () => {
  show();
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
show();
