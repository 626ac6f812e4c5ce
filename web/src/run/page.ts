import { getJson } from '../api.ts';
import { h } from '../dom.ts';
import { listen, type CohortStatus, type Job } from '../events.ts';
import { number, span } from '../format.ts';
import type { Page } from '../main.ts';
import { formatPlace } from '../permalink.ts';

const states = [['done', 'done'], ['running', 'running'], ['waiting', 'waiting'], ['failed', 'failed']] as const;

/** How far the cohort is, while it runs. */
export async function runPage(): Promise<Page> {
  let status = await getJson<CohortStatus>('/api/cohort');
  let jobs: readonly Job[] = [];
  const headline = h('p', { class: 'headline', role: 'status' });
  const bar = h('div', { class: 'counts', role: 'img' }, ...states.map(([state]) => h('span', { class: state })));
  const legend = h('ul', { class: 'swatches' });
  const figures = h('dl', { class: 'figures' });
  const workers = h('tbody');
  const failures = h('ul', { class: 'reasons' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const working = h('section', { class: 'card', aria: { label: 'Workers' } }, h('h2', {}, 'Workers'),
    h('table', { class: 'rows' }, h('thead', {}, h('tr', {}, ...['Slide', 'Worker', 'Step', 'Progress'].map(name => h('th', { scope: 'col' }, name)))), workers));
  const idle = h('p', { class: 'soft' });
  const failed = h('section', { class: 'card', aria: { label: 'Failures' } }, h('h2', {}, 'Failures'), failures);
  const element = h('div', { class: 'run-page' },
    h('div', { class: 'bar' }, h('h1', {}, 'Cohort run'), h('span', { class: 'space' }), h('a', { href: formatPlace('cohort', '', {}), class: 'button' }, 'Slides'), h('a', { href: formatPlace('review', '', {}), class: 'button' }, 'Review slides')),
    problem,
    h('section', { class: 'card', aria: { label: 'Progress' } }, headline, bar, legend),
    h('section', { class: 'card', aria: { label: 'Numbers' } }, h('h2', {}, 'Numbers'), figures),
    working, idle, failed);

  function update(): void {
    const { total, done, running, waiting } = status;
    const over = total > 0 && waiting + running === 0;
    headline.textContent = `${number(done)} of ${number(total)} slides done${over ? '; nothing is left to do' : running === 0 ? '; nobody is working' : ''}`;
    for (const [i, [state]] of states.entries())
      (bar.children[i] as HTMLElement).style.setProperty('flex-grow', String(status[state]));
    bar.setAttribute('aria-label', states.map(([state, word]) => `${number(status[state])} ${word}`).join(', '));
    legend.replaceChildren(...states.map(([state, word]) => h('li', {}, h('span', { class: `swatch ${state}`, aria: { hidden: 'true' } }), `${number(status[state])} ${word}`)));
    const rows: [string, string][] = [
      ['Rate', status.slides_per_hour === null ? '–' : `${number(status.slides_per_hour)} slides an hour`],
      ['Time a slide', status.seconds_per_slide === null ? '–' : span(status.seconds_per_slide)],
      ['Time left', over ? 'none' : status.remaining_s === null ? '–' : `about ${span(status.remaining_s)}`],
      ['Expected end', status.remaining_s === null || over ? '–' : new Date(Date.now() + 1000 * status.remaining_s).toLocaleString()],
      ['Parts', status.parts.join(', ')],
      ['Ledger', status.ledger],
      ['Results', status.output],
    ];
    figures.replaceChildren(...rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
    working.hidden = status.workers.length === 0;
    workers.replaceChildren(...status.workers.map(({ slide, worker }) => {
      const job = jobs.find(j => j.slide === slide);
      return h('tr', {}, h('th', { scope: 'row' }, slide), h('td', {}, worker), h('td', {}, job?.step ?? ''),
        h('td', {}, job ? h('progress', { max: 1, value: job.share, aria: { label: `${slide}: ${Math.round(100 * job.share)} %` } }) : null));
    }));
    idle.hidden = running > 0 || over;
    idle.textContent = `Start workers with: microtome cohort run ${status.ledger}`;
    failed.hidden = status.failed === 0;
    const rest = status.failed - status.failures.length;
    failures.replaceChildren(...status.failures.map(f => h('li', {}, h('strong', {}, f.slide), ` ${f.reason}`)), ...(rest > 0 ? [h('li', {}, `and ${number(rest)} more: microtome cohort status`)] : []));
  }

  update();
  const stop = listen(event => {
    if (event.type === 'changed' || event.type === 'training')
      return;
    if (event.type === 'progress') {
      jobs = event.jobs;
    } else if ('error' in event.status) {
      problem.textContent = `These numbers stand still: ${event.status.error}`;
      return;
    } else {
      problem.textContent = '';
      ({ status } = event);
    }
    update();
  });
  return { element, title: 'Cohort run', close: stop };
}
