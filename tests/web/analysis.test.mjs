// The values of the analysis as its tables show them.

import assert from 'node:assert/strict';
import test from 'node:test';

import { browser, served } from './browser.mjs';

browser('en');
const { valueOf } = await served('analysis.js');
const { ANALYSIS } = await served('catalogue.js');
const { t } = await served('words.js');

const SHARES = { Table: 0.25, TableOrPrivate: 0.5, TableOrPrivateOrVr: 0.75 };
const SCOPE = {
  Kind: 'all', Name: '', Instances: 1, Suspected: 4, Attributes: 2, Occurrences: 3,
  ByAttribute: SHARES, ByOccurrence: { ...SHARES, Table: 1 },
};

test('a table of scopes has a count or a share under every heading', () => {
  assert.deepEqual(ANALYSIS.ScopeColumns.map(([title, field]) => `${t(title)}: ${valueOf(SCOPE, field)}`), [
    'Instances: 1', 'Attributes: 2', 'Table: 25%', 'or private: 50%', 'or by VR: 75%',
    'Elements: 3', 'Table: 100%', 'or private: 50%', 'or by VR: 75%', 'Suspected: 4',
  ]);
});
