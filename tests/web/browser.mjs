// What the modules need of a browser, as little as will do: a language, elements, and answers to fetch.

class FakeNode {}

class FakeElement extends FakeNode {
  constructor(name) {
    super();
    this.name = name;
    this.attributes = {};
    this.listeners = {};
    this.children = [];
    this.style = {};
    this.hidden = false;
  }

  setAttribute(key, value) {
    this.attributes[key] = value;
  }

  addEventListener(event, listener) {
    this.listeners[event] = listener;
  }

  append(child) {
    this.children.push(child);
  }

  replaceChildren() {
    this.children = [];
  }

  get textContent() {
    return this.children.map((child) => (child instanceof FakeElement ? child.textContent : child)).join('');
  }
}

/** Make a browser with these languages; call it before the modules are imported. */
export function browser(...languages) {
  const document = { createElement: (name) => new FakeElement(name), createElementNS: (_, name) => new FakeElement(name) };
  Object.assign(globalThis, { Node: FakeNode, document });
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { languages } });
}

/** Let fetch answer from now on by `answer(address, options)`, a pair of a status and a text; a thrown error is a dead line. */
export function answerFetch(answer) {
  globalThis.fetch = async (address, options) => {
    const [status, text] = answer(String(address), options);
    return { ok: status < 400, status, statusText: 'as HTTP names it', text: async () => text };
  };
}

/** The texts of all elements with this name below an element, in order. */
export function textsOf(element, name) {
  const found = [];
  for (const child of element.children) {
    if (child instanceof FakeElement) found.push(...(child.name === name ? [child.textContent] : []), ...textsOf(child, name));
  }
  return found;
}

export const served = (name) => import(`../../build/web/${name}`);
