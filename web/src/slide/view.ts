import type OpenSeadragon from 'openseadragon';
import { slideUrl, type SlideDetail } from '../api.ts';
import { h } from '../dom.ts';
import { takeCanvas, takePicture } from '../early.ts';
import { fitCanvas, markPainted, plannedViewport, toSlide, type Viewport } from './viewport.ts';

// A file of its own, fetched at the same time as the slide's numbers: only pages with slides need it.
let library: typeof OpenSeadragon;

/** Fetches what views are made with; await it before the first one is made. */
export const prepareViews = async (): Promise<void> => { library = (await import('openseadragon')).default; };

/** Something drawn over the slide. The context is in level-0 pixels; sizes in screen pixels are divided by view.scale. */
export interface Layer { readonly id: string; visible: boolean; opacity: number; draw(context: CanvasRenderingContext2D, view: Viewport): void }

/** One picture of a slide with its layers: OpenSeadragon below, one canvas of our own above. */
export class SlideView {
  readonly element: HTMLElement;
  readonly osd: OpenSeadragon.Viewer;
  readonly canvas: HTMLCanvasElement;
  layers: Layer[] = [];
  /** Called when the view has moved. */
  moved: (view: Viewport) => void = () => undefined;
  /** Called with a level-0 place under the pointer; null when it has left. */
  hovered: (place: { x: number; y: number } | null, event: PointerEvent) => void = () => undefined;
  /** Called for a click that was no drag. */
  clicked: (place: { x: number; y: number }, event: MouseEvent) => void = () => undefined;
  readonly ready: Promise<void>;
  private readonly slide: SlideDetail;
  private readonly context: CanvasRenderingContext2D;
  private picture: HTMLImageElement | null;
  private early = takeCanvas();
  private frame = 0;

  /** Begins to show a slide in a box that is on the page already: OpenSeadragon measures it. */
  constructor(box: HTMLElement, slide: SlideDetail, label: string, navigator: boolean) {
    this.slide = slide;
    const thumbnail = slideUrl(slide.id, '/thumbnail');
    this.picture = slide.has_image ? takePicture(thumbnail) ?? h('img', { src: thumbnail, class: 'first-picture', alt: '' }) : null;
    this.element = document.createElement('div');
    this.element.className = 'view';
    this.element.setAttribute('role', 'application');
    this.element.setAttribute('aria-label', label);
    this.element.tabIndex = 0;
    box.append(this.element);
    this.osd = new library.Viewer({
      element: this.element,
      tileSources: this.source(),
      drawer: 'canvas',
      showNavigationControl: false,
      showNavigator: navigator,
      navigatorPosition: 'TOP_RIGHT',
      navigatorSizeRatio: 0.16,
      navigatorAutoFade: false,
      navigatorOpacity: 1,
      navigatorBackground: '#fff',
      navigatorDisplayRegionColor: '#7a2f7d',
      animationTime: 0.35,
      springStiffness: 12,
      maxZoomPixelRatio: slide.published && !slide.has_image ? 64 : 4,
      minZoomImageRatio: 0.5,
      visibilityRatio: 0.3,
      preserveImageSizeOnResize: true,
      zoomPerScroll: 1.3,
      immediateRender: false,
      imageLoaderLimit: 8,
      maxImageCacheCount: 400,
      crossOriginPolicy: false,
      keyboardShortcuts: [],
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    } as OpenSeadragon.Options);
    // keys are ours
    this.osd.addHandler('canvas-key', event => { event.preventDefaultAction = true; });
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'layers';
    this.canvas.setAttribute('aria-hidden', 'true');
    this.osd.canvas.append(this.canvas);
    this.context = this.canvas.getContext('2d')!;
    if (this.picture) {
      this.picture.addEventListener('error', () => this.dropPicture());
      this.osd.canvas.prepend(this.picture);
    }
    if (this.early)
      this.osd.canvas.append(this.early);
    this.ready = new Promise((resolve, reject) => {
      this.osd.addOnceHandler('open', () => resolve());
      this.osd.addOnceHandler('open-failed', () => reject(new Error('The slide cannot be opened.')));
    });
    this.osd.world.addHandler('add-item', event => event.item.addHandler('fully-loaded-change', change => {
      if (change.fullyLoaded)
        this.dropPicture();
    }));
    // what bench/browse.mjs measures, beside the picture itself
    this.osd.addOnceHandler('tile-drawn', () => markPainted('first-tile'));
    this.osd.addHandler('update-viewport', () => this.draw());
    this.osd.addHandler('resize', () => this.redraw());
    this.osd.addHandler('viewport-change', () => this.moved(this.viewport()));
    this.osd.addHandler('canvas-click', event => {
      if (event.quick)
        this.clicked(this.placeOf(event.position.x, event.position.y), event.originalEvent as MouseEvent);
    });
    this.element.addEventListener('pointermove', event => {
      const box = this.element.getBoundingClientRect();
      this.hovered(this.placeOf(event.clientX - box.left, event.clientY - box.top), event);
    });
    this.element.addEventListener('pointerleave', event => this.hovered(null, event));
  }

