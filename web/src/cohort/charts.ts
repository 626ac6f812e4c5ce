import type uPlot from 'uplot';
import type { SlideRow } from '../api.ts';
import { choice, h } from '../dom.ts';
import { number, words } from '../format.ts';
import { axisStyle, colour, library, wide } from '../plot.ts';
import type { Range } from './filters.ts';

const height = 190;

/** A histogram and a scatter plot of any numbers of the cohort; what is brushed stays. */
export class Charts {
  readonly element: HTMLElement;
  private readonly histogramBox = h('div', { class: 'plot', role: 'img' });
  private readonly scatterBox = h('div', { class: 'plot', role: 'img' });
  private histogram: uPlot | null = null;
  private scatter: uPlot | null = null;
  private readonly brush: (column: string, range: Range | null) => void;
  private readonly changed: () => void;
  private columns: string[];
  private x: string;
  private y: string;
  private bars: string;
  private readonly selects: HTMLSelectElement[] = [];
  private frame = 0;
  private slides: readonly SlideRow[] = [];
  private shown: ReadonlySet<SlideRow> = new Set();
  private brushed: ReadonlyMap<string, Range> = new Map();
  private readonly resized = new ResizeObserver(() => this.draw());

  constructor(columns: string[], options: URLSearchParams, brush: (column: string, range: Range | null) => void, changed: () => void) {
    this.brush = brush;
    this.changed = changed;
    this.columns = columns;
    const pick = (name: string, otherwise: number): string => columns.includes(options.get(name) ?? '') ? options.get(name)! : columns[Math.min(otherwise, columns.length - 1)] ?? '';
    this.bars = pick('hist', 0);
    this.x = pick('x', 1);
    this.y = pick('y', 0);
    this.element = h('section', { class: 'charts', aria: { label: 'Distributions' } },
      h('div', { class: 'card' }, h('div', { class: 'bar' }, this.choose('Histogram of', this.bars, v => { this.bars = v; })), this.histogramBox),
      h('div', { class: 'card' }, h('div', { class: 'bar' }, this.choose('Scatter of', this.y, v => { this.y = v; }), this.choose('against', this.x, v => { this.x = v; })), this.scatterBox),
      h('p', { class: 'soft hint' }, 'Drag across a plot to keep only those slides; click it to keep all again.'));
    this.resized.observe(this.histogramBox);
  }

  setColumns(columns: string[]): void {
    if (columns.join() === this.columns.join())
      return;
    this.columns = columns;
    for (const select of this.selects) {
      const value = select.value;
      select.replaceChildren(...columns.map(c => h('option', { value: c, selected: c === value }, words(c))));
    }
  }

