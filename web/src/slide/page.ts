import { getJson, slideUrl, type FeatureCollection, type SlideDetail, type SlideRow } from '../api.ts';
import { announce, button, h } from '../dom.ts';
import { takeWorker } from '../early.ts';
import type { IconName } from '../icons.ts';
import { listen } from '../events.ts';
import type { Page } from '../main.ts';
import { formatPlace, placeOf } from '../permalink.ts';
import { Address, linkOf } from './address.ts';
import { Annotations } from './annotations.ts';
import { Controls } from './controls.ts';
import { helpDialog } from './keys.ts';
import { wordsOf } from './hover.ts';
import { LayerSet } from './layer-set.ts';
import type { HeatLayer } from './layers.ts';
import { Maps } from './maps.ts';
import { NucleusLayer } from './nuclei.ts';
import { Overview } from './overview.ts';
import { ScaleBar } from './scale-bar.ts';
import { handleKey, type Shortcuts } from './shortcuts.ts';
import { StatisticsPanel } from './statistics.ts';
import { prepareViews, SlideView } from './view.ts';

/** One slide: picture, layers, numbers. */
export async function slidePage(id: string, options: URLSearchParams, host: HTMLElement): Promise<Page> {
  const [slide] = await Promise.all([getJson<SlideDetail>(slideUrl(id)), prepareViews()]);
  if (slide.error)
    throw new Error(slide.error);
  if (!(slide.width > 0 && slide.height > 0))
    throw new Error(slide.image_problem ?? 'The results do not say how large the slide is.');
  const page = new SlidePage(slide, host);
  // The picture does not wait for the maps.
  void page.fill(options).catch((e: unknown) => announce(e instanceof Error ? e.message : String(e), 'error'));
  return page;
}

class SlidePage implements Page {
  readonly element: HTMLElement;
  readonly title: string;
  private readonly slide: SlideDetail;
  private maps!: Maps;
  private readonly views = h('div', { class: 'views' });
  private readonly numbers: HTMLElement;
  private readonly first: SlideView;
  private readonly nuclei: NucleusLayer | null;
  private layers!: LayerSet;
  private second: { view: SlideView; layers: LayerSet } | null = null;
  private readonly scaleBar: ScaleBar;
  private readonly hover = h('p', { class: 'hover', role: 'status', aria: { live: 'off' } });
  private readonly statistics: StatisticsPanel;
  private overview: Overview | null = null;
  private readonly help = helpDialog();
  private readonly panel = h('aside', { class: 'panel left', aria: { label: 'Layers' } });
  private controls: Controls | null = null;
  private annotations!: Annotations;
  private filled = false;
  private closed = false;
  private readonly stops: (() => void)[] = [];
  private tissue: FeatureCollection | null = null;
  private neighbours: [previous: string | null, next: string | null] = [null, null];
  private leader: SlideView;
  private settling = false;
  private smooth = false;
  private readonly address = new Address(() => this.link());

  constructor(slide: SlideDetail, host: HTMLElement) {
    this.slide = slide;
    this.title = slide.name;
    const middle = h('div', { class: 'middle' }, this.toolbar(), this.views);
    this.statistics = new StatisticsPanel(slide);
    this.numbers = h('aside', { class: 'panel right', aria: { label: 'Numbers' } }, this.statistics.element);
    this.element = h('div', { class: 'slide-page' }, this.panel, middle, this.numbers, this.help);
    host.append(this.element);
    this.first = new SlideView(this.views, slide, `Slide ${slide.name}. Arrows move, plus and minus zoom, question mark lists the keys.`, slide.has_image);
    this.leader = this.first;
    this.nuclei = slide.has_nuclei ? new NucleusLayer(slide, this.first) : null;
    if (!this.nuclei)
      takeWorker()?.worker.terminate();
    this.scaleBar = new ScaleBar(slide.mpp);
    this.first.element.append(this.scaleBar.element, this.hover);
  }

