import type { Feature, FeatureCollection, Geometry } from '../api.ts';
import { css, palette, type Rgb } from './colours.ts';
import { pathOf } from './layers.ts';
import type { Layer, SlideView } from './view.ts';
import type { Viewport } from './viewport.ts';

export type Tool = 'none' | 'rectangle' | 'polygon' | 'point' | 'edit';

type XY = [number, number];

/** Draws and edits shapes on a view. Shapes are QuPath annotations in level-0 pixels. */
export class Annotator implements Layer {
  readonly id = 'annotations';
  visible = true;
  opacity = 1;
  tool: Tool = 'none';
  className = 'Tumor';
  selected: Feature | null = null;
  features: Feature[] = [];
  /** Called after every finished change. */
  changed: () => void = () => undefined;
  /** Called when another shape is selected. */
  selectionChanged: () => void = () => undefined;
  private readonly view: SlideView;
  private readonly undone: string[] = [];
  private readonly done: string[] = [];
  private draft: XY[] = [];
  private pointer: XY | null = null;
  private dragged: { ring: XY[]; index: number } | null = null;
  private before = '';

  constructor(view: SlideView) {
    this.view = view;
    const target = view.osd.canvas;
    target.addEventListener('pointerdown', this.down, { capture: true });
    target.addEventListener('pointermove', this.move, { capture: true });
    target.addEventListener('pointerup', this.up, { capture: true });
    target.addEventListener('dblclick', this.doubled, { capture: true });
  }

  /** Takes a tool in hand; the slide no longer moves with the pointer until it is put down. */
  use(tool: Tool): void {
    this.cancel();
    this.tool = tool;
    this.view.osd.setMouseNavEnabled(tool === 'none');
    this.view.element.dataset['tool'] = tool;
    if (tool !== 'edit')
      this.select(null);
    this.view.redraw();
  }

  /** Replaces everything; nothing to undo. */
  load(collection: FeatureCollection): void {
    this.features = collection.features;
    this.done.length = this.undone.length = 0;
    this.before = JSON.stringify(this.features);
    this.select(null);
    this.view.redraw();
  }

  collection(): FeatureCollection {
    return { type: 'FeatureCollection', features: this.features };
  }

  select(feature: Feature | null): void {
    if (this.selected === feature)
      return;
    this.selected = feature;
    this.selectionChanged();
    this.view.redraw();
  }

  remove(): void {
    if (!this.selected)
      return;
    this.features = this.features.filter(f => f !== this.selected);
    this.select(null);
    this.commit();
  }

  /** Gives the selected shape another class. */
  classify(name: string): void {
    this.className = name;
    if (this.selected) {
      this.selected.properties.classification = { name, color: [...colourOf(name)] as [number, number, number] };
      this.commit();
    }
  }

  undo(): void {
    this.travel(this.done, this.undone);
  }

  redo(): void {
    this.travel(this.undone, this.done);
  }

  /** Ends the polygon in hand, if it has an area. */
  finish(): void {
    if (this.tool === 'polygon' && this.draft.length >= 3)
      this.add({ type: 'Polygon', coordinates: [close(this.draft)] });
    this.draft = [];
    this.view.redraw();
  }

  /** Drops what is being drawn. True when there was something. */
  cancel(): boolean {
    const something = this.draft.length > 0;
    this.draft = [];
    this.dragged = null;
    this.view.redraw();
    return something;
  }

  /** Takes back the last corner of the polygon in hand. */
  back(): boolean {
    this.view.redraw();
    return this.draft.pop() !== undefined;
  }

