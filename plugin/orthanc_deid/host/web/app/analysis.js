// The analysis of identifying tags of a resource: which attributes occur, and which can carry identity. No values.

import { get } from './api.js';
import { ANALYSIS } from './catalogue.js';
import { heading, identifierOf, messageOf, narrow, notice, resourceOf } from './components.js';
import { announce, fill, h, table } from './dom.js';
import { translated } from './reasons.js';
import { number, percent, t } from './words.js';

/** @typedef {import('./types.js').Analysis} Analysis */
/** @typedef {import('./types.js').Scope} Scope */

const { Definitions: DEFINITIONS, Kinds: KINDS, MostScopes: MOST_SCOPES, Names: NAMES } = ANALYSIS;

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
      tiles(found), found.Instances ? [chart(found), attributes(found)] : null,
      ANALYSIS.Reasons.map(([title, field]) => reasonTable(t(title), found[field])));
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
  const [whole] = scopesOf(found, 'all');
  return h('div', { class: 'tiles' }, ANALYSIS.Tiles.map(([title, field]) =>
    h('div', { class: field === 'Suspected' ? 'tile Quarantined' : 'tile ' }, t(title), h('b', {}, number(whole[field])))));
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
    if (some.length > 1 || kind === KINDS[0]) scopes.push(...some.slice(0, MOST_SCOPES));
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
  const name = NAMES[scope.Name] ? t(NAMES[scope.Name]) : scope.Name;
  return scope.Kind === 'all' ? h('strong', {}, name) : name;
}

/** @param {Scope[]} scopes */
function sharesTable(scopes) {
  const columns = [{ title: t('analysis.of') }, ...ANALYSIS.ScopeColumns.map(([title]) => ({ title: t(title), number: true }))];
  return table(t('analysis.shares'), columns,
    scopes.map((scope) => [nameOf(scope), ...ANALYSIS.ScopeColumns.map(([, field]) => valueOf(scope, field))]));
}

/**
 * The value of a field as text: a count, or a share as per cent.
 *
 * @param {Scope} scope
 * @param {string} field
 */
export function valueOf(scope, field) {
  const [shares, definition] = field.split('.');
  if (definition) return percent(shares === 'ByAttribute' ? scope.ByAttribute[definition] : scope.ByOccurrence[definition]);
  return number(scope[/** @type {'Instances' | 'Attributes' | 'Occurrences' | 'Suspected'} */ (field)]);
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

/**
 * @param {string} title
 * @param {Analysis['Suspected']} counts
 */
function reasonTable(title, counts) {
  if (!counts.length) return null;
  return h('section', {}, h('h2', {}, title),
    table(title, [{ title: t('column.reason') }, { title: t('column.instances'), number: true }], counts.map((each) => [translated(each.Name), number(each.Count)])));
}