  /** Adds maps, layers and panels, and brings up what the link says. */
  async fill(options: URLSearchParams): Promise<void> {
    const { slide } = this;
    // Nor do the nuclei.
    const shown = (options.get('layers') ?? this.usualLayers()).split(',').find(part => part.split(':')[0] === 'nuclei');
    if (this.nuclei && shown !== undefined) {
      Object.assign(this.nuclei, { visible: true, opacity: Number(shown.split(':')[1] ?? 1) });
      this.first.layers = [this.nuclei];
      this.nuclei.expect(this.first.planned(placeOf(options)));
    }
    void this.first.ready.then(() => {
      if (this.closed)
        return;
      this.goTo(options);
      this.scaleBar.update(this.first.viewport().scale);
    }).catch(() => undefined);
    const maps = await Maps.load(slide);
    if (this.closed)
      return;
    this.maps = maps;
    this.layers = new LayerSet(this.first, slide, maps, this.nuclei);
    this.overview = maps.place ? new Overview(slide, (x, y) => { this.leader = this.first; this.first.goTo(x, y, Math.max(this.first.viewport().scale, 0.25)); }) : null;
    this.annotations = new Annotations(slide, this.layers.annotations, this.first, {
      region: region => void this.statistics.within(region),
      tissue: () => this.tissue,
      tissueSaved: tissue => this.setTissue(tissue),
    });
    this.fillNumbers();
    this.controls = new Controls(this.panel, {
      slide, maps, layers: this.layers, second: () => this.second, smooth: () => this.smooth, setSmooth: on => this.setSmooth(on),
      changed: () => this.layersChanged(), recount: () => this.recount(), refresh: () => this.refresh(), redraw: () => this.redraw(), remember: () => this.address.remember(),
    }, this.annotations.element);
    this.filled = true;
    this.open(options);
    // The picture may have come to rest before anybody listened.
    await this.first.ready;
    if (!this.closed)
      this.first.moved(this.first.viewport());
  }

  private open(options: URLSearchParams): void {
    const readies = [this.first.ready];
    this.first.moved = view => {
      this.scaleBar.update(view.scale);
      this.overview?.mark(view);
      this.follows(this.first, this.second?.view);
      this.address.remember();
    };
    this.first.hovered = place => { this.hover.textContent = place ? wordsOf(place, this.slide, this.maps, this.layers.nuclei) : ''; };
    this.first.clicked = place => void this.click(place);
    if (this.slide.has_tissue) {
      readies.push(getJson<FeatureCollection>(slideUrl(this.slide.id, '/files/tissue.geojson')).then(t => this.setTissue(t)));
    }
    readies.push(this.annotations.load());
    void this.findNeighbours();
    const actions = this.actions();
    const key = (event: KeyboardEvent): void => {
      if (!this.help.open)
        handleKey(event, actions);
    };
    window.addEventListener('keydown', key);
    this.stops.push(() => window.removeEventListener('keydown', key));
    this.stops.push(listen(event => {
      if (event.type === 'changed')
        void this.checkVersion();
    }));
    // What is wrong with one layer must not keep the others from being seen.
    for (const ready of readies)
      ready.catch((e: unknown) => announce(e instanceof Error ? e.message : String(e), 'error'));
    this.follow(options);
  }

  follow(options: URLSearchParams): boolean {
    if (!this.filled)
      return false;
    const share = (name: string): number | null => {
      const value = Number(options.get(name) ?? NaN);
      return value >= 0 && value <= 1 ? value : null;
    };
    this.layers.fromText(options.get('layers') ?? this.usualLayers());
    const [til, tumor] = [share('til'), share('tumor')];
    if (til !== null || tumor !== null) {
      this.maps.asPublished = false;
      this.maps.tilCut = til ?? this.maps.tilCut;
      this.maps.tumorCut = tumor ?? this.maps.tumorCut;
    }
    this.smooth = options.get('smooth') === '1';
    const colour = options.get('nuclei');
    if (colour && this.layers.nuclei)
      this.layers.nuclei.colourBy = colour;
    const side = options.get('side');
    if ((side !== null) !== (this.second !== null))
      this.toggleSide(side ?? undefined);
    else if (side !== null)
      this.second!.layers.fromText(side);
    this.goTo(options);
    this.recount();
    this.refresh();
    return true;
  }

  private goTo(options: URLSearchParams): void {
    const place = placeOf(options);
    this.leader = this.first;
    if (this.first.osd.isOpen() && place)
      this.first.goTo(place.x, place.y, place.scale, true);
  }

