// What a profile would change in a resource, before anything is sent. The only view that shows values of a patient.

import { get } from './api.js';
import { choose, heading, identifierOf, messageOf, narrow, notice, optionsOf, pathOf, resourceOf } from './components.js';
import { announce, fill, h, table } from './dom.js';
import { translated } from './reasons.js';
import { number, t } from './words.js';


/**
 * @param {HTMLElement} place
 * @param {import('./types.js').Context} context
 */
export function previewView(place, { site, rest, query, signal }) {
  const { level, resource } = resourceOf(rest);
  const { Profiles: profiles, DefaultProfile: usual } = site.state;
  const named = query.get('profile') || '';
  const asked = named in profiles ? named : usual;
  const note = notice();
  const shown = h('div', { id: 'preview-list' });
  const filter = h('input', { type: 'search', id: 'filter', oninput: () => { narrow(shown, filter.value); } });
  const profile = choose(t('column.profile'), 'profile', optionsOf(Object.keys(profiles)), asked, (name) => draw(name));
  const back = level === 'studies' ? h('a', { class: 'button', href: `#study/${resource}` }, t('column.study')) : null;
  fill(place, heading(h('span', {}, t('preview.title'), ' ', identifierOf(resource)), back),
    h('p', { class: 'notice care' }, t('preview.hint')),
    h('div', { class: 'controls' }, profile.element, h('label', { for: 'filter' }, t('app.filter'), filter)), note.element, shown);

  let wanted = '';
  async function draw(/** @type {string} */ name) {
    wanted = name;
    note.element.hidden = true;
    fill(shown, h('p', { class: 'soft' }, t('preview.running')));
    announce(t('preview.running'));
    try {
      /** @type {import('./types.js').Preview} */
      const found = await get(`${level}/${encodeURIComponent(resource)}/deidentify-preview`, { profile: name });
      if (signal.aborted || wanted !== name) return;
      fill(shown, found.Stores.length ? null : h('p', { class: 'notice care' }, t('preview.noStore')), found.Instances.map(oneInstance));
      narrow(shown, filter.value);
      announce(found.Instances.map((each) => t('preview.changes', number(each.Changes.length))).join('; '));
    } catch (error) {
      if (signal.aborted || wanted !== name) return;
      fill(shown);
      note.say('bad', messageOf(error));
    }
  }
  draw(asked);
}

/** @param {import('./types.js').PreviewedInstance} instance */
function oneInstance(instance) {
  const columns = [
    { title: t('column.tag'), kind: 'code' }, { title: t('column.attribute') }, { title: 'VR' }, { title: t('column.before'), kind: 'value' },
    { title: t('column.after'), kind: 'value' }, { title: t('column.action') }, { title: t('column.rule') }];
  const rows = instance.Changes.map((change) => [
    pathOf(change.Path), change.Name, change.VR, value(change.Before, t('preview.absent')), value(change.After, t('preview.removed')),
    change.Action || '+', translated(change.Rule)]);
  const verdict = instance.Deliverable ? h('p', { class: 'notice good' }, t('preview.accepted'))
    : h('p', { class: 'notice bad' }, t('preview.rejected', translated(instance.Reason || instance.Rule)));
  return h('section', {},
    h('h2', {}, t('preview.ofInstance', ''), identifierOf(instance.Instance), rows.length ? ` · ${t('preview.changes', number(rows.length))}` : ''),
    verdict, instance.Notes.map((text) => h('p', { class: 'soft small' }, translated(text))),
    rows.length ? table(t('preview.name'), columns, rows) : null);
}

/**
 * @param {string | null} text
 * @param {string} missing
 */
const value = (text, missing) => (text === null ? h('span', { class: 'gone' }, missing) : text);
