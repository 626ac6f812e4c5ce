import { getJson, slideUrl, type SlideRow } from '../api.ts';
import { announce, button, choice, h } from '../dom.ts';
import { number, words } from '../format.ts';
import { formatPlace } from '../permalink.ts';
import { listen, type Job } from '../events.ts';
import type { Page } from '../main.ts';
import { preparePlots } from '../plot.ts';
import { trainingPage } from '../training/page.ts';
import { Charts } from './charts.ts';
import { Filters } from './filters.ts';

const favourites = ['til_fraction_in_tumor', 'tumor_fraction', 'til_fraction', 'nuclei_per_mm2', 'nuclei_count', 'tissue_area_mm2', 'tumor_area_mm2', 'area_um2_median'];

/** The cohort: a grid of slides, with sorting, searching, and plots whose brushes filter the grid. */
export async function cohortPage(options: URLSearchParams): Promise<Page> {
  let [{ slides, pending, cohort, training }] = await Promise.all([getJson<{ slides: SlideRow[]; pending: number; cohort: boolean; training: number }>('/api/slides'), preparePlots()]);
  // Nothing but training runs: they are what there is to see.
  if (slides.length === 0 && training > 0 && !cohort) {
    history.replaceState(null, '', formatPlace('training', '', {}));
    return trainingPage(new URLSearchParams());
  }
  const filters = new Filters(options);
  const columns = columnsOf(slides);
  let sort = options.get('sort') ?? 'name';
  let descending = options.get('order') === 'desc';

  const count = h('p', { class: 'soft', role: 'status' });
  const grid = h('ul', { class: 'grid' });
  const chips = h('div', { class: 'chips' });
  const search = h('input', { type: 'search', value: filters.search, placeholder: 'Search names (regular expression)', spellcheck: false, aria: { label: 'Search names; a regular expression' } });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const running = h('section', { class: 'card running', hidden: true, aria: { label: 'Running analyses' } });
  const groups = [...new Set(slides.map(s => s.group))].sort();
  const group = choice('Group', [['', 'all'], ...groups.map(g => [g, g] as const)], filters.group, value => { filters.group = value; update(); });
  const sorting = choice('Sort by', [['name', 'name'], ...columns.map(c => [c, words(c)] as const)], sort, value => { sort = value; descending = value !== 'name'; update(); });
  const order = button('Turn the order round', () => { descending = !descending; update(); }, { icon: 'order' });
  const charts = new Charts(columns, options, (column, range) => { filters.setRange(column, range); update(); }, update);
  const table = h('a', { href: '/api/slides.csv', class: 'button', download: 'slides.csv' }, 'Download CSV');

  const runs = h('a', { href: formatPlace('training', '', {}), class: 'button', hidden: training === 0 }, 'Training runs');
  search.addEventListener('input', () => { filters.search = search.value; update(); });
  const element = h('div', { class: 'cohort' },
    h('h1', { class: 'sr' }, 'Slides'),
    h('div', { class: 'bar', role: 'search' }, search, groups.length > 1 && group.element, sorting.element, order, h('span', { class: 'space' }), ...(cohort ? cohortLinks() : []), runs, table),
    problem,
    running,
    slides.some(s => Object.keys(s.numbers).length > 0) ? charts.element : null,
    h('div', { class: 'bar' }, count, chips),
    grid);

  function update(): void {
    const shown = filters.apply(slides);
    problem.textContent = filters.problem;
    const direction = descending ? -1 : 1;
    shown.sort((a, b) => sort === 'name'
      ? direction * a.name.localeCompare(b.name, 'en', { numeric: true })
      // slides without the number come last, whatever the direction
      : (Number(!(sort in a.numbers)) - Number(!(sort in b.numbers))) || direction * ((a.numbers[sort] ?? 0) - (b.numbers[sort] ?? 0)) || a.name.localeCompare(b.name));
    const failed = slides.filter(s => s.error).length;
    count.textContent = `${number(shown.length)} of ${number(slides.length)} slides${failed ? `, ${failed} failed` : ''}${pending ? `; ${pending} maps are still being counted` : ''}`;
    chips.replaceChildren(...filters.ranges.map(([column, [low, high]]) => button(`Remove the filter on ${words(column)}`, () => { filters.setRange(column, null); update(); }, { text: `${words(column)}: ${number(low)} – ${number(high)} ×`, class: 'chip' })));
    grid.replaceChildren(...shown.map(card));
    charts.update(slides, new Set(shown), new Map(filters.ranges));
    const link = formatPlace('cohort', '', { ...filters.toOptions(), ...charts.toOptions(), ...(sort !== 'name' ? { sort } : {}), ...(descending ? { order: 'desc' } : {}) });
    history.replaceState(null, '', link);
  }

  function card(slide: SlideRow): HTMLElement {
    const place = formatPlace('slide', slide.id, {});
    const figures = [...(sort !== 'name' ? [sort] : []), ...favourites].filter((c, i, all) => c in slide.numbers && all.indexOf(c) === i).slice(0, 4);
    const version = encodeURIComponent(slide.version);
    const thumbnail = slide.error ? null : h('img', { src: slideUrl(slide.id, `/thumbnail?v=${version}`), alt: '', loading: 'lazy', decoding: 'async', class: slide.published ? 'map' : '' });
    const map = !slide.error && !slide.published && 'combined_other_patches' in slide.numbers ? h('img', { src: slideUrl(slide.id, `/maps/classes.png?frame=slide&v=${version}`), alt: '', loading: 'lazy', decoding: 'async', class: 'map' }) : null;
    for (const picture of [thumbnail, map])
      picture?.addEventListener('error', () => picture.replaceWith(h('span', { class: 'nopicture' }, 'no picture')), { once: true });
    return h('li', { class: slide.error ? 'slide failed' : 'slide' },
      h('a', { href: place },
        h('span', { class: 'pictures' }, thumbnail, map),
        h('span', { class: 'name' }, slide.name),
        slide.error ? h('span', { class: 'reason' }, slide.error) : null),
      figures.length > 0 ? h('dl', {}, ...figures.flatMap(f => [h('dt', {}, words(f)), h('dd', {}, number(slide.numbers[f]!))])) : null);
  }

  function showJobs(jobs: readonly Job[]): void {
    running.hidden = jobs.length === 0;
    running.replaceChildren(h('h2', {}, 'Running'), ...jobs.map(job => h('label', { class: 'job' }, h('span', {}, `${job.slide}: ${job.step}`), h('progress', { max: 1, value: job.share }),
      h('span', { class: 'soft' }, `${Math.round(100 * job.share)} %${job.remaining_s === undefined ? '' : `, about ${number(Math.ceil(job.remaining_s))} s left`}`))));
  }

  async function reload(): Promise<void> {
    ({ slides, pending, training } = await getJson<{ slides: SlideRow[]; pending: number; training: number }>('/api/slides'));
    runs.hidden = training === 0;
    charts.setColumns(columnsOf(slides));
    update();
  }

  update();
  const stop = listen(event => {
    if (event.type === 'changed' || (event.type === 'training' && runs.hidden))
      void reload().catch((e: unknown) => announce(String(e), 'error'));
    else if (event.type === 'progress')
      showJobs(event.jobs);
  });
  // Published maps are counted after the start: ask again until all are.
  const timer = setInterval(() => {
    if (pending > 0)
      void reload();
  }, 1500);
  return {
    element,
    title: '',
    close: () => {
      clearInterval(timer);
      stop();
      charts.close();
    },
  };
}

function cohortLinks(): HTMLElement[] {
  return [h('a', { href: formatPlace('cohort-run', '', {}), class: 'button' }, 'Cohort run'), h('a', { href: formatPlace('review', '', {}), class: 'button' }, 'Review slides')];
}

function columnsOf(slides: SlideRow[]): string[] {
  const all = new Set(slides.flatMap(s => Object.keys(s.numbers)));
  return [...favourites.filter(f => all.has(f)), ...[...all].filter(c => !favourites.includes(c)).sort()];
}
