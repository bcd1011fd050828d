// Counts by state, why instances are held back, throughput, and partial studies.

import { get, getOrNull, post } from './api.js';
import { STATES } from './catalogue.js';
import { bars, paceChart } from './charts.js';
import { empty, heading, identifierOf, messageOf, notice, repeat, stateMark, sumOf } from './components.js';
import { fill, h, table } from './dom.js';
import { translated } from './reasons.js';
import { duration, number, t } from './words.js';

/** @typedef {import('./types.js').Report} Report */
/** @typedef {import('./types.js').Status} Status */

const HOURS = 48;
const REPORT_MS = 10000;
const MOST_TAGS = 12;

/**
 * @param {HTMLElement} place
 * @param {import('./types.js').Context} context
 */
export function overviewView(place, { site, signal }) {
  const note = notice();
  const tiles = h('div', { class: 'tiles' });
  const report = h('div', { id: 'report' }, h('p', { class: 'soft' }, t('app.loading')));
  const ignored = h('p', { class: 'soft', id: 'ignored' });
  const drawTiles = (/** @type {Status} */ state) => {
    fill(tiles, tilesOf(state));
    fill(ignored, state.Ignored ? t('overview.ignored', number(state.Ignored)) : null);
  };
  site.listeners.add(drawTiles);
  signal.addEventListener('abort', () => site.listeners.delete(drawTiles));
  if (site.state.Version) drawTiles(site.state);
  const open = h('a', { class: 'button', href: '../report' }, t('overview.openReport'));
  fill(place, heading(t('overview.title'), open), note.element, tiles, ignored, report, stores(site.state), openStudy(note));
  let drawn = '';
  repeat(signal, REPORT_MS, note, async () => {
    /** @type {Report} */
    const found = await get('deidentify/report', { hours: HOURS });
    const seen = JSON.stringify([found.Rules, found.Tags, found.Hours, found.PartialStudies]);
    if (seen === drawn || signal.aborted) return;
    drawn = seen;
    fill(report, pace(found), h('div', { class: 'columns' }, h('div', {}, why(found), tags(found)), partial(found)));
  });
}

/** @param {Status} state */
function tilesOf(state) {
  const tile = (/** @type {string} */ key, /** @type {string | null} */ href, /** @type {string[]} */ ...small) =>
    h(href ? 'a' : 'div', { class: `tile ${key}`, href, id: `tile-${key}` },
      t(`state.${key}`), h('b', {}, number(state[key])), small.filter(Boolean).map((text) => h('span', { class: 'small' }, text)));
  const oldest = state.Pending && state.OldestPendingSeconds !== null ? t('overview.oldest', duration(state.OldestPendingSeconds)) : '';
  return [
    tile('Pending', '#jobs', oldest || t('overview.hint.Pending')),
    tile('Delivered', null, t('overview.hint.Delivered'), state.Duplicate ? t('overview.duplicates', number(state.Duplicate)) : ''),
    ...STATES.Held.map((key) => tile(key, `#held?state=${key}`, t(`overview.hint.${key}`))),
  ];
}

/** @param {Report} report */
function pace(report) {
  return h('section', {}, h('h2', {}, t('overview.pace')),
    report.Hours.length ? paceChart(report.Hours, HOURS) : empty(t('overview.paceNone')));
}

/** @param {Report} report */
function why(report) {
  const rules = STATES.Held.flatMap((state) => Object.entries(report.Rules[state] || {}).map(([rule, count]) => ({ state, rule, count })));
  rules.sort((one, other) => other.count - one.count);
  return h('section', {}, h('h2', {}, t('overview.why')), rules.length ? bars(rules.map(({ state, rule, count }) => ({
    label: h('a', { href: `#held?${new URLSearchParams({ state, rule })}`, 'data-key': `rule-${state}-${rule}` }, rule ? translated(rule) : t(`state.${state}`)),
    mark: state, count,
  }))) : empty(t('report.whyNone')));
}

/** @param {Report} report */
function tags(report) {
  const some = report.Tags.slice(0, MOST_TAGS);
  if (!some.length) return null;
  return h('section', {}, h('h2', {}, t('report.tags')), bars(some.map(({ State: state, Tag: tag, Keyword: keyword, Count: count }) => ({
    label: [h('span', { class: 'code' }, tag), ' ', keyword], mark: state, count }))),
    report.TagsComplete ? null : h('p', { class: 'soft small' }, t('overview.tagsPartly')));
}

/** @param {Report} report */
function partial(report) {
  const columns = [
    { title: t('column.study') }, { title: t('column.state') }, { title: t('state.Delivered'), number: true }, { title: t('state.Held'), number: true }];
  const rows = report.PartialStudies.map((study) => [
    h('a', { href: `#study/${study.ID}`, 'data-key': `study-${study.ID}` }, identifierOf(study.ID)), stateMark(study.State, 'studyState'),
    number(sumOf(study, STATES.Sent)), number(sumOf(study, STATES.Held))]);
  return h('section', {}, h('h2', {}, t('report.partial')),
    rows.length ? [table(t('report.partial'), columns, rows), h('p', { class: 'soft small' }, t('overview.partialHint'))] : empty(t('overview.partialNone')));
}

/** @param {Status} state */
function stores(state) {
  if (!state.Version) return null;
  const columns = [{ title: t('column.store') }, { title: t('column.storeType') }, { title: t('column.profiles') }];
  const rows = Object.entries(state.Stores).map(([name, store]) => [name, store.Type, store.Profiles.join(', ')]);
  return h('section', {}, h('h2', {}, t('overview.stores')), table(t('overview.stores'), columns, rows));
}

/** @param {import('./types.js').Notice} note */
function openStudy(note) {
  const input = h('input', { type: 'text', id: 'open-study', autocomplete: 'off', spellcheck: 'false' });
  const open = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    try {
      const study = await find(text);
      if (study) location.hash = `#study/${study}`;
      else note.say('bad', t('study.unknown'));
    } catch (error) {
      note.say('bad', messageOf(error));
    }
  };
  return h('section', {}, h('h2', {}, t('overview.open')), h('form', { class: 'card pad', onsubmit: open },
    h('label', { for: 'open-study' }, t('overview.openHint'), input), h('button', { type: 'submit' }, t('overview.openGo'))));
}

/**
 * The Orthanc identifier of the study that a text names. A UID or number is posted: servers log addresses.
 *
 * @param {string} text
 * @returns {Promise<string | null>}
 */
async function find(text) {
  if (/^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/.test(text)) {
    return (await getOrNull(`studies/${text}`)) && text;
  }
  const found = await post('tools/find', { Level: 'Study', Query: { StudyInstanceUID: text } });
  const also = found.length ? found : await post('tools/find', { Level: 'Study', Query: { AccessionNumber: text } });
  return also.length === 1 ? also[0] : null;
}
