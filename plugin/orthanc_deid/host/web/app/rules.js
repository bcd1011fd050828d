// Rules, reasons and findings in Russian; in English they stand as the ledger has them. The words are those of the
// reports (`report/russian.json`), and are put together as `report/russian.py` does it.

import RUSSIAN from './russian.js';
import { language } from './texts.js';

const BETWEEN = /(: |; | \(|\))/;
const HOLE = '{}';

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const HOLED = Object.keys(RUSSIAN).filter((each) => each.includes(HOLE)).sort((one, other) => other.length - one.length)
  .map((each) => [new RegExp(`^${each.split(HOLE).map(escaped).join('(.+)')}$`), RUSSIAN[each]]);

function phrase(text) {
  if (Object.hasOwn(RUSSIAN, text)) return RUSSIAN[text];
  for (const [pattern, russian] of HOLED) {
    const found = pattern.exec(text);
    if (found) return russian.replace(HOLE, () => phrase(found[1]));
  }
  return text;
}

/** A rule, a reason or a finding in the reader's language, as far as it is known. */
export const inWords = (text) => (language === 'ru' ? text.split(BETWEEN).map(phrase).join('') : text);
