import { cohortPage } from './cohort/page.ts';
import { announce, h } from './dom.ts';
import { labelPage } from './label/page.ts';
import { parsePlace, type Place } from './permalink.ts';
import { reviewPage } from './review/page.ts';
import { runPage } from './run/page.ts';
import { shell } from './shell.ts';
import { slidePage } from './slide/page.ts';
import { trainingPage } from './training/page.ts';

/** A page on the screen: what it shows, and how it goes away. */
export interface Page { element: HTMLElement; title: string; close(): void; /** Takes another link to the same page; false: build it anew. */ follow?(options: URLSearchParams): boolean }

// OpenSeadragon adds a style element of its own, which the content policy forbids, unless it finds one; ours are in styles.css.
const taken = document.createElementNS('urn:microtome', 'style');
taken.setAttribute('data-openseadragon-mobile-css', 'true');
document.head.append(taken);

const { main, where } = shell();

let current: { key: string; page: Page } | null = null;
let turn = 0;

function pageOf({ page, id, options }: Place, host: HTMLElement): Promise<Page> {
  if (page === 'review')
    return reviewPage(options);
  if (page === 'cohort-run')
    return runPage();
  if (page === 'training')
    return trainingPage(options);
  return page === 'slide' ? slidePage(id, options, host) : page === 'label' ? labelPage(id, options) : cohortPage(options);
}

async function show(): Promise<void> {
  const place = parsePlace(location.hash);
  const key = `${place.page}/${place.id}`;
  if (current?.key === key && current.page.follow?.(place.options))
    return;
  const mine = ++turn;
  // Built out of sight, but on the page: what measures itself has a size.
  const host = h('div', { class: 'host waiting' });
  main.append(host);
  try {
    const page = await pageOf(place, host);
    if (mine !== turn) {
      page.close();
      host.remove();
      return;
    }
    current?.page.close();
    current = { key, page };
    if (!page.element.isConnected)
      host.append(page.element);
    host.classList.remove('waiting');
    // moved, the page would be measured anew: the others go instead
    for (const other of [...main.children]) {
      if (other !== host)
        other.remove();
    }
    where.textContent = page.title;
    document.title = page.title ? `${page.title} · Microtome` : 'Microtome';
  } catch (e) {
    if (mine !== turn)
      return;
    current?.page.close();
    current = null;
    const message = e instanceof Error ? e.message : String(e);
    main.replaceChildren(h('section', { class: 'card failure', role: 'alert' }, h('h1', {}, 'This cannot be shown'), h('p', {}, message), h('p', {}, h('a', { href: '#/' }, 'All slides'))));
    document.title = 'Microtome';
  }
}

window.addEventListener('hashchange', () => void show());
window.addEventListener('unhandledrejection', event => announce(event.reason instanceof Error ? event.reason.message : String(event.reason), 'error'));
void show();
