// Drawings of the server: parsed, reduced to the reader's language, never executed.

import assert from 'node:assert/strict';
import test from 'node:test';

import { browser, served, textsOf } from './browser.mjs';

browser('ru');
const { drawn } = await served('drawing.js');

/** The elements of a drawing below the page's main element. */
function placed(markup) {
  const main = document.getElementById('main');
  main.replaceChildren(...drawn(markup));
  return main;
}

test('of the two languages the reader\'s is left, and what has no language', () => {
  const main = placed('<p><b lang="en">Name</b><b lang="ru">Имя</b></p><p>(0010,0010)</p>');
  assert.deepEqual(textsOf(main, 'p'), ['Имя', '(0010,0010)']);
});

test('the nodes belong to the page, texts between elements too', () => {
  const nodes = drawn('one <b>two</b> three');
  assert.deepEqual(nodes.map((each) => each.textContent), ['one ', 'two', ' three']);
  assert.ok(nodes.every((each) => each.ownerDocument === document));
});

test('a part that scrolls is reached by the keyboard and named by the heading of its section', () => {
  const main = placed('<section><h2><span lang="en">Tags</span><span lang="ru">Теги</span></h2><div class="scroll"></div></section><div class="scroll"></div>');
  const attributes = [...main.querySelectorAll('.scroll')].map((each) => ['role', 'tabindex', 'aria-label'].map((name) => each.getAttribute(name)));
  assert.deepEqual(attributes, [['region', '0', 'Теги'], ['region', '0', '']]);
});

test('escaped data stay text', () => {
  const main = placed('<p>&lt;img src=x onerror=alert(1)&gt;</p>');
  assert.equal(main.querySelector('img'), null);
  assert.deepEqual(textsOf(main, 'p'), ['<img src=x onerror=alert(1)>']);
});