  close(): void {
    this.controls?.close();
    this.address.close();
    this.stops.forEach(stop => stop());
    this.closed = true;
    this.nuclei?.close();
    if (this.filled)
      this.annotations.close();
    this.second?.layers.close();
    this.second?.view.close();
    this.first.close();
  }

  private usualLayers(): string {
    if (this.slide.published)
      return this.slide.has_image ? 'classes' : 'classes:1.00';
    return ['tissue', 'nuclei', 'annotations'].join(',');
  }

  private toolbar(): HTMLElement {
    const tool = (label: string, name: IconName, action: () => void): HTMLButtonElement => button(label, () => {
      if (!this.filled)
        return;
      this.leader = this.first;
      action();
    }, { icon: name });
    return h('div', { class: 'bar toolbar', role: 'toolbar', aria: { label: 'View' } },
      tool('Previous slide ( [ )', 'previous', () => this.step(0)), tool('Next slide ( ] )', 'next', () => this.step(1)),
      h('h1', {}, this.slide.name), h('span', { class: 'space' }),
      tool('Zoom in ( + )', 'plus', () => this.first.zoom(1.5)), tool('Zoom out ( - )', 'minus', () => this.first.zoom(1 / 1.5)), tool('Whole slide ( 0 )', 'home', () => this.first.home()),
      tool('Side by side ( s )', 'side', () => this.toggleSide()), tool('Full screen ( f )', 'full', () => void this.fullScreen()),
      tool('Copy a link to this view ( l )', 'link', () => void this.address.copy()), tool('Keys ( ? )', 'help', () => this.help.showModal()));
  }

  private fillNumbers(): void {
    const { warnings, files, image_problem: problem } = this.slide;
    const notes = [...(problem ? [problem] : []), ...warnings];
    const parts = [
      this.overview?.element,
      notes.length > 0 && h('section', { class: 'card notes', aria: { label: 'Notes' } }, h('h2', {}, 'Notes'), h('ul', {}, ...notes.map(n => h('li', {}, n)))),
      files.length > 0 && h('section', { class: 'card', aria: { label: 'Files' } }, h('h2', {}, 'Files'), h('ul', { class: 'files' }, ...files.map(f => h('li', {}, h('a', { href: slideUrl(this.slide.id, `/files/${f}`), target: '_blank', rel: 'noopener' }, f))))),
    ];
    this.numbers.append(...parts.filter(p => p instanceof HTMLElement));
  }

  private setTissue(tissue: FeatureCollection): void {
    this.tissue = tissue;
    this.layers.outline = tissue;
    if (this.second)
      this.second.layers.outline = tissue;
  }

  private setSmooth(on: boolean): void {
    this.smooth = on;
    this.refresh();
    this.address.remember();
  }

  private layersChanged(): void {
    this.refresh();
    this.address.remember();
  }

  private refresh(): void {
    for (const layers of [this.layers, this.second?.layers]) {
      for (const id of ['til', 'tumor', 'weighted']) {
        const layer = layers?.layer(id) as HeatLayer | undefined;
        if (layer)
          layer.smooth = this.smooth;
      }
    }
    this.controls?.refresh();
    this.redraw();
  }

  private redraw(): void {
    this.first.redraw();
    this.second?.view.redraw();
  }

  private recount(): void {
    if (!this.maps.place)
      return;
    const codes = this.maps.classes();
    this.layers.codes = codes;
    if (this.second)
      this.second.layers.codes = codes;
    const cuts = this.maps.asPublished ? 'as published' : `TIL ${this.maps.tilCut.toFixed(2)}, tumor ${this.maps.tumorCut.toFixed(2)}`;
    this.statistics.count({ place: this.maps.place, codes, cuts });
    this.overview?.show(this.layers.classes!.image());
  }

