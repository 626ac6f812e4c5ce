import { getBytes, slideUrl, type SlideDetail } from '../api.ts';
import { readTile } from '../slide/nucleus-tile.ts';

export interface Spot { x: number; y: number }

/**
 * Two places to look at, the same every time: the square with most nuclei, and the one as dense as where the median nucleus lies.
 * Null when there are none.
 */
export function spotsOf(nuclei: readonly (Spot & { weight: number })[], side: number): { dense: Spot; typical: Spot } | null {
  const squares = new Map<string, { column: number; row: number; count: number; x: number; y: number }>();
  for (const { x, y, weight } of nuclei) {
    const column = Math.floor(x / side), row = Math.floor(y / side), key = `${column}/${row}`;
    const square = squares.get(key) ?? { column, row, count: 0, x: 0, y: 0 };
    squares.set(key, square);
    square.count += weight;
    square.x += weight * x;
    square.y += weight * y;
  }
  const sorted = [...squares.values()].sort((a, b) => a.count - b.count || b.row - a.row || b.column - a.column);
  const dense = sorted.at(-1);
  if (!dense)
    return null;
  const half = sorted.reduce((sum, s) => sum + s.count, 0) / 2;
  let passed = 0;
  const others = sorted.slice(0, -1);
  const typical = others.find(s => (passed += s.count) >= half) ?? others.at(-1) ?? dense;
  // the middle of a square's nuclei: at the border of the tissue its own middle may be glass
  const spot = (s: { count: number; x: number; y: number }): Spot => ({ x: s.x / s.count, y: s.y / s.count });
  return { dense: spot(dense), typical: spot(typical) };
}

/** Asks for the places of a slide; its middle where nothing is known. */
export async function findSpots(slide: SlideDetail): Promise<{ dense: Spot; typical: Spot }> {
  const middle = { x: slide.width / 2, y: slide.height / 2 };
  if (!slide.has_nuclei)
    return { dense: middle, typical: middle };
  // One tile holds all: each nucleus, or counts of squares. While a sample stands for the rest it is asked again, so that everybody sees the same places.
  for (let attempt = 0; ; attempt++) {
    const tile = readTile(await getBytes(slideUrl(slide.id, '/nuclei/0/0/0')));
    if (tile.preliminary && attempt < 20) {
      await new Promise(done => setTimeout(done, 250));
      continue;
    }
    const nuclei = Array.from({ length: tile.count }, (_, i) => ({ x: tile.left + tile.places[2 * i]! * tile.step, y: tile.top + tile.places[2 * i + 1]! * tile.step, weight: tile.counts?.[i] ?? 1 }));
    return spotsOf(nuclei, 150 / (slide.mpp ?? 0.25)) ?? { dense: middle, typical: middle };
  }
}
