import { h } from '../dom.ts';
import type { Page } from '../main.ts';

export async function labelPage(_id: string, _options: URLSearchParams): Promise<Page> {
  return { element: h('div'), title: '', close: () => undefined };
}
