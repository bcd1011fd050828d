// "De-identify" on the pages of a patient, a study, a series and an instance of Orthanc Explorer: choose profile and
// store, start, follow the job, open the result. On a study that was de-identified before, a line says how that ended.
//
// `explorer.js`, which the plugin adds to Orthanc Explorer, imports this module when such a page is opened.

import { Refused, get, getOrNull, post } from './api.js';
import { countsOf, isUnderWay, locationOf, messageOf, short, storesFor, usableProfiles } from './components.js';
import { fill, h } from './dom.js';
import { translated } from './reasons.js';
import { lowered, t } from './words.js';

/** @typedef {import('./types.js').Job} Job */
/** @typedef {import('./types.js').Result} Result */
/** @typedef {import('./types.js').Status} Status */
/** @typedef {import('./types.js').Study} Study */
/** @typedef {'patient' | 'study' | 'series' | 'instance'} Kind */

const LEVELS = { patient: 'patients', study: 'studies', series: 'series', instance: 'instances' };
const PAGE = '../deidentify/app/index.html';
const POLL_MS = 500;
const RETRY_MS = 3000;
const MOST_REASONS = 3;
const MOST_STUDIES = 10;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/**
 * @param {HTMLElement} element
 * @param {boolean} visible
 */
function toggle(element, visible) {
  element.style.display = visible ? '' : 'none';
}

/**
 * The outcome of a job in lines: what it did, counts by state, and why something is held back.
 *
 * @param {Job} job
 */
export function outcomeOf(job) {
  const counts = countsOf(job).map((count, index) => (index ? lowered(count) : count)).join(', ');
  const reasons = job.Reasons.slice(0, MOST_REASONS).map((each) => t('button.reason', each.Count, translated(each.Reason)));
  const more = job.Reasons.length > MOST_REASONS ? t('button.moreReasons') : '';
  return [t(`button.job.${job.State}`, job.Stores.join(', ')), counts, ...reasons, more].filter(Boolean).join('\n');
}

/**
 * A labelled select in a row of its own.
 *
 * @param {string} id
 * @param {string} label
 */
function chooser(id, label) {
  const select = h('select', { id, 'data-role': 'none' });
  Object.assign(select.style, { width: '100%', font: 'inherit', padding: '.25em' });
  const name = h('label', { for: id }, label);
  Object.assign(name.style, { display: 'block', fontWeight: 'normal', fontSize: '.85em' });
  return { select, row: h('li', {}, name, select) };
}

/**
 * A link to what became of a study.
 *
 * @param {string} study
 * @param {string} text
 * @param {import('./types.js').Attributes} attributes
 */
const linkToStudy = (study, text, attributes) =>
  h('a', { target: '_self', rel: 'external', href: `${PAGE}#study/${study}`, ...attributes }, text);

/** The list on the page of one resource. */
class Panel {
  /**
   * @param {Kind} kind
   * @param {string} id
   */
  constructor(kind, id) {
    this.kind = kind;
    this.id = id;
    this.resource = `${LEVELS[kind]}/${id}`;
    this.closed = false;
    this.busy = false;
    /** @type {Pick<Status, 'Stores' | 'Profiles' | 'DefaultProfile'>} */
    this.state = { Stores: {}, Profiles: {}, DefaultProfile: '' };

    this.profile = chooser('deidentify-profile', t('column.profile'));
    this.profile.select.addEventListener('change', () => this.offerStores());
    this.store = chooser('deidentify-store', t('column.store'));
    this.status = h('div', { id: 'deidentify-status', role: 'status', 'aria-live': 'polite' });
    Object.assign(this.status.style, { whiteSpace: 'pre-line', fontWeight: 'normal' });
    this.statusRow = h('li', {}, this.status);
    this.linkRow = h('li', { 'data-icon': 'info' }, linkToStudy(id, t('button.details'), { id: 'deidentify-details' }));
    this.preview = h('a', { target: '_self', rel: 'external', id: 'deidentify-preview' }, t('button.preview'));
    const start = h('a', { href: '#', id: 'deidentify-start', onclick: (event) => this.clicked(event) }, t('study.start'));
    this.list = h('ul', { id: 'deidentify', 'data-inset': 'true', 'data-theme': 'd', 'data-divider-theme': 'c' },
      h('li', { 'data-role': 'list-divider' }, t('app.title')), this.profile.row, this.store.row,
      h('li', { 'data-icon': 'search' }, this.preview), h('li', { 'data-icon': 'star' }, start), this.statusRow, this.linkRow);
    for (const row of [this.profile.row, this.store.row, this.statusRow, this.linkRow]) toggle(row, false);
  }

  refresh() {
    $(this.list).listview('refresh');
  }

  /** Read what can be chosen: only profiles that some store admits. Where there is one choice, nothing is asked. */
  async offer() {
    try {
      this.state = await get('deidentify');
    } catch (error) {
      messageOf(error); // rethrows all but the route's refusal: without an answer there is nothing to choose from
      return;
    }
    if (this.closed) return;
    const usable = usableProfiles(this.state);
    const named = Object.entries(this.state.Profiles).filter(([name]) => usable.includes(name));
    fill(this.profile.select, named.map(([name, description]) =>
      h('option', { value: name, title: translated(description), selected: name === usable[0] }, name)));
    toggle(this.profile.row, named.length > 1);
    this.offerStores();
    this.list.setAttribute('data-ready', 'true');
  }

