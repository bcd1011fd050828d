// Our routes and Orthanc's, relative to this page: a reverse proxy may put a prefix before both.

const ROOT = '../../';

/** An answer that is an error: `details` is what the route says, `status` 0 where nobody answered. */
export class Refused extends Error {
  constructor(status, details) {
    super(details);
    this.status = status;
  }
}

async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(ROOT + path, {
      method,
      cache: 'no-store',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, '');
  }
  const text = await answer.text();
  let content = null;
  try {
    content = JSON.parse(text);
  } catch {
    content = null;
  }
  // The state says 503 while work cannot go on, and is the state all the same.
  if (!answer.ok && !(content && content.State)) {
    throw new Refused(answer.status, (content && (content.Details || content.Message)) || answer.statusText);
  }
  return content;
}

export const get = (path, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return ask('GET', given.length ? `${path}?${new URLSearchParams(given)}` : path);
};

export const post = (path, body = {}) => ask('POST', path, body);
