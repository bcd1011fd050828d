// The analysis of identifying tags of a resource: which attributes occur, and which can carry identity. No values.

import { get } from './api.js';
import { heading, identifierOf, messageOf, narrow, notice, resourceOf } from './components.js';
import { announce, byId, fill, h } from './dom.js';
import { drawn } from './drawing.js';
import { number, t } from './words.js';

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
    /** @type {import('./types.js').Analysis} */
    const found = await get(`${level}/${encodeURIComponent(resource)}/deidentify-analysis`, { drawing: 'true' });
    if (signal.aborted) return;
    fill(shown, found.Files < found.Total ? h('p', { class: 'soft' }, t('analysis.sample', number(found.Files), number(found.Total))) : null,
      drawn(found.Drawing));
    addFilter(byId('attributes'));
    announce(`${t('column.distinct')}: ${number(found.Attributes.length)}`);
  } catch (error) {
    if (signal.aborted) return;
    fill(shown);
    note.say('bad', messageOf(error));
  }
}

/**
 * Put a box below a heading that narrows the table of its section.
 *
 * @param {HTMLElement} title
 */
function addFilter(title) {
  const filter = h('input', { type: 'search', id: 'filter', oninput: () => { if (title.parentElement) narrow(title.parentElement, filter.value); } });
  title.after(h('div', { class: 'controls' }, h('label', { for: 'filter' }, t('app.filter'), filter)));
}