  offerStores() {
    const profile = this.profile.select.value;
    fill(this.store.select, storesFor(this.state, profile).map((name) => h('option', { value: name }, name)));
    toggle(this.store.row, Object.keys(this.state.Stores).length > 1);
    this.preview.setAttribute('href', `${PAGE}#preview/${this.resource}?profile=${encodeURIComponent(profile)}`);
    this.refresh();
  }

  /**
   * @param {string} text
   * @param {string} [state]
   */
  say(text, state = '') {
    this.status.textContent = text;
    this.status.setAttribute('data-state', state);
    toggle(this.statusRow, true);
    this.refresh();
  }

  /** On a study that was de-identified before: say how that ended. */
  async showPast() {
    if (this.kind !== 'study') return;
    /** @type {Study | null} */
    const found = await getOrNull(`deidentify/studies/${this.id}`).catch(() => null);
    if (!found || !['Pending', 'Delivered', 'Partial', 'Withheld'].includes(found.State)) return;
    if (this.busy || this.closed || this.status.getAttribute('data-state')) return;
    this.say(t(`button.study.${found.State}`), `Past${found.State}`);
    toggle(this.linkRow, true);
    this.refresh();
  }

  /** @param {Event} event */
  clicked(event) {
    event.preventDefault();
    if (!this.busy) this.start();
  }

  async start() {
    const profile = this.profile.select.value;
    const wanted = profile ? { Profile: profile, Store: this.store.select.value } : {};
    this.busy = true;
    this.say(t('button.starting'));
    try {
      const started = await post(`${this.resource}/deidentify`, { ...wanted, Asynchronous: true });
      const job = await this.ended(started.Path.slice(1));
      if (job) await this.finished(job);
    } catch (error) {
      this.say(t('button.refused', error instanceof Refused ? error.message || t('app.unreachable') : String(error)), 'Refused');
    } finally {
      this.busy = false;
    }
  }

  /**
   * Follow a job until it has ended; null where the page was left before.
   *
   * @param {string} path
   * @returns {Promise<Job | null>}
   */
  async ended(path) {
    while (!this.closed) {
      /** @type {Job | null} */
      const job = await get(path).catch(() => null);
      if (job && !isUnderWay(job)) return job;
      if (job) this.say(t('button.running', job.Progress), job.State);
      else this.say(t('app.unreachable'));
      await pause(job ? POLL_MS : RETRY_MS);
    }
    return null;
  }

  /** @param {Job} job */
  async finished(job) {
    this.busy = false;
    this.say(outcomeOf(job), job.State);
    const studies = (await this.studies().catch(() => [])).slice(0, MOST_STUDIES);
    if (!studies.length) return;
    toggle(this.linkRow, false);
    for (const row of this.list.querySelectorAll('.deidentify-result')) row.remove();
    await Promise.all(studies.map((study) => this.linkTo(study, studies.length > 1, job)));
  }

  /**
   * The identifiers of the studies that this page's resource is part of, or is made of.
   *
   * @returns {Promise<string[]>}
   */
  async studies() {
    if (this.kind === 'study') return [this.id];
    if (this.kind === 'patient') return (await get(this.resource)).Studies;
    return [(await get(`${this.resource}/study`)).ID];
  }

  /**
   * Link to a study, and to those of its results that the job made.
   *
   * @param {string} study
   * @param {boolean} several
   * @param {Job} job
   */
  async linkTo(study, several, job) {
    const text = several ? `${t('button.details')} (${short(study)})` : t('button.details');
    const row = h('li', { 'data-icon': 'info', class: 'deidentify-result' }, linkToStudy(study, text, { class: 'deidentify-details' }));
    this.list.append(row);
    this.refresh();
    /** @type {Study | null} */
    const found = await getOrNull(`deidentify/studies/${study}`).catch(() => null);
    if (!found || this.closed) return;
    const made = found.Results.filter((result) => result.Profile === job.Profile && job.Stores.includes(result.Store));
    row.after(...made.map(resultRow));
    this.refresh();
  }
}

/** @param {Result} result */
function resultRow(result) {
  const { text, link } = locationOf(result);
  if (link) {
    return h('li', { class: 'deidentify-result', 'data-icon': 'forward' },
      h('a', { target: '_blank', rel: 'external noreferrer', href: link }, t('app.openResult')));
  }
  const row = h('li', { class: 'deidentify-result' }, t('button.location', text));
  Object.assign(row.style, { whiteSpace: 'normal', overflowWrap: 'anywhere', fontWeight: 'normal' });
  return row;
}

/** @type {Panel | null} */
let open = null;

/**
 * Show the list on the page of a resource of Orthanc Explorer; without an id only take the last one away.
 *
 * @param {Kind} kind
 * @param {string | undefined} id
 */
export function show(kind, id) {
  if (open) {
    open.closed = true;
    open.list.remove();
    open = null;
  }
  const neighbour = document.getElementById(`${kind}-delete`)?.closest('ul');
  if (!id || !neighbour) return;
  open = new Panel(kind, id);
  neighbour.after(open.list);
  $(open.list).listview();
  open.offer();
  open.showPast();
}
