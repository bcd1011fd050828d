// The analysis of a resource: the server's drawing, its filter, and the share of instances that was counted.

import assert from 'node:assert/strict';
import test from 'node:test';

import { answerJson, browser, served, shown, textsOf } from './browser.mjs';

browser('en');
const { analysisView } = await served('analysis.js');

const DRAWING = '<section><h2 id="attributes">Attributes</h2><table><tbody><tr><td>PatientName</td></tr><tr><td>Modality</td></tr></tbody></table></section>';
const FOUND = { Files: 5, Total: 5, Attributes: [{}, {}], Drawing: DRAWING };

/** Show the analysis of a resource with this answer. */
async function page(found, rest = ['series', '22222222-3']) {
  const requests = answerJson({ [`GET ${rest.join('/')}/deidentify-analysis`]: found });
  return { requests, ...await shown(analysisView, { rest }) };
}

test('the drawing is shown, and its rows are filtered', async () => {
  const { place, requests } = await page(FOUND);
  assert.deepEqual(requests.map(([, query]) => query), [{ drawing: 'true' }]);
  assert.deepEqual(textsOf(place, 'td'), ['PatientName', 'Modality']);
  const filter = place.querySelector('#filter');
  filter.value = 'MODAL';
  filter.dispatchEvent(new Event('input'));
  assert.deepEqual([...place.querySelectorAll('tr')].map((row) => row.hidden), [true, false]);
});

test('a count over a sample is marked as such', async () => {
  const marks = async (found) => textsOf((await page(found)).place, '#tags-found > p');
  assert.deepEqual(await marks({ ...FOUND, Total: 1200 }), ['5 of 1,200 instances were counted, spread over all of them.']);
  assert.deepEqual(await marks(FOUND), []);
});

test('only a study has a page to go back to', async () => {
  const back = async (rest) => [...(await page(FOUND, rest)).place.querySelectorAll('.heading a')].map((each) => each.getAttribute('href'));
  assert.deepEqual(await back(['studies', '11111111-2']), ['#study/11111111-2']);
  assert.deepEqual(await back(['instances', '33333333-4']), []);
});

test('a refusal is shown', async () => {
  answerJson({});
  const { place } = await shown(analysisView, { rest: ['series', '22222222-3'] });
  assert.match(textsOf(place, '.notice.bad')[0], /no GET series/);
  assert.equal(place.querySelector('#tags-found').children.length, 0);
});
