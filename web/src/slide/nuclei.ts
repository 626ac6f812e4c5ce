import { getJson, slideUrl, type NucleusInfo, type SlideDetail } from '../api.ts';
import { takeWorker } from '../early.ts';
import { announce, choice, h, slider, toggle } from '../dom.ts';
import { number, words } from '../format.ts';
import { brightColour, css, palette } from './colours.ts';
import { atOnce, dataKey, jobOf, layTile, margin, nearestFirst, placesIn, usualStyle, type TilePlace } from './nucleus-places.ts';
import { colourIndex, drawPaths, gather, readTile, shareOf, type NucleusStyle, type NucleusTile, type TilePaths } from './nucleus-tile.ts';
import type { TileDone, TileJob, WorkerAnswer } from './nucleus-worker.ts';
import type { Layer, SlideView } from './view.ts';
import { markPainted, pixelRatio, type Viewport } from './viewport.ts';

interface Held { tile: NucleusTile; data: ArrayBuffer; picture: ImageBitmap | null; style: string; paths: { style: string; made: TilePaths } | null; used: number; asked: number }

/** Pictures of tiles that are kept; one takes about 1.3 MB. */
const most = 120;
/** From this scale on outlines are drawn themselves, not pictures of them. */
const sharp = 1.5;

/** Nuclei: outlines near, points farther away, densities from afar. Tiles are fetched and painted by a worker; moving the slide only moves pictures. */
export class NucleusLayer implements Layer {
  readonly id = 'nuclei';
  visible = false;
  opacity = 1;
  info: NucleusInfo | null = null;
  private readonly slide: SlideDetail;
  private readonly view: SlideView;
  private readonly worker: Worker;
  private readonly held = new Map<string, Held>();
  private readonly running = new Set<string>();
  private wanted: TilePlace[] = [];
  private style: NucleusStyle;
  private clock = 0;
  private failed = false;
  private painted = false;
  private expected: Viewport | null = null;
  private timer = 0;
  private readonly chosen = h('dl', { class: 'figures' });
  private readonly legend = h('div', { class: 'legend' });
  private picked: { x: number; y: number }[] = [];
  private filled: (() => void) | null = null;

  constructor(slide: SlideDetail, view: SlideView) {
    this.slide = slide;
    this.view = view;
    this.style = usualStyle(slide.mpp);
    const early = takeWorker();
    this.worker = early?.worker ?? new Worker('nucleus-worker.js');
    this.worker.addEventListener('message', (event: MessageEvent<WorkerAnswer>) => this.hear(event.data));
    early?.heard.forEach(answer => this.hear(answer));
    // asked for now, though it may be shown later: the first nuclei wait for nothing else
    if (!this.info)
      void this.ask();
  }

  get colourBy(): string {
    return this.style.colourBy;
  }

  set colourBy(value: string) {
    this.restyle({ colourBy: value, from: 0, to: 1 });
    this.filled?.();
  }

  /** Draws all in one colour, outlines unfilled. */
  set tint(colour: string) {
    this.restyle({ tint: colour });
  }

  draw(context: CanvasRenderingContext2D, view: Viewport): void {
    if (!this.info)
      return;
    this.expected = null;
    const addresses = placesIn(view, this.slide, this.info, pixelRatio());
    this.want(addresses);
    for (const address of addresses) {
      const held = this.held.get(dataKey(address, this.style));
      if (held)
        held.used = ++this.clock;
      if (held?.tile.kind === 'outlines' && view.scale >= sharp)
        drawPaths(context, this.pathsOf(held, view.scale), view.scale);
      else if (held?.picture)
        this.paint(context, address, held.picture);
      else
        this.paintFromAfar(context, address);
    }
    if (this.picked.length > 0) {
      context.lineWidth = 3 / view.scale;
      context.strokeStyle = '#ff00ff';
      context.beginPath();
      this.picked.forEach((p, i) => (i === 0 ? context.moveTo(p.x, p.y) : context.lineTo(p.x, p.y)));
      context.closePath();
      context.stroke();
    }
    this.work(view);
  }

  /** Asks for what will be seen first, before there is anything to draw on. */
  expect(view: Viewport): void {
    this.expected = view;
    if (!this.info)
      return;
    this.want(placesIn(view, this.slide, this.info, pixelRatio()));
    this.work(view);
  }

  /** What lies under the pointer, in words. */
  describe(place: { x: number; y: number }): string | null {
    const found = this.find(place);
    if (!found || !this.info)
      return null;
    const { tile, i } = found;
    if (tile.kind === 'cells')
      return `${number(tile.counts![i]!)} nuclei`;
    const type = this.info.classes[tile.classes[i]!] ?? '';
    const share = shareOf(tile, i);
    return this.colourBy === 'class' || Number.isNaN(share) ? type : `${type}, ${words(this.colourBy)} ${share >= 1 ? '≥ ' : share <= 0 ? '≤ ' : ''}${number(tile.low + share * (tile.high - tile.low))}`;
  }

