import { getJson } from '../api.ts';
import { announce, button, choice, copyLink, copyText, h, slider, toggle } from '../dom.ts';
import { listen } from '../events.ts';
import { number, words } from '../format.ts';
import type { Page } from '../main.ts';
import { formatPlace } from '../permalink.ts';
import { preparePlots } from '../plot.ts';
import { CurvePlot, type Line, type Steps } from './curve-plot.ts';
import { choicesOf, Curves, nearest, runUrl, smooth, type Curve, type TrainingDetail, type TrainingRow } from './curves.ts';
import { describe, lineColours, RunList, swatch } from './run-list.ts';
import { settingsTable } from './settings.ts';

const chosenAtFirst = 5;
const mostRows = 60;
const losses = ['loss', 'held_out_loss'];

/** Training runs: their newest numbers, their curves, live. */
export async function trainingPage(options: URLSearchParams): Promise<Page> {
  const [answer] = await Promise.all([getJson<{ runs: TrainingRow[]; slides: number }>('/api/training'), preparePlots()]);
  const page = new TrainingPage(options, answer.runs, answer.slides);
  await page.load();
  return page;
}

class TrainingPage implements Page {
  readonly title = 'Training';
  readonly element: HTMLElement;
  private runs: TrainingRow[];
  // The colour of each run that is drawn; a run keeps its own until it goes.
  private readonly slots = new Map<string, number>();
  private readonly curves = new Map<string, Curves>();
  private readonly details = new Map<string, TrainingDetail>();
  private second: string;
  private smoothing: number;
  private log: boolean;
  private steps: Steps;
  private search: string;
  private cursor: number | null = null;
  private busy = false;
  private again = false;
  private touched: boolean;
  private readonly list: RunList;
  private readonly plots: readonly [CurvePlot, CurvePlot];
  private readonly legends = [h('tbody'), h('tbody')] as const;
  private readonly heads = [h('tr'), h('tr')] as const;
  private readonly count = h('p', { class: 'soft', role: 'status' });
  private readonly note = h('p', { class: 'soft' });
  private readonly all = button('Show all steps', () => this.zoom(null), { class: 'small' });
  private readonly settings = h('section', { class: 'card settings', aria: { label: 'Settings' } });
  private readonly select: HTMLSelectElement;
  private readonly stops: (() => void)[] = [];
  private onlyDifferent = true;
  private frame = 0;

