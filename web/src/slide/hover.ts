import type { SlideDetail } from '../api.ts';
import type { Maps } from './maps.ts';
import type { NucleusLayer } from './nuclei.ts';

/** What is at a place of the slide, in words; nothing beside the slide. */
export function wordsOf(place: { x: number; y: number }, { width, height, mpp, published }: SlideDetail, maps: Maps, nuclei: NucleusLayer | null): string {
  if (place.x < 0 || place.y < 0 || place.x >= width || place.y >= height)
    return '';
  const parts = [mpp === undefined || published ? `${Math.floor(place.x)}, ${Math.floor(place.y)} px` : `${(place.x * mpp / 1000).toFixed(3)}, ${(place.y * mpp / 1000).toFixed(3)} mm`];
  for (const [name, grid] of [['TIL', maps.til], ['tumor', maps.tumor]] as const) {
    const value = grid?.at(place.x, place.y);
    if (value !== undefined && !Number.isNaN(value))
      parts.push(`${name} ${value.toFixed(3)}`);
  }
  const nucleus = nuclei?.visible ? nuclei.describe(place) : null;
  if (nucleus)
    parts.push(nucleus);
  return parts.join(' · ');
}
