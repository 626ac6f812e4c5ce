import type { SlideDetail } from '../api.ts';
import { button, h, slider, toggle } from '../dom.ts';
import { icon } from '../icons.ts';
import { classColours, css, scaleColour } from './colours.ts';
import { layerNames, type LayerSet } from './layer-set.ts';
import type { Maps } from './maps.ts';
import type { SlideView } from './view.ts';

/** What the controls change, and what they say when they have. */
export interface Controlled {
  readonly slide: SlideDetail;
  readonly maps: Maps;
  readonly layers: LayerSet;
  second(): { view: SlideView; layers: LayerSet } | null;
  smooth(): boolean;
  setSmooth(on: boolean): void;
  /** Layers were shown, hidden or faded. */
  changed(): void;
  /** Cuts have moved. */
  recount(): void;
  refresh(): void;
  redraw(): void;
  /** The address is no longer that of the view. */
  remember(): void;
}

/** The panel on the left: layers, cuts, weights, nuclei, annotations, the second view. */
export class Controls {
  private readonly element: HTMLElement;
  private readonly page: Controlled;
  private readonly refreshers: { refresh: () => void }[] = [];
  private playing = 0;

  /** Fills the panel. */
  constructor(panel: HTMLElement, page: Controlled, annotations: HTMLElement) {
    this.element = panel;
    this.page = page;
    this.fill(annotations);
  }

  /** Brings everything in line with the layers. */
  refresh(): void {
    this.refreshers.forEach(r => r.refresh());
  }

  close(): void {
    clearInterval(this.playing);
  }

  private fill(annotations: HTMLElement): void {
    const list = h('ul', { class: 'layers-list' });
    for (const { id, title, key } of layerNames) {
      const layer = this.page.layers.layer(id);
      if (!layer)
        continue;
      const box = toggle(title, layer.visible, on => { layer.visible = on; this.page.changed(); }, key);
      const opacity = slider(`Opacity of ${title}`, { min: 0, max: 1, step: 0.05, value: layer.opacity, show: v => `${Math.round(100 * v)} %` }, v => { layer.opacity = v; this.page.changed(); });
      opacity.element.classList.add('opacity');
      list.append(h('li', { data: { layer: id } }, box.element, opacity.element));
      this.refreshers.push({
        refresh: () => {
          box.input.checked = layer.visible;
          opacity.set(layer.opacity);
          opacity.element.hidden = !layer.visible;
        },
      });
    }
    this.element.append(h('section', { class: 'card', aria: { label: 'Layers' } }, h('h2', {}, 'Layers'), list, this.page.maps.til || this.page.maps.tumor ? this.legend() : null));
    if (this.page.maps.place)
      this.element.append(this.cuts());
    if (this.page.layers.weighted)
      this.element.append(this.weights());
    if (this.page.layers.nuclei)
      this.element.append(this.page.layers.nuclei.controls(() => this.page.remember()));
    this.element.append(annotations);
    const second = h('section', { class: 'card', hidden: true, aria: { label: 'Layers of the second view' } });
    this.element.append(second);
    this.refreshers.push({ refresh: () => this.fillSecond(second) });
  }

  private legend(): HTMLElement {
    const ramp = h('canvas', { width: 101, height: 1, class: 'ramp', role: 'img', aria: { label: 'Scale of probabilities from 0, dark blue, to 1, yellow' } });
    const context = ramp.getContext('2d')!;
    for (let i = 0; i <= 100; i++) {
      context.fillStyle = css(scaleColour(i / 100));
      context.fillRect(i, 0, 1, 1);
    }
    const smooth = toggle('Smooth', this.page.smooth(), on => { this.page.setSmooth(on); }, 'm');
    this.refreshers.push({ refresh: () => { smooth.input.checked = this.page.smooth(); } });
    return h('div', { class: 'legend' }, h('span', {}, 'Probability'), h('div', {}, ramp, h('span', { class: 'ends' }, h('span', {}, '0'), h('span', {}, '0.5'), h('span', {}, '1'))), smooth.element);
  }

