// The figures behind the charts.

import assert from 'node:assert/strict';
import test from 'node:test';

import { browser, served, textsOf } from './browser.mjs';

browser('en');
const { axisMaximum, bars, lastHours } = await served('charts.js');

test('each of the last hours has its counts, an hour without a row has none', () => {
  const now = Date.UTC(2026, 0, 2, 5, 59, 59);
  const rows = [
    { Hour: '20260102T030000', Delivered: 4, Duplicate: 1, Quarantined: 2 },
    { Hour: '20260102T050000', Failed: 3, Lost: 1 },
    { Hour: '20251231T050000', Delivered: 99 },
  ];
  assert.deepEqual(lastHours(rows, 3, now), [
    { when: new Date(Date.UTC(2026, 0, 2, 3)), sent: 5, held: 2 },
    { when: new Date(Date.UTC(2026, 0, 2, 4)), sent: 0, held: 0 },
    { when: new Date(Date.UTC(2026, 0, 2, 5)), sent: 0, held: 4 },
  ]);
});

test('the axis ends at an even number that is easy to halve, and never below the greatest value', () => {
  assert.deepEqual([1, 2, 3, 5, 9, 10, 11, 61, 1001].map(axisMaximum), [1, 2, 4, 6, 10, 10, 20, 80, 2000]);
  for (let value = 1; value < 3000; value += 1) assert.ok(axisMaximum(value) >= value);
});

test('bars are as wide as their share of the longest, and have their count as text', () => {
  const made = bars([{ label: 'one', mark: 'Failed', count: 20 }, { label: 'other', mark: 'Lost', count: 5 }]);
  const tracks = [...made.querySelectorAll('.track')];
  assert.deepEqual(tracks.map((each) => each.children[0].style.width), ['100%', '25%']);
  assert.deepEqual(textsOf(made, 'div').filter((text) => text), ['one', '20', 'other', '5']);
});
