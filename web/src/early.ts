import type { TileDone } from './slide/nucleus-worker.ts';

/** Tiles of nuclei that the worker was asked for, and those that have come. */
export interface EarlyTiles { asked: Set<string>; done: TileDone[]; listener: (event: MessageEvent<TileDone>) => void }

/** What the start script has asked for before the viewer's code was there; each thing is taken once. */
export interface Early { answers: Map<string, Promise<Response>>; picture?: HTMLImageElement | undefined; worker?: Worker | undefined; tiles?: EarlyTiles | undefined; /** The nuclei that are shown already. */ canvas?: HTMLCanvasElement | undefined }

const holder = globalThis as { early?: Early };

/** For the start script. */
export const early = (): Early => holder.early ??= { answers: new Map() };

/** An answer that is on its way already. */
export function takeAnswer(url: string): Promise<Response> | undefined {
  const answer = holder.early?.answers.get(url);
  holder.early?.answers.delete(url);
  return answer;
}

/** A small picture of the slide, if it is on the page already. */
export function takePicture(url: string): HTMLImageElement | undefined {
  const picture = holder.early?.picture;
  delete holder.early?.picture;
  return picture?.getAttribute('src') === url ? picture : undefined;
}

/** The worker that paints nuclei, and what it was told to do. */
export function takeWorker(): { worker: Worker; tiles: EarlyTiles | undefined } | undefined {
  const { worker, tiles } = holder.early ?? {};
  delete holder.early?.worker;
  delete holder.early?.tiles;
  if (worker && tiles)
    worker.removeEventListener('message', tiles.listener);
  return worker && { worker, tiles };
}

/** The nuclei that are on the page already. */
export function takeCanvas(): HTMLCanvasElement | undefined {
  const canvas = holder.early?.canvas;
  delete holder.early?.canvas;
  return canvas;
}
