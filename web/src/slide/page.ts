import { getJson, slideUrl, type FeatureCollection, type SlideDetail, type SlideRow } from '../api.ts';
import { announce, button, h, slider, toggle } from '../dom.ts';
import { takeWorker } from '../early.ts';
import { icon, type IconName } from '../icons.ts';
import { listen } from '../events.ts';
import type { Page } from '../main.ts';
import { formatPlace, placeOf } from '../permalink.ts';
import { Annotations } from './annotations.ts';
import { classColours, css, scaleColour } from './colours.ts';
import { helpDialog, inField } from './keys.ts';
import { LayerSet, layerNames } from './layer-set.ts';
import type { HeatLayer } from './layers.ts';
import { Maps } from './maps.ts';
import { NucleusLayer } from './nuclei.ts';
import { Overview } from './overview.ts';
import { ScaleBar } from './scale-bar.ts';
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
  private readonly controls: { refresh: () => void }[] = [];
  private annotations!: Annotations;
  private filled = false;
  private closed = false;
  private readonly stops: (() => void)[] = [];
  private tissue: FeatureCollection | null = null;
  private neighbours: [previous: string | null, next: string | null] = [null, null];
  private leader: SlideView;
  private settling = false;
  private smooth = false;
  private linkTimer = 0;
  private playing = 0;

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
      takeWorker()?.terminate();
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
    this.fillPanel();
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
      this.remember();
    };
    this.first.hovered = place => this.tell(place);
    this.first.clicked = place => void this.click(place);
    if (this.slide.has_tissue) {
      readies.push(getJson<FeatureCollection>(slideUrl(this.slide.id, '/files/tissue.geojson')).then(t => this.setTissue(t)));
    }
    readies.push(this.annotations.load());
    void this.findNeighbours();
    window.addEventListener('keydown', this.key);
    this.stops.push(() => window.removeEventListener('keydown', this.key));
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
    clearInterval(this.playing);
    clearTimeout(this.linkTimer);
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
      tool('Copy a link to this view ( l )', 'link', () => void this.copyLink()), tool('Keys ( ? )', 'help', () => this.help.showModal()));
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

  private fillPanel(): void {
    const list = h('ul', { class: 'layers-list' });
    for (const { id, title, key } of layerNames) {
      const layer = this.layers.layer(id);
      if (!layer)
        continue;
      const box = toggle(title, layer.visible, on => { layer.visible = on; this.layersChanged(); }, key);
      const opacity = slider(`Opacity of ${title}`, { min: 0, max: 1, step: 0.05, value: layer.opacity, show: v => `${Math.round(100 * v)} %` }, v => { layer.opacity = v; this.layersChanged(); });
      opacity.element.classList.add('opacity');
      list.append(h('li', { data: { layer: id } }, box.element, opacity.element));
      this.controls.push({
        refresh: () => {
          box.input.checked = layer.visible;
          opacity.set(layer.opacity);
          opacity.element.hidden = !layer.visible;
        },
      });
    }
    this.panel.append(h('section', { class: 'card', aria: { label: 'Layers' } }, h('h2', {}, 'Layers'), list, this.maps.til || this.maps.tumor ? this.legend() : null));
    if (this.maps.place)
      this.panel.append(this.cuts());
    if (this.layers.weighted)
      this.panel.append(this.weights());
    if (this.layers.nuclei)
      this.panel.append(this.layers.nuclei.controls(() => this.remember()));
    this.panel.append(this.annotations.element);
    const second = h('section', { class: 'card', hidden: true, aria: { label: 'Layers of the second view' } });
    this.panel.append(second);
    this.controls.push({ refresh: () => this.fillSecond(second) });
  }

  private legend(): HTMLElement {
    const ramp = h('canvas', { width: 101, height: 1, class: 'ramp', role: 'img', aria: { label: 'Scale of probabilities from 0, dark blue, to 1, yellow' } });
    const context = ramp.getContext('2d')!;
    for (let i = 0; i <= 100; i++) {
      context.fillStyle = css(scaleColour(i / 100));
      context.fillRect(i, 0, 1, 1);
    }
    const smooth = toggle('Smooth', this.smooth, on => { this.setSmooth(on); }, 'm');
    this.controls.push({ refresh: () => { smooth.input.checked = this.smooth; } });
    return h('div', { class: 'legend' }, h('span', {}, 'Probability'), h('div', {}, ramp, h('span', { class: 'ends' }, h('span', {}, '0'), h('span', {}, '0.5'), h('span', {}, '1'))), smooth.element);
  }

  private cuts(): HTMLElement {
    const change = (set: () => void) => {
      set();
      this.maps.asPublished = false;
      this.recount();
      this.remember();
    };
    const show = (v: number): string => `${Math.round(100 * v)} %`;
    const til = slider('TIL from', { min: 0, max: 1, step: 0.01, value: this.maps.tilCut, show }, v => change(() => { this.maps.tilCut = v; }));
    const tumor = slider('Tumor from', { min: 0, max: 1, step: 0.01, value: this.maps.tumorCut, show }, v => change(() => { this.maps.tumorCut = v; }));
    const reset = button(this.slide.published ? 'Classes as published' : 'The models\' own cuts', () => {
      this.maps.asPublished = this.slide.published;
      for (const m of this.slide.maps)
        this.maps[m.task === 'til' ? 'tilCut' : 'tumorCut'] = m.threshold;
      this.recount();
      this.refresh();
    }, { class: 'small' });
    this.controls.push({ refresh: () => { til.set(this.maps.tilCut); tumor.set(this.maps.tumorCut); } });
    const swatch = (code: number, text: string) => h('li', {}, swatchOf(code), text);
    return h('section', { class: 'card cuts', aria: { label: 'Thresholds' } }, h('h2', {}, 'Classes'),
      h('ul', { class: 'swatches' }, swatch(254, 'Tumor'), swatch(253, 'TIL'), swatch(252, 'Both'), swatch(255, 'Tissue')),
      h('div', { class: 'playable' }, tumor.element, this.player('tumor', () => this.maps.tumorCut, v => change(() => { this.maps.tumorCut = v; tumor.set(v); }))),
      h('div', { class: 'playable' }, til.element, this.player('TIL', () => this.maps.tilCut, v => change(() => { this.maps.tilCut = v; til.set(v); }))),
      this.slide.maps.some(m => !m.threshold_known) && h('p', { class: 'soft' }, `The cut of ${this.slide.maps.filter(m => !m.threshold_known).map(m => m.title).join(' and ')} is not known (see Notes); 0.5 stands for it.`),
      reset);
  }

  // The published viewer's animation: a slider runs from 0 to 100 in steps of 5, ten a second.
  private player(what: string, get: () => number, set: (value: number) => void): HTMLButtonElement {
    let mine = 0;
    const play = button(`Play the ${what} slider`, () => {
      const running = mine !== 0 && mine === this.playing;
      clearInterval(this.playing);
      this.playing = 0;
      this.element.querySelectorAll('.play').forEach(b => { b.replaceChildren(icon('play')); b.setAttribute('aria-pressed', 'false'); });
      if (running)
        return;
      play.replaceChildren(icon('pause'));
      play.setAttribute('aria-pressed', 'true');
      mine = this.playing = window.setInterval(() => {
        const next = Math.round(100 * get() + 5) / 100;
        set(next > 1 ? 0 : next);
      }, 100);
    }, { icon: 'play' });
    play.classList.add('play');
    play.setAttribute('aria-pressed', 'false');
    return play;
  }

  private weights(): HTMLElement {
    const layer = this.layers.weighted!;
    const show = (v: number): string => `${Math.round(100 * v)} %`;
    const change = (set: (v: number) => void) => (v: number) => {
      set(v);
      for (const weighted of [layer, this.second?.layers.weighted]) {
        if (weighted)
          Object.assign(weighted, { tumorWeight: layer.tumorWeight, tilWeight: layer.tilWeight, suppression: layer.suppression, transparency: layer.transparency, outline: layer.outline }).invalidate();
      }
      this.redraw();
    };
    const make = (label: string, key: 'tumorWeight' | 'tilWeight' | 'suppression' | 'transparency') => {
      const control = slider(label, { min: 0, max: 1, step: 0.01, value: layer[key], show }, change(v => { layer[key] = v; }));
      return { control, row: h('div', { class: 'playable' }, control.element, key.endsWith('Weight') ? this.player(label, () => layer[key], v => { change(w => { layer[key] = w; })(v); control.set(v); }) : null) };
    };
    const edge = toggle('Edge in magenta', layer.outline, on => change(() => { layer.outline = on; })(0));
    const section = h('section', { class: 'card', aria: { label: 'Weighted map' } }, h('h2', {}, 'Weighted map'),
      make('Tumor weight', 'tumorWeight').row, make('TIL weight', 'tilWeight').row, make('Suppress below', 'suppression').row, make('Transparency', 'transparency').row, edge.element);
    this.controls.push({ refresh: () => { section.hidden = !layer.visible && !this.second?.layers.weighted?.visible; } });
    return section;
  }

  private fillSecond(section: HTMLElement): void {
    section.hidden = this.second === null;
    const second = this.second;
    if (!second) {
      section.replaceChildren();
      return;
    }
    section.replaceChildren(h('h2', {}, 'Second view'), h('ul', { class: 'layers-list' }, ...layerNames.filter(n => n.id !== 'annotations' && second.layers.layer(n.id)).map(({ id, title }) => {
      const layer = second.layers.layer(id)!;
      return h('li', {}, toggle(title, layer.visible, on => { layer.visible = on; second.view.redraw(); this.remember(); }).element);
    })));
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
    this.remember();
  }

  private layersChanged(): void {
    this.refresh();
    this.remember();
  }

  private refresh(): void {
    for (const layers of [this.layers, this.second?.layers]) {
      for (const id of ['til', 'tumor', 'weighted']) {
        const layer = layers?.layer(id) as HeatLayer | undefined;
        if (layer)
          layer.smooth = this.smooth;
      }
    }
    this.controls.forEach(c => c.refresh());
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
    this.remember();
  }

  // What the leading view does the other does at once.
  private follows(leader: SlideView, follower: SlideView | undefined): void {
    if (!follower?.osd.isOpen() || leader !== this.leader || this.settling)
      return;
    const { left, top, right, bottom, scale } = leader.viewport();
    follower.goTo((left + right) / 2, (top + bottom) / 2, scale, true);
  }

  private tell(place: { x: number; y: number } | null): void {
    if (!place || place.x < 0 || place.y < 0 || place.x >= this.slide.width || place.y >= this.slide.height) {
      this.hover.textContent = '';
      return;
    }
    const { mpp } = this.slide;
    const parts = [mpp === undefined || this.slide.published ? `${Math.floor(place.x)}, ${Math.floor(place.y)} px` : `${(place.x * mpp / 1000).toFixed(3)}, ${(place.y * mpp / 1000).toFixed(3)} mm`];
    for (const [name, grid] of [['TIL', this.maps.til], ['tumor', this.maps.tumor]] as const) {
      const value = grid?.at(place.x, place.y);
      if (value !== undefined && !Number.isNaN(value))
        parts.push(`${name} ${value.toFixed(3)}`);
    }
    const nucleus = this.layers.nuclei?.visible ? this.layers.nuclei.describe(place) : null;
    if (nucleus)
      parts.push(nucleus);
    this.hover.textContent = parts.join(' · ');
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

  private link(): string {
    const view = this.first.viewport();
    // to a fraction of a screen pixel
    const steps = view.scale >= 0.5 ? 100 : 1;
    const round = (value: number): string => String(Math.round(value * steps) / steps);
    const options: Record<string, string> = {
      x: round((view.left + view.right) / 2), y: round((view.top + view.bottom) / 2), z: view.scale.toPrecision(5), layers: this.layers.toText(),
    };
    if (this.maps.place && !this.maps.asPublished && (this.slide.published || this.slide.maps.some(m => m.threshold !== (m.task === 'til' ? this.maps.tilCut : this.maps.tumorCut)))) {
      options['til'] = String(this.maps.tilCut);
      options['tumor'] = String(this.maps.tumorCut);
    }
    if (this.smooth)
      options['smooth'] = '1';
    if (this.layers.nuclei && this.layers.nuclei.colourBy !== 'class')
      options['nuclei'] = this.layers.nuclei.colourBy;
    if (this.second)
      options['side'] = this.second.layers.toText();
    return formatPlace('slide', this.slide.id, options);
  }

  private remember(): void {
    clearTimeout(this.linkTimer);
    this.linkTimer = window.setTimeout(() => {
      if (this.first.osd.viewport && this.element.isConnected)
        history.replaceState(null, '', this.link());
    }, 250);
  }

  private async copyLink(): Promise<void> {
    history.replaceState(null, '', this.link());
    try {
      await navigator.clipboard.writeText(location.href);
      announce('The link is copied.');
    } catch {
      announce('The browser does not allow copying here; the link is in the address bar.');
    }
  }

  private async fullScreen(): Promise<void> {
    if (document.fullscreenElement)
      await document.exitFullscreen();
    else
      await this.element.requestFullscreen();
  }

  private readonly key = (event: KeyboardEvent): void => {
    if (this.help.open || inField(event) || event.altKey)
      return;
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      if (key === 'z' || key === 'y') {
        event.preventDefault();
        if (key === 'y' || event.shiftKey)
          this.layers.annotations.redo();
        else
          this.layers.annotations.undo();
      }
      return;
    }
    // arrows move sliders and lists where one has the focus
    const inControl = event.target instanceof HTMLInputElement && event.target.type === 'range';
    const step = event.shiftKey ? 0.5 : 0.15;
    const actions: Record<string, () => void> = {
      ...(inControl ? {} : { ArrowLeft: () => this.first.pan(-step, 0), ArrowRight: () => this.first.pan(step, 0), ArrowUp: () => this.first.pan(0, -step), ArrowDown: () => this.first.pan(0, step) }),
      '+': () => this.first.zoom(1.5), '=': () => this.first.zoom(1.5), '-': () => this.first.zoom(1 / 1.5), '0': () => this.first.home(),
      's': () => this.toggleSide(), 'm': () => this.setSmooth(!this.smooth), 'f': () => void this.fullScreen(), 'l': () => void this.copyLink(), '[': () => this.step(0), ']': () => this.step(1),
      '?': () => this.help.showModal(),
    };
    this.leader = this.first;
    const layer = layerNames.find(n => n.key === event.key);
    const action = layer ? () => this.toggleLayer(layer.id) : actions[event.key] ?? this.annotations.key(event.key);
    if (!action)
      return;
    event.preventDefault();
    action();
  };

  private toggleLayer(id: string): void {
    const layer = this.layers.layer(id);
    if (!layer)
      return;
    layer.visible = !layer.visible;
    this.layersChanged();
  }
}

function swatchOf(code: number): HTMLElement {
  const canvas = h('canvas', { width: 1, height: 1, class: 'swatch', aria: { hidden: 'true' } });
  const context = canvas.getContext('2d')!;
  context.fillStyle = css(classColours[code]!);
  context.fillRect(0, 0, 1, 1);
  return canvas;
}

