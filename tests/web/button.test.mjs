// The panel on the pages of Orthanc Explorer: what can be chosen, how a job is followed, and where its results are.

import assert from 'node:assert/strict';
import test from 'node:test';

import { answerJson, browser, click, passTime, served, settled, textsOf } from './browser.mjs';

browser('en');
globalThis.$ = () => ({ listview() {} });
const { show } = await served('button.js');

const ID = '11111111-22222222-33333333-44444444-55555555';
const STATUS = {
  DefaultProfile: 'neutral',
  Profiles: { basic: 'about basic', neutral: 'about neutral', closed: 'no store admits it' },
  Stores: { output: { Type: 'Folder', Profiles: ['basic', 'neutral'] }, third: { Type: 'Shelf', Profiles: ['basic'] } },
};
const JOB = { ID: '1', State: 'Success', Progress: 100, Profile: 'basic', Stores: ['third'], Delivered: 3, Reasons: [] };
const RESULT = { Profile: 'basic', Store: 'third', PatientID: 'P1', StudyInstanceUID: '2.25.1', Instances: 3 };
const STUDY = { State: 'Delivered', Instances: 3, Unknown: 0, Counts: { Delivered: 3 }, Results: [], Works: [] };

/** Show the panel on the page of a study; `answers` are those of the routes, by "METHOD path". */
async function panel(answers = {}) {
  const list = document.createElement('ul');
  list.innerHTML = '<li id="study-delete"></li>';
  document.getElementById('main').replaceChildren(list);
  const requests = answerJson({
    'GET deidentify': STATUS,
    [`POST studies/${ID}/deidentify`]: { ID: '1', Path: '/deidentify/jobs/1' },
    'GET deidentify/jobs/1': JOB,
    ...answers,
  });
  show('study', ID);
  await settled();
  return { place: document.getElementById('deidentify'), requests };
}

const withResults = (...results) => ({ [`GET deidentify/studies/${ID}`]: { ...STUDY, State: 'Unknown', Results: results } });

test('what some store admits can be chosen, and is what the job is started with', async () => {
  const { place, requests } = await panel();
  assert.deepEqual(textsOf(place, '#deidentify-profile option'), ['basic', 'neutral']);
  const profile = place.querySelector('#deidentify-profile');
  assert.equal(profile.value, 'neutral');
  profile.value = 'basic';
  profile.dispatchEvent(new Event('change'));
  assert.deepEqual(textsOf(place, '#deidentify-store option'), ['output', 'third']);
  place.querySelector('#deidentify-store').value = 'third';
  await click(place, '#deidentify-start');
  assert.deepEqual(requests.find(([key]) => key.startsWith('POST'))[2], { Profile: 'basic', Store: 'third', Asynchronous: true });
});

test('the location of a result is shown for a store of any type', async () => {
  const { place } = await panel(withResults({ ...RESULT, Location: { Text: 'upper/2.25.1' }, Shelf: 'upper' }));
  await click(place, '#deidentify-start');
  assert.deepEqual(textsOf(place, '.deidentify-result').slice(1), ['Results are in upper/2.25.1']);
});

test('a result with a page is a link, unless the address is not of http or https', async () => {
  const links = ['http://peer/app/explorer.html#study?uuid=id', 'javascript:alert(1)'];
  const { place } = await panel(withResults(...links.map((Link) => ({ ...RESULT, Location: { Text: 'id', Link } }))));
  await click(place, '#deidentify-start');
  assert.deepEqual(textsOf(place, '.deidentify-result').slice(1), ['Open the result', 'Results are in id']);
  assert.deepEqual([...place.querySelectorAll('.deidentify-result a[target=_blank]')].map((each) => each.href), [links[0]]);
});

test('only results by the profile and in the stores of the job are shown', async () => {
  const Location = { Text: 'elsewhere' };
  const { place } = await panel(withResults({ ...RESULT, Store: 'output', Location }, { ...RESULT, Profile: 'neutral', Location }));
  await click(place, '#deidentify-start');
  assert.equal(place.querySelectorAll('.deidentify-result').length, 1);
});

test('a job is followed until it has ended', async () => {
  const running = { ...JOB, State: 'Running', Progress: 40 };
  const { place } = await panel({ 'GET deidentify/jobs/1': running });
  const status = place.querySelector('#deidentify-status');
  await click(place, '#deidentify-start');
  assert.equal(status.dataset.state, 'Running');
  assert.match(status.textContent, /40/);
  answerJson({});
  await passTime();
  assert.equal(status.textContent, 'Orthanc does not answer; trying again…');
  answerJson({ 'GET deidentify/jobs/1': JOB });
  await passTime();
  assert.equal(status.dataset.state, 'Success');
  assert.match(status.textContent, /Delivered 3$/);
});

test('a job is started once, and again after a refusal', async () => {
  const { place } = await panel();
  const requests = answerJson({});
  place.querySelector('#deidentify-start').click();
  await click(place, '#deidentify-start');
  assert.equal(requests.length, 1);
  assert.equal(place.querySelector('#deidentify-status').dataset.state, 'Refused');
  await click(place, '#deidentify-start');
  assert.equal(requests.length, 2);
});

test('a study that was de-identified before shows how that ended', async () => {
  const { place } = await panel({ [`GET deidentify/studies/${ID}`]: { ...STUDY, State: 'Partial' } });
  const status = place.querySelector('#deidentify-status');
  assert.deepEqual([status.textContent, status.dataset.state], ['De-identified in part.', 'PastPartial']);
  const untouched = await panel(withResults());
  assert.equal(untouched.place.querySelector('#deidentify-status').textContent, '');
});

test('the panel of the last page is taken away', async () => {
  await panel();
  show('study', undefined);
  assert.equal(document.getElementById('deidentify'), null);
});
