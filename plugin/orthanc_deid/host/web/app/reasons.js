// Rules, reasons and findings in Russian; in English they are shown as the ledger has them. `report/catalogue.py`
// translates in the same way, with the same table.

import { REASONS } from './catalogue.js';
import { language } from './words.js';

const BETWEEN = /(: |; | \(|\))/;
const HOLE = '{}';

/** @param {string} text */
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** @type {[RegExp, string][]} */
const PATTERNS = Object.keys(REASONS).filter((each) => each.includes(HOLE)).sort((one, other) => other.length - one.length)
  .map((each) => [new RegExp(`^${each.split(HOLE).map(escaped).join('(.+)')}$`), REASONS[each]]);

/**
 * @param {string} text
 * @returns {string}
 */
function phrase(text) {
  if (Object.hasOwn(REASONS, text)) return REASONS[text];
  for (const [pattern, russian] of PATTERNS) {
    const found = pattern.exec(text);
    if (found) return russian.replace(HOLE, () => phrase(found[1]));
  }
  return text;
}

/**
 * A rule, a reason or a finding in the reader's language; phrases that the table does not have stay English.
 *
 * @param {string} text
 */
export const translated = (text) => (language === 'ru' ? text.split(BETWEEN).map(phrase).join('') : text);
