// Elements made without markup: data reaches the page as text and attributes only.

/** @typedef {import('./types.js').Attributes} Attributes */
/** @typedef {import('./types.js').Child} Child */
/** @typedef {import('./types.js').Column} Column */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Make an element; functions among the attributes (`onclick`) become listeners.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  furnish(element, attributes, children);
  return element;
}

/**
 * Make an element of an SVG drawing.
 *
 * @param {string} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  furnish(element, attributes, children);
  return element;
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function furnish(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
}

/**
 * @param {Element} element
 * @param {Child[]} children
 */
function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child instanceof Node) element.append(child);
    else if (child !== undefined && child !== null && child !== false) element.append(String(child));
  }
}

/**
 * Replace the content of an element. The focus stays on the element with the same `data-key` or id, and `details` that
 * were open stay open.
 *
 * @param {HTMLElement} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && element.contains(focused) ? focused.dataset.key || focused.id : '';
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const before = element.querySelectorAll('details[open][data-key]');
  const open = new Set([...before].map((each) => each.dataset.key));
  element.replaceChildren();
  append(element, children);
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const after = element.querySelectorAll('details[data-key]');
  for (const each of after) {
    if (open.has(each.dataset.key)) each.open = true;
  }
  if (!key) return;
  /** @type {NodeListOf<HTMLElement>} */
  const named = element.querySelectorAll('[data-key], [id]');
  const same = [...named].find((each) => (each.dataset.key || each.id) === key);
  if (same) same.focus({ preventScroll: true });
}

/**
 * A table in a card, which scrolls by the keyboard too.
 *
 * @param {string} caption
 * @param {Column[]} columns
 * @param {Child[][]} rows
 */
export function table(caption, columns, rows) {
  const head = h('tr', {}, columns.map((column) => h('th', { scope: 'col', class: column.number && 'number' }, column.title)));
  const body = rows.map((cells) => h('tr', {}, cells.map((cell, index) =>
    h('td', { class: [columns[index].number ? 'number' : '', columns[index].kind || ''].join(' ').trim() || null }, cell))));
  return h('div', { class: 'card', role: 'region', 'aria-label': caption, tabindex: '0' },
    h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, head), h('tbody', {}, body)));
}

/**
 * The element of the page's own markup with this id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element ${id}`);
  return element;
}

let announced = '';

/**
 * Announce a change to screen readers, once.
 *
 * @param {string} text
 */
export function announce(text) {
  if (text === announced) return;
  announced = text;
  byId('live').textContent = text;
}
