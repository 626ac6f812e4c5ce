import type { FeatureCollection, Geometry } from '../api.ts';
import { classColours, css, jetColour, scaleColour, type Rgb } from './colours.ts';
import { edges, type ValueGrid } from './grid.ts';
import type { MapLayer } from '../api.ts';
import type { Layer } from './view.ts';
import type { Viewport } from './viewport.ts';

/** A small picture stretched over the slide: one pixel a patch. */
abstract class GridLayer implements Layer {
  abstract readonly id: string;
  visible = false;
  opacity = 0.6;
  smooth = false;
  private picture: HTMLCanvasElement | null = null;
  readonly place: MapLayer;

  constructor(place: MapLayer) {
    this.place = place;
  }

  /** Colours cell i: RGBA bytes at 4 * i. */
  protected abstract paint(pixels: Uint8ClampedArray): void;

  /** Paints again before the next drawing. */
  invalidate(): void {
    this.picture = null;
  }

  /** The painted map, one pixel a patch. */
  image(): HTMLCanvasElement {
    if (!this.picture) {
      const canvas = document.createElement('canvas');
      canvas.width = this.place.columns;
      canvas.height = this.place.rows;
      const context = canvas.getContext('2d')!;
      const data = context.createImageData(canvas.width, canvas.height);
      this.paint(data.data);
      context.putImageData(data, 0, 0);
      this.picture = canvas;
    }
    return this.picture;
  }

  draw(context: CanvasRenderingContext2D): void {
    const { start_x, start_y, step_x, step_y, columns, rows } = this.place;
    context.imageSmoothingEnabled = this.smooth;
    context.drawImage(this.image(), start_x, start_y, columns * step_x, rows * step_y);
  }
}

/** A map of probabilities on the fixed scale of 0 to 1. */
export class HeatLayer extends GridLayer {
  readonly id: string;
  private readonly values: (cell: number) => number;

  constructor(id: string, place: MapLayer, values: (cell: number) => number) {
    super(place);
    this.id = id;
    this.values = values;
  }

  static of(grid: ValueGrid): HeatLayer {
    return new HeatLayer(grid.place.task, grid.place, cell => grid.values[cell]!);
  }

  protected override paint(pixels: Uint8ClampedArray): void {
    for (let i = 0; 4 * i < pixels.length; i++) {
      const value = this.values(i);
      if (!Number.isNaN(value))
        put(pixels, i, scaleColour(value), 255);
    }
  }
}

/** Classes in the published colours. */
export class ClassLayer extends GridLayer {
  readonly id = 'classes';
  codes: Uint8Array;

  constructor(place: MapLayer, codes: Uint8Array) {
    super(place);
    this.codes = codes;
  }

  protected override paint(pixels: Uint8ClampedArray): void {
    this.codes.forEach((code, i) => {
      const colour = classColours[code];
      if (colour)
        put(pixels, i, colour, 255);
    });
  }
}

/** The coded picture as it is: red = lymphocytes, green = tumor, blue = class. */
export class CodedLayer extends GridLayer {
  readonly id = 'coded';
  private readonly colour: (cell: number) => Rgb;

  constructor(place: MapLayer, colour: (cell: number) => Rgb) {
    super(place);
    this.colour = colour;
  }

  protected override paint(pixels: Uint8ClampedArray): void {
    for (let i = 0; 4 * i < pixels.length; i++)
      put(pixels, i, this.colour(i), 255);
  }
}

/** The published weighted map (tumor-til, section 6.5): jet of max(tumor * c, lymphocytes * t); what lies below the suppression fades, its edge is magenta. */
export class WeightedLayer extends GridLayer {
  readonly id = 'weighted';
  tumorWeight = 1;
  tilWeight = 1;
  suppression = 0;
  transparency = 0.2;
  outline = true;
  private readonly tumor: (cell: number) => number;
  private readonly til: (cell: number) => number;

  constructor(place: MapLayer, tumor: (cell: number) => number, til: (cell: number) => number) {
    super(place);
    this.tumor = tumor;
    this.til = til;
  }

  value(cell: number): number {
    return Math.max((this.tumor(cell) || 0) * this.tumorWeight, (this.til(cell) || 0) * this.tilWeight);
  }

  protected override paint(pixels: Uint8ClampedArray): void {
    const { columns, rows } = this.place;
    const mask = new Uint8Array(columns * rows);
    for (let i = 0; i < mask.length; i++) {
      const value = this.value(i);
      mask[i] = value > this.suppression ? 1 : 0;
      put(pixels, i, jetColour(value), mask[i] ? 255 : Math.round(255 * this.transparency));
    }
    if (this.outline && this.suppression > 0)
      edges(mask, columns, rows).forEach((edge, i) => edge && put(pixels, i, [255, 0, 255], 255));
  }
}

function put(pixels: Uint8ClampedArray, cell: number, colour: Rgb, alpha: number): void {
  pixels[4 * cell] = colour[0];
  pixels[4 * cell + 1] = colour[1];
  pixels[4 * cell + 2] = colour[2];
  pixels[4 * cell + 3] = alpha;
}

/** Outlines in level-0 pixels. */
export class OutlineLayer implements Layer {
  visible = true;
  opacity = 1;
  readonly id: string;
  private path = new Path2D();
  private readonly colour: Rgb;

  constructor(id: string, colour: Rgb) {
    this.id = id;
    this.colour = colour;
  }

  set features(collection: FeatureCollection) {
    this.path = new Path2D();
    for (const feature of collection.features)
      this.path.addPath(pathOf(feature.geometry));
  }

  draw(context: CanvasRenderingContext2D, view: Viewport): void {
    context.lineJoin = 'round';
    context.lineWidth = 4 / view.scale;
    context.strokeStyle = 'rgb(255 255 255 / 0.6)';
    context.stroke(this.path);
    context.lineWidth = 2 / view.scale;
    context.strokeStyle = css(this.colour);
    context.stroke(this.path);
  }
}

/** A shape as a path in level-0 pixels; points have none. */
export function pathOf(geometry: Geometry): Path2D {
  const path = new Path2D();
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
  for (const ring of polygons.flat()) {
    ring.forEach(([x, y], i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
    path.closePath();
  }
  return path;
}
