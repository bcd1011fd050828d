// The frame of the page: the view that the address' hash names, and the plugin's state in its head.

import { analysisView } from './analysis.js';
import { Refused, get } from './api.js';
import { STATES } from './catalogue.js';
import { sumOf } from './components.js';
import { announce, byId, fill, h } from './dom.js';
import { jobsView } from './jobs.js';
import { overviewView } from './overview.js';
import { previewView } from './preview.js';
import { quarantineView } from './quarantine.js';
import { translated } from './reasons.js';
import { studyView } from './study.js';
import { language, number, t } from './words.js';

/** @type {Record<string, (place: HTMLElement, context: import('./types.js').Context) => void>} */
const VIEWS = { overview: overviewView, held: quarantineView, jobs: jobsView, study: studyView, preview: previewView, tags: analysisView };
/** @type {[string, import('./words.js').Word][]} */
const TABS = [['overview', 'overview.title'], ['held', 'quarantine.title'], ['jobs', 'jobs.title']];
const STATE_MS = 3000;

const main = byId('main');
/** @type {import('./types.js').Site} */
const site = {
  state: { State: '', Version: '', Trouble: null, DefaultProfile: '', Profiles: {}, Stores: {}, OldestPendingSeconds: null },
  listeners: new Set(),
};
let leave = () => {};

function frame() {
  document.documentElement.lang = language;
  document.title = t('app.title');
  fill(byId('name'), t('app.title'));
  fill(byId('skip'), t('app.skip'));
  const nav = byId('nav');
  nav.setAttribute('aria-label', t('app.sections'));
  fill(nav, TABS.map(([tab, title]) => h('a', { href: `#${tab}`, id: `tab-${tab}` }, t(title))),
    h('a', { href: '../../app/explorer.html' }, t('app.explorer')));
}

/** Show the view that the hash names: #overview, #held?state=Failed, #study/ID, #preview/LEVEL/ID?profile=NAME, #tags/LEVEL/ID. */
function show() {
  const [path, query] = location.hash.slice(1).split('?');
  const [name, ...rest] = path.split('/').map(decodeURIComponent);
  const view = Object.hasOwn(VIEWS, name) ? name : 'overview';
  leave();
  const leaving = new AbortController();
  leave = () => leaving.abort();
  for (const [tab] of TABS) {
    const link = byId(`tab-${tab}`);
    if (tab === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const place = h('div', { id: `view-${view}` });
  main.replaceChildren(place);
  VIEWS[view](place, { site, rest, query: new URLSearchParams(query || ''), signal: leaving.signal });
}

async function watch() {
  const health = byId('health');
  try {
    site.state = await get('deidentify');
    const { State: state, Trouble: trouble, Version: version } = site.state;
    const words = state === 'Running' ? t('app.running') : t('app.impaired', translated(trouble || ''));
    if (health.textContent !== words) fill(health, words);
    health.dataset.state = state;
    if (state !== 'Running') announce(words);
    fill(byId('footer'), `orthanc-deid ${version}`);
    const held = sumOf(site.state, STATES.Held);
    fill(byId('tab-held'), t('quarantine.title'), held ? h('span', { class: 'count' }, number(held)) : null);
    for (const listener of site.listeners) listener(site.state);
  } catch (error) {
    fill(health, error instanceof Refused && error.status ? t('app.refused', error.message) : t('app.unreachable'));
    health.dataset.state = 'Unreachable';
    announce(health.textContent || '');
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
