// The preview of a de-identification: the changes and the verdict of each instance, by the chosen profile.

import assert from 'node:assert/strict';
import test from 'node:test';

import { answerFetch, answerJson, browser, served, settled, shown, textsOf } from './browser.mjs';

browser('en');
const { previewView } = await served('preview.js');

const STATE = { DefaultProfile: 'neutral', Profiles: { basic: '', neutral: '' } };
const CHANGE = { Path: '(0008,1111)[1].(0010,0010)', Name: 'PatientName', VR: 'PN', Before: '<b>Doe', After: null, Action: 'Z', Rule: 'table' };
const INSTANCE = { Instance: '33333333-4', Deliverable: true, Rule: '', Reason: '', Notes: [], Changes: [CHANGE] };
const PATH = 'GET studies/11111111-2/deidentify-preview';
const REST = ['studies', '11111111-2'];

/** Show a preview with these instances. */
async function page(Instances, { Stores = ['output'], query = '' } = {}) {
  const requests = answerJson({ [PATH]: { Stores, Instances } });
  return { requests, ...await shown(previewView, { rest: REST, query, state: STATE }) };
}

test('a change has its path, values as text, action and rule', async () => {
  const { place } = await page([{ ...INSTANCE, Changes: [CHANGE, { ...CHANGE, Before: null, After: 'x', Action: '' }] }]);
  assert.deepEqual(textsOf(place, 'tbody td'), [
    CHANGE.Path, 'PatientName', 'PN', '<b>Doe', '(removed)', 'Z', 'table', CHANGE.Path, 'PatientName', 'PN', '(none)', 'x', '+', 'table']);
  assert.equal(place.querySelector('tbody b'), null);
});

test('an instance that would be held back has its reason instead of the verdict', async () => {
  const { place } = await page([INSTANCE, { ...INSTANCE, Deliverable: false, Rule: 'conflict', Changes: [] }]);
  assert.deepEqual(textsOf(place, 'section > .notice'), ['The verifier accepts the result.', 'It would be quarantined: conflict']);
  assert.equal(place.querySelectorAll('table').length, 1);
});

test('the profile of the address is used if it exists, otherwise the default', async () => {
  for (const [query, profile] of [['profile=basic', 'basic'], ['profile=none', 'neutral'], ['', 'neutral']]) {
    const { place, requests } = await page([INSTANCE], { query });
    assert.deepEqual(requests, [[PATH, { profile }, undefined]]);
    assert.equal(place.querySelector('#profile').value, profile);
  }
});

test('a profile that no store admits is marked as such', async () => {
  const { place } = await page([INSTANCE], { Stores: [] });
  assert.deepEqual(textsOf(place, '#preview-list > .notice'), ['No store admits this profile.']);
});

test('the filter is kept for the next profile, and a late answer for the last one is dropped', async () => {
  const { place } = await page([INSTANCE]);
  place.querySelector('#filter').value = 'birth';
  const select = place.querySelector('#profile');
  answerFetch((address) => {
    const late = address.includes('profile=basic');
    const Changes = late ? [CHANGE] : [CHANGE, { ...CHANGE, Name: 'PatientBirthDate' }];
    return [200, JSON.stringify({ Stores: ['output'], Instances: [{ ...INSTANCE, Changes }] })];
  });
  const answered = globalThis.fetch;
  let release = () => {};
  globalThis.fetch = (address, options) => (String(address).includes('profile=basic')
    ? new Promise((resolve) => { release = () => resolve(answered(address, options)); }) : answered(address, options));
  for (const name of ['basic', 'neutral']) {
    select.value = name;
    select.dispatchEvent(new Event('change'));
  }
  await settled();
  release();
  await settled();
  assert.deepEqual([...place.querySelectorAll('tbody tr')].map((row) => row.hidden), [true, false]);
});

test('a refusal is shown instead of the changes of the last profile', async () => {
  const { place } = await page([INSTANCE]);
  answerJson({});
  place.querySelector('#profile').dispatchEvent(new Event('change'));
  await settled();
  assert.equal(place.querySelector('#preview-list').children.length, 0);
  assert.match(textsOf(place, '.notice.bad')[0], /no GET studies/);
});
