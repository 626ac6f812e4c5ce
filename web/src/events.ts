/** A running analysis. */
export interface Job { slide: string; step: string; /** 0 to 1. */ share: number; remaining_s?: number }

/** What the server tells while a page is open. */
export type ServerEvent = { type: 'changed' } | { type: 'progress'; jobs: Job[] };

/** Listens; the browser reconnects by itself. Returns what ends it. */
export function listen(heard: (event: ServerEvent) => void): () => void {
  const source = new EventSource('/api/events');
  source.addEventListener('message', message => heard(JSON.parse(message.data as string) as ServerEvent));
  return () => source.close();
}
