// The words of the catalogue, numbers and times in the reader's language: the browser's first that is English or Russian.

import { WORDS } from './catalogue.js';

/** @typedef {import('./catalogue.js').Language} Language */
/** @typedef {import('./catalogue.js').Word} Word */

/** @returns {Language} */
function chosen() {
  const wished = navigator.languages && navigator.languages.length ? navigator.languages : [navigator.language || 'en'];
  for (const each of wished) {
    const language = each.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'ru') return language;
  }
  return 'en';
}

export const language = chosen();

/**
 * The words under a key, `{0}`, `{1}` filled in; of a key that is not known, its last part.
 *
 * @param {Word} key
 * @param {...(string | number)} values
 */
export function t(key, ...values) {
  const words = WORDS[key] ? WORDS[key][language] : key.slice(key.lastIndexOf('.') + 1);
  return words.replace(/\{(\d)\}/g, (_, index) => String(values[index]));
}

/** @param {string} text */
export const lowered = (text) => text.charAt(0).toLowerCase() + text.slice(1);

const numbers = new Intl.NumberFormat(language);
const times = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' });
const hours = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** @param {number | null | undefined} value */
export const number = (value) => numbers.format(value || 0);

/**
 * Orthanc's yyyymmddThhmmss in UTC as a date; null where it is none.
 *
 * @param {string | null} text
 */
export function dateOf(text) {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(text || '');
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

/**
 * Orthanc's yyyymmddThhmmss in UTC as the reader's local time; empty where it is none.
 *
 * @param {string | null} text
 */
export function time(text) {
  const date = dateOf(text);
  return date ? times.format(date) : '';
}

/** @param {Date} date */
export const hourOf = (date) => hours.format(date);

/** @type {[string, number][]} */
const UNITS = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

/**
 * Seconds in the largest unit that fits.
 *
 * @param {number} seconds
 */
export function duration(seconds) {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) || UNITS[UNITS.length - 1];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.round(seconds / size));
}
