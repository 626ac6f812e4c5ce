import { slideUrl, type NucleusInfo } from '../api.ts';
import type { NucleusStyle } from './nucleus-tile.ts';
import type { TileJob } from './nucleus-worker.ts';
import type { Viewport } from './viewport.ts';

/** A tile of nuclei; its side in level-0 pixels. */
export interface TilePlace { z: number; x: number; y: number; key: string; side: number }

/** What sticks out of a tile is painted this far, as a share of its side. */
export const margin = 1 / 16;

/** As many tiles are asked for at once. */
export const atOnce = 4;

/** How nuclei look until somebody chooses otherwise. */
export const usualStyle = (mpp: number | undefined): NucleusStyle => ({ colourBy: 'class', from: 0, to: 1, hidden: [], area: mpp === undefined ? 0 : mpp ** 2 / 1e6 });

/** The tiles that a view shows; ratio: the screen's own pixels per pixel of the page. */
export function placesIn(view: Viewport, slide: { width: number; height: number }, info: NucleusInfo, ratio: number): TilePlace[] {
  const z = Math.min(info.max_zoom, Math.max(0, info.max_zoom + Math.round(Math.log2(view.scale * ratio) + 0.2)));
  const side = info.tile_size * 2 ** (info.max_zoom - z);
  const [x0, y0] = [Math.max(0, Math.floor(view.left / side)), Math.max(0, Math.floor(view.top / side))];
  const [x1, y1] = [Math.min(Math.ceil(slide.width / side), Math.ceil(view.right / side)), Math.min(Math.ceil(slide.height / side), Math.ceil(view.bottom / side))];
  const places: TilePlace[] = [];
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++)
      places.push({ z, x, y, key: `${z}/${x}/${y}`, side });
  }
  return places;
}

/** Those nearest to the middle of the view first. */
export function nearestFirst(places: TilePlace[], view: Viewport): TilePlace[] {
  const [mx, my] = [(view.left + view.right) / 2, (view.top + view.bottom) / 2];
  const distance = (a: TilePlace): number => Math.hypot((a.x + 0.5) * a.side - mx, (a.y + 0.5) * a.side - my);
  return places.sort((a, b) => distance(a) - distance(b));
}

/** Other measures are other tiles; other colours are other pictures of the same tile. */
export const dataKey = (place: TilePlace, style: NucleusStyle): string => `${style.colourBy}/${place.key}`;

/** The worker's order for a tile. */
export function jobOf(id: string, info: NucleusInfo, place: TilePlace, style: NucleusStyle, ratio: number): TileJob {
  const measure = style.colourBy === 'class' ? '' : `measure=${encodeURIComponent(style.colourBy)}&`;
  return {
    key: dataKey(place, style), style,
    url: `${slideUrl(id, `/nuclei/${place.key}`)}?${measure}v=${encodeURIComponent(info.version)}`,
    left: (place.x - margin) * place.side, top: (place.y - margin) * place.side, side: (1 + 2 * margin) * place.side, pixels: Math.round(512 * Math.min(2, ratio) * (1 + 2 * margin)),
  };
}

/** Lays the picture of a tile where it belongs; the context is in level-0 pixels. */
export function layTile(context: CanvasRenderingContext2D, { x, y, side }: TilePlace, picture: ImageBitmap): void {
  context.imageSmoothingEnabled = true;
  context.drawImage(picture, (x - margin) * side, (y - margin) * side, (1 + 2 * margin) * side, (1 + 2 * margin) * side);
}
