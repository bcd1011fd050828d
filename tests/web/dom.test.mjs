// Elements that are filled again, and announcements.

import assert from 'node:assert/strict';
import test from 'node:test';

import { browser, served } from './browser.mjs';

browser('en');
const { announce, byId, fill, h } = await served('dom.js');

const form = () => [
  h('details', { 'data-key': 'why-1' }, h('summary', {}, 'more')), h('details', { 'data-key': 'why-2' }),
  h('button', { 'data-key': 'retry' }, 'Try again'), h('input', { id: 'name' })];

test('the focus and the open details survive a new content', () => {
  const main = byId('main');
  fill(main, form());
  main.querySelector('[data-key=why-1]').open = true;
  for (const selector of ['[data-key=retry]', '#name']) {
    const focused = main.querySelector(selector);
    focused.focus();
    fill(main, form());
    assert.equal(focused.isConnected, false);
    assert.equal(document.activeElement, main.querySelector(selector));
  }
  assert.deepEqual([...main.querySelectorAll('details')].map((each) => each.open), [true, false]);
});

test('a focus elsewhere stays where it is', () => {
  const [main, elsewhere] = [byId('main'), h('input', { id: 'name' })];
  document.body.append(elsewhere);
  elsewhere.focus();
  fill(main, form());
  assert.equal(document.activeElement, elsewhere);
  elsewhere.remove();
});

test('a text is announced once, until another one comes', () => {
  const live = byId('live');
  announce('Running');
  live.textContent = '';
  announce('Running');
  assert.equal(live.textContent, '');
  announce('Done');
  assert.equal(live.textContent, 'Done');
});

test('an element that the page lacks is an error that names it', () => {
  assert.throws(() => byId('nowhere'), /nowhere/);
});
