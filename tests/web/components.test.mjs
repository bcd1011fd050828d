// Elements, tables, reasons, and who may be chosen.

import assert from 'node:assert/strict';
import test from 'node:test';

import { browser, served, textsOf } from './browser.mjs';

browser('en');
const { h, table } = await served('dom.js');
const { countsOf, isUnderWay, locationOf, narrow, reasonOf, stateMark, storesFor, sumOf, usableProfiles } = await served('components.js');
const { outcomeOf } = await served('button.js');
const { STATES } = await served('catalogue.js');

const JOB = { ID: '1', State: 'Partial', Progress: 100, Stores: ['output', 'second'], Delivered: 1, Duplicate: 0, Quarantined: 2, Failed: 0, Lost: 1, Reasons: [] };

test('data become text, attributes and listeners, never markup', () => {
  let clicks = 0;
  const pressed = () => { clicks += 1; };
  const made = h('button', { title: '<b>', disabled: true, hidden: false, 'data-key': null, onclick: pressed }, '<i>', [1, null, ['two']], false);
  assert.deepEqual([...made.attributes].map(({ name, value }) => [name, value]), [['title', '<b>'], ['disabled', '']]);
  assert.deepEqual([...made.childNodes].map((each) => each.textContent), ['<i>', '1', 'two']);
  assert.equal(made.children.length, 0);
  made.dispatchEvent(new Event('click'));
  assert.equal(clicks, 1);
});

test('a table has a caption, headings and cells by their columns', () => {
  const made = table('Jobs', [{ title: 'State' }, { title: 'Count', number: true, kind: 'keep' }], [['Done', 3], ['Failed', 4]]);
  assert.deepEqual(textsOf(made, 'caption'), ['Jobs']);
  assert.deepEqual(textsOf(made, 'th'), ['State', 'Count']);
  assert.deepEqual(textsOf(made, 'td'), ['Done', '3', 'Failed', '4']);
  assert.equal(made.querySelectorAll('tbody td')[1].className, 'number keep');
});

test('a state is a word, by what it is the state of', () => {
  assert.equal(stateMark('Pending').textContent, 'Waiting');
  assert.equal(stateMark('Withheld', 'studyState').textContent, 'Nothing released');
  assert.equal(stateMark('Success', 'jobState').textContent, 'Done');
});

test('the ledger\'s states come in groups', () => {
  assert.deepEqual(STATES.Held, ['Quarantined', 'Failed', 'Lost']);
  assert.deepEqual(STATES.Sent, ['Delivered', 'Duplicate']);
  assert.equal(sumOf(JOB, STATES.Held), 3);
});

test('of many findings three are shown, and the rule where the reason does not begin with it', () => {
  const task = { Row: 7, Rule: 'verification', Reason: 'one; two; three; four; five' };
  const [rule, first, rest] = reasonOf(task);
  assert.equal(rule.textContent, 'verification');
  assert.deepEqual(first.map((each) => each.textContent), ['one', 'two', 'three']);
  assert.deepEqual(textsOf(rest, 'summary'), ['2 more findings']);
  assert.deepEqual(textsOf(rest, 'div'), ['four', 'five']);
  assert.deepEqual(reasonOf({ Row: 7, Rule: 'conflict', Reason: 'conflict' })[0], null);
});

test('only profiles that some store admits can be chosen, the default first', () => {
  const state = {
    DefaultProfile: 'neutral',
    Profiles: { basic: '', neutral: '', strict: '' },
    Stores: { output: { Type: 'Folder', Profiles: ['basic', 'neutral'] }, second: { Type: 'Folder', Profiles: ['basic'] } },
  };
  assert.deepEqual(usableProfiles(state), ['neutral', 'basic']);
  assert.deepEqual(storesFor(state, 'basic'), ['output', 'second']);
  assert.deepEqual(storesFor(state, 'strict'), []);
});

test('a location is a link only by http or https, otherwise text, whatever the type of the store', () => {
  const at = (Location) => locationOf({ Location });
  assert.deepEqual(at({ Text: 'upper/1' }), { text: 'upper/1', link: null });
  assert.deepEqual(at({ Text: '1', Link: 'https://peer/study?1' }), { text: '1', link: 'https://peer/study?1' });
  for (const Link of ['javascript:alert(1)', 'data:text/html,x', 'http:evil', ' https://peer/']) {
    assert.deepEqual(at({ Text: '1', Link }), { text: '1', link: null });
  }
  assert.deepEqual(at(undefined), { text: '', link: null });
});

test('a table is narrowed to the rows that contain a text, in letters of either case', () => {
  const made = table('Tags', [{ title: 'Tag' }], [['(0010,0010) PatientName'], ['(0008,0060) Modality']]);
  const hidden = () => [...made.querySelectorAll('tbody tr')].map((row) => row.hidden);
  narrow(made, ' patientname ');
  assert.deepEqual(hidden(), [false, true]);
  narrow(made, '');
  assert.deepEqual(hidden(), [false, false]);
});

test('the counts of a job above 0 are listed', () => {
  assert.deepEqual(countsOf(JOB), ['Delivered 1', 'Quarantined 2', 'Lost 1']);
  assert.equal(isUnderWay(JOB), false);
  assert.equal(isUnderWay({ ...JOB, State: 'Running' }), true);
});

test('the button says how a job ended, with three reasons at most', () => {
  const Reasons = ['a', 'b', 'c', 'd'].map((Reason, index) => ({ Reason, Count: index + 1 }));
  assert.deepEqual(outcomeOf({ ...JOB, Reasons }).split('\n'), [
    'Done in part: not every instance could be released.', 'Delivered 1, quarantined 2, lost 1',
    'Held back (1): a', 'Held back (2): b', 'Held back (3): c', 'and further reasons',
  ]);
  assert.equal(
    outcomeOf({ ...JOB, State: 'Success', Quarantined: 0, Lost: 0 }),
    'Done: every instance is in the store output, second.\nDelivered 1');
});
