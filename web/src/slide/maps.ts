import { getBytes, slideUrl, type MapLayer, type SlideDetail } from '../api.ts';
import { classify, merge, readCombined, ValueGrid, type Combined } from './grid.ts';

/** The maps of a slide and the cuts that make classes of them. */
export class Maps {
  tilCut: number;
  tumorCut: number;
  /** Classes as they were published, until a cut is moved: they do not follow from one cut (tumor-til, section 6.1). */
  asPublished: boolean;
  readonly til: ValueGrid | null;
  readonly tumor: ValueGrid | null;
  readonly combined: Combined | null;
  /** The grid of classes; null when there is none. */
  readonly place: MapLayer | null;
  private readonly merged: { blurred: ArrayLike<number>; tissue: ArrayLike<number> } | null;

  private constructor(slide: SlideDetail, til: ValueGrid | null, tumor: ValueGrid | null, combined: Combined | null) {
    this.til = til;
    this.tumor = tumor;
    this.combined = combined;
    this.asPublished = slide.published;
    const cut = (task: string): number => slide.maps.find(m => m.task === task)?.threshold ?? 0.5;
    this.tilCut = cut('til');
    this.tumorCut = cut('tumor');
    this.place = combined?.place ?? (til && tumor ? til.place : null);
    this.merged = combined
      ? { blurred: Float32Array.from(combined.tumor, v => v / 255), tissue: combined.codes }
      : til && tumor ? merge(tumor, til) : null;
  }

  /** Fetches what the slide has. */
  static async load(slide: SlideDetail): Promise<Maps> {
    const place = (task: string): MapLayer | undefined => slide.maps.find(m => m.task === task);
    const [til, tumor] = [place('til'), place('tumor')];
    const version = `?v=${encodeURIComponent(slide.version)}`;
    if (slide.published) {
      const combined = til ? readCombined(til, new Uint8Array(await getBytes(slideUrl(slide.id, `/maps/combined${version}`)))) : null;
      const grid = (layer: MapLayer | undefined, bytes: Uint8Array | undefined): ValueGrid | null => layer && bytes ? new ValueGrid(layer, Float32Array.from(bytes, (v, i) => (combined!.codes[i] === 0 ? NaN : v / 255))) : null;
      return new Maps(slide, grid(til, combined?.til), grid(tumor, combined?.tumor), combined);
    }
    const grid = async (layer: MapLayer | undefined): Promise<ValueGrid | null> => layer ? new ValueGrid(layer, new Float32Array(await getBytes(slideUrl(slide.id, `/maps/${layer.task}${version}`)))) : null;
    const [a, b] = await Promise.all([grid(til), grid(tumor)]);
    return new Maps(slide, a, b, null);
  }

  /** The class of every patch at the present cuts. */
  classes(): Uint8Array {
    if (this.combined && this.asPublished)
      return this.combined.codes;
    return classify(this.til!.values, this.merged!.blurred, this.merged!.tissue, this.tilCut, this.tumorCut);
  }

  /** The blurred tumor probability of a patch of the class grid, as it is cut. */
  tumorOf(cell: number): number {
    return this.merged!.blurred[cell]!;
  }
}
