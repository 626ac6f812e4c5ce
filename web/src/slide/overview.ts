import type { SlideDetail } from '../api.ts';
import { h } from '../dom.ts';
import type { Viewport } from './viewport.ts';
import type { MapLayer } from '../api.ts';

/** The whole combined map, small; a click goes to that place. */
export class Overview {
  readonly element: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly slide: SlideDetail;
  private picture: HTMLCanvasElement | null = null;
  private view: Viewport | null = null;

  constructor(slide: SlideDetail, go: (x: number, y: number) => void) {
    this.slide = slide;
    const width = 300, height = Math.max(40, Math.min(400, Math.round(width * slide.height / slide.width)));
    this.canvas = h('canvas', { width, height, class: 'overview', role: 'img', aria: { label: 'The combined map of the whole slide; a click goes to that place' } });
    this.canvas.addEventListener('click', event => {
      const box = this.canvas.getBoundingClientRect();
      go((event.clientX - box.left) / box.width * slide.width, (event.clientY - box.top) / box.height * slide.height);
    });
    this.element = h('section', { class: 'card', aria: { label: 'Map' } }, h('h2', {}, 'Map'), this.canvas);
  }

  show(picture: HTMLCanvasElement): void {
    this.picture = picture;
    this.draw();
  }

  mark(view: Viewport): void {
    this.view = view;
    this.draw();
  }

  private draw(): void {
    const context = this.canvas.getContext('2d')!;
    const { width, height } = this.canvas;
    context.clearRect(0, 0, width, height);
    const place: MapLayer | undefined = this.slide.maps.find(m => m.task === 'til');
    const [sx, sy] = [width / this.slide.width, height / this.slide.height];
    context.imageSmoothingEnabled = false;
    if (this.picture && place)
      context.drawImage(this.picture, place.start_x * sx, place.start_y * sy, place.columns * place.step_x * sx, place.rows * place.step_y * sy);
    if (this.view) {
      context.strokeStyle = '#7a2f7d';
      context.lineWidth = 2;
      context.strokeRect(this.view.left * sx, this.view.top * sy, (this.view.right - this.view.left) * sx, (this.view.bottom - this.view.top) * sy);
    }
  }
}
