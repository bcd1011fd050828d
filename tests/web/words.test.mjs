// Numbers, times and durations as the page writes them in the reader's language.

import assert from 'node:assert/strict';
import test from 'node:test';

Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { languages: ['de', 'ru-RU', 'en'] } });
const { duration, language, number, percent, time } = await import('../../build/web/texts.js');

test('the language is the first of the browser\'s that the page has', () => {
  assert.equal(language, 'ru');
});

test('a time of Orthanc is read as UTC', () => {
  assert.equal(time('20260102T030405'), new Intl.DateTimeFormat('ru', { dateStyle: 'short', timeStyle: 'short' }).format(Date.UTC(2026, 0, 2, 3, 4, 5)));
  assert.equal(time(null), '');
  assert.equal(time('yesterday'), '');
});

test('a duration is given in the largest unit that fits', () => {
  assert.equal(duration(0), '0 секунд');
  assert.equal(duration(59), '59 секунд');
  assert.equal(duration(7200), '2 часа');
  assert.equal(duration(86400 * 5), '5 дней');
});

test('a missing number is 0, and a share is per cent', () => {
  assert.equal(number(undefined), '0');
  assert.equal(percent(0.53), '53\u00a0%');
});