  constructor(options: URLSearchParams, runs: TrainingRow[], slides: number) {
    this.runs = runs;
    this.second = options.get('second') ?? 'learning_rate';
    const weight = Number(options.get('smooth') ?? 0);
    this.smoothing = weight > 0 && weight < 1 ? weight : 0;
    this.log = options.get('log') === '1';
    this.search = options.get('q') ?? '';
    const [from, to] = [Number(options.get('from') ?? NaN), Number(options.get('to') ?? NaN)];
    this.steps = from < to ? [from, to] : null;
    const wanted = options.getAll('run').filter(id => runs.some(r => r.id === id));
    this.touched = options.has('run') || options.has('none');
    const first = [...runs].sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running') || b.updated.localeCompare(a.updated)).slice(0, chosenAtFirst).map(r => r.id);
    for (const id of this.touched ? wanted : runs.filter(r => first.includes(r.id)).map(r => r.id))
      this.give(id);

    const zoom = (steps: Steps): void => this.zoom(steps);
    const make = (i: 0 | 1): CurvePlot => new CurvePlot(zoom, step => { this.plots[i === 0 ? 1 : 0].setCursor(step); this.move(step); }, () => this.inWords(i));
    this.plots = [make(0), make(1)];
    this.list = new RunList((id, chosen) => this.choose([id], chosen));
    const filter = h('input', { type: 'search', value: this.search, placeholder: 'Search runs', spellcheck: false, aria: { label: 'Search runs by name' } });
    filter.addEventListener('input', () => { this.search = filter.value; this.showList(); this.remember(); });
    const second = choice('Curves of', [], this.second, value => { this.second = value; this.draw(); this.remember(); });
    this.select = second.select;
    const smoothing = slider('Smoothing', { min: 0, max: 0.98, step: 0.02, value: this.smoothing, show: v => (v === 0 ? 'none' : v.toFixed(2)) }, value => { this.smoothing = value; this.redraw(); this.remember(); });
    const log = toggle('Logarithmic', this.log, checked => { this.log = checked; this.draw(); this.remember(); });
    const legend = (i: 0 | 1): HTMLElement => h('div', { class: 'legend-rows' }, h('table', { class: 'rows' }, h('thead', {}, this.heads[i]), this.legends[i]));
    this.element = h('div', { class: 'training-page' },
      h('div', { class: 'run-side' },
        h('div', { class: 'bar' }, h('h1', {}, 'Training runs'), h('span', { class: 'space' }), slides > 0 && h('a', { href: formatPlace('cohort', '', {}), class: 'button' }, 'Slides')),
        h('div', { class: 'bar' }, runs.length > chosenAtFirst && filter, button('Draw all of the list', () => this.choose(this.found().map(r => r.id), true), { class: 'small', text: 'All' }),
          button('Draw none of the list', () => this.choose(this.found().map(r => r.id), false), { class: 'small', text: 'None' })),
        this.count, this.list.element),
      h('div', { class: 'run-curves' },
        h('section', { class: 'card', aria: { label: 'Loss' } },
          h('div', { class: 'bar' }, h('h2', {}, 'Loss'), smoothing.element, log.element, h('span', { class: 'space' }), this.all,
            button('Copy the link', () => void copyLink(), { icon: 'link', title: 'Copy a link that brings this back' }),
            button('Copy numbers', () => void copyText(this.table(), 'Copied.'), { class: 'small', title: 'Copy the newest numbers of these runs as a table' })),
          this.plots[0].element, legend(0)),
        h('section', { class: 'card', aria: { label: 'Another series' } }, h('div', { class: 'bar' }, second.element), this.plots[1].element, legend(1)),
        h('p', { class: 'soft hint' }, 'Drag across a plot to zoom, double-click to see all steps. With the keyboard: arrows move along the curves, + and − zoom, 0 shows all.'),
        this.note, this.settings));
    this.stops.push(listen(event => {
      if (event.type === 'training')
        void this.refresh();
    }));
    const restyle = (): void => this.redraw();
    const themes = new MutationObserver(restyle), scheme = matchMedia('(prefers-color-scheme: dark)'), sized = new ResizeObserver(restyle);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    scheme.addEventListener('change', restyle);
    sized.observe(this.element);
    this.stops.push(() => themes.disconnect(), () => scheme.removeEventListener('change', restyle), () => sized.disconnect());
  }

  /** Fetches what is drawn at first. */
  async load(): Promise<void> {
    await this.fetch();
    this.showList();
    this.draw();
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.stops.forEach(stop => stop());
    this.plots.forEach(p => p.close());
  }

  private give(id: string): void {
    const taken = new Set(this.slots.values());
    let slot = 0;
    while (taken.has(slot))
      slot++;
    this.slots.set(id, slot);
  }

  private choose(ids: readonly string[], chosen: boolean): void {
    this.touched = true;
    for (const id of ids) {
      if (!chosen)
        this.slots.delete(id);
      else if (!this.slots.has(id))
        this.give(id);
    }
    this.remember();
    void this.load().catch((e: unknown) => announce(e instanceof Error ? e.message : String(e), 'error'));
  }

  // One after the other: what happens meanwhile is asked for again.
  private async refresh(): Promise<void> {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    try {
      do {
        this.again = false;
        this.runs = (await getJson<{ runs: TrainingRow[] }>('/api/training')).runs;
        for (const id of [...this.slots.keys()].filter(key => !this.runs.some(r => r.id === key)))
          this.slots.delete(id);
        await this.fetch();
        this.showList();
        this.draw();
      } while (this.again);
    } catch (e) {
      announce(e instanceof Error ? e.message : String(e), 'error');
    } finally {
      this.busy = false;
    }
  }

