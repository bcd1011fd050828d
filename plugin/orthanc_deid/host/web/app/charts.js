// Two charts: bars of counts, and instances per hour. Both show their figures as text too.

import { STATES } from './catalogue.js';
import { sumOf } from './components.js';
import { h, svg, table } from './dom.js';
import { dateOf, hourOf, lowered, number, t } from './words.js';

/** @typedef {{ when: Date, sent: number, held: number }} Hour */

const HOUR_MS = 3600000;
const SIZE = { width: 960, height: 190, left: 46, bottom: 24, top: 12 };

/**
 * Horizontal bars; `mark` is a state, which gives the colour.
 *
 * @param {{ label: import('./types.js').Child, mark: string, count: number }[]} items
 */
export function bars(items) {
  const most = Math.max(...items.map((item) => item.count));
  return h('div', { class: 'card bars' }, items.map((item) => {
    const filled = h('div', { class: `fill ${item.mark}` });
    filled.style.width = `${(100 * item.count) / most}%`;
    return [h('div', {}, item.label), h('div', { class: 'track', 'aria-hidden': 'true' }, filled), h('div', { class: 'number' }, number(item.count))];
  }));
}

/**
 * Columns of instances finished in each of the last hours, and the same as a table.
 *
 * @param {import('./types.js').Report['Hours']} rows
 * @param {number} hours
 */
export function paceChart(rows, hours) {
  const columns = lastHours(rows, hours, Date.now());
  const listed = columns.filter((column) => column.sent || column.held).reverse();
  return h('div', {},
    h('div', { class: 'card pad chart' }, draw(columns), h('div', { class: 'legend' },
      h('span', { class: 'state Delivered' }, lowered(t('state.Delivered'))), h('span', { class: 'state Quarantined' }, lowered(t('state.Held'))),
      h('span', {}, t('overview.paceHint')))),
    h('details', { 'data-key': 'pace-table' }, h('summary', {}, t('app.asTable')), table(t('overview.pace'),
      [{ title: t('column.hour') }, { title: t('state.Delivered'), number: true }, { title: t('state.Held'), number: true }],
      listed.map((column) => [hourOf(column.when), number(column.sent), number(column.held)]))));
}

/**
 * What was sent and held back in each of the last hours, the hour of `now` last; hours without a row count 0.
 *
 * @param {import('./types.js').Report['Hours']} rows
 * @param {number} hours
 * @param {number} now
 * @returns {Hour[]}
 */
export function lastHours(rows, hours, now) {
  const known = new Map(rows.map((row) =>
    [dateOf(row.Hour)?.getTime(), { sent: sumOf(row, STATES.Sent), held: sumOf(row, STATES.Held) }]));
  const last = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: hours }, (_, index) => {
    const when = last - (hours - 1 - index) * HOUR_MS;
    return { when: new Date(when), ...(known.get(when) || { sent: 0, held: 0 }) };
  });
}

/** @param {Hour[]} columns */
function draw(columns) {
  const { width, height, left, bottom, top } = SIZE;
  const most = axisMaximum(Math.max(1, ...columns.map((column) => column.sent + column.held)));
  const step = (width - left) / columns.length;
  const y = (/** @type {number} */ value) => height - bottom - (value / most) * (height - bottom - top);
  const levels = most > 1 ? [0, most / 2, most] : [0, most];
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': t('overview.paceHint') },
    levels.map((level) => [
      svg('line', { class: 'axis', x1: left, x2: width, y1: y(level), y2: y(level) }),
      svg('text', { x: left - 8, y: y(level) + 4, 'text-anchor': 'end' }, number(level))]),
    columns.map((column, index) => {
      const x = left + index * step + step * 0.12;
      const box = (/** @type {number} */ from, /** @type {number} */ to, /** @type {string} */ kind) =>
        (to > from ? svg('rect', { class: kind, x, width: step * 0.76, y: y(to), height: y(from) - y(to) }) : null);
      return svg('g', {}, svg('title', {}, `${hourOf(column.when)}: ${number(column.sent)} / ${number(column.held)}`),
        box(0, column.sent, 'delivered'), box(column.sent, column.sent + column.held, 'held'));
    }),
    columns.map((column, index) => (index % 12 === columns.length % 12 && index < columns.length - 4
      ? svg('text', { x: left + index * step, y: height - 6 }, hourOf(column.when)) : null)));
}

/**
 * The next even number whose halves are easy to read.
 *
 * @param {number} value
 */
export function axisMaximum(value) {
  if (value <= 2) return value;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((each) => each >= value && each % 2 === 0) || value;
}
