// The list of what is held back: its rows, and the requests of its buttons.

import assert from 'node:assert/strict';
import test from 'node:test';

import { answerJson, browser, click, passTime, served, shown, textsOf } from './browser.mjs';

browser('en');
const { quarantineView } = await served('quarantine.js');

const ID = '11111111-22222222-33333333-44444444-55555555';
const STATE = {
  Quarantined: 2, Failed: 1, Lost: 0,
  Stores: { output: { Type: 'Folder', Profiles: ['basic', 'strict'] }, second: { Type: 'Folder', Profiles: ['basic'] } },
};
const TASK = {
  Row: 7, Instance: ID, Profile: 'basic', Store: 'output', State: 'Quarantined', Rule: 'conflict', Reason: 'conflict', Attempts: 3,
  LastUpdate: '20260102T030405',
};
const TASKS = 'GET deidentify/quarantine';

/** Show these tasks. */
async function page(tasks, query = '', more = {}) {
  const requests = answerJson({ [TASKS]: tasks, ...more });
  return { requests, ...await shown(quarantineView, { query, state: STATE }) };
}

const cells = (place) => textsOf(place, 'tbody td');

test('a row has the instance, profile and store, reason, and the buttons', async () => {
  const { place, requests } = await page([TASK]);
  assert.deepEqual(textsOf(place, 'th'), ['Instance', 'Profile and store', 'Reason', 'Since', 'Actions']);
  const [instance, target, reason] = cells(place);
  assert.deepEqual([instance, target], ['11111111', 'basic → output']);
  assert.equal(reason, 'conflict');
  assert.equal(place.querySelector('tbody a').getAttribute('href'), `../../app/explorer.html#instance?uuid=${ID}`);
  assert.deepEqual(requests, [[TASKS, { state: 'Quarantined', limit: '51' }, undefined]]);
});

test('only failed tasks have a count of attempts', async () => {
  const { place } = await page([{ ...TASK, State: 'Failed' }], 'state=Failed');
  assert.deepEqual(textsOf(place, 'th.number'), ['Attempts']);
  assert.deepEqual(textsOf(place, 'td.number'), ['3']);
});

test('a state that is not one of those held back is taken for the first of them', async () => {
  const { place, requests } = await page([], 'state=Delivered&rule=conflict');
  assert.deepEqual(requests[0][1], { state: 'Quarantined', rule: 'conflict', limit: '51' });
  assert.deepEqual(textsOf(place, '#held'), ['Nothing here.']);
  assert.deepEqual(textsOf(place, '.tabs a'), ['Quarantined 2', 'Failed 1', 'Lost 0']);
  assert.deepEqual(textsOf(place, '.tabs [aria-current=page]'), ['Quarantined 2']);
});

test('a quarantined task can be released by the other profiles of its store, and no other task', async () => {
  const { place } = await page([TASK, { ...TASK, Row: 8, Store: 'second' }, { ...TASK, Row: 9, Store: 'gone' }]);
  assert.deepEqual([...place.querySelectorAll('[data-key^=release-]')].map((each) => each.dataset.key), ['release-7']);
  assert.deepEqual(textsOf(place, 'select option'), ['strict']);
  assert.equal(place.querySelectorAll('tbody [data-key^=retry-]').length, 3);
  const failed = await page([{ ...TASK, State: 'Failed' }], 'state=Failed');
  assert.deepEqual([...failed.place.querySelectorAll('tbody button')].map((each) => each.dataset.key), ['retry-7']);
});

test('a release names the chosen profile', async () => {
  const { place, requests } = await page([TASK], '', { 'POST deidentify/quarantine/7/release': {} });
  await click(place, '[data-key=release-7]');
  assert.deepEqual(requests[1], ['POST deidentify/quarantine/7/release', {}, { Profile: 'strict' }]);
  assert.equal(requests[2][0], TASKS);
  assert.deepEqual(textsOf(place, '.notice.good'), ['Started by profile strict Jobs']);
});

test('a retry reports whether the task was still there to be retried', async () => {
  for (const [Retried, text] of [[1, '1 returned to the queue'], [0, 'It is being tried already, or was delivered since.']]) {
    const { place } = await page([TASK], '', { 'POST deidentify/quarantine/7/retry': { Retried } });
    await click(place, '[data-key=retry-7]');
    assert.deepEqual(textsOf(place, '.notice.good'), [text]);
  }
});

test('all of one state and rule are retried at once', async () => {
  const { place, requests } = await page([TASK], 'state=Failed&rule=conflict', { 'POST deidentify/quarantine/retry': { Retried: 5 } });
  await click(place, '[data-key=retry-all]');
  assert.deepEqual(requests[1].slice(2), [{ State: 'Failed', Rule: 'conflict' }]);
  assert.deepEqual(textsOf(place, '.notice.good'), ['5 returned to the queue']);
});

test('a refusal is shown, and the button can be pressed again', async () => {
  const { place, requests } = await page([TASK]);
  await click(place, '[data-key=retry-7]');
  assert.match(textsOf(place, '.notice.bad')[0], /no POST deidentify\/quarantine\/7\/retry/);
  await click(place, '[data-key=retry-7]');
  assert.equal(requests.filter(([key]) => key.startsWith('POST')).length, 2);
});

test('while an action is under way its button is disabled and does not repeat it', async () => {
  const { place, requests } = await page([TASK], '', { 'POST deidentify/quarantine/7/retry': { Retried: 1 } });
  const button = place.querySelector('[data-key=retry-7]');
  button.click();
  assert.equal(button.getAttribute('aria-disabled'), 'true');
  await click(place, '[data-key=retry-7]');
  assert.equal(requests.filter(([key]) => key.startsWith('POST')).length, 1);
  assert.equal(button.hasAttribute('aria-disabled'), false);
});

test('the next page is asked for with a greater limit', async () => {
  const { place, requests } = await page(Array.from({ length: 51 }, (_, Row) => ({ ...TASK, Row })));
  assert.equal(place.querySelectorAll('tbody tr').length, 50);
  await click(place, '[data-key=more]');
  assert.equal(requests.at(-1)[1].limit, '101');
  assert.equal(place.querySelectorAll('tbody tr').length, 51);
  assert.equal(place.querySelector('[data-key=more]'), null);
});

test('after the view was left nothing is read', async () => {
  const { requests, leave } = await page([TASK]);
  await passTime();
  assert.equal(requests.length, 2);
  leave();
  await passTime();
  assert.equal(requests.length, 2);
});
