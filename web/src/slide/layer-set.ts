import type { FeatureCollection, SlideDetail } from '../api.ts';
import { Annotator } from './annotate.ts';
import { ClassLayer, CodedLayer, HeatLayer, OutlineLayer, WeightedLayer } from './layers.ts';
import type { Maps } from './maps.ts';
import type { NucleusLayer } from './nuclei.ts';
import type { Layer, SlideView } from './view.ts';

/** A layer as people know it. */
export interface LayerName { id: string; title: string; key: string }

export const layerNames: readonly LayerName[] = [
  { id: 'tissue', title: 'Tissue outline', key: '1' },
  { id: 'nuclei', title: 'Nuclei', key: '2' },
  { id: 'til', title: 'Lymphocytes (TIL)', key: '3' },
  { id: 'tumor', title: 'Tumor', key: '4' },
  { id: 'classes', title: 'Tumor and TIL', key: '5' },
  { id: 'weighted', title: 'Weighted (jet)', key: '6' },
  { id: 'coded', title: 'Coded picture', key: '7' },
  { id: 'annotations', title: 'Annotations', key: '8' },
];

/** The layers of one view, bottom first. */
export class LayerSet {
  readonly layers: readonly Layer[];
  readonly tissue: OutlineLayer | null = null;
  readonly nuclei: NucleusLayer | null = null;
  readonly classes: ClassLayer | null = null;
  readonly weighted: WeightedLayer | null = null;
  readonly annotations: Annotator;
  private readonly view: SlideView;

  constructor(view: SlideView, slide: SlideDetail, maps: Maps, nuclei: NucleusLayer | null) {
    this.view = view;
    const layers: Layer[] = [];
    const { place, til, tumor } = maps;
    if (place && til && tumor) {
      const { combined } = maps;
      layers.push(combined
        ? new CodedLayer(place, cell => [combined.til[cell]!, combined.tumor[cell]!, combined.codes[cell]!])
        : new CodedLayer(place, cell => [Math.round(255 * (til.values[cell] || 0)), Math.round(255 * maps.tumorOf(cell)), this.classes!.codes[cell]!]));
      layers.push(this.weighted = new WeightedLayer(place, cell => maps.tumorOf(cell), cell => til.values[cell]!));
    }
    if (til)
      layers.push(HeatLayer.of(til));
    if (tumor)
      layers.push(HeatLayer.of(tumor));
    if (place && til && tumor)
      layers.push(this.classes = new ClassLayer(place, maps.classes()));
    if (slide.has_tissue)
      layers.push(this.tissue = new OutlineLayer('tissue', [0, 179, 198]));
    if (nuclei)
      layers.push(this.nuclei = nuclei);
    layers.push(this.annotations = new Annotator(view));
    this.layers = layers;
    view.layers = layers;
  }

  layer(id: string): Layer | undefined {
    return this.layers.find(l => l.id === id);
  }

  set outline(tissue: FeatureCollection) {
    if (this.tissue)
      this.tissue.features = tissue;
    this.view.redraw();
  }

  /** Classes after a cut moved. */
  set codes(codes: Uint8Array) {
    if (!this.classes)
      return;
    this.classes.codes = codes;
    this.classes.invalidate();
    (this.layer('coded') as CodedLayer | undefined)?.invalidate();
    this.view.redraw();
  }

  /** Which are shown, and how strongly: tissue,til:0.4. */
  toText(): string {
    return this.layers.filter(l => l.visible).map(l => (l.opacity === defaultOpacity(l.id) ? l.id : `${l.id}:${l.opacity.toFixed(2)}`)).join(',');
  }

  /** Shows what such a text says. */
  fromText(text: string): void {
    const wanted = new Map(text.split(',').filter(Boolean).map(part => {
      const [id, opacity] = part.split(':');
      return [id!, opacity === undefined ? defaultOpacity(id!) : Number(opacity)] as const;
    }));
    for (const layer of this.layers) {
      layer.visible = wanted.has(layer.id);
      const opacity = wanted.get(layer.id);
      layer.opacity = opacity !== undefined && opacity >= 0 && opacity <= 1 ? opacity : defaultOpacity(layer.id);
    }
    this.view.redraw();
  }

  close(): void {
    this.nuclei?.close();
  }
}

function defaultOpacity(id: string): number {
  return ['til', 'tumor', 'classes', 'weighted', 'coded'].includes(id) ? 0.6 : 1;
}
