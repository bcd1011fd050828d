// Elements made without markup: data reaches the page as text and attributes only.

const SVG = 'http://www.w3.org/2000/svg';

/** Make an element; `attributes` may hold listeners (`onclick`), children are nodes, texts, lists or nothing. */
export function h(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** Make an element of an SVG drawing. */
export function svg(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child instanceof Node) element.append(child);
    else if (child !== undefined && child !== null && child !== false) element.append(String(child));
  }
}

/** Replace what an element holds, and keep the focus on the element that has the same id or `data-key`. */
export function fill(element, ...children) {
  const held = document.activeElement;
  const key = held && element.contains(held) ? held.dataset.key || held.id : '';
  const open = new Set([...element.querySelectorAll('details[open][data-key]')].map((each) => each.dataset.key));
  element.replaceChildren();
  append(element, children);
  for (const each of element.querySelectorAll('details[data-key]')) {
    if (open.has(each.dataset.key)) each.open = true;
  }
  if (key) {
    const same = [...element.querySelectorAll('[data-key], [id]')].find((each) => (each.dataset.key || each.id) === key);
    if (same) same.focus({ preventScroll: true });
  }
}

/** A table in a card; `columns` are {title, number}, `rows` lists of cells. The card scrolls by keyboard too. */
export function table(caption, columns, rows) {
  const head = h('tr', {}, columns.map((column) => h('th', { scope: 'col', class: column.number && 'number' }, column.title)));
  const body = rows.map((cells) => h('tr', {}, cells.map((cell, index) =>
    h('td', { class: [columns[index].number ? 'number' : '', columns[index].kind || ''].join(' ').trim() || null }, cell))));
  return h('div', { class: 'card', role: 'region', 'aria-label': caption, tabindex: '0' },
    h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, head), h('tbody', {}, body)));
}

let spoken = '';

/** Say a change to screen readers, once. */
export function announce(text) {
  if (text !== spoken) document.getElementById('live').textContent = spoken = text;
}
