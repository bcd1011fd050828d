// The page of one study: its results with their location, its tasks, and the start of a job.

import assert from 'node:assert/strict';
import test from 'node:test';

import { answerJson, browser, click, passTime, served, shown, textsOf } from './browser.mjs';

browser('en');
const { studyView } = await served('study.js');

const ID = '11111111-22222222-33333333-44444444-55555555';
const STATE = {
  DefaultProfile: 'neutral',
  Profiles: { basic: 'about basic', neutral: 'about neutral' },
  Stores: { output: { Type: 'Folder', Profiles: ['basic', 'neutral'] }, third: { Type: 'Shelf', Profiles: ['basic'] } },
};
const RESULT = { Profile: 'basic', Store: 'third', PatientID: 'P1', StudyInstanceUID: '2.25.1', Instances: 3 };
const TASK = { Instance: ID, Profile: 'basic', Store: 'output', Rule: '', Reason: '', Attempts: 1, LastUpdate: '20260102T030405' };
const STUDY = { State: 'Delivered', Instances: 3, Unknown: 0, Counts: { Delivered: 3 }, Results: [], Works: [] };

/** Show the study with these values. */
async function page(values = {}) {
  const requests = answerJson({ [`GET deidentify/studies/${ID}`]: { ...STUDY, ...values }, [`POST studies/${ID}/deidentify`]: {} });
  return { requests, ...await shown(studyView, { rest: [ID], state: STATE }) };
}

test('the location of a result is the text of its store, of whatever type', async () => {
  const { place } = await page({ Results: [{ ...RESULT, Location: { Text: 'upper/2.25.1' }, Shelf: 'upper' }] });
  assert.deepEqual(textsOf(place, 'tbody td'), ['basic → third', 'P1', '2.25.1', '3', 'upper/2.25.1']);
});

test('the location of a result is a link where the store gives a page of http or https', async () => {
  const locations = [{ Text: 'id', Link: 'https://peer/app/explorer.html#study?uuid=id' }, { Text: 'id', Link: 'javascript:alert(1)' }, undefined];
  const { place } = await page({ Results: locations.map((Location) => ({ ...RESULT, Location })) });
  const cells = [...place.querySelectorAll('tbody td:last-child')];
  assert.deepEqual(cells.map((each) => each.textContent), ['Open the result', 'id', '']);
  assert.deepEqual(cells.map((each) => each.querySelector('a')?.href), ['https://peer/app/explorer.html#study?uuid=id', undefined, undefined]);
});

test('tasks that are held back come first and can be tried again, then open ones, then the rest', async () => {
  const states = ['Delivered', 'Pending', 'Quarantined', 'Lost'];
  const Works = states.map((State, Row) => ({ ...TASK, State, Row }));
  const { place } = await page({ State: 'Partial', Works });
  assert.deepEqual(textsOf(place, 'tbody td:first-child'), ['Quarantined', 'Lost', 'Waiting', 'Delivered']);
  assert.deepEqual([...place.querySelectorAll('[data-key^=retry-]')].map((each) => each.dataset.key), ['retry-2', 'retry-3']);
});

test('of many tasks the first 200 are shown until all are asked for', async () => {
  const { place } = await page({ Works: Array.from({ length: 201 }, (_, Row) => ({ ...TASK, State: 'Delivered', Row })) });
  assert.equal(place.querySelectorAll('tbody tr').length, 200);
  await click(place, '#study-state section > p > button');
  assert.equal(place.querySelectorAll('tbody tr').length, 201);
});

test('a profile offers the stores that admit it, and the job is started with both', async () => {
  const { place, requests } = await page();
  const profile = place.querySelector('#profile');
  assert.equal(profile.value, 'neutral');
  assert.deepEqual(textsOf(place, '#store option'), ['output']);
  profile.value = 'basic';
  profile.dispatchEvent(new Event('change'));
  assert.deepEqual(textsOf(place, '#store option'), ['output', 'third']);
  assert.deepEqual(textsOf(place, '#profile-description'), ['about basic']);
  place.querySelector('#store').value = 'third';
  await click(place, '[data-key=start]');
  assert.deepEqual(requests.find(([key]) => key.startsWith('POST')), [`POST studies/${ID}/deidentify`, {}, { Profile: 'basic', Store: 'third' }]);
  assert.deepEqual(textsOf(place, '.notice.good'), ['Started. Jobs']);
});

test('a new state of the study is announced', async () => {
  const { place } = await page({ State: 'Pending' });
  answerJson({ [`GET deidentify/studies/${ID}`]: { ...STUDY, State: 'Withheld' } });
  await passTime();
  assert.deepEqual(textsOf(place, '#study-word'), ['Nothing released']);
  assert.equal(document.getElementById('live').textContent, 'Nothing released');
});

test('a study that Orthanc does not hold cannot be started', async () => {
  answerJson({});
  const { place } = await shown(studyView, { rest: [ID], state: STATE });
  assert.deepEqual(textsOf(place, '#study-state'), ['Orthanc knows no such study.']);
  assert.equal(place.querySelector('[data-key=start]').closest('[hidden]') !== null, true);
});
