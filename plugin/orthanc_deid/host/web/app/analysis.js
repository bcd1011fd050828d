// The analysis of identifying tags of a resource: which attributes occur, and which can carry identity. No values.

import { get } from './api.js';
import { heading, identifierOf, messageOf, narrow, notice, resourceOf } from './components.js';
import { announce, fill, h, table } from './dom.js';
import { translated } from './reasons.js';
import { number, percent, t } from './words.js';

/** @typedef {import('./types.js').Analysis} Analysis */
/** @typedef {import('./types.js').Scope} Scope */

const DEFINITIONS = ['Table', 'TableOrPrivate', 'TableOrPrivateOrVr'];
const KINDS = ['modality', 'IOD', 'manufacturer'];
const SHOWN = 12;

/**
 * @param {HTMLElement} place
 * @param {import('./types.js').Context} context
 */
export async function analysisView(place, { rest, signal }) {
  const { level, resource } = resourceOf(rest);
  const note = notice();
  const shown = h('div', { id: 'tags-found' }, h('p', { class: 'soft' }, t('analysis.running')));
  const back = level === 'studies' ? h('a', { class: 'button', href: `#study/${resource}` }, t('column.study')) : null;
  fill(place, heading(h('span', {}, t('analysis.name'), ' ', identifierOf(resource)), back), h('p', { class: 'soft' }, t('analysis.hint')), note.element, shown);
  announce(t('analysis.running'));
  try {
    /** @type {Analysis} */
    const found = await get(`${level}/${encodeURIComponent(resource)}/deidentify-analysis`);
    if (signal.aborted) return;
    fill(shown, found.Files < found.Total ? h('p', { class: 'soft' }, t('analysis.sample', number(found.Files), number(found.Total))) : null,
      tiles(found), found.Instances ? [chart(found), attributes(found)] : null, reasonTables(found));
    announce(`${t('column.distinct')}: ${number(found.Attributes.length)}`);
  } catch (error) {
    if (signal.aborted) return;
    fill(shown);
    note.say('bad', messageOf(error));
  }
}

/**
 * @param {Analysis} found
 * @param {string} kind
 */
const scopesOf = (found, kind) => found.Scopes.filter((scope) => scope.Kind === kind);

/** @param {Analysis} found */
function tiles(found) {
  const [{ Attributes: distinct, Occurrences: elements, Suspected: suspected }] = scopesOf(found, 'all');
  const tile = (/** @type {string} */ text, /** @type {number} */ count, mark = '') => h('div', { class: `tile ${mark}` }, text, h('b', {}, number(count)));
  return h('div', { class: 'tiles' }, tile(t('column.instances'), found.Instances), tile(t('column.distinct'), distinct),
    tile(t('column.elements'), elements), tile(t('analysis.suspected'), suspected, 'Quarantined'));
}

/**
 * Shares by the three definitions, of everything and by kind, where there is more than one of the kind.
 *
 * @param {Analysis} found
 */
function chart(found) {
  const scopes = scopesOf(found, 'all');
  for (const kind of KINDS) {
    const some = scopesOf(found, kind);
    if (some.length > 1 || kind === KINDS[0]) scopes.push(...some.slice(0, SHOWN));
  }
  const legend = h('ul', { class: 'legend' }, DEFINITIONS.map((key, index) => h('li', { class: `key share${index}` }, t(`analysis.by.${key}`))));
  return h('section', {}, h('h2', {}, t('analysis.shares')),
    h('div', { class: 'card shares' }, scopes.map((scope) => [
      h('div', {}, nameOf(scope), h('div', { class: 'soft small' }, scope.Kind === 'all' ? '' : t(`analysis.of.${scope.Kind}`))),
      h('div', { class: 'three', 'aria-hidden': 'true' }, DEFINITIONS.map((key, index) => bar(scope.ByAttribute[key], index))),
      h('div', { class: 'number' }, DEFINITIONS.map((key) => h('div', {}, percent(scope.ByAttribute[key]))))])),
    legend, h('p', { class: 'soft small' }, t('analysis.article')),
    h('details', { 'data-key': 'shares-table' }, h('summary', {}, t('app.asTable')), sharesTable(scopes)));
}

/**
 * @param {number} share
 * @param {number} index
 */
function bar(share, index) {
  const filled = h('div', { class: `fill share${index}` });
  filled.style.width = `${100 * share}%`;
  return h('div', { class: 'track' }, filled);
}

/** @param {Scope} scope */
function nameOf(scope) {
  if (scope.Kind === 'all') return h('strong', {}, t('app.all'));
  if (scope.Name === 'other') return t('analysis.others');
  return scope.Name === '(none)' ? t('analysis.missing') : scope.Name;
}

/** @param {Scope[]} scopes */
function sharesTable(scopes) {
  const short = DEFINITIONS.map((key) => ({ title: t(`analysis.short.${key}`), number: true }));
  const columns = [{ title: t('analysis.of') }, { title: t('column.instances'), number: true }, { title: t('column.attributes'), number: true }, ...short,
    { title: t('column.elements'), number: true }, ...short];
  return table(t('analysis.shares'), columns, scopes.map((scope) => [
    nameOf(scope), number(scope.Instances), number(scope.Attributes), ...DEFINITIONS.map((key) => percent(scope.ByAttribute[key])),
    number(scope.Occurrences), ...DEFINITIONS.map((key) => percent(scope.ByOccurrence[key]))]));
}

/** @param {Analysis} found */
function attributes(found) {
  const list = h('div');
  const filter = h('input', { type: 'search', id: 'filter', oninput: () => { narrow(list, filter.value); } });
  const columns = [{ title: t('column.tag'), kind: 'code keep' }, { title: t('column.attribute') }, { title: 'VR' },
    { title: t('column.instances'), number: true }, { title: t('column.elements'), number: true }, { title: t('analysis.why') }];
  fill(list, table(t('analysis.attributes'), columns, found.Attributes.map((each) => [
    each.Tag, each.Keyword || each.Creator, each.Vr, number(each.Files), number(each.Occurrences), whyOf(each)])));
  return h('section', {}, h('h2', {}, t('analysis.attributes')), h('div', { class: 'controls' }, h('label', { for: 'filter' }, t('app.filter'), filter)), list);
}

/** @param {import('./types.js').CountedAttribute} attribute */
function whyOf(attribute) {
  const found = [
    attribute.BasicCode && t('analysis.why.table', attribute.BasicCode),
    attribute.Private && t('analysis.why.private'),
    attribute.IdentityVr && `VR ${attribute.Vr}`,
  ];
  return found.filter(Boolean).join(', ') || '—';
}

/** @param {Analysis} found */
function reasonTables(found) {
  const suspected = reasonTable(t('analysis.suspected'), found.Suspected);
  return [suspected, reasonTable(t('analysis.unreadable'), found.Unreadable)];
}

/**
 * @param {string} title
 * @param {Analysis['Suspected']} counts
 */
function reasonTable(title, counts) {
  if (!counts.length) return null;
  return h('section', {}, h('h2', {}, title),
    table(title, [{ title: t('column.reason') }, { title: t('column.instances'), number: true }], counts.map((each) => [translated(each.Name), number(each.Count)])));
}
