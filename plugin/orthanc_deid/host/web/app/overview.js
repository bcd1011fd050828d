// What is waiting, delivered and held back, why, at what pace, and which studies are partial.

import { get, post } from './api.js';
import { bars, paceChart } from './charts.js';
import { fill, h, table } from './dom.js';
import { empty, heading, identifierOf, notice, repeat, stateMark } from './parts.js';
import { inWords } from './rules.js';
import { duration, number, t } from './texts.js';

const HOURS = 48;
const REPORT_MS = 10000;
const MOST_TAGS = 12;
const HELD = ['Quarantined', 'Failed', 'Lost'];

export function overviewView(place, { site, signal }) {
  const note = notice();
  const tiles = h('div', { class: 'tiles' });
  const report = h('div', { id: 'report' }, h('p', { class: 'soft' }, t('loading')));
  const ignored = h('p', { class: 'soft', id: 'ignored' });
  const drawTiles = (state) => {
    fill(tiles, tilesOf(state));
    fill(ignored, state.Ignored ? t('ignoredCount', number(state.Ignored)) : null);
  };
  site.listeners.add(drawTiles);
  signal.addEventListener('abort', () => site.listeners.delete(drawTiles));
  if (site.state) drawTiles(site.state);
  const open = h('a', { class: 'button', href: '../report' }, t('figuresOpen'));
  fill(place, heading(t('overview'), open), note.element, tiles, ignored, report, stores(site.state), openStudy(note));
  let drawn = '';
  repeat(signal, REPORT_MS, note, async () => {
    const found = await get('deidentify/report', { hours: HOURS });
    const seen = JSON.stringify([found.Rules, found.Tags, found.Hours, found.PartialStudies]);
    if (seen === drawn || signal.aborted) return;
    drawn = seen;
    fill(report, pace(found), h('div', { class: 'columns' }, h('div', {}, why(found), tags(found)), partial(found)));
  });
}

function tilesOf(state) {
  const tile = (key, href, ...small) => h(href ? 'a' : 'div', { class: `tile ${key}`, href, id: `tile-${key}` },
    t(key), h('b', {}, number(state[key])), small.filter(Boolean).map((text) => h('span', { class: 'small' }, text)));
  const oldest = state.Pending && state.OldestPendingSeconds !== null ? t('oldest', duration(state.OldestPendingSeconds)) : '';
  return [
    tile('Pending', '#jobs', oldest || t('hintPending')),
    tile('Delivered', null, t('hintDelivered'), state.Duplicate ? t('duplicates', number(state.Duplicate)) : ''),
    ...HELD.map((key) => tile(key, `#held?state=${key}`, t(`hint${key}`))),
  ];
}

function pace(report) {
  return h('section', {}, h('h2', {}, t('throughput')),
    report.Hours.length ? paceChart(report.Hours, HOURS) : empty(t('throughputNone')));
}

function why(report) {
  const rules = HELD.flatMap((state) => Object.entries(report.Rules[state] || {}).map(([rule, count]) => ({ state, rule, count })));
  rules.sort((one, other) => other.count - one.count);
  return h('section', {}, h('h2', {}, t('why')), rules.length ? bars(rules.map(({ state, rule, count }) => ({
    label: h('a', { href: `#held?${new URLSearchParams({ state, rule })}`, 'data-key': `rule-${state}-${rule}` }, rule ? inWords(rule) : t(state)),
    mark: state, count,
  }))) : empty(t('whyNone')));
}

function tags(report) {
  const some = report.Tags.slice(0, MOST_TAGS);
  if (!some.length) return null;
  return h('section', {}, h('h2', {}, t('whyTags')), bars(some.map(({ State: state, Tag: tag, Keyword: keyword, Count: count }) => ({
    label: [h('span', { class: 'code' }, tag), ' ', keyword], mark: state, count }))),
    report.TagsComplete ? null : h('p', { class: 'soft small' }, t('whyTagsSome')));
}

function partial(report) {
  const columns = [{ title: t('study') }, { title: t('state') }, { title: t('Delivered'), number: true }, { title: t('held'), number: true }];
  const rows = report.PartialStudies.map((study) => [
    h('a', { href: `#study/${study.ID}`, 'data-key': `study-${study.ID}` }, identifierOf(study.ID)), stateMark(study.State),
    number(study.Delivered + study.Duplicate), number(HELD.reduce((sum, key) => sum + study[key], 0))]);
  return h('section', {}, h('h2', {}, t('partial')),
    rows.length ? [table(t('partial'), columns, rows), h('p', { class: 'soft small' }, t('partialHint'))] : empty(t('partialNone')));
}

function stores(state) {
  if (!state) return null;
  const columns = [{ title: t('store') }, { title: t('type') }, { title: t('profiles') }];
  const rows = Object.entries(state.Stores).map(([name, store]) => [name, store.Type, store.Profiles.join(', ')]);
  return h('section', {}, h('h2', {}, t('stores')), table(t('stores'), columns, rows));
}

function openStudy(note) {
  const input = h('input', { type: 'text', id: 'open-study', autocomplete: 'off', spellcheck: 'false' });
  const go = async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    try {
      const study = await find(text);
      if (study) location.hash = `#study/${study}`;
      else note.say('bad', t('openNone'));
    } catch (error) {
      note.say('bad', error.status ? t('refused', error.message) : t('unreachable'));
    }
  };
  return h('section', {}, h('h2', {}, t('open')), h('form', { class: 'card pad', onsubmit: go },
    h('label', { for: 'open-study' }, t('openHint'), input), h('button', { type: 'submit' }, t('openGo'))));
}

/** The Orthanc identifier of the study that a text names; not sent in an address, which servers log. */
async function find(text) {
  if (/^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/.test(text)) {
    const known = await get(`studies/${text}`).catch((error) => (error.status === 404 ? null : Promise.reject(error)));
    return known && text;
  }
  const found = await post('tools/find', { Level: 'Study', Query: { StudyInstanceUID: text } });
  const also = found.length ? found : await post('tools/find', { Level: 'Study', Query: { AccessionNumber: text } });
  return also.length === 1 ? also[0] : null;
}
