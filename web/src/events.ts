/** A running analysis. */
export interface Job { slide: string; step: string; /** 0 to 1. */ share: number; remaining_s?: number }

/** How far the cohort is. */
export interface CohortStatus {
  cohort: string; ledger: string; output: string; parts: string[]; total: number; waiting: number; running: number; done: number; failed: number;
  seconds_per_slide: number | null; slides_per_hour: number | null; remaining_s: number | null; workers: { slide: string; worker: string }[]; failures: { slide: string; reason: string }[];
}

/** What the server tells while a page is open. */
export type ServerEvent = { type: 'changed' } | { type: 'progress'; jobs: Job[] } | { type: 'cohort'; status: CohortStatus | { error: string } } | { type: 'training' };

const shared = 'microtome-events';

/**
 * Listens; the browser reconnects by itself. Returns what ends it. A browser opens six connections to a server at most, and each listener holds one for good: of all open tabs
 * only one listens and tells the others, where the browser can arrange that (Web Locks, which need https or this machine).
 */
export function listen(heard: (event: ServerEvent) => void): () => void {
  const stop = new AbortController();
  const channel = 'locks' in navigator ? new BroadcastChannel(shared) : null;
  const open = (): EventSource => {
    const source = new EventSource('/api/events');
    source.addEventListener('message', message => {
      const event = JSON.parse(message.data as string) as ServerEvent;
      channel?.postMessage(event);
      heard(event);
    });
    return source;
  };
  if (!channel) {
    const source = open();
    return () => source.close();
  }
  channel.addEventListener('message', message => heard(message.data as ServerEvent));
  navigator.locks.request(shared, { signal: stop.signal }, () => new Promise<void>(done => {
    const source = open();
    stop.signal.addEventListener('abort', () => {
      source.close();
      done();
    });
  })).catch(() => undefined);
  return () => {
    stop.abort();
    channel.close();
  };
}
