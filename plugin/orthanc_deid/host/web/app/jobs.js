// Jobs, the newest first: how far each is, and cancel or retry.

import { get, post } from './api.js';
import { STATES } from './catalogue.js';
import { actionButton, countsOf, empty, heading, identifierOf, isUnderWay, notice, repeat, short, stateMark, sumOf } from './components.js';
import { announce, fill, h, table } from './dom.js';
import { number, t, time } from './words.js';

/** @typedef {import('./types.js').Job} Job */
/** @typedef {import('./types.js').Notice} Notice */

const SHOWN = 50;
const MS = 2000;

/**
 * @param {HTMLElement} place
 * @param {import('./types.js').Context} context
 */
export function jobsView(place, { signal }) {
  const note = notice();
  const list = h('div', { id: 'jobs' }, h('p', { class: 'soft' }, t('app.loading')));
  fill(place, heading(t('jobs.title')), note.element, list);
  let drawn = '';
  const again = repeat(signal, MS, note, async () => {
    /** @type {Job[]} */
    const jobs = await get('deidentify/jobs', { limit: SHOWN });
    const seen = JSON.stringify(jobs);
    if (seen === drawn || signal.aborted) return;
    if (drawn && jobs.length) announce(`${resourceName(jobs[0])}: ${t(`jobState.${jobs[0].State}`)} ${jobs[0].Progress} %`);
    drawn = seen;
    fill(list, jobs.length ? table(t('jobs.title'), columns(), jobs.map((job) => rowOf(job, note, again))) : empty(t('jobs.none')));
  });
}

const columns = () => [
  { title: t('column.state'), kind: 'wide' }, { title: t('column.resource') }, { title: t('column.profileAndStore') },
  { title: t('column.started'), kind: 'keep' }, { title: t('column.instances'), number: true }, { title: t('column.actions') },
];

/** @param {Job} job */
function targetOf(job) {
  const [, level, id] = job.Resource.split('/');
  return { level, id };
}

/** @param {Job} job */
function resourceName(job) {
  const { level, id } = targetOf(job);
  return `${t(`level.${level}`)} ${short(id)}`;
}

/**
 * @param {Job} job
 * @param {Notice} note
 * @param {() => Promise<void>} again
 */
function rowOf(job, note, again) {
  const { level, id } = targetOf(job);
  const name = h('span', {}, t(`level.${level}`), ' ', identifierOf(id));
  return [
    [stateMark(job.State, 'jobState'), isUnderWay(job) ? progressOf(job) : h('div', { class: 'soft small' }, countsOf(job).join(', '))],
    level === 'studies' ? h('a', { href: `#study/${id}` }, name) : name,
    `${job.Profile} → ${job.Stores.join(', ')}`,
    time(job.CreationTime),
    number(job.Total),
    h('div', { class: 'row-actions' }, actionOf(job, note, again)),
  ];
}

/**
 * @param {Job} job
 * @param {Notice} note
 * @param {() => Promise<void>} again
 */
function actionOf(job, note, again) {
  if (isUnderWay(job)) {
    return actionButton(t('jobs.cancel'), `cancel-${job.ID}`, note, async () => {
      await post(`deidentify/jobs/${job.ID}/cancel`);
      await again();
      return t('jobState.Cancelled');
    }, { 'aria-label': `${t('jobs.cancel')}: ${resourceName(job)}` });
  }
  if (!sumOf(job, [...STATES.Held, 'Cancelled'])) return null;
  return actionButton(t('quarantine.retry'), `retry-${job.ID}`, note, async () => {
    await post(`deidentify/jobs/${job.ID}/retry`);
    await again();
    return t('jobs.started');
  }, { 'aria-label': `${t('quarantine.retry')}: ${resourceName(job)}` });
}

/** @param {Job} job */
const progressOf = (job) =>
  h('div', {}, h('progress', { max: 100, value: job.Progress, 'aria-label': t('jobs.progress') }), h('span', { class: 'soft small' }, ` ${job.Progress} %`));