  /** Shows every number of the nucleus at a place. */
  async select(place: { x: number; y: number }): Promise<void> {
    const found = this.visible ? this.find(place) : null;
    const id = found?.tile.ids?.[found.i];
    if (id === undefined) {
      this.picked = [];
      this.chosen.replaceChildren();
    } else {
      const nucleus = await getJson<{ columns: Record<string, number | string>; polygon: [number, number][] }>(slideUrl(this.slide.id, `/nuclei/objects/${id}`));
      this.picked = nucleus.polygon.map(([x, y]) => ({ x, y }));
      this.chosen.replaceChildren(...Object.entries(nucleus.columns).flatMap(([name, value]) => [h('dt', {}, words(name)), h('dd', {}, typeof value === 'number' ? number(value) : String(value))]));
    }
    this.view.redraw();
  }

  /** The panel: what colours mean, what is left out, the chosen nucleus. */
  controls(changed: () => void): HTMLElement {
    const box = h('div');
    const section = h('section', { class: 'card nuclei', aria: { label: 'Nuclei' } }, h('h2', {}, 'Nuclei'), box, this.chosen);
    this.filled = () => {
      const { info, style } = this;
      if (!info)
        return;
      const names = [['class', 'class'], ...info.measurements.map(m => [m.name, words(m.name)] as const)] as const;
      const colour = choice('Colour by', names, style.colourBy, value => {
        this.colourBy = value;
        changed();
      });
      const measure = info.measurements.find(m => m.name === style.colourBy);
      const at = (share: number): string => number(measure!.p01 + share * (measure!.p99 - measure!.p01));
      const low = slider('From', { min: 0, max: 1, step: 0.01, value: style.from, show: v => (measure ? at(v) : '') }, v => this.restyle({ from: v }));
      const high = slider('To', { min: 0, max: 1, step: 0.01, value: style.to, show: v => (measure ? at(v) : '') }, v => this.restyle({ to: v }));
      this.legend.replaceChildren(...(measure ? [this.ramp(measure), low.element, high.element] : info.classes.map((name, i) => {
        const kind = toggle(name, !style.hidden.includes(i), on => this.restyle({ hidden: on ? this.style.hidden.filter(c => c !== i) : [...this.style.hidden, i] }));
        kind.element.prepend(swatch(css(palette[i % palette.length]!)));
        return kind.element;
      })));
      box.replaceChildren(colour.element, this.legend, h('p', { class: 'soft' }, `${number(info.count)} nuclei; click one for its numbers`));
    };
    this.filled();
    return section;
  }

  close(): void {
    clearTimeout(this.timer);
    this.worker.terminate();
    this.held.forEach(held => held.picture?.close());
    this.held.clear();
  }

  private async ask(): Promise<void> {
    try {
      this.info = await getJson<NucleusInfo>(slideUrl(this.slide.id, '/nuclei'));
      this.filled?.();
      if (this.expected)
        this.expect(this.expected);
      this.view.redraw();
    } catch (e) {
      announce(e instanceof Error ? e.message : String(e), 'error');
    }
  }

  private ramp(measure: { p01: number; p99: number }): HTMLElement {
    const canvas = h('canvas', { width: 101, height: 1, class: 'ramp', role: 'img', aria: { label: `Colours from ${number(measure.p01)} to ${number(measure.p99)}` } });
    const context = canvas.getContext('2d')!;
    for (let i = 0; i <= 100; i++) {
      context.fillStyle = css(brightColour(i / 100));
      context.fillRect(i, 0, 1, 1);
    }
    return h('div', {}, canvas, h('span', { class: 'ends' }, h('span', {}, `≤ ${number(measure.p01)}`), h('span', {}, `≥ ${number(measure.p99)}`)));
  }

  private restyle(change: Partial<NucleusStyle>): void {
    this.style = { ...this.style, ...change };
    this.view.redraw();
  }

  private styleKey(): string {
    return JSON.stringify(this.style);
  }

  private paint(context: CanvasRenderingContext2D, place: TilePlace, picture: ImageBitmap): void {
    if (!this.painted) {
      this.painted = true;
      markPainted('first-nuclei');
    }
    layTile(context, place, picture);
  }

  private pathsOf(held: Held, scale: number): TilePaths {
    const style = this.styleKey();
    if (held.paths?.style !== style)
      held.paths = { style, made: gather(held.tile, this.style, scale) };
    return held.paths.made;
  }