  draw(context: CanvasRenderingContext2D, view: Viewport): void {
    for (const feature of this.features) {
      const colour = feature.properties.classification?.color ?? colourOf(feature.properties.classification?.name ?? '');
      const chosen = feature === this.selected;
      context.lineWidth = (chosen ? 3.5 : 2) / view.scale;
      context.strokeStyle = css(colour as Rgb);
      context.fillStyle = css(colour as Rgb, 0.15);
      if (feature.geometry.type === 'Point') {
        const [x, y] = feature.geometry.coordinates;
        context.beginPath();
        context.arc(x, y, (chosen ? 8 : 6) / view.scale, 0, 2 * Math.PI);
        context.fillStyle = css(colour as Rgb, 0.6);
      } else {
        const path = pathOf(feature.geometry);
        context.fill(path, 'evenodd');
        context.stroke(path);
        if (chosen && this.tool === 'edit')
          this.drawHandles(context, view, ringsOf(feature.geometry));
        continue;
      }
      context.fill();
      context.stroke();
    }
    this.drawDraft(context, view);
  }

  private drawHandles(context: CanvasRenderingContext2D, view: Viewport, rings: XY[][]): void {
    const side = 8 / view.scale;
    context.fillStyle = '#fff';
    for (const ring of rings) {
      for (const [x, y] of ring.slice(0, -1)) {
        if (x < view.left || x > view.right || y < view.top || y > view.bottom)
          continue;
        context.fillRect(x - side / 2, y - side / 2, side, side);
        context.strokeRect(x - side / 2, y - side / 2, side, side);
      }
    }
  }

  private drawDraft(context: CanvasRenderingContext2D, view: Viewport): void {
    if (this.draft.length === 0 || !this.pointer)
      return;
    context.lineWidth = 2 / view.scale;
    context.strokeStyle = css(colourOf(this.className));
    context.setLineDash([6 / view.scale, 4 / view.scale]);
    context.beginPath();
    if (this.tool === 'rectangle') {
      const [[x, y], [px, py]] = [this.draft[0]!, this.pointer];
      context.rect(Math.min(x, px), Math.min(y, py), Math.abs(px - x), Math.abs(py - y));
    } else {
      this.draft.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
      context.lineTo(...this.pointer);
    }
    context.stroke();
    context.setLineDash([]);
  }

  private readonly down = (event: PointerEvent): void => {
    if (this.tool === 'none' || event.button !== 0)
      return;
    event.stopPropagation();
    const place = this.placeOf(event);
    this.pointer = place;
    (event.target as Element).setPointerCapture?.(event.pointerId);
    if (this.tool === 'rectangle')
      this.draft = [place];
    else if (this.tool === 'polygon')
      this.draft.push(place);
    else if (this.tool === 'point')
      this.add({ type: 'Point', coordinates: place });
    else
      this.grab(place, event.altKey);
    this.view.redraw();
  };

  private readonly move = (event: PointerEvent): void => {
    if (this.tool === 'none')
      return;
    this.pointer = this.placeOf(event);
    if (this.dragged) {
      const { ring, index } = this.dragged;
      ring[index] = this.pointer;
      if (index === 0)
        ring[ring.length - 1] = this.pointer;
    }
    this.view.redraw();
  };

  private readonly up = (event: PointerEvent): void => {
    if (this.tool === 'none')
      return;
    event.stopPropagation();
    if (this.tool === 'rectangle' && this.draft.length === 1) {
      const [[x, y], [px, py]] = [this.draft[0]!, this.placeOf(event)];
      this.draft = [];
      // a click is no rectangle
      if (Math.min(Math.abs(px - x), Math.abs(py - y)) * this.view.viewport().scale >= 3)
        this.add({ type: 'Polygon', coordinates: [close([[x, y], [px, y], [px, py], [x, py]])] });
    }
    if (this.dragged) {
      this.dragged = null;
      this.commit();
    }
    this.view.redraw();
  };

  private readonly doubled = (event: MouseEvent): void => {
    if (this.tool !== 'polygon')
      return;
    event.stopPropagation();
    // the second click of the two has set a corner where the first one did
    this.draft.pop();
    this.finish();
  };

