/** What the start script has asked for before the viewer's code was there; each thing is taken once. */
export interface Early { answers: Map<string, Promise<Response>>; picture?: HTMLImageElement | undefined; worker?: Worker | undefined }

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
export function takeWorker(): Worker | undefined {
  const worker = holder.early?.worker;
  delete holder.early?.worker;
  return worker;
}
