import type { MapLayer } from '../api.ts';

/** Values on a grid that lies on the slide: cell (column, row) covers [start + column * step, start + (column + 1) * step), level-0 pixels. */
export class ValueGrid {
  readonly place: MapLayer;
  readonly values: Float32Array;

  constructor(place: MapLayer, values: Float32Array) {
    if (values.length !== place.columns * place.rows)
      throw new Error(`The map ${place.task} has ${values.length} values for ${place.columns} x ${place.rows} patches.`);
    this.place = place;
    this.values = values;
  }

  /** The cell that holds a place; -1 outside. */
  cellAt(x: number, y: number): number {
    const column = Math.floor((x - this.place.start_x) / this.place.step_x), row = Math.floor((y - this.place.start_y) / this.place.step_y);
    return column >= 0 && column < this.place.columns && row >= 0 && row < this.place.rows ? row * this.place.columns + column : -1;
  }

  /** The value at a place; NaN where nothing is known. */
  at(x: number, y: number): number {
    const cell = this.cellAt(x, y);
    return cell < 0 ? NaN : this.values[cell]!;
  }
}

/** Classes and probabilities of a combined map on one grid. */
export interface Combined { place: MapLayer; /** Codes 0, 252..255. */ codes: Uint8Array; /** 0..255. */ til: Uint8Array; /** 0..255. */ tumor: Uint8Array }

/** Splits the bytes [rows, columns, 3] of the server. */
export function readCombined(place: MapLayer, bytes: Uint8Array): Combined {
  const cells = place.columns * place.rows;
  if (bytes.length !== cells * 3)
    throw new Error(`The combined map has ${bytes.length} bytes for ${place.columns} x ${place.rows} pixels.`);
  const combined = { place, codes: new Uint8Array(cells), til: new Uint8Array(cells), tumor: new Uint8Array(cells) };
  for (let i = 0; i < cells; i++) {
    combined.til[i] = bytes[3 * i]!;
    combined.tumor[i] = bytes[3 * i + 1]!;
    combined.codes[i] = bytes[3 * i + 2]!;
  }
  return combined;
}

/**
 * Lays tumor on lymphocytes as the analysis does (tumor-til, section 3.2): the tumor map, blurred by 1 2 1 over its known cells, is looked up at the centre of each
 * lymphocyte patch; both are cut. The blurred map does not depend on the cuts, so sliders only compare.
 */
export function merge(tumor: ValueGrid, til: ValueGrid): { blurred: Float64Array; tissue: Uint8Array } {
  const { place } = til;
  const blurred = new Float64Array(til.values.length), tissue = new Uint8Array(til.values.length);
  for (let row = 0; row < place.rows; row++) {
    for (let column = 0; column < place.columns; column++) {
      const i = row * place.columns + column;
      const lymphocytes = til.values[i]!;
      const cell = tumor.cellAt(place.start_x + column * place.step_x + place.step_x / 2, place.start_y + row * place.step_y + place.step_y / 2);
      const sharp = cell >= 0 ? tumor.values[cell]! : NaN;
      blurred[i] = Number.isNaN(sharp) ? 0 : blur(tumor, cell);
      tissue[i] = !Number.isNaN(lymphocytes) && (lymphocytes > 0 || sharp > 0) ? 1 : 0;
    }
  }
  return { blurred, tissue };
}

function blur(map: ValueGrid, cell: number): number {
  const { columns, rows } = map.place;
  const x = cell % columns, y = Math.floor(cell / columns);
  let sum = 0, weights = 0;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      if (x + dx < 0 || x + dx >= columns || y + dy < 0 || y + dy >= rows)
        continue;
      const value = map.values[(y + dy) * columns + x + dx]!;
      if (Number.isNaN(value))
        continue;
      const weight = (2 - Math.abs(dx)) * (2 - Math.abs(dy));
      sum += weight * value;
      weights += weight;
    }
  }
  return sum / weights;
}

/** The class of each patch at two cuts. The lymphocyte cut is rounded to float32 as the probabilities are. */
export function classify(til: ArrayLike<number>, blurred: ArrayLike<number>, tissue: ArrayLike<number>, tilCut: number, tumorCut: number): Uint8Array {
  const codes = new Uint8Array(til.length);
  const cut = Math.fround(tilCut);
  for (let i = 0; i < codes.length; i++) {
    if (!tissue[i])
      continue;
    const isTil = til[i]! >= cut, isTumor = blurred[i]! >= tumorCut;
    codes[i] = isTil ? (isTumor ? 252 : 253) : isTumor ? 254 : 255;
  }
  return codes;
}

/** Patches of each class. */
export interface ClassCounts { tissue: number; tumor: number; til: number; both: number; all: number }

export function countClasses(codes: ArrayLike<number>, keep?: (cell: number) => boolean): ClassCounts {
  const counts = { tissue: 0, tumor: 0, til: 0, both: 0, all: 0 };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0 || (keep && !keep(i)))
      continue;
    counts.all++;
    if (code === 252)
      counts.both++;
    else if (code === 253)
      counts.til++;
    else if (code === 254)
      counts.tumor++;
    else
      counts.tissue++;
  }
  return counts;
}

/** The edge of a mask as the published viewer draws it: cells whose 3 x 3 neighbourhood holds 4 to 6 of the mask (tumor-til, section 6.5). */
export function edges(mask: Uint8Array, columns: number, rows: number): Uint8Array {
  const edge = new Uint8Array(mask.length);
  for (let y = 1; y < rows - 1; y++) {
    for (let x = 1; x < columns - 1; x++) {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++)
          sum += mask[(y + dy) * columns + x + dx]!;
      }
      edge[y * columns + x] = sum >= 4 && sum <= 6 ? 1 : 0;
    }
  }
  return edge;
}
