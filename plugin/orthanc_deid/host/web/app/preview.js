// What a profile would change in a resource, before anything is sent. The one view that shows values of a patient.

import { get } from './api.js';
import { announce, fill, h, table } from './dom.js';
import { choose, heading, identifierOf, narrow, notice, pathOf } from './parts.js';
import { inWords } from './rules.js';
import { number, t } from './texts.js';

const LEVELS = ['patients', 'studies', 'series', 'instances'];

export function previewView(place, { site, rest, query, signal }) {
  const level = LEVELS.includes(rest[0]) ? rest[0] : 'studies';
  const resource = rest[1] || '';
  const state = site.state || { Profiles: {}, DefaultProfile: '' };
  const asked = query.get('profile') in state.Profiles ? query.get('profile') : state.DefaultProfile;
  const note = notice();
  const shown = h('div', { id: 'preview-list' });
  const filter = h('input', { type: 'search', id: 'filter', oninput: () => narrow(shown, filter.value) });
  const profile = choose(t('profile'), 'profile', Object.keys(state.Profiles).map((name) => [name, name]), asked, (name) => draw(name));
  const back = level === 'studies' ? h('a', { class: 'button', href: `#study/${resource}` }, t('study')) : null;
  fill(place, heading(h('span', {}, t('previewTitle'), ' ', identifierOf(resource)), back),
    h('p', { class: 'notice care' }, t('previewHint')),
    h('div', { class: 'controls' }, profile.element, h('label', { for: 'filter' }, t('filter'), filter)), note.element, shown);

  let wanted = '';
  async function draw(name) {
    wanted = name;
    note.element.hidden = true;
    fill(shown, h('p', { class: 'soft' }, t('previewing')));
    announce(t('previewing'));
    try {
      const found = await get(`${level}/${encodeURIComponent(resource)}/deidentify-preview`, { profile: name });
      if (signal.aborted || wanted !== name) return;
      fill(shown, found.Stores.length ? null : h('p', { class: 'notice care' }, t('noStore')), found.Instances.map(oneInstance));
      narrow(shown, filter.value);
      announce(found.Instances.map((each) => t('changes', number(each.Changes.length))).join('; '));
    } catch (error) {
      if (signal.aborted || wanted !== name) return;
      fill(shown);
      note.say('bad', error.status ? t('refused', error.message) : t('unreachable'));
    }
  }
  draw(asked);
}

function oneInstance(instance) {
  const columns = [{ title: t('tag'), kind: 'code' }, { title: t('attribute') }, { title: 'VR' }, { title: t('before'), kind: 'value' },
    { title: t('after'), kind: 'value' }, { title: t('action') }, { title: t('rule') }];
  const rows = instance.Changes.map((change) => [
    pathOf(change.Path), change.Name, change.VR, value(change.Before, t('none')), value(change.After, t('removed')), change.Action || '+', inWords(change.Rule)]);
  const verdict = instance.Deliverable ? h('p', { class: 'notice good' }, t('accepted'))
    : h('p', { class: 'notice bad' }, t('rejected', inWords(instance.Reason || instance.Rule)));
  return h('section', {},
    h('h2', {}, t('previewInstance', ''), identifierOf(instance.Instance), rows.length ? ` · ${t('changes', number(rows.length))}` : ''),
    verdict, instance.Notes.map((text) => h('p', { class: 'soft small' }, inWords(text))),
    rows.length ? table(t('preview'), columns, rows) : null);
}

const value = (text, missing) => (text === null ? h('span', { class: 'gone' }, missing) : text);
