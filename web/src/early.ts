import type { WorkerAnswer } from './slide/nucleus-worker.ts';

/** The worker that paints nuclei, and what it has said. */
export interface EarlyWorker { worker: Worker; heard: WorkerAnswer[]; listener: (event: MessageEvent<WorkerAnswer>) => void; /** The box that it was told. */ box?: { clientWidth: number; clientHeight: number } }

/** What the start script has asked for before the viewer's code was there; each thing is taken once. */
export interface Early { answers: Map<string, Promise<Response>>; picture?: HTMLImageElement | undefined; nuclei?: EarlyWorker | undefined; /** The nuclei that are shown already. */ canvas?: HTMLCanvasElement | undefined }

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

/** The worker that paints nuclei. */
export function takeWorker(): EarlyWorker | undefined {
  const nuclei = holder.early?.nuclei;
  delete holder.early?.nuclei;
  nuclei?.worker.removeEventListener('message', nuclei.listener);
  return nuclei;
}

/** The nuclei that are on the page already. */
export function takeCanvas(): HTMLCanvasElement | undefined {
  const canvas = holder.early?.canvas;
  delete holder.early?.canvas;
  return canvas;
}