  // Until a tile is there, the part of a coarser one that covers it.
  private paintFromAfar(context: CanvasRenderingContext2D, address: TilePlace): void {
    for (let up = 1; up <= address.z; up++) {
      const z = address.z - up, x = address.x >> up, y = address.y >> up;
      const held = this.held.get(`${this.style.colourBy}/${z}/${x}/${y}`);
      if (!held?.picture)
        continue;
      const pixels = held.picture.width / (1 + 2 * margin), part = pixels / 2 ** up;
      const sx = pixels * margin + (address.x - (x << up)) * part, sy = pixels * margin + (address.y - (y << up)) * part;
      context.drawImage(held.picture, sx, sy, part, part, address.x * address.side, address.y * address.side, address.side, address.side);
      return;
    }
  }

  private want(addresses: TilePlace[]): void {
    this.wanted = addresses.filter(address => {
      const held = this.held.get(dataKey(address, this.style));
      return !held || held.style !== this.styleKey() || (held.tile.preliminary && performance.now() - held.asked > 1500);
    });
  }

  private work(view: Viewport): void {
    if (this.wanted.length === 0 || this.running.size >= atOnce || this.failed || !this.info)
      return;
    for (const address of nearestFirst(this.wanted, view)) {
      if (this.running.size >= atOnce)
        break;
      const key = dataKey(address, this.style);
      if (this.running.has(key))
        continue;
      const held = this.held.get(key);
      const again = held && !held.tile.preliminary && held.data.byteLength > 0;
      const job: TileJob = { ...jobOf(this.slide.id, this.info, address, this.style, pixelRatio()), ...(again ? { data: held.data.slice(0) } : {}) };
      this.note(key, this.styleKey());
      this.worker.postMessage(job, job.data ? [job.data] : []);
    }
  }

  private readonly styles = new Map<string, string>();

  private hear(answer: WorkerAnswer): void {
    if (!('first' in answer)) {
      this.done(answer);
      return;
    }
    // what the worker has begun by itself
    this.info ??= answer.first.info;
    for (const place of answer.first.places)
      this.note(dataKey(place, answer.first.style), JSON.stringify(answer.first.style));
  }

  private note(key: string, style: string): void {
    this.running.add(key);
    this.styles.set(key, style);
  }

  private done({ key, data, picture, error }: TileDone): void {
    this.running.delete(key);
    const style = this.styles.get(key) ?? '';
    this.styles.delete(key);
    if (error !== undefined || !data) {
      // once is enough to say it, and asking again every frame would not help
      if (!this.failed)
        announce(`Nuclei: ${error ?? 'nothing came'}`, 'error');
      this.failed = true;
      this.timer = window.setTimeout(() => { this.failed = false; this.view.redraw(); }, 5000);
      return;
    }
    this.held.get(key)?.picture?.close();
    const tile = readTile(data);
    this.held.set(key, { tile, data, picture: picture ?? null, style, paths: null, used: ++this.clock, asked: performance.now() });
    if (tile.preliminary)
      this.timer = window.setTimeout(() => this.view.redraw(), 1600);
    while (this.held.size > most) {
      const [oldest, held] = [...this.held].reduce((a, b) => (a[1].used < b[1].used ? a : b));
      held.picture?.close();
      this.held.delete(oldest);
    }
    this.view.redraw();
  }

  private find(place: { x: number; y: number }): { tile: NucleusTile; i: number } | null {
    if (!this.info)
      return null;
    const view = this.view.viewport(), reach = 8 / view.scale;
    let best: { tile: NucleusTile; i: number } | null = null, nearest = Infinity;
    for (const address of placesIn({ ...view, left: place.x - reach, right: place.x + reach, top: place.y - reach, bottom: place.y + reach }, this.slide, this.info, pixelRatio())) {
      const held = this.held.get(dataKey(address, this.style));
      if (!held)
        continue;
      const { tile } = held;
      const x = (place.x - tile.left) / tile.step, y = (place.y - tile.top) / tile.step;
      const limit = tile.kind === 'cells' ? 128 : Math.max(reach, tile.kind === 'outlines' ? 20 : 0) / tile.step;
      for (let i = 0; i < tile.count; i++) {
        const d = Math.hypot(tile.places[2 * i]! - x, tile.places[2 * i + 1]! - y);
        if (d < nearest && d <= limit && colourIndex(tile, i, this.style) >= 0) {
          nearest = d;
          best = { tile, i };
        }
      }
    }
    return best;
  }
}

function swatch(colour: string): HTMLElement {
  const canvas = h('canvas', { width: 1, height: 1, class: 'swatch', aria: { hidden: 'true' } });
  const context = canvas.getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return canvas;
}
