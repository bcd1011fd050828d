// Two drawings: bars of counts, and the pace over the last hours; both have their figures as text beside them.

import { h, svg, table } from './dom.js';
import { hourOf, number, t } from './texts.js';

const SENT = ['Delivered', 'Duplicate'];
const HELD = ['Quarantined', 'Failed', 'Lost'];
const HOUR_MS = 3600000;
const SIZE = { width: 960, height: 190, left: 46, bottom: 24, top: 12 };

/** Horizontal bars; `items` are {label, mark, count}, `mark` a state that gives the colour. */
export function bars(items) {
  const most = Math.max(...items.map((item) => item.count));
  return h('div', { class: 'card bars' }, items.map((item) => {
    const fill = h('div', { class: `fill ${item.mark}` });
    fill.style.width = `${(100 * item.count) / most}%`;
    return [h('div', {}, item.label), h('div', { class: 'track', 'aria-hidden': 'true' }, fill), h('div', { class: 'number' }, number(item.count))];
  }));
}

/** Columns of instances finished in each of the last hours, and the same as a table. */
export function paceChart(rows, hours) {
  const sum = (row, keys) => keys.reduce((total, key) => total + (row[key] || 0), 0);
  const known = new Map(rows.map((row) => [dateOf(row.Hour).getTime(), { sent: sum(row, SENT), held: sum(row, HELD) }]));
  const last = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const columns = Array.from({ length: hours }, (_, index) => {
    const when = last - (hours - 1 - index) * HOUR_MS;
    return { when: new Date(when), ...(known.get(when) || { sent: 0, held: 0 }) };
  });
  const listed = columns.filter((column) => column.sent || column.held).reverse();
  return h('div', {},
    h('div', { class: 'card pad chart' }, draw(columns), h('div', { class: 'legend' },
      h('span', { class: 'state Delivered' }, t('delivered')), h('span', { class: 'state Quarantined' }, t('held_')),
      h('span', {}, t('throughputHint')))),
    h('details', { 'data-key': 'pace-table' }, h('summary', {}, t('showTable')), table(t('throughput'),
      [{ title: t('hour') }, { title: t('Delivered'), number: true }, { title: t('held'), number: true }],
      listed.map((column) => [hourOf(column.when), number(column.sent), number(column.held)]))));
}

function draw(columns) {
  const { width, height, left, bottom, top } = SIZE;
  const most = roundUp(Math.max(1, ...columns.map((column) => column.sent + column.held)));
  const step = (width - left) / columns.length;
  const y = (value) => height - bottom - (value / most) * (height - bottom - top);
  const levels = most > 1 ? [0, most / 2, most] : [0, most];
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': t('throughputHint') },
    levels.map((level) => [
      svg('line', { class: 'axis', x1: left, x2: width, y1: y(level), y2: y(level) }),
      svg('text', { x: left - 8, y: y(level) + 4, 'text-anchor': 'end' }, number(level))]),
    columns.map((column, index) => {
      const x = left + index * step + step * 0.12;
      const box = (from, to, kind) => (to > from ? svg('rect', { class: kind, x, width: step * 0.76, y: y(to), height: y(from) - y(to) }) : null);
      return svg('g', {}, svg('title', {}, `${hourOf(column.when)}: ${number(column.sent)} / ${number(column.held)}`),
        box(0, column.sent, 'delivered'), box(column.sent, column.sent + column.held, 'held'));
    }),
    columns.map((column, index) => (index % 12 === columns.length % 12 && index < columns.length - 4
      ? svg('text', { x: left + index * step, y: height - 6 }, hourOf(column.when)) : null)));
}

/** The next even number whose halves are easy to read. */
function roundUp(value) {
  if (value <= 2) return value;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((each) => each >= value && each % 2 === 0) || value;
}

function dateOf(text) {
  const [, year, month, day, hour] = /^(\d{4})(\d\d)(\d\d)T(\d\d)/.exec(text);
  return new Date(Date.UTC(year, month - 1, day, hour));
}