  private async fetch(): Promise<void> {
    await Promise.all([...this.slots.keys()].map(async id => {
      let curves = this.curves.get(id);
      if (!curves)
        this.curves.set(id, curves = new Curves());
      await curves.refresh(id);
      if (!this.details.has(id))
        this.details.set(id, await getJson<TrainingDetail>(runUrl(id)));
    }));
  }

  private found(): TrainingRow[] {
    const text = this.search.toLowerCase();
    return this.runs.filter(r => `${r.group}/${r.name}`.toLowerCase().includes(text));
  }

  private showList(): void {
    const found = this.found(), states = (['running', 'finished', 'stopped'] as const).map(s => [s, this.runs.filter(r => r.state === s).length] as const).filter(([, n]) => n > 0);
    this.count.textContent = this.runs.length === 0 ? 'No training runs here yet.' : `${found.length < this.runs.length ? `${number(found.length)} of ` : ''}${number(this.runs.length)} ${this.runs.length === 1 ? 'run' : 'runs'}: ${states.map(([s, n]) => `${number(n)} ${s}`).join(', ')}`;
    this.list.update(found, this.slots);
  }

  private drawn(): TrainingRow[] {
    return [...this.slots.keys()].map(id => this.runs.find(r => r.id === id)).filter(r => r !== undefined);
  }

  // Sliders move faster than the screen.
  private redraw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const runs = this.drawn();
    const curve = (run: TrainingRow, name: string): Curve => this.curves.get(run.id)?.all.get(name) ?? { steps: [], values: [] };
    const style = (run: TrainingRow): { colour: string; dashed: boolean } => ({ colour: `line-${this.slots.get(run.id)! % lineColours}`, dashed: this.slots.get(run.id)! >= lineColours });
    const lossLines: Line[] = runs.flatMap(run => {
      const loss = curve(run, 'loss');
      return [
        { label: `${run.id} loss`, curve: loss, width: 1, faint: this.smoothing > 0, ...style(run) },
        ...(this.smoothing > 0 ? [{ label: `${run.id} smoothed`, curve: { steps: loss.steps, values: smooth(loss.values, this.smoothing) }, width: 1.8, ...style(run) }] : []),
        { label: `${run.id} held-out`, curve: curve(run, 'held_out_loss'), width: 2, dots: true, ...style(run) },
      ];
    });
    this.plots[0].update(lossLines, this.steps, this.log, `Loss by step. ${runs.map(r => `${r.name}: ${describe(r)}`).join('; ')}`);

