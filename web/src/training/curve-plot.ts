import type uPlot from 'uplot';
import { h } from '../dom.ts';
import { number } from '../format.ts';
import { axisStyle, colour, library, wide } from '../plot.ts';
import type { Curve } from './curves.ts';

/** Something to draw. */
export interface Line { label: string; curve: Curve; /** A variable of the page's colours. */ colour: string; width: number; faint?: boolean; dashed?: boolean; dots?: boolean }

/** The steps that are shown; null: all. */
export type Steps = [from: number, to: number] | null;

const height = 290;
const dots = (steps: readonly number[]): boolean => steps.length <= 120;

/** Lines over steps. Drag zooms, a double click shows all again; arrow keys move the cursor. Plots of one page share cursor and zoom. */
export class CurvePlot {
  readonly element: HTMLElement;
  private readonly box = h('div', { class: 'plot', role: 'img', tabIndex: 0 });
  private readonly said = h('p', { class: 'sr', role: 'status' });
  private plot: uPlot | null = null;
  private drawn = '';
  private lines: readonly Line[] = [];
  private steps: Steps = null;
  private log = false;
  private readonly resized = new ResizeObserver(() => this.plot?.setSize({ width: this.box.clientWidth, height }));
  private readonly zoom: (steps: Steps) => void;
  private readonly moved: (step: number | null) => void;
  private readonly values: () => string;

  /**
   * @param zoom Told what of the steps shall be shown.
   * @param moved Told over which step the cursor is.
   * @param values The values under the cursor in words.
   */
  constructor(zoom: (steps: Steps) => void, moved: (step: number | null) => void, values: () => string) {
    this.zoom = zoom;
    this.moved = moved;
    this.values = values;
    this.element = h('div', {}, this.box, this.said);
    this.resized.observe(this.box);
    this.box.addEventListener('keydown', event => this.key(event));
    this.box.addEventListener('blur', () => this.setCursor(null));
  }

  /** Draws; only what changed where that is enough. */
  update(lines: readonly Line[], steps: Steps, log: boolean, summary: string): void {
    this.lines = lines.filter(l => l.curve.steps.length > 0);
    this.steps = steps;
    this.log = log;
    this.box.setAttribute('aria-label', this.lines.length === 0 ? `${summary}: nothing yet` : summary);
    const width = this.box.clientWidth;
    if (width < 50)
      return;
    const look = JSON.stringify([log, colour('ink'), this.lines.map(l => [l.label, colour(l.colour), l.width, l.faint, l.dashed, l.dots, dots(l.curve.steps)])]);
    if (look !== this.drawn || !this.plot) {
      this.plot?.destroy();
      this.box.replaceChildren();
      this.drawn = look;
      this.plot = this.lines.length === 0 ? null : new library(this.options(width), this.data(), this.box);
      if (this.plot && steps)
        this.plot.setScale('x', { min: steps[0], max: steps[1] });
      return;
    }
    this.plot.setData(this.data(), steps === null);
    if (steps)
      this.plot.setScale('x', { min: steps[0], max: steps[1] });
  }

  /** Puts the cursor over a step, or away. */
  setCursor(step: number | null): void {
    if (!this.plot)
      return;
    this.plot.setCursor(step === null ? { left: -10, top: -10 } : { left: this.plot.valToPos(step, 'x'), top: this.plot.over.clientHeight / 2 }, false);
  }

  close(): void {
    this.resized.disconnect();
    this.plot?.destroy();
  }

  private data(): uPlot.AlignedData {
    // a logarithm needs positive values
    const value = (v: number): number | null => (this.log && v <= 0 ? null : v);
    return library.join(this.lines.map(l => [l.curve.steps, l.curve.values.map(value)] as uPlot.AlignedData));
  }

  private options(width: number): uPlot.Options {
    const axis = axisStyle();
    return {
      width, height, legend: { show: false }, padding: [10, 12, 0, 0],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false }, points: { show: false },
        bind: { dblclick: () => () => { this.zoom(null); return null; } },
      },
      scales: { x: { time: false }, y: this.log ? { distr: 3 } : { range: wide } },
      axes: [axis, { ...axis, size: 62, values: (_u, splits) => splits.map(v => (v === null ? '' : short(v))) }],
      series: [{}, ...this.lines.map(l => {
        const stroke = colour(l.colour);
        return { stroke, width: l.width, alpha: l.faint ? 0.28 : 1, dash: l.dashed ? [6, 4] : [], spanGaps: true, points: { show: l.dots === true && dots(l.curve.steps), size: 6, width: 1, stroke, fill: stroke } } satisfies uPlot.Series;
      })],
      hooks: {
        setSelect: [u => {
          if (u.select.width >= 3)
            this.zoom([Math.floor(u.posToVal(u.select.left, 'x')), Math.ceil(u.posToVal(u.select.left + u.select.width, 'x'))]);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        }],
        setCursor: [u => {
          const left = u.cursor.left ?? -1;
          this.moved(left < 0 ? null : u.posToVal(left, 'x'));
        }],
      },
    };
  }

  private key(event: KeyboardEvent): void {
    const plot = this.plot;
    if (!plot || event.ctrlKey || event.altKey || event.metaKey)
      return;
    const all = plot.data[0] as readonly number[];
    const [from, to] = [plot.scales['x']!.min ?? 0, plot.scales['x']!.max ?? 1];
    const seen = all.map((step, i) => [step, i] as const).filter(([step]) => step >= from && step <= to).map(([, i]) => i);
    if (seen.length === 0)
      return;
    const [first, last] = [seen[0]!, seen.at(-1)!];
    const now = (plot.cursor.left ?? -1) < 0 ? null : plot.cursor.idx ?? null;
    const stride = event.shiftKey ? 10 : 1;
    const middle = plot.posToVal((plot.cursor.left ?? -1) < 0 ? plot.over.clientWidth / 2 : plot.cursor.left!, 'x'), reach = (to - from) / 4;
    let go: number | null = null;
    if (event.key === 'ArrowRight')
      go = now === null ? first : Math.min(last, now + stride);
    else if (event.key === 'ArrowLeft')
      go = now === null ? last : Math.max(first, now - stride);
    else if (event.key === 'Home')
      go = first;
    else if (event.key === 'End')
      go = last;
    else if (event.key === '+')
      this.zoom([Math.floor(middle - reach), Math.ceil(middle + reach)]);
    else if (event.key === '-' && this.steps)
      this.zoom(middle - 4 * reach <= all[0]! && middle + 4 * reach >= all.at(-1)! ? null : [Math.floor(middle - 4 * reach), Math.ceil(middle + 4 * reach)]);
    else if (event.key === '0' || event.key === 'Escape')
      this.zoom(null);
    else
      return;
    event.preventDefault();
    if (go === null)
      return;
    this.setCursor(all[go]!);
    this.moved(all[go]!);
    this.said.textContent = this.values();
  }
}

/** A number for the narrow place beside an axis. */
function short(value: number): string {
  return value !== 0 && Math.abs(value) < 0.0001 ? value.toExponential(Math.abs(value) < 1e-99 ? 0 : 1).replace('.0e', 'e').replace('e-', 'e−') : number(value);
}
