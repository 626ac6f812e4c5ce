import type { NucleusInfo, SlideDetail } from '../api.ts';
import { h } from '../dom.ts';
import type { Layer, SlideView, Viewport } from './view.ts';

/** Placeholder until the tiles are there. */
export class NucleusLayer implements Layer {
  readonly id = 'nuclei';
  visible = false;
  opacity = 1;
  colourBy = 'class';
  info: NucleusInfo | null = null;

  constructor(_slide: SlideDetail, _view: SlideView) {
  }

  controls(_changed: () => void): HTMLElement {
    return h('section', { class: 'card' });
  }

  describe(_place: { x: number; y: number }): string | null {
    return null;
  }

  async select(_place: { x: number; y: number }): Promise<void> {
  }

  draw(_context: CanvasRenderingContext2D, _view: Viewport): void {
  }

  close(): void {
  }
}
