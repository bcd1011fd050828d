// The overview: tiles, rules by count, partial studies, stores, and the search for a study.

import assert from 'node:assert/strict';
import test from 'node:test';

import { answerFetch, answerJson, browser, passTime, served, settled, shown, textsOf } from './browser.mjs';

browser('en');
const { overviewView } = await served('overview.js');

const ID = '11111111-22222222-33333333-44444444-55555555';
const STATE = {
  Version: '0.1.0', Pending: 3, Delivered: 1200, Duplicate: 5, Quarantined: 2, Failed: 0, Lost: 1, Ignored: 0, OldestPendingSeconds: 7200,
  Stores: { output: { Type: 'Folder', Profiles: ['basic', 'neutral'] }, third: { Type: 'Shelf', Profiles: ['basic'] } },
};
const REPORT = { Rules: {}, Tags: [], TagsComplete: true, Hours: [], PartialStudies: [] };

/** Show the overview with these values of the report. */
async function page(report = {}, state = STATE) {
  const requests = answerJson({ 'GET deidentify/report': { ...REPORT, ...report } });
  return { requests, ...await shown(overviewView, { state }) };
}

const tile = (place, key) => textsOf(place, `#tile-${key} b, #tile-${key} span`);
const links = (place, selector) => [...place.querySelectorAll(selector)].map((each) => each.getAttribute('href'));

test('a tile has its count and what it counts; the held ones link to their list', async () => {
  const { place } = await page();
  assert.deepEqual(tile(place, 'Pending'), ['3', 'the oldest for 2 hours']);
  assert.deepEqual(tile(place, 'Delivered'), ['1,200', 'verified and stored', '5 more were already there']);
  assert.deepEqual(tile(place, 'Failed').slice(0, 1), ['0']);
  assert.deepEqual(links(place, '.tiles a'), ['#jobs', '#held?state=Quarantined', '#held?state=Failed', '#held?state=Lost']);
  assert.deepEqual(textsOf(place, '#ignored'), ['']);
});

test('the tiles follow the state until the view is left', async () => {
  const { place, site, leave } = await page();
  for (const listener of site.listeners) listener({ ...STATE, Pending: 0, OldestPendingSeconds: null, Ignored: 4 });
  assert.deepEqual(tile(place, 'Pending'), ['0', 'instances not finished yet']);
  assert.match(textsOf(place, '#ignored')[0], /^4 instances/);
  leave();
  assert.equal(site.listeners.size, 0);
});

test('before the first state there are no tiles and no stores', async () => {
  const { place } = await page({}, { Version: '', Stores: {} });
  assert.equal(place.querySelector('.tile'), null);
  assert.ok(!textsOf(place, 'h2').includes('Stores'));
});

test('rules are listed by count over all states, the state itself where there is no rule', async () => {
  const Rules = { Quarantined: { conflict: 2, 'a rule & more': 9 }, Lost: { '': 4 }, Delivered: { none: 99 } };
  const { place } = await page({ Rules });
  assert.deepEqual(textsOf(place, '.bars .number'), ['9', '4', '2']);
  assert.deepEqual(textsOf(place, '.bars a').slice(0, 2), ['a rule & more', 'Lost']);
  assert.deepEqual(links(place, '.bars a'), [
    '#held?state=Quarantined&rule=a+rule+%26+more', '#held?state=Lost&rule=', '#held?state=Quarantined&rule=conflict']);
});

test('twelve tags are shown, and a count over some instances only is called so', async () => {
  const Tags = Array.from({ length: 13 }, (_, index) => ({ State: 'Quarantined', Tag: '(0010,0010)', Keyword: `K${index}`, Count: 20 - index }));
  const { place } = await page({ Tags, TagsComplete: false });
  assert.equal(place.querySelectorAll('.bars .track').length, 12);
  assert.ok(textsOf(place, '#report p.soft').includes('Counted over the first instances of each state.'));
});

test('a partial study has what was delivered and what is held back', async () => {
  const { place } = await page({ PartialStudies: [{ ID, State: 'Partial', Delivered: 3, Duplicate: 2, Quarantined: 1, Failed: 1, Lost: 1 }] });
  assert.deepEqual(textsOf(place, '#report tbody td').slice(0, 1), ['11111111']);
  assert.deepEqual(textsOf(place, '#report tbody td.number'), ['5', '3']);
  assert.deepEqual(links(place, '#report tbody a'), [`#study/${ID}`]);
});

test('the stores are listed with their type and profiles', async () => {
  const { place } = await page();
  assert.deepEqual(textsOf(place, 'tbody td'), ['output', 'Folder', 'basic, neutral', 'third', 'Shelf', 'basic']);
});

test('an unchanged report is not drawn again', async () => {
  const { place, requests } = await page();
  const drawn = place.querySelector('#report').firstChild;
  await passTime();
  assert.equal(requests.length, 2);
  assert.equal(place.querySelector('#report').firstChild, drawn);
});

/** Type a text into the search and send it; returns the requests that followed, and the hash. */
async function search(place, text, answers) {
  location.hash = '#overview';
  const requests = [];
  answerFetch((address, { method, body }) => {
    requests.push([method, new URL(address).pathname.split('/').slice(-2).join('/'), body && JSON.parse(body).Query]);
    const answer = answers.shift();
    return [answer ? 200 : 404, JSON.stringify(answer ?? {})];
  });
  place.querySelector('#open-study').value = text;
  place.querySelector('form').dispatchEvent(new Event('submit', { cancelable: true }));
  await settled();
  return { requests, hash: location.hash };
}

test('a study is found by its Orthanc identifier, its UID or its accession number', async () => {
  const { place } = await page();
  const byId = await search(place, ` ${ID} `, [{ ID }]);
  assert.deepEqual(byId, { requests: [['GET', `studies/${ID}`, undefined]], hash: `#study/${ID}` });
  const byUid = await search(place, '2.25.1', [[ID]]);
  assert.deepEqual(byUid, { requests: [['POST', 'tools/find', { StudyInstanceUID: '2.25.1' }]], hash: `#study/${ID}` });
  const byNumber = await search(place, 'A1', [[], [ID]]);
  assert.deepEqual(byNumber.requests.map(([, , query]) => query), [{ StudyInstanceUID: 'A1' }, { AccessionNumber: 'A1' }]);
  assert.equal(byNumber.hash, `#study/${ID}`);
});

test('a study that is unknown or ambiguous is not opened', async () => {
  for (const [text, answers] of [[ID, []], ['A1', [[], []]], ['A1', [[], [ID, 'other']]]]) {
    const { place } = await page();
    assert.equal((await search(place, text, answers)).hash, '#overview');
    assert.deepEqual(textsOf(place, '.notice.bad'), ['Orthanc knows no such study.']);
  }
});
