import { getJson, slideUrl, type FeatureCollection, type SlideDetail } from '../api.ts';
import { announce, h } from '../dom.ts';
import { OutlineLayer } from '../slide/layers.ts';
import { NucleusLayer } from '../slide/nuclei.ts';
import { ScaleBar } from '../slide/scale-bar.ts';
import { prepareViews, SlideView } from '../slide/view.ts';
import { findSpots, type Spot } from './places.ts';

/** Screen pixels of the two crops, um: an overview of architecture, and single nuclei. */
const crops = [['dense', 'Where nuclei are densest', 0.5], ['typical', 'A typical place', 0.25]] as const;

const outlineColour = 'rgb(255 230 0)';

/** A slide as a reviewer sees it: the whole with tissue and nuclei, and two places at two magnifications with outlines. */
export class Look {
  readonly element = h('section', { class: 'look', aria: { label: 'Slide' } });
  private readonly views: { view: SlideView; nuclei: NucleusLayer | null }[] = [];
  private closed = false;
  private outlines: boolean;

  constructor(outlines: boolean) {
    this.outlines = outlines;
  }

  /** Shows a slide; the element must be on the page. */
  async show(id: string): Promise<void> {
    const [slide] = await Promise.all([getJson<SlideDetail>(slideUrl(id)), prepareViews()]);
    const tissue = slide.has_tissue ? await getJson<FeatureCollection>(slideUrl(id, '/files/tissue.geojson')) : null;
    if (this.closed)
      return;
    if (!(slide.width > 0 && slide.height > 0)) {
      this.element.replaceChildren(h('p', { class: 'soft nothing' }, slide.image_problem ?? 'The results do not say how large the slide is.'));
      return;
    }
    if (slide.image_problem)
      announce(slide.image_problem, 'error');
    const outline = new OutlineLayer('tissue', [0, 179, 198]);
    if (tissue)
      outline.features = tissue;
    this.add(slide, 'The whole slide', 'whole', outline);
    for (const [place, title] of crops)
      this.add(slide, title, place, null);
    const spots = await findSpots(slide).catch((e: unknown) => {
      announce(e instanceof Error ? e.message : String(e), 'error');
      return null;
    });
    if (this.closed || !spots)
      return;
    for (const [i, [place, , um]] of crops.entries())
      this.go(this.views[i + 1]!.view, spots[place], (slide.mpp ?? um) / um);
  }

  /** Shows or hides what was found. */
  set shown(on: boolean) {
    this.outlines = on;
    for (const { view } of this.views) {
      for (const layer of view.layers)
        layer.visible = on;
      view.redraw();
    }
  }

  close(): void {
    this.closed = true;
    for (const { view, nuclei } of this.views) {
      nuclei?.close();
      view.close();
    }
    this.element.remove();
  }

  private add(slide: SlideDetail, title: string, place: string, outline: OutlineLayer | null): void {
    const box = h('figure', { class: place }, h('figcaption', {}, title));
    this.element.append(box);
    const view = new SlideView(box, slide, `${title} of ${slide.name}`, false);
    const nuclei = slide.has_nuclei ? new NucleusLayer(slide, view) : null;
    // seen on nuclei as well as on the tissue around them; from afar it would cover both
    if (nuclei && !outline)
      nuclei.tint = outlineColour;
    view.layers = [...(outline ? [outline] : []), ...(nuclei ? [nuclei] : [])];
    for (const layer of view.layers)
      layer.visible = this.outlines;
    const bar = new ScaleBar(slide.mpp);
    view.element.append(bar.element);
    view.moved = v => bar.update(v.scale);
    void view.ready.then(() => {
      if (this.closed)
        return;
      bar.update(view.viewport().scale);
      view.redraw();
    }).catch((e: unknown) => announce(e instanceof Error ? e.message : String(e), 'error'));
    this.views.push({ view, nuclei });
  }

  private go(view: SlideView, { x, y }: Spot, scale: number): void {
    void view.ready.then(() => {
      if (!this.closed)
        view.goTo(x, y, scale, true);
    }).catch(() => undefined);
  }
}
