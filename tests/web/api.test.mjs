// Requests: addresses, bodies, and what is an error.

import assert from 'node:assert/strict';
import test from 'node:test';

import { answerFetch, browser, served } from './browser.mjs';

browser('en');
const { Refused, get, getOrNull, post } = await served('api.js');
const ROOT = new URL('../../', new URL('../../build/web/api.js', import.meta.url)).href;

/** Record what is asked, and answer it. */
function asked(status, content) {
  const found = [];
  answerFetch((address, options) => {
    found.push([options.method, address, options.body]);
    return [status, typeof content === 'string' ? content : JSON.stringify(content)];
  });
  return found;
}

test('addresses are relative to the module, and parameters without a value are left out', async () => {
  const found = asked(200, { Answer: 1 });
  assert.deepEqual(await get('deidentify/quarantine', { state: 'Failed', rule: '', limit: 51, more: null }), { Answer: 1 });
  await get('deidentify', { rule: undefined });
  assert.deepEqual(found, [
    ['GET', `${ROOT}deidentify/quarantine?state=Failed&limit=51`, undefined],
    ['GET', `${ROOT}deidentify`, undefined],
  ]);
});

test('what is posted is JSON', async () => {
  const found = asked(200, {});
  await post('studies/1/deidentify', { Profile: 'basic' });
  await post('deidentify/jobs/1/cancel');
  assert.deepEqual(found.map(([method, , body]) => [method, body]), [['POST', '{"Profile":"basic"}'], ['POST', '{}']]);
});

test('the message of an error is the route\'s, else Orthanc\'s, else that of HTTP', async () => {
  for (const [content, words] of [[{ Details: 'no such', Message: 'other' }, 'no such'], [{ Message: 'Bad' }, 'Bad'], ['<html>', 'as HTTP names it']]) {
    asked(403, content);
    await assert.rejects(get('x'), (error) => error instanceof Refused && error.status === 403 && error.message === words);
  }
});

test('the state is an answer with 503 too', async () => {
  asked(503, { State: 'Impaired', Trouble: 'the ledger does not answer' });
  assert.equal((await get('deidentify')).State, 'Impaired');
});

test('where nobody answers the status is 0', async () => {
  answerFetch(() => { throw new TypeError('network'); });
  await assert.rejects(get('x'), (error) => error instanceof Refused && error.status === 0);
});

test('what is not there is null, and another error stays one', async () => {
  asked(404, { Details: 'no' });
  assert.equal(await getOrNull('studies/1'), null);
  asked(500, { Details: 'no' });
  await assert.rejects(getOrNull('studies/1'), Refused);
});
