import { brightColour, css, palette } from './colours.ts';

/** What stands in a tile. */
export const kinds = ['points', 'outlines', 'cells'] as const;

/** A tile of nuclei as the server sends it (docs/formats.md, nucleus tiles). */
export interface NucleusTile {
  kind: (typeof kinds)[number];
  /** A sample, while the rest is still being read. */
  preliminary: boolean;
  count: number;
  /** Level-0 pixels of coordinate 0, and per step. */
  left: number; top: number; step: number;
  /** The measure's values at 0 and at 65534. */
  low: number; high: number;
  /** x, y in turn. */
  places: Uint16Array;
  measures: Uint16Array | null;
  classes: Uint8Array;
  ids: Uint32Array | null;
  counts: Uint32Array | null;
  starts: Uint32Array | null;
  /** x, y in turn. */
  vertices: Uint16Array | null;
}

const magic = 0x554e544d;

/** Lays typed arrays over a tile; nothing is copied. */
export function readTile(buffer: ArrayBuffer): NucleusTile {
  const view = new DataView(buffer);
  if (buffer.byteLength < 96 || view.getUint32(0, true) !== magic || view.getUint16(4, true) !== 1)
    throw new Error('The server sent no tile of nuclei that this page understands; reload the page.');
  const count = view.getUint32(8, true);
  const column = <T>(at: number, make: (offset: number) => T): T | null => {
    const offset = view.getUint32(at, true);
    return offset === 0 ? null : make(offset);
  };
  const starts = column(68, o => new Uint32Array(buffer, o, count + 1));
  return {
    kind: kinds[view.getUint8(6)] ?? 'points',
    preliminary: (view.getUint8(7) & 1) !== 0,
    count,
    left: view.getFloat64(16, true), top: view.getFloat64(24, true), step: view.getFloat64(32, true),
    low: view.getFloat32(40, true), high: view.getFloat32(44, true),
    places: column(48, o => new Uint16Array(buffer, o, 2 * count)) ?? new Uint16Array(0),
    measures: column(52, o => new Uint16Array(buffer, o, count)),
    classes: column(56, o => new Uint8Array(buffer, o, count)) ?? new Uint8Array(count),
    ids: column(60, o => new Uint32Array(buffer, o, count)),
    counts: column(64, o => new Uint32Array(buffer, o, count)),
    starts,
    vertices: column(72, o => new Uint16Array(buffer, o, 2 * (starts?.[count] ?? 0))),
  };
}

/** How nuclei are drawn. */
export interface NucleusStyle {
  /** class, or a measurement. */
  colourBy: string;
  /** Only measures in this range, as shares of the scale; 0 and 1 keep what lies beyond the scale, too. */
  from: number; to: number;
  /** Classes that are not drawn. */
  hidden: readonly number[];
  /** mm2 per level-0 px2; 0 when unknown. */
  area: number;
  /** One colour for all, outlines unfilled: to judge the outlines, not what they hold. */
  tint?: string;
}

/** Colours of the measure are told apart in this many steps. */
const steps = 32;
/** Cells are opaque from this many nuclei per mm2 on. */
const dense = 8000;
const unknown = 'rgb(120 120 120)';

/** The share of the scale at which a measure lies; NaN when it is not known. */
export function shareOf(tile: NucleusTile, i: number): number {
  const measure = tile.measures?.[i] ?? 65535;
  return measure === 65535 ? NaN : measure / 65534;
}

/** Which colour an object gets; -1: it is not drawn. Colours 0 to 31 are the scale, 32 is not known, from 64 on classes. */
export function colourIndex(tile: NucleusTile, i: number, style: NucleusStyle): number {
  const type = tile.classes[i]!;
  if (style.hidden.includes(type))
    return -1;
  if (style.colourBy === 'class')
    return 64 + (type % palette.length);
  const share = shareOf(tile, i);
  if (Number.isNaN(share))
    return style.from > 0 || style.to < 1 ? -1 : steps;
  return share < style.from || share > style.to ? -1 : Math.min(steps - 1, Math.floor(share * steps));
}

