// The plugin's routes and Orthanc's. Addresses are relative to this module: a reverse proxy may put a prefix before them.

const ROOT = new URL('../../', import.meta.url);

/** An answer that is an error: the message is what the route says; `status` is 0 if nobody answered. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} details
   */
  constructor(status, details) {
    super(details);
    this.status = status;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(new URL(path, ROOT), {
      method,
      cache: 'no-store',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, '');
  }
  const content = parsed(await answer.text());
  // /deidentify answers 503 while work cannot go on, and the content is the state as usual.
  if (!answer.ok && !(content && content.State)) {
    throw new Refused(answer.status, (content && (content.Details || content.Message)) || answer.statusText);
  }
  return content;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Get JSON; parameters of the query without a value are left out. Throws Refused.
 *
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} [query]
 */
export function get(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.append(key, String(value));
  }
  return ask('GET', `${parameters}` ? `${path}?${parameters}` : path);
}

/**
 * Post JSON. Throws Refused.
 *
 * @param {string} path
 * @param {unknown} [body]
 */
export const post = (path, body = {}) => ask('POST', path, body);

/**
 * Get JSON, or null where there is no such resource.
 *
 * @param {string} path
 */
export async function getOrNull(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}
