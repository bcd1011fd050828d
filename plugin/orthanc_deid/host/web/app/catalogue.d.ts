// The types of `catalogue.js`, which the plugin makes of report/words.json, report/reasons.json and the ledger's states.

import type words from '../../../report/words.json';

export type Language = 'en' | 'ru';

type Families =
  | 'state' | 'studyState' | 'jobState' | 'level' | 'overview.hint'
  | 'button.job' | 'button.study';

/** A key of words.json; of a family of keys (one for each state, for instance) the last part may be any text. */
export type Word = keyof typeof words | `${Families}.${string}`;

export const WORDS: Record<string, Record<Language, string>>;

/** Rules, reasons and findings of the ledger, English to Russian. */
export const REASONS: Record<string, string>;

/** The ledger's states by group, each in the order in which pages list them. */
export const STATES: { All: string[]; Open: string[]; Sent: string[]; Held: string[] };