  private toggleSide(layers?: string): void {
    const before = this.first.osd.isOpen() ? this.first.viewport() : null;
    if (this.second) {
      this.second.layers.close();
      this.second.view.close();
      this.second = null;
      this.views.classList.remove('two');
    } else {
      this.views.classList.add('two');
      const view = new SlideView(this.views, this.slide, `Second view of ${this.slide.name}`, false);
      const set = new LayerSet(view, this.slide, this.maps, this.slide.has_nuclei ? new NucleusLayer(this.slide, view) : null);
      this.second = { view, layers: set };
      set.fromText(layers ?? (this.maps.place ? 'classes:1.00' : 'tissue'));
      if (this.tissue)
        set.outline = this.tissue;
      void view.ready.then(() => {
        this.follows(this.first, view);
        view.moved = () => this.follows(view, this.first);
      });
      // The view that is touched leads; that the other one moves too must not lead it back.
      for (const event of ['pointerdown', 'wheel'] as const) {
        view.element.addEventListener(event, () => { this.leader = view; }, { capture: true, passive: true });
        this.first.element.addEventListener(event, () => { this.leader = this.first; }, { capture: true, passive: true });
      }
      this.recount();
    }
    // The view keeps its middle and its scale while its box changes; OpenSeadragon sees the new size in the next frame.
    if (before) {
      this.settling = true;
      requestAnimationFrame(() => requestAnimationFrame(() => {
        this.settling = false;
        this.leader = this.first;
        this.first.goTo((before.left + before.right) / 2, (before.top + before.bottom) / 2, before.scale, true);
      }));
    }
    this.refresh();
    this.address.remember();
  }

  // What the leading view does the other does at once.
  private follows(leader: SlideView, follower: SlideView | undefined): void {
    if (!follower?.osd.isOpen() || leader !== this.leader || this.settling)
      return;
    const { left, top, right, bottom, scale } = leader.viewport();
    follower.goTo((left + right) / 2, (top + bottom) / 2, scale, true);
  }

  // On a published map a click goes to the same place of the slide itself, if it is here.
  private async click(place: { x: number; y: number }): Promise<void> {
    if (this.layers.annotations.tool !== 'none')
      return;
    if (this.slide.published && !this.slide.has_image) {
      const { slides } = await getJson<{ slides: SlideRow[] }>('/api/slides');
      const same = slides.find(s => s.name === this.slide.name && s.has_image);
      if (!same) {
        announce('The slide of this map is not here. Name it: microtome serve MAPS SLIDE.');
        return;
      }
      const full = await getJson<SlideDetail>(slideUrl(same.id));
      const scale = full.width / this.slide.width;
      location.hash = formatPlace('slide', same.id, { x: String(Math.round(place.x * scale)), y: String(Math.round(place.y * scale)), z: '0.5', layers: this.layers.toText() });
      return;
    }
    await this.layers.nuclei?.select(place);
  }

  private async findNeighbours(): Promise<void> {
    const { slides } = await getJson<{ slides: SlideRow[] }>('/api/slides');
    const ids = slides.filter(s => !s.error).map(s => s.id), at = ids.indexOf(this.slide.id);
    this.neighbours = [ids[at - 1] ?? null, ids[at + 1] ?? null];
  }

  private step(direction: 0 | 1): void {
    const next = this.neighbours[direction];
    if (next === null)
      announce(direction === 0 ? 'This is the first slide.' : 'This is the last slide.');
    else
      location.hash = formatPlace('slide', next, {});
  }

  private async checkVersion(): Promise<void> {
    const now = await getJson<SlideDetail>(slideUrl(this.slide.id));
    if (now.version !== this.slide.version)
      announce('The results of this slide have changed: reload the page to see them.');
  }

  private link(): string | null {
    const { slide, maps, layers, first, second, smooth } = this;
    return first.osd.viewport && this.element.isConnected ? linkOf({ slide, maps, layers, view: first.viewport(), second: second?.layers ?? null, smooth }) : null;
  }

  private async fullScreen(): Promise<void> {
    if (document.fullscreenElement)
      await document.exitFullscreen();
    else
      await this.element.requestFullscreen();
  }

  private actions(): Shortcuts {
    const { annotations } = this.layers;
    return {
      view: this.first, undo: () => annotations.undo(), redo: () => annotations.redo(), begin: () => { this.leader = this.first; },
      layer: id => this.toggleLayer(id), other: key => this.annotations.key(key),
      keys: {
        's': () => this.toggleSide(), 'm': () => this.setSmooth(!this.smooth), 'f': () => void this.fullScreen(), 'l': () => void this.address.copy(), '[': () => this.step(0), ']': () => this.step(1),
        '?': () => this.help.showModal(),
      },
    };
  }

  private toggleLayer(id: string): void {
    const layer = this.layers.layer(id);
    if (!layer)
      return;
    layer.visible = !layer.visible;
    this.layersChanged();
  }
}
