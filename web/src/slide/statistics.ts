import { ApiError, postJson, slideUrl, type Feature, type SlideDetail } from '../api.ts';
import { announce, button, copyText, h } from '../dom.ts';
import { number, percent } from '../format.ts';
import { hit } from './annotate.ts';
import { countClasses, type ClassCounts } from './grid.ts';
import type { MapLayer } from '../api.ts';

/** What is counted at this moment: classes on their grid, at which cuts. */
export interface Counted { place: MapLayer; codes: Uint8Array; cuts: string }

interface NucleusCounts { count: number; density_per_mm2?: number; classes: { name: string; count: number }[]; measures: { name: string; mean: number; median: number }[] }

/** Shares, areas, counts and densities of the slide, or of a drawn region. */
export class StatisticsPanel {
  readonly element: HTMLElement;
  private readonly list = h('dl', { class: 'figures' });
  private readonly heading = h('h2', {}, 'Slide');
  private readonly slide: SlideDetail;
  private rows: [string, string][] = [];
  private region: Feature | null = null;
  private counted: Counted | null = null;
  private nuclei: NucleusCounts | null = null;
  private turn = 0;

  constructor(slide: SlideDetail) {
    this.slide = slide;
    this.element = h('section', { class: 'card statistics', aria: { label: 'Statistics' } },
      h('div', { class: 'bar' }, this.heading, h('span', { class: 'space' }), button('Copy these numbers as text', () => void this.copy(), { text: 'Copy', class: 'small' })),
      this.list);
  }

  /** Counts anew after sliders moved. */
  count(counted: Counted | null): void {
    this.counted = counted;
    this.show();
  }

  /** Counts within a drawn region; null for the slide. */
  async within(region: Feature | null): Promise<void> {
    this.region = region && region.geometry.type !== 'Point' ? region : null;
    this.nuclei = null;
    this.show();
    if (!this.region || !this.slide.has_nuclei)
      return;
    const mine = ++this.turn;
    try {
      const nuclei = await postJson<NucleusCounts>(slideUrl(this.slide.id, '/nuclei/statistics'), this.region.geometry);
      if (mine === this.turn) {
        this.nuclei = nuclei;
        this.show();
      }
    } catch (e) {
      if (!(e instanceof ApiError))
        throw e;
      announce(e.message, 'error');
    }
  }

  private show(): void {
    this.heading.textContent = this.region ? `Region: ${this.region.properties.classification?.name ?? 'unclassified'}` : 'Slide';
    this.rows = [];
    if (this.counted)
      this.addClasses(this.counted);
    if (this.region)
      this.addRegion();
    else
      this.addSlide();
    this.list.replaceChildren(...this.rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
    if (this.rows.length === 0)
      this.list.replaceChildren(h('dt', {}, 'Nothing has been counted on this slide.'));
  }

  private addClasses({ place, codes, cuts }: Counted): void {
    const { geometry } = this.region ?? {};
    const keep = geometry ? (cell: number) => hit(geometry, [place.start_x + (cell % place.columns + 0.5) * place.step_x, place.start_y + (Math.floor(cell / place.columns) + 0.5) * place.step_y], 0) : undefined;
    const counts = countClasses(codes, keep);
    const patch = this.slide.mpp === undefined ? null : place.step_x * place.step_y * this.slide.mpp ** 2 / 1e6;
    const tiles = (n: number): string => `${number(n)}${patch === null ? '' : ` · ${number(n * patch)} mm²`}${counts.all ? ` · ${percent(n / counts.all)}` : ''}`;
    this.rows.push(['TIL share in tumor', percent(shareInTumor(counts))]);
    this.rows.push(['Tumor patches', tiles(counts.tumor + counts.both)]);
    this.rows.push(['TIL patches', tiles(counts.til + counts.both)]);
    this.rows.push(['Both', tiles(counts.both)]);
    this.rows.push(['All tissue patches', tiles(counts.all)]);
    this.rows.push(['Cuts', cuts]);
  }

  private addRegion(): void {
    const area = areaOf(this.region!);
    if (this.slide.mpp !== undefined)
      this.rows.push(['Region area', `${number(area * this.slide.mpp ** 2 / 1e6)} mm²`]);
    if (this.nuclei) {
      this.rows.push(['Nuclei', number(this.nuclei.count)]);
      if (this.nuclei.density_per_mm2 !== undefined)
        this.rows.push(['Nuclei per mm²', number(this.nuclei.density_per_mm2)]);
      if (this.nuclei.classes.length > 1)
        this.nuclei.classes.forEach(c => this.rows.push([c.name, number(c.count)]));
      const area = this.nuclei.measures.find(m => m.name === 'area_um2');
      if (area && this.nuclei.count > 0)
        this.rows.push(['Median nuclear area', `${number(area.median)} µm²`]);
    }
  }

  private addSlide(): void {
    const { summary } = this.slide;
    const add = (name: string, key: string, unit = '', show: (v: number) => string = number): void => {
      const value = summary[key];
      if (typeof value === 'number')
        this.rows.push([name, `${show(value)}${unit}`]);
    };
    add('Tissue', 'tissue_area_mm2', ' mm²');
    add('Nuclei', 'nuclei_count');
    add('Nuclei per mm²', 'nuclei_per_mm2');
    add('Median nuclear area', 'area_um2_median', ' µm²');
    if (!this.slide.published)
      add('TIL share, aligned grids', 'til_fraction_in_tumor', '', percent);
  }

  private async copy(): Promise<void> {
    await copyText([this.slide.name, this.heading.textContent, ...this.rows.map(([name, value]) => `${name}\t${value}`)].join('\n'), 'Copied.');
  }
}

/** Share of the tumor patches that hold lymphocytes; null without tumor. */
export function shareInTumor(counts: ClassCounts): number | null {
  const tumor = counts.tumor + counts.both;
  return tumor === 0 ? null : counts.both / tumor;
}

/** Level-0 pixels inside a shape; holes subtract. */
export function areaOf(feature: Feature): number {
  const polygons = feature.geometry.type === 'Polygon' ? [feature.geometry.coordinates] : feature.geometry.type === 'MultiPolygon' ? feature.geometry.coordinates : [];
  let area = 0;
  for (const rings of polygons)
    rings.forEach((ring, i) => { area += (i === 0 ? 1 : -1) * Math.abs(ring.reduce((sum, [x, y], k) => { const [nx, ny] = ring[(k + 1) % ring.length]!; return sum + x * ny - nx * y; }, 0)) / 2; });
  return area;
}
