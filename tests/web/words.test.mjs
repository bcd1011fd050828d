// Words, numbers, times and reasons in the reader's language.

import assert from 'node:assert/strict';
import test from 'node:test';

import { browser, served } from './browser.mjs';

browser('de', 'ru-RU', 'en');
const { dateOf, duration, language, lowered, number, t, time } = await served('words.js');
const { translated } = await served('reasons.js');

test('the language is the first of the browser\'s that the catalogue has', () => {
  assert.equal(language, 'ru');
});

test('words are found by key and filled in', () => {
  assert.equal(t('state.Delivered'), 'Передано');
  assert.equal(t('quarantine.retried', 3), 'Возвращено в очередь: 3');
  assert.equal(t('analysis.sample', '2', '5'), 'Подсчитано по объектам: 2 из 5, равномерно по всем.');
  assert.equal(lowered(t('state.Quarantined')), 'в карантине');
});

test('a state that the catalogue does not know stands for itself', () => {
  assert.equal(t('state.Novel'), 'Novel');
});

test('a time of Orthanc is UTC', () => {
  assert.equal(dateOf('20260102T030405').getTime(), Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.equal(time('20260102T030405'), new Intl.DateTimeFormat('ru', { dateStyle: 'short', timeStyle: 'short' }).format(Date.UTC(2026, 0, 2, 3, 4, 5)));
  assert.equal(time(null), '');
  assert.equal(time('yesterday'), '');
});

test('a duration is given in the largest unit that fits', () => {
  assert.deepEqual([0, 59, 7200, 86400 * 5].map(duration), ['0 секунд', '59 секунд', '2 часа', '5 дней']);
});

test('a missing number is 0', () => {
  assert.equal(number(undefined), '0');
});

test('reasons are translated phrase by phrase, and what is not known stays', () => {
  assert.equal(translated('conflict'), 'в хранилище под тем же UID лежит другое содержимое');
  assert.equal(translated('nesting deeper than 64: (0040,A730)'), 'вложенность глубже 64: (0040,A730)');
  assert.equal(
    translated('identifying values (Basic Profile): person found (0010,0010)[1].(0040,A123); and 3 more'),
    'сведения о личности (базовый профиль): найдено: имя (0010,0010)[1].(0040,A123); и ещё 3');
  assert.equal(translated('a text of nobody\'s: at all'), 'a text of nobody\'s: at all');
  assert.equal(translated('constructor'), 'constructor');
});
