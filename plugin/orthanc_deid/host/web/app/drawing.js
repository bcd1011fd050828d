// Drawings of the server: markup that Python escapes. It is parsed here without executing anything, and adopted.

import { language } from './words.js';

/**
 * The elements of a drawing, of its two languages only the reader's; parts that scroll can be reached by the keyboard.
 *
 * @param {string} markup
 * @returns {Node[]}
 */
export function drawn(markup) {
  const parsed = new DOMParser().parseFromString(markup, 'text/html');
  for (const each of parsed.querySelectorAll('[lang]')) {
    if (each.getAttribute('lang') !== language) each.remove();
  }
  for (const each of parsed.querySelectorAll('.scroll')) {
    each.setAttribute('role', 'region');
    each.setAttribute('tabindex', '0');
    each.setAttribute('aria-label', each.closest('section')?.querySelector('h2')?.textContent || '');
  }
  return [...parsed.body.childNodes].map((each) => document.adoptNode(each));
}