  update(slides: readonly SlideRow[], shown: ReadonlySet<SlideRow>, brushed: ReadonlyMap<string, Range>): void {
    this.slides = slides;
    this.shown = shown;
    this.brushed = brushed;
    // not at once: a plot must not be replaced while it reports a brush
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  toOptions(): Record<string, string> {
    return this.columns.length === 0 ? {} : { hist: this.bars, x: this.x, y: this.y };
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.resized.disconnect();
    this.histogram?.destroy();
    this.scatter?.destroy();
  }

  private choose(label: string, value: string, set: (value: string) => void): HTMLElement {
    const { element, select } = choice(label, this.columns.map(c => [c, words(c)] as const), value, v => {
      set(v);
      this.changed();
    });
    this.selects.push(select);
    return element;
  }

  private draw(): void {
    const width = this.histogramBox.clientWidth;
    if (width < 50 || this.columns.length === 0)
      return;
    const [axis, accent, soft] = [axisStyle(), colour('accent'), colour('faded')];
    this.histogram?.destroy();
    this.histogram = this.drawHistogram(width, axis, accent, soft);
    this.scatter?.destroy();
    this.scatter = this.drawScatter(this.scatterBox.clientWidth || width, axis, accent, soft);
  }

  private drawHistogram(width: number, axis: uPlot.Axis, accent: string, soft: string): uPlot | null {
    const values = this.slides.map(s => s.numbers[this.bars]).filter(v => v !== undefined);
    this.histogramBox.replaceChildren();
    if (values.length === 0)
      return null;
    const low = Math.min(...values), high = Math.max(...values), bins = Math.max(5, Math.min(40, Math.ceil(Math.sqrt(values.length) * 1.5)));
    // where all are the same, they stand in the middle
    const step = (high - low) / bins || Math.abs(low) / 50 || 0.1;
    const from = high > low ? low : low - step * bins / 2, to = from + step * bins;
    const binOf = (v: number): number => Math.min(bins - 1, Math.floor((v - from) / step));
    const all = new Array<number>(bins).fill(0), kept = new Array<number>(bins).fill(0);
    for (const slide of this.slides) {
      const v = slide.numbers[this.bars];
      if (v === undefined)
        continue;
      all[binOf(v)]! += 1;
      if (this.shown.has(slide))
        kept[binOf(v)]! += 1;
    }
    this.histogramBox.setAttribute('aria-label', `Histogram of ${words(this.bars)}: ${values.length} slides from ${number(low)} to ${number(high)}`);
    const paths = library.paths.bars!({ size: [0.95, 100] });
    const column = this.bars;
    const plot = new library({
      width, height, legend: { show: false }, padding: [8, 8, 0, 0],
      cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false } },
      scales: { x: { time: false, range: [from - step * 0.05, to + step * 0.05] }, y: { range: (_u, _min, max) => [0, Math.max(1, max * 1.05)] } },
      axes: [axis, { ...axis, size: 46 }],
      series: [{}, { paths, fill: soft, points: { show: false } }, { paths, fill: accent, points: { show: false } }],
      hooks: { setSelect: [u => u.select.width >= 3 && this.brush(column, [u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')])] },
    }, [all.map((_, i) => from + (i + 0.5) * step), all, kept], this.histogramBox);
    this.keepBrush(plot, column, null);
    return plot;
  }

  private drawScatter(width: number, axis: uPlot.Axis, accent: string, soft: string): uPlot | null {
    const points = this.slides.filter(s => s.numbers[this.x] !== undefined && s.numbers[this.y] !== undefined).sort((a, b) => a.numbers[this.x]! - b.numbers[this.x]!);
    this.scatterBox.replaceChildren();
    if (points.length === 0)
      return null;
    this.scatterBox.setAttribute('aria-label', `Scatter plot of ${words(this.y)} against ${words(this.x)}, ${points.length} slides`);
    const xs = points.map(p => p.numbers[this.x]!);
    const series = (keep: boolean): (number | null)[] => points.map(p => (this.shown.has(p) === keep ? p.numbers[this.y]! : null));
    const dots = (fill: string): uPlot.Series => ({ paths: () => null, points: { show: true, size: 6, width: 0, fill, stroke: fill } });
    const [x, y] = [this.x, this.y];
    const plot = new library({
      width, height, legend: { show: false }, padding: [8, 8, 0, 0],
      cursor: { drag: { x: true, y: true, setScale: false }, points: { show: false } },
      scales: { x: { time: false, range: wide }, y: { range: wide } },
      axes: [axis, { ...axis, size: 58 }],
      series: [{}, dots(soft), dots(accent)],
      hooks: {
        setSelect: [u => {
          if (u.select.width < 3 || u.select.height < 3)
            return;
          const { left, top, width: w, height: t } = u.select;
          this.brush(x, [u.posToVal(left, 'x'), u.posToVal(left + w, 'x')]);
          if (y !== x)
            this.brush(y, [u.posToVal(top + t, 'y'), u.posToVal(top, 'y')]);
        }],
      },
    }, [xs, series(false), series(true)], this.scatterBox);
    this.keepBrush(plot, x, y);
    return plot;
  }

  // Plots are made anew with every change: the brushed part is marked again, and a click takes it away.
  private keepBrush(plot: uPlot, x: string, y: string | null): void {
    const [across, up] = [this.brushed.get(x), y === null ? undefined : this.brushed.get(y)];
    if (across && (y === null || up || y === x)) {
      const left = plot.valToPos(across[0], 'x'), top = up ? plot.valToPos(up[1], 'y') : 0;
      plot.setSelect({ left, top, width: plot.valToPos(across[1], 'x') - left, height: up ? plot.valToPos(up[0], 'y') - top : plot.over.clientHeight }, false);
    }
    let pressed = [0, 0];
    plot.over.addEventListener('mousedown', e => { pressed = [e.clientX, e.clientY]; });
    plot.over.addEventListener('click', e => {
      if (Math.hypot(e.clientX - pressed[0]!, e.clientY - pressed[1]!) > 3)
        return;
      this.brush(x, null);
      if (y !== null && y !== x)
        this.brush(y, null);
    });
  }
}
