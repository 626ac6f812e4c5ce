import { slideUrl, type NucleusInfo, type SlideDetail } from '../api.ts';
import { atOnce, jobOf, nearestFirst, placesIn, usualStyle, type TilePlace } from './nucleus-places.ts';
import { drawTile, readTile, type NucleusStyle } from './nucleus-tile.ts';
import { plannedViewport, type Viewport } from './viewport.ts';

/** Fetches a tile and paints it, away from the page's own thread. */
export interface TileJob { key: string; url: string; /** Level-0 pixels, margin included. */ left: number; top: number; side: number; /** Pixels of the picture. */ pixels: number; style: NucleusStyle; /** A tile that was fetched before. */ data?: ArrayBuffer }

export interface TileDone { key: string; data?: ArrayBuffer; picture?: ImageBitmap; error?: string }

/** What a page that is still being loaded will show first. The worker finds out by itself what to fetch: the page's own thread is busy compiling. */
export interface FirstView { id: string; place: { x: number; y: number; scale: number } | null; box: { clientWidth: number; clientHeight: number }; ratio: number }

/** What the worker has begun for a first view; its tiles follow. */
export interface FirstTiles { info: NucleusInfo; view: Viewport; places: TilePlace[]; style: NucleusStyle }

export type WorkerAnswer = TileDone | { first: FirstTiles };

const answer = (message: WorkerAnswer, transfer: Transferable[] = []): void => (self as unknown as Worker).postMessage(message, transfer);

self.addEventListener('message', (event: MessageEvent<TileJob | FirstView>) => void ('id' in event.data ? begin(event.data) : work(event.data)));

async function get(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(((await response.json()) as { error: string }).error);
  return response;
}

async function begin({ id, place, box, ratio }: FirstView): Promise<void> {
  try {
    const slide = await (await get(slideUrl(id))).json() as SlideDetail;
    if (!slide.has_nuclei)
      return;
    const info = await (await get(slideUrl(id, '/nuclei'))).json() as NucleusInfo;
    const view = plannedViewport(slide, box, place), style = usualStyle(slide.mpp);
    const places = nearestFirst(placesIn(view, slide, info, ratio), view).slice(0, atOnce);
    answer({ first: { info, view, places, style } });
    await Promise.all(places.map(p => work(jobOf(id, info, p, style, ratio))));
  } catch {
    // a head start; the page asks itself, and says what is wrong
  }
}

async function work(job: TileJob): Promise<void> {
  try {
    const data = job.data ?? await (await get(job.url)).arrayBuffer();
    const tile = readTile(data);
    const canvas = new OffscreenCanvas(job.pixels, job.pixels);
    const context = canvas.getContext('2d')!;
    const scale = job.pixels / job.side;
    context.setTransform(scale, 0, 0, scale, -job.left * scale, -job.top * scale);
    drawTile(context, tile, job.style, scale);
    const picture = canvas.transferToImageBitmap();
    answer({ key: job.key, data, picture }, [data, picture]);
  } catch (e) {
    answer({ key: job.key, error: e instanceof Error ? e.message : String(e) });
  }
}