  private cuts(): HTMLElement {
    const change = (set: () => void) => {
      set();
      this.page.maps.asPublished = false;
      this.page.recount();
      this.page.remember();
    };
    const show = (v: number): string => `${Math.round(100 * v)} %`;
    const til = slider('TIL from', { min: 0, max: 1, step: 0.01, value: this.page.maps.tilCut, show }, v => change(() => { this.page.maps.tilCut = v; }));
    const tumor = slider('Tumor from', { min: 0, max: 1, step: 0.01, value: this.page.maps.tumorCut, show }, v => change(() => { this.page.maps.tumorCut = v; }));
    const reset = button(this.page.slide.published ? 'Classes as published' : 'The models\' own cuts', () => {
      this.page.maps.asPublished = this.page.slide.published;
      for (const m of this.page.slide.maps)
        this.page.maps[m.task === 'til' ? 'tilCut' : 'tumorCut'] = m.threshold;
      this.page.recount();
      this.page.refresh();
    }, { class: 'small' });
    this.refreshers.push({ refresh: () => { til.set(this.page.maps.tilCut); tumor.set(this.page.maps.tumorCut); } });
    const swatch = (code: number, text: string) => h('li', {}, swatchOf(code), text);
    return h('section', { class: 'card cuts', aria: { label: 'Thresholds' } }, h('h2', {}, 'Classes'),
      h('ul', { class: 'swatches' }, swatch(254, 'Tumor'), swatch(253, 'TIL'), swatch(252, 'Both'), swatch(255, 'Tissue')),
      h('div', { class: 'playable' }, tumor.element, this.player('tumor', () => this.page.maps.tumorCut, v => change(() => { this.page.maps.tumorCut = v; tumor.set(v); }))),
      h('div', { class: 'playable' }, til.element, this.player('TIL', () => this.page.maps.tilCut, v => change(() => { this.page.maps.tilCut = v; til.set(v); }))),
      this.page.slide.maps.some(m => !m.threshold_known) && h('p', { class: 'soft' }, `The cut of ${this.page.slide.maps.filter(m => !m.threshold_known).map(m => m.title).join(' and ')} is not known (see Notes); 0.5 stands for it.`),
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
    const layer = this.page.layers.weighted!;
    const show = (v: number): string => `${Math.round(100 * v)} %`;
    const change = (set: (v: number) => void) => (v: number) => {
      set(v);
      for (const weighted of [layer, this.page.second()?.layers.weighted]) {
        if (weighted)
          Object.assign(weighted, { tumorWeight: layer.tumorWeight, tilWeight: layer.tilWeight, suppression: layer.suppression, transparency: layer.transparency, outline: layer.outline }).invalidate();
      }
      this.page.redraw();
    };
    const make = (label: string, key: 'tumorWeight' | 'tilWeight' | 'suppression' | 'transparency') => {
      const control = slider(label, { min: 0, max: 1, step: 0.01, value: layer[key], show }, change(v => { layer[key] = v; }));
      return { control, row: h('div', { class: 'playable' }, control.element, key.endsWith('Weight') ? this.player(label, () => layer[key], v => { change(w => { layer[key] = w; })(v); control.set(v); }) : null) };
    };
    const edge = toggle('Edge in magenta', layer.outline, on => change(() => { layer.outline = on; })(0));
    const section = h('section', { class: 'card', aria: { label: 'Weighted map' } }, h('h2', {}, 'Weighted map'),
      make('Tumor weight', 'tumorWeight').row, make('TIL weight', 'tilWeight').row, make('Suppress below', 'suppression').row, make('Transparency', 'transparency').row, edge.element);
    this.refreshers.push({ refresh: () => { section.hidden = !layer.visible && !this.page.second()?.layers.weighted?.visible; } });
    return section;
  }

  private fillSecond(section: HTMLElement): void {
    section.hidden = this.page.second() === null;
    const second = this.page.second();
    if (!second) {
      section.replaceChildren();
      return;
    }
    section.replaceChildren(h('h2', {}, 'Second view'), h('ul', { class: 'layers-list' }, ...layerNames.filter(n => n.id !== 'annotations' && second.layers.layer(n.id)).map(({ id, title }) => {
      const layer = second.layers.layer(id)!;
      return h('li', {}, toggle(title, layer.visible, on => { layer.visible = on; second.view.redraw(); this.page.remember(); }).element);
    })));
  }
}

function swatchOf(code: number): HTMLElement {
  const canvas = h('canvas', { width: 1, height: 1, class: 'swatch', aria: { hidden: 'true' } });
  const context = canvas.getContext('2d')!;
  context.fillStyle = css(classColours[code]!);
  context.fillRect(0, 0, 1, 1);
  return canvas;
}