  // A corner under the pointer is dragged; an edge gets a corner there; otherwise the shape under the pointer is selected.
  private grab(place: XY, remove: boolean): void {
    const reach = 7 / this.view.viewport().scale;
    if (this.selected && this.selected.geometry.type !== 'Point') {
      for (const ring of ringsOf(this.selected.geometry)) {
        const index = ring.findIndex(([x, y], i) => i < ring.length - 1 && Math.hypot(x - place[0], y - place[1]) <= reach);
        if (index >= 0 && remove) {
          if (ring.length > 4) {
            ring.splice(index, 1);
            ring[ring.length - 1] = ring[0]!;
            if (index === 0)
              ring[ring.length - 1] = ring[0]!;
            this.commit();
          }
          return;
        }
        if (index >= 0) {
          this.dragged = { ring, index };
          return;
        }
        for (let i = 0; i + 1 < ring.length; i++) {
          if (distance(place, ring[i]!, ring[i + 1]!) <= reach) {
            ring.splice(i + 1, 0, place);
            this.dragged = { ring, index: i + 1 };
            return;
          }
        }
      }
    }
    this.select([...this.features].reverse().find(f => hit(f.geometry, place, reach)) ?? null);
  }

  private add(geometry: Geometry): void {
    const feature: Feature = {
      type: 'Feature', id: crypto.randomUUID(), geometry: rounded(geometry),
      properties: { objectType: 'annotation', classification: { name: this.className, color: [...colourOf(this.className)] as [number, number, number] }, isLocked: false },
    };
    this.features = [...this.features, feature];
    this.commit();
  }

  private commit(): void {
    this.done.push(this.before);
    if (this.done.length > 100)
      this.done.shift();
    this.undone.length = 0;
    this.before = JSON.stringify(this.features);
    this.changed();
    this.view.redraw();
  }

  private travel(from: string[], to: string[]): void {
    const state = from.pop();
    if (state === undefined)
      return;
    to.push(this.before);
    this.before = state;
    this.features = JSON.parse(state) as Feature[];
    this.select(null);
    this.changed();
    this.view.redraw();
  }

  private placeOf(event: PointerEvent): XY {
    const box = this.view.element.getBoundingClientRect();
    const { x, y } = this.view.placeOf(event.clientX - box.left, event.clientY - box.top);
    return [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
  }
}

/** The colour of a class: always the same for the same name. */
export function colourOf(name: string): Rgb {
  const known: Record<string, Rgb> = { Tumor: [200, 0, 0], Stroma: [150, 200, 150], 'Immune cells': [160, 90, 160], Necrosis: [50, 50, 50], Other: [255, 200, 0], Lymphocytes: [0, 114, 178], Tissue: [0, 179, 198] };
  if (known[name])
    return known[name];
  let hash = 0;
  for (const letter of name)
    hash = (hash * 31 + letter.codePointAt(0)!) >>> 0;
  return palette[hash % palette.length]!;
}

/** The rings of a shape, as they lie in it: changing them changes it. */
export function ringsOf(geometry: Geometry): XY[][] {
  return geometry.type === 'Polygon' ? geometry.coordinates : geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
}

/** Whether a place lies in a shape (even-odd rule), or on a point within reach. */
export function hit(geometry: Geometry, [x, y]: XY, reach: number): boolean {
  if (geometry.type === 'Point')
    return Math.hypot(geometry.coordinates[0] - x, geometry.coordinates[1] - y) <= reach + 2;
  let inside = false;
  for (const ring of ringsOf(geometry)) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [[xi, yi], [xj, yj]] = [ring[i]!, ring[j]!];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi)
        inside = !inside;
    }
  }
  return inside;
}

function distance([x, y]: XY, [ax, ay]: XY, [bx, by]: XY): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay));
}

function close(ring: XY[]): XY[] {
  return [...ring, ring[0]!];
}

function rounded(geometry: Geometry): Geometry {
  return JSON.parse(JSON.stringify(geometry), (_key, value: unknown) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value)) as Geometry;
}