  /** The level-0 place of a screen pixel of the view. */
  placeOf(x: number, y: number): { x: number; y: number } {
    const view = this.viewport();
    return { x: view.left + x / view.scale, y: view.top + y / view.scale };
  }

  viewport(): Viewport {
    const bounds = this.osd.viewport.getBounds(true), width = this.slide.width, size = this.osd.viewport.getContainerSize();
    const scale = size.x / (bounds.width * width);
    return { scale, left: bounds.x * width, top: bounds.y * width, right: (bounds.x + bounds.width) * width, bottom: (bounds.y + bounds.height) * width };
  }

  /** What will be seen once the slide is open: the whole of it, or a place at a scale. */
  planned(place: { x: number; y: number; scale: number } | null): Viewport {
    return plannedViewport(this.slide, this.element, place);
  }

  /** Brings a place to the middle. */
  goTo(x: number, y: number, scale: number | null, immediately = false): void {
    const width = this.slide.width;
    if (scale !== null)
      this.osd.viewport.zoomTo(scale * width / this.osd.viewport.getContainerSize().x, undefined, immediately);
    this.osd.viewport.panTo(new library.Point(x / width, y / width), immediately);
  }

  /** Moves by a share of the view. */
  pan(right: number, down: number): void {
    const bounds = this.osd.viewport.getBounds();
    this.osd.viewport.panBy(new library.Point(right * bounds.width, down * bounds.height));
    this.osd.viewport.applyConstraints();
  }

  zoom(factor: number): void {
    this.osd.viewport.zoomBy(factor);
    this.osd.viewport.applyConstraints();
  }

  home(): void {
    this.osd.viewport.goHome();
  }

  /** Draws the layers again soon. */
  redraw(): void {
    if (this.frame)
      return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.osd.destroy();
    this.element.remove();
  }

  private draw(): void {
    if (!this.osd.viewport)
      return;
    const ratio = fitCanvas(this.canvas, this.osd.viewport.getContainerSize());
    const view = this.viewport();
    this.layPicture(view);
    this.early?.remove();
    this.early = undefined;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const layer of this.layers) {
      if (!layer.visible || layer.opacity <= 0)
        continue;
      this.context.save();
      toSlide(this.context, view, ratio);
      this.context.globalAlpha = layer.opacity;
      layer.draw(this.context, view);
      this.context.restore();
    }
  }

  // Below the tiles until all of them are there.
  private layPicture(view: Viewport): void {
    if (!this.picture)
      return;
    this.picture.classList.add('laid');
    Object.assign(this.picture.style, { left: `${-view.left * view.scale}px`, top: `${-view.top * view.scale}px`, width: `${this.slide.width * view.scale}px`, height: `${this.slide.height * view.scale}px` });
  }

  private dropPicture(): void {
    this.picture?.remove();
    this.picture = null;
  }

  private source(): OpenSeadragon.TileSourceOptions {
    const { width, height } = this.slide;
    if (this.slide.has_image && this.slide.tile_size) {
      // what the .dzi file says, without asking for it
      return { Image: { xmlns: 'http://schemas.microsoft.com/deepzoom/2008', Url: `/slides/${encodeURIComponent(this.slide.id)}_files/`, Format: 'jpeg', Overlap: '0', TileSize: String(this.slide.tile_size), Size: { Width: String(width), Height: String(height) } } } as unknown as OpenSeadragon.TileSourceOptions;
    }
    // Nothing to see but the layers: white paper of the slide's size.
    return { width, height, tileSize: Math.max(width, height), minLevel: 0, maxLevel: 0, getTileUrl: () => blank } as unknown as OpenSeadragon.TileSourceOptions;
  }
}

const blank = 'data:image/gif;base64,R0lGODdhAQABAIAAAP///////ywAAAAAAQABAAACAkQBADs=';
