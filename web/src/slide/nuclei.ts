import type { NucleusInfo, SlideDetail } from '../api.ts';
import type { Layer, SlideView, Viewport } from './view.ts';

/** Placeholder until the tiles are there. */
export class NucleusLayer implements Layer {
  readonly id = 'nuclei';
  visible = false;
  opacity = 1;
  info: NucleusInfo | null = null;

  constructor(_slide: SlideDetail, _view: SlideView) {
  }

  draw(_context: CanvasRenderingContext2D, _view: Viewport): void {
  }

  close(): void {
  }
}
