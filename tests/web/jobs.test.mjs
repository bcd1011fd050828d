// The list of jobs: the cells of a row by the job's state, and cancel and retry.

import assert from 'node:assert/strict';
import test from 'node:test';

import { answerJson, browser, click, passTime, served, shown, textsOf } from './browser.mjs';

browser('en');
const { jobsView } = await served('jobs.js');

const STUDY = '11111111-22222222-33333333-44444444-55555555';
const JOB = {
  ID: 'j1', State: 'Running', Progress: 40, Resource: `/studies/${STUDY}`, Profile: 'basic', Stores: ['output', 'second'],
  CreationTime: '20260102T030405', Total: 1200, Delivered: 480, Duplicate: 0, Quarantined: 0, Failed: 0, Lost: 0, Cancelled: 0, Reasons: [],
};
const JOBS = 'GET deidentify/jobs';

/** Show these jobs. */
async function page(jobs, more = {}) {
  const requests = answerJson({ [JOBS]: jobs, ...more });
  return { requests, ...await shown(jobsView) };
}

const actions = (place) => [...place.querySelectorAll('button')].map((each) => each.dataset.key);

test('a job under way shows its progress and can be cancelled', async () => {
  const { place, requests } = await page([JOB, { ...JOB, ID: 'j2', State: 'Pending', Progress: 0 }], { 'POST deidentify/jobs/j1/cancel': {} });
  assert.deepEqual([...place.querySelectorAll('progress')].map((each) => each.value), [40, 0]);
  const [state, resource, target, , total] = textsOf(place, 'tbody td');
  assert.deepEqual([state, resource, target, total], ['Running 40 %', 'Study 11111111', 'basic → output, second', '1,200']);
  assert.deepEqual(actions(place), ['cancel-j1', 'cancel-j2']);
  await click(place, '[data-key=cancel-j1]');
  assert.deepEqual(requests.map(([key]) => key), [JOBS, 'POST deidentify/jobs/j1/cancel', JOBS]);
  assert.deepEqual(textsOf(place, '.notice.good'), ['Cancelled']);
});

test('a job that has ended shows its counts, and can be retried where something was not delivered', async () => {
  const ended = { ...JOB, Progress: 100 };
  const jobs = [
    { ...ended, ID: 'all', State: 'Success', Delivered: 1200 },
    { ...ended, ID: 'some', State: 'Partial', Delivered: 1199, Lost: 1 },
    { ...ended, ID: 'cancelled', State: 'Cancelled', Delivered: 1, Cancelled: 1199 },
  ];
  const { place, requests } = await page(jobs, { 'POST deidentify/jobs/some/retry': {} });
  assert.equal(place.querySelector('progress'), null);
  assert.deepEqual(textsOf(place, 'tbody td:first-child .soft'), ['Delivered 1,200', 'Delivered 1,199, Lost 1', 'Delivered 1, Cancelled 1,199']);
  assert.deepEqual(actions(place), ['retry-some', 'retry-cancelled']);
  await click(place, '[data-key=retry-some]');
  assert.equal(requests[1][0], 'POST deidentify/jobs/some/retry');
  assert.deepEqual(textsOf(place, '.notice.good'), ['Started']);
});

test('only a study has a page to link to', async () => {
  const { place } = await page([JOB, { ...JOB, ID: 'j2', Resource: '/series/66666666-7' }]);
  assert.deepEqual(textsOf(place, 'tbody td:nth-child(2)'), ['Study 11111111', 'Series 66666666']);
  assert.deepEqual([...place.querySelectorAll('tbody a')].map((each) => each.getAttribute('href')), [`#study/${STUDY}`]);
});

test('progress is drawn and announced as it changes', async () => {
  const { place } = await page([JOB]);
  const row = place.querySelector('tbody tr');
  await passTime();
  assert.equal(place.querySelector('tbody tr'), row, 'the same answer draws nothing');
  answerJson({ [JOBS]: [{ ...JOB, State: 'Success', Progress: 100 }] });
  await passTime();
  assert.notEqual(place.querySelector('tbody tr'), row);
  assert.equal(document.getElementById('live').textContent, 'Study 11111111: Done 100 %');
});

test('a failure is shown until an answer comes', async () => {
  const { place } = await page([]);
  assert.deepEqual(textsOf(place, '#jobs'), ['No job was started yet.']);
  answerJson({});
  await passTime();
  const note = place.querySelector('.notice');
  assert.deepEqual([note.hidden, note.className], [false, 'notice bad']);
  answerJson({ [JOBS]: [JOB] });
  await passTime();
  assert.equal(note.hidden, true);
  assert.equal(place.querySelectorAll('tbody tr').length, 1);
});
