// Jobs, the newest first: how far each is, and cancel or try again.

import { get, post } from './api.js';
import { announce, fill, h, table } from './dom.js';
import { actionButton, empty, heading, identifierOf, notice, repeat, stateMark } from './parts.js';
import { number, t, time } from './texts.js';

const SHOWN = 50;
const MS = 2000;
const OPEN = ['Pending', 'Running'];

export function jobsView(place, { signal }) {
  const note = notice();
  const list = h('div', { id: 'jobs' }, h('p', { class: 'soft' }, t('loading')));
  fill(place, heading(t('jobs')), note.element, list);
  let drawn = '';
  const again = repeat(signal, MS, note, async () => {
    const jobs = await get('deidentify/jobs', { limit: SHOWN });
    const seen = JSON.stringify(jobs);
    if (seen === drawn || signal.aborted) return;
    if (drawn && jobs.length) announce(`${resourceName(jobs[0])}: ${t(jobs[0].State)} ${jobs[0].Progress} %`);
    drawn = seen;
    fill(list, jobs.length ? table(t('jobs'), COLUMNS(), jobs.map((job) => row(job, note, () => again()))) : empty(t('jobsNone')));
  });
}

const COLUMNS = () => [
  { title: t('state'), kind: 'wide' }, { title: t('resource') }, { title: t('by') }, { title: t('when'), kind: 'keep' },
  { title: t('instances'), number: true }, { title: t('actions') },
];

function resourceName(job) {
  const [, level, id] = job.Resource.split('/');
  return `${t(level === 'instances' ? 'instancesLevel' : level)} ${id.split('-')[0]}`;
}

function row(job, note, again) {
  const [, level, id] = job.Resource.split('/');
  const name = h('span', {}, t(level === 'instances' ? 'instancesLevel' : level), ' ', identifierOf(id));
  const retriable = ['Quarantined', 'Failed', 'Lost', 'Cancelled'].some((key) => job[key]);
  const actions = h('div', { class: 'row-actions' },
    OPEN.includes(job.State) && actionButton(t('cancel'), `cancel-${job.ID}`, note, async () => {
      await post(`deidentify/jobs/${job.ID}/cancel`);
      await again();
      return t('cancelled');
    }, { 'aria-label': `${t('cancel')}: ${resourceName(job)}` }),
    !OPEN.includes(job.State) && retriable && actionButton(t('retry'), `retry-${job.ID}`, note, async () => {
      await post(`deidentify/jobs/${job.ID}/retry`);
      await again();
      return t('started');
    }, { 'aria-label': `${t('retry')}: ${resourceName(job)}` }));
  return [
    [stateMark(job.State), OPEN.includes(job.State) ? progressOf(job) : h('div', { class: 'soft small' }, outcome(job))],
    level === 'studies' ? h('a', { href: `#study/${id}` }, name) : name,
    `${job.Profile} → ${job.Stores.join(', ')}`,
    time(job.CreationTime),
    number(job.Total),
    actions,
  ];
}

const progressOf = (job) =>
  h('div', {}, h('progress', { max: 100, value: job.Progress, 'aria-label': t('progress') }), h('span', { class: 'soft small' }, ` ${job.Progress} %`));

/** How the works of a job ended, in words: only what there is. */
export function outcome(job) {
  return ['Delivered', 'Duplicate', 'Quarantined', 'Failed', 'Lost', 'Cancelled']
    .filter((key) => job[key]).map((key) => `${t(key)} ${number(job[key])}`).join(', ');
}
