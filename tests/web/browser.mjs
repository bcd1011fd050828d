// The parts of a browser that the modules use: languages, a document (jsdom), fetch and timers that the test controls.

import { JSDOM } from 'jsdom';

const PAGE = 'http://localhost:8042/deidentify/app/index.html';

/** @type {(() => void)[]} */
let timers = [];

/** Make a browser with these languages; call it before the modules are imported. */
export function browser(...languages) {
  const { window } = new JSDOM('<!doctype html><main id="main"></main><div id="live"></div>', { url: PAGE });
  const { document, location, DOMParser, Event, HTMLElement, Node } = window;
  Object.assign(globalThis, { document, location, DOMParser, Event, HTMLElement, Node });
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { languages } });
  Object.defineProperty(document, 'hidden', { configurable: true, value: false });
  timers = [];
  globalThis.setTimeout = (callback) => timers.push(callback);
  globalThis.clearTimeout = () => {};
}

/** Let fetch answer from now on by `answer(address, options)`, a pair of a status and a text; if it throws, nobody answers. */
export function answerFetch(answer) {
  globalThis.fetch = async (address, options) => {
    const [status, text] = answer(String(address), options);
    return { ok: status < 400, status, statusText: 'as HTTP names it', text: async () => text };
  };
}

/**
 * Let fetch answer JSON by "METHOD path", the path below Orthanc's root without its query; anything else is 404.
 * Returns the list of the requests, as [key, query, body].
 */
export function answerJson(answers) {
  const requests = [];
  answerFetch((address, { method, body }) => {
    const { pathname, searchParams } = new URL(address);
    const root = new URL('../../', new URL('../../build/web/api.js', import.meta.url)).pathname;
    const key = `${method} ${pathname.slice(root.length)}`;
    requests.push([key, Object.fromEntries(searchParams), body && JSON.parse(body)]);
    return key in answers ? [200, JSON.stringify(answers[key])] : [404, JSON.stringify({ Details: `no ${key}` })];
  });
  return requests;
}

/** Wait until the answers of `answerFetch` that are under way have been handled: they take no timers. */
export const settled = () => new Promise((resolve) => { setImmediate(resolve); });

/** Run the timers that were set, as if their time had passed. */
export async function passTime() {
  const due = timers;
  timers = [];
  for (const callback of due) callback();
  await settled();
}

let leave = () => {};

/** Leave the last view and show this one; returns its element, and the site whose state it reads. */
export async function shown(view, { rest = [], query = '', state = {} } = {}) {
  const place = document.createElement('div');
  document.getElementById('main').replaceChildren(place);
  const site = { state, listeners: new Set() };
  leave();
  const leaving = new AbortController();
  leave = () => leaving.abort();
  view(place, { site, rest, query: new URLSearchParams(query), signal: leaving.signal });
  await settled();
  return { place, site, leave };
}

/** Click on the element that a selector names, and wait until the requests that follow are handled. */
export async function click(place, selector) {
  place.querySelector(selector).click();
  await settled();
}

/** The texts of all elements below an element that a selector names, in order. */
export const textsOf = (element, selector) => [...element.querySelectorAll(selector)].map((each) => each.textContent);

export const served = (name) => import(`../../build/web/${name}`);
