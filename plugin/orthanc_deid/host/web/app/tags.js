// The chart of identifying tags of a resource: which attributes occur, and which can carry identity. It has no values.

import { get } from './api.js';
import { announce, fill, h, table } from './dom.js';
import { heading, identifierOf, narrow, notice } from './parts.js';
import { inWords } from './rules.js';
import { number, percent, t } from './texts.js';

const LEVELS = ['patients', 'studies', 'series', 'instances'];
const DEFINITIONS = ['Table', 'TableOrPrivate', 'TableOrPrivateOrVr'];
const TITLES = () => [t('byTable'), t('byPrivate'), t('byVr')];
const KINDS = ['modality', 'IOD', 'manufacturer'];
const SHOWN = 12;

export async function tagsView(place, { rest, signal }) {
  const level = LEVELS.includes(rest[0]) ? rest[0] : 'studies';
  const resource = rest[1] || '';
  const note = notice();
  const shown = h('div', { id: 'tags-found' }, h('p', { class: 'soft' }, t('analysing')));
  const back = level === 'studies' ? h('a', { class: 'button', href: `#study/${resource}` }, t('study')) : null;
  fill(place, heading(h('span', {}, t('identifying'), ' ', identifierOf(resource)), back), h('p', { class: 'soft' }, t('tagsHint')), note.element, shown);
  announce(t('analysing'));
  try {
    const found = await get(`${level}/${encodeURIComponent(resource)}/deidentify-analysis`);
    if (signal.aborted) return;
    fill(shown, found.Files < found.Total ? h('p', { class: 'soft' }, t('tagsSome', number(found.Files), number(found.Total))) : null,
      tiles(found), found.Instances ? [chart(found), attributes(found)] : null, reasons(found));
    announce(`${t('attributes')}: ${number(found.Attributes.length)}`);
  } catch (error) {
    if (signal.aborted) return;
    fill(shown);
    note.say('bad', error.status ? t('refused', error.message) : t('unreachable'));
  }
}

const whole = (found) => found.Scopes.find((scope) => scope.Kind === 'all');

function tiles(found) {
  const { Attributes: distinct, Occurrences: elements, Suspected: suspected } = whole(found);
  const tile = (text, count, mark = '') => h('div', { class: `tile ${mark}` }, text, h('b', {}, number(count)));
  return h('div', { class: 'tiles' }, tile(t('instances'), found.Instances), tile(t('attributes'), distinct), tile(t('elements'), elements),
    tile(t('suspected'), suspected, 'Quarantined'));
}

/** Shares by the three definitions, for everything and by kind, where there is more than one of the kind. */
function chart(found) {
  const rows = [['', whole(found)]];
  for (const kind of KINDS) {
    const scopes = found.Scopes.filter((scope) => scope.Kind === kind);
    if (scopes.length > 1 || kind === KINDS[0]) rows.push(...scopes.slice(0, SHOWN).map((scope) => [kind, scope]));
  }
  const legend = h('ul', { class: 'legend' }, TITLES().map((title, index) => h('li', { class: `key share${index}` }, title)));
  return h('section', {}, h('h2', {}, t('shares')),
    h('div', { class: 'card shares' }, rows.map(([kind, scope]) => [
      h('div', {}, nameOf(kind, scope.Name), h('div', { class: 'soft small' }, kind ? t(`by${kind}`) : '')),
      h('div', { class: 'three', 'aria-hidden': 'true' }, DEFINITIONS.map((key, index) => fillOf(scope.ByAttribute[key], index))),
      h('div', { class: 'number' }, DEFINITIONS.map((key) => h('div', {}, percent(scope.ByAttribute[key]))))])),
    legend, h('p', { class: 'soft small' }, t('article')),
    h('details', { 'data-key': 'shares-table' }, h('summary', {}, t('showTable')), sharesTable(rows)));
}

function fillOf(share, index) {
  const bar = h('div', { class: `fill share${index}` });
  bar.style.width = `${100 * share}%`;
  return h('div', { class: 'track' }, bar);
}

function nameOf(kind, name) {
  if (!kind) return h('strong', {}, t('all'));
  return { other: t('other'), '(none)': t('noneSaid') }[name] || name;
}

function sharesTable(rows) {
  const short = [t('shortTable'), t('shortPrivate'), t('shortVr')].map((title) => ({ title, number: true }));
  const columns = [{ title: t('of') }, { title: t('instances'), number: true }, { title: t('attributes'), number: true }, ...short,
    { title: t('elements'), number: true }, ...short];
  return table(t('shares'), columns, rows.map(([kind, scope]) => [
    nameOf(kind, scope.Name), number(scope.Instances), number(scope.Attributes), ...DEFINITIONS.map((key) => percent(scope.ByAttribute[key])),
    number(scope.Occurrences), ...DEFINITIONS.map((key) => percent(scope.ByOccurrence[key]))]));
}

function attributes(found) {
  const list = h('div');
  const filter = h('input', { type: 'search', id: 'filter', oninput: () => narrow(list, filter.value) });
  const columns = [{ title: t('tag'), kind: 'code keep' }, { title: t('attribute') }, { title: 'VR' }, { title: t('files'), number: true },
    { title: t('elements'), number: true }, { title: t('whyIdentity') }];
  fill(list, table(t('occurring'), columns, found.Attributes.map((each) => [
    each.Tag, each.Keyword || each.Creator, each.Vr, number(each.Files), number(each.Occurrences), why(each)])));
  return h('section', {}, h('h2', {}, t('occurring')), h('div', { class: 'controls' }, h('label', { for: 'filter' }, t('filter'), filter)), list);
}

function why(attribute) {
  const found = [attribute.BasicCode && t('inTable', attribute.BasicCode), attribute.Private && t('isPrivate'), attribute.IdentityVr && `VR ${attribute.Vr}`];
  return found.filter(Boolean).join(', ') || '—';
}

function reasons(found) {
  const listed = [['suspected', found.Suspected], ['unreadable', found.Unreadable]].filter(([, some]) => some.length);
  return listed.map(([title, some]) => h('section', {}, h('h2', {}, t(title)),
    table(t(title), [{ title: t('reason') }, { title: t('files'), number: true }], some.map((each) => [inWords(each.Name), number(each.Count)]))));
}