/** The colour of an index. */
export function colourAt(index: number): string {
  return index >= 64 ? css(palette[index - 64]!) : index === steps ? unknown : css(brightColour((index + 0.5) / steps));
}

type Canvas2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** What of a tile is drawn in each colour. Level-0 pixels. */
export interface TilePaths { paths: Map<number, Path2D>; outlines: boolean; tint: string | undefined }

/** Gathers outlines, or squares where outlines would be too small to see, by colour. */
export function gather(tile: NucleusTile, style: NucleusStyle, scale: number): TilePaths {
  const paths = new Map<number, Path2D>();
  const { left, top, step, places, starts, vertices } = tile;
  const outlines = tile.kind === 'outlines' && starts !== null && vertices !== null && 12 * scale >= 2;
  // 3.5 um, the radius of a small nucleus
  const radius = Math.max(0.9 / scale, Math.min(4 / scale, style.area > 0 ? 3.5 / (1000 * Math.sqrt(style.area)) : 7));
  for (let i = 0; i < tile.count; i++) {
    const index = colourIndex(tile, i, style);
    if (index < 0)
      continue;
    let path = paths.get(index);
    if (!path)
      paths.set(index, path = new Path2D());
    if (outlines && starts[i + 1]! - starts[i]! >= 3) {
      for (let v = starts[i]!; v < starts[i + 1]!; v++) {
        const x = left + vertices[2 * v]! * step, y = top + vertices[2 * v + 1]! * step;
        if (v === starts[i]!)
          path.moveTo(x, y);
        else
          path.lineTo(x, y);
      }
      path.closePath();
    } else {
      const x = left + places[2 * i]! * step, y = top + places[2 * i + 1]! * step;
      path.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    }
  }
  return { paths, outlines, tint: style.tint };
}

/** Draws what was gathered; the context is in level-0 pixels, scale says how many screen pixels one of them has. */
export function drawPaths(context: Canvas2D, { paths, outlines, tint }: TilePaths, scale: number): void {
  context.lineWidth = Math.max(1, Math.min(2, 2 * scale)) / scale;
  const alpha = context.globalAlpha;
  for (const [index, path] of paths) {
    const colour = tint ?? colourAt(index);
    context.fillStyle = colour;
    if (outlines) {
      context.globalAlpha = alpha * 0.25;
      if (tint === undefined)
        context.fill(path);
      context.globalAlpha = alpha;
      context.strokeStyle = colour;
      context.stroke(path);
    } else {
      context.fill(path);
    }
  }
}

/** Draws a tile. */
export function drawTile(context: Canvas2D, tile: NucleusTile, style: NucleusStyle, scale: number): void {
  if (tile.kind === 'cells')
    drawCells(context, tile, style);
  else
    drawPaths(context, gather(tile, style, scale), scale);
}

// A cell is a square of a 128th of the tile's side, the more opaque the denser its nuclei lie.
function drawCells(context: Canvas2D, tile: NucleusTile, style: NucleusStyle): void {
  const side = 32768 * tile.step / 128, originX = tile.left + 16384 * tile.step, originY = tile.top + 16384 * tile.step;
  const area = side * side * style.area;
  const alpha = context.globalAlpha;
  for (let i = 0; i < tile.count; i++) {
    const index = colourIndex(tile, i, style);
    if (index < 0)
      continue;
    const share = area > 0 ? tile.counts![i]! / area / dense : 0.5;
    context.globalAlpha = alpha * Math.min(0.95, Math.max(0.12, share));
    context.fillStyle = style.tint ?? colourAt(index);
    const column = Math.floor((tile.places[2 * i]! - 16384) / 256), row = Math.floor((tile.places[2 * i + 1]! - 16384) / 256);
    context.fillRect(originX + column * side, originY + row * side, side, side);
  }
  context.globalAlpha = alpha;
}