    const choices = choicesOf([...new Set(runs.flatMap(r => [...this.curves.get(r.id)?.all.keys() ?? []]))].filter(n => !losses.includes(n)));
    if (!choices.has(this.second) && choices.size > 0)
      this.second = choices.keys().next().value!;
    if ([...this.select.options].map(o => o.value).join('\n') !== [...choices.keys()].join('\n'))
      this.select.replaceChildren(...[...choices].map(([name, parts]) => h('option', { value: name }, parts.length > 1 ? `${words(name)} (all ${parts.length})` : words(name))));
    this.select.value = this.second;
    const parts = this.parts();
    // of one run every line has a colour of its own
    const secondLines: Line[] = runs.flatMap(run => parts.map((name, i) => ({ label: `${run.id} ${name}`, curve: curve(run, name), width: 1.5, dots: name.startsWith('held_out'), ...(runs.length === 1 && parts.length > 1 ? { colour: `line-${i % lineColours}`, dashed: i >= lineColours } : style(run)) })));
    this.plots[1].update(secondLines, this.steps, this.log, `${words(this.second)} by step. ${runs.map(r => `${r.name}: ${parts.map(p => shown(curve(r, p).values.at(-1))).join(', ')}`).join('; ')}`);
    this.all.hidden = this.steps === null;
    const skipped = runs.filter(r => (this.curves.get(r.id)?.skippedBytes ?? 0) > 0);
    this.note.hidden = skipped.length === 0;
    this.note.textContent = `Of very large metrics only the end is shown: ${skipped.map(r => r.name).join(', ')}.`;
    this.legend();
    this.settings.hidden = runs.length === 0;
    this.settings.replaceChildren(...settingsTable(runs.map(r => [r.id, r.name, this.details.get(r.id)?.settings ?? []] as const), this.onlyDifferent, only => { this.onlyDifferent = only; this.draw(); }));
  }

  private parts(): string[] {
    const names = [...new Set(this.drawn().flatMap(r => [...this.curves.get(r.id)?.all.keys() ?? []]))];
    return choicesOf(names).get(this.second) ?? [];
  }

  // The values under the cursor, else the newest.
  private value(id: string, name: string): number | undefined {
    const curve = this.curves.get(id)?.all.get(name);
    if (!curve)
      return undefined;
    return this.cursor === null ? curve.values.at(-1) : curve.values[nearest(curve, this.cursor)];
  }

  private rows(plot: 0 | 1): { slot: number; name: string; cells: string[] }[] {
    const runs = this.drawn();
    if (plot === 0) {
      const heldOut = runs.some(r => this.curves.get(r.id)?.all.has('held_out_loss'));
      return runs.map(r => ({ slot: this.slots.get(r.id)!, name: r.name, cells: (heldOut ? losses : ['loss']).map(n => shown(this.value(r.id, n))) }));
    }
    const parts = this.parts();
    return runs.flatMap(r => parts.map((p, i) => ({ slot: runs.length === 1 && parts.length > 1 ? i : this.slots.get(r.id)!, name: parts.length > 1 ? `${r.name}, ${words(p)}` : r.name, cells: [shown(this.value(r.id, p))] })));
  }

  private when(): string {
    return this.cursor === null ? 'Newest' : `At step ${number(Math.max(0, Math.round(this.cursor)))}`;
  }

  private legend(): void {
    for (const i of [0, 1] as const) {
      const rows = this.rows(i);
      const names = i === 0 ? ['training', 'held out'] : [words(this.second)];
      this.heads[i].replaceChildren(h('th', { scope: 'col' }, this.when()), ...names.slice(0, rows[0]?.cells.length ?? 0).map(n => h('th', { scope: 'col' }, n)));
      this.legends[i].replaceChildren(...rows.slice(0, mostRows).map(({ slot, name, cells }) => h('tr', {}, h('th', { scope: 'row' }, swatch(slot), name), ...cells.map(c => h('td', {}, c)))),
        ...(rows.length > mostRows ? [h('tr', {}, h('th', { scope: 'row' }, `and ${number(rows.length - mostRows)} more`))] : []));
    }
  }

  private inWords(plot: 0 | 1): string {
    return `${this.when()}: ${this.rows(plot).map(({ name, cells }) => `${name} ${cells.join(', held out ')}`).join('; ')}`;
  }

  private move(step: number | null): void {
    if (step === this.cursor)
      return;
    this.cursor = step;
    this.legend();
  }

  private zoom(steps: Steps): void {
    this.steps = steps;
    this.draw();
    this.remember();
  }

  private table(): string {
    const rows = this.drawn().map(r => [r.group, r.name, r.state, r.step ?? '', r.steps ?? '', r.loss ?? '', r.held_out_loss ?? '', r.tokens_per_s ?? '', r.seconds_per_step ?? '', r.remaining_s ?? ''].join('\t'));
    return [['group', 'run', 'state', 'step', 'steps', 'loss', 'held_out_loss', 'tokens_per_s', 'seconds_per_step', 'remaining_s'].join('\t'), ...rows].join('\n');
  }

  private remember(): void {
    history.replaceState(null, '', formatPlace('training', '', [
      ...(this.touched ? this.slots.size === 0 ? [['none', '1']] : [...this.slots.keys()].map(id => ['run', id]) : []),
      ...(this.second !== 'learning_rate' ? [['second', this.second]] : []),
      ...(this.smoothing > 0 ? [['smooth', String(this.smoothing)]] : []),
      ...(this.log ? [['log', '1']] : []),
      ...(this.search ? [['q', this.search]] : []),
      ...(this.steps ? [['from', String(this.steps[0])], ['to', String(this.steps[1])]] : []),
    ]));
  }
}

const shown = (value: number | undefined): string => (value === undefined ? '–' : value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(3) : Number.isInteger(value) || Math.abs(value) >= 10_000 ? number(value) : value.toPrecision(4));
