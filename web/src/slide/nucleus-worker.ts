import { drawTile, readTile, type NucleusStyle } from './nucleus-tile.ts';

/** Fetches a tile and paints it, away from the page's own thread. */
export interface TileJob { key: string; url: string; /** Level-0 pixels, margin included. */ left: number; top: number; side: number; /** Pixels of the picture. */ pixels: number; style: NucleusStyle; /** A tile that was fetched before. */ data?: ArrayBuffer }

export interface TileDone { key: string; data?: ArrayBuffer; picture?: ImageBitmap; error?: string }

self.addEventListener('message', (event: MessageEvent<TileJob>) => void work(event.data));

async function work(job: TileJob): Promise<void> {
  try {
    let data = job.data;
    if (!data) {
      const response = await fetch(job.url);
      if (!response.ok)
        throw new Error(((await response.json()) as { error: string }).error);
      data = await response.arrayBuffer();
    }
    const tile = readTile(data);
    const canvas = new OffscreenCanvas(job.pixels, job.pixels);
    const context = canvas.getContext('2d')!;
    const scale = job.pixels / job.side;
    context.setTransform(scale, 0, 0, scale, -job.left * scale, -job.top * scale);
    drawTile(context, tile, job.style, scale);
    const picture = canvas.transferToImageBitmap();
    (self as unknown as Worker).postMessage({ key: job.key, data, picture } satisfies TileDone, [data, picture]);
  } catch (e) {
    (self as unknown as Worker).postMessage({ key: job.key, error: e instanceof Error ? e.message : String(e) } satisfies TileDone);
  }
}
