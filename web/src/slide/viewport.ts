/** The part of the slide that is on the screen. */
export interface Viewport { /** Screen pixels per level-0 pixel. */ scale: number; /** Level-0 pixels. */ left: number; top: number; right: number; bottom: number }

/** What a box of some screen pixels will show once the slide is open: the whole of it, or a place at a scale. */
export function plannedViewport(slide: { width: number; height: number }, box: { clientWidth: number; clientHeight: number }, place: { x: number; y: number; scale: number } | null): Viewport {
  const scale = place?.scale ?? Math.min(box.clientWidth / slide.width, box.clientHeight / slide.height);
  const [x, y] = [place?.x ?? slide.width / 2, place?.y ?? slide.height / 2], [w, h] = [box.clientWidth / scale / 2, box.clientHeight / scale / 2];
  return { scale, left: x - w, top: y - h, right: x + w, bottom: y + h };
}

/** The screen's own pixels per pixel of the page. */
export const pixelRatio = (): number => window.devicePixelRatio || 1;

/** Gives a canvas the size of its box in the screen's own pixels; what is drawn is in level-0 pixels. */
export function fitCanvas(canvas: HTMLCanvasElement, size: { x: number; y: number }): number {
  const ratio = pixelRatio();
  const [width, height] = [Math.max(1, Math.round(size.x * ratio)), Math.max(1, Math.round(size.y * ratio))];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  return ratio;
}

/** Turns a context to level-0 pixels. */
export function toSlide(context: CanvasRenderingContext2D, view: Viewport, ratio: number): void {
  const scale = view.scale * ratio;
  context.setTransform(scale, 0, 0, scale, -view.left * scale, -view.top * scale);
}

/** Notes when what is drawn now has been painted. */
export function markPainted(name: string): void {
  requestAnimationFrame(() => setTimeout(() => {
    if (performance.getEntriesByName(name).length === 0)
      performance.mark(name);
  }));
}
