import { slideUrl, type SlideDetail } from './api.ts';
import { h } from './dom.ts';
import { early } from './early.ts';
import { parsePlace, placeOf, type Place } from './permalink.ts';
import { shell } from './shell.ts';
import { dataKey, layTile } from './slide/nucleus-places.ts';
import type { FirstView, WorkerAnswer } from './slide/nucleus-worker.ts';
import { fitCanvas, markPainted, pixelRatio, toSlide } from './slide/viewport.ts';

// A few kilobytes inside the page (build.mjs) that run while the viewer is still being fetched: they ask for the slide and show a small picture of it where it will be, and its nuclei.
// Everything here is a head start; the viewer does without it.

const place = parsePlace(location.hash);
if (place.page === 'slide')
  askSlide(place);
else if (place.page === 'cohort')
  askList('/api/slides');
else if (place.page === 'training')
  askList('/api/training');
// Once the document is read, before the viewer runs.
document.addEventListener('readystatechange', begin, { once: true });

function preload(script: string): void {
  const link = h('link', { rel: 'modulepreload' });
  link.href = script;
  document.head.append(link);
}

function send(url: string): Promise<Response> {
  const answer = fetch(url);
  // whoever takes it hears of its failure
  answer.catch(() => undefined);
  early().answers.set(url, answer);
  return answer;
}

function askList(url: string): void {
  void send(url);
  preload('uplot.js');
}

function askSlide({ id, options }: Place): void {
  askNuclei(options);
  early().picture = h('img', { src: slideUrl(id, '/thumbnail'), class: 'first-picture', alt: '' });
  early().picture!.setAttribute('elementtiming', 'first-picture');
  preload('openseadragon.js');
  send(slideUrl(id)).then(async answer => {
    const slide = await answer.clone().json() as SlideDetail;
    lay(slide, options);
  }).catch(() => undefined);
}

function begin(): void {
  const { main } = shell();
  const { picture } = early();
  if (!picture || main.firstChild)
    return;
  main.append(h('div', { class: 'host', inert: true }, h('div', { class: 'slide-page' },
    h('div', { class: 'panel left' }),
    h('div', { class: 'middle' }, h('div', { class: 'bar toolbar' }, h('h1', {}, place.id)), h('div', { class: 'views' }, h('div', { class: 'view' }, picture))),
    h('div', { class: 'panel right' }))));
  // Boxes have their size only when the style sheet is there; scripts of the page wait for it, too.
  const styles = document.querySelector<HTMLLinkElement>('link[rel="stylesheet"]');
  if (!styles || styles.sheet)
    tellWorker();
  else
    styles.addEventListener('load', tellWorker, { once: true });
}

function tellWorker(): void {
  const { nuclei, picture } = early();
  const box = picture?.parentElement;
  if (!nuclei || !box)
    return;
  const { clientWidth, clientHeight } = box;
  nuclei.box = { clientWidth, clientHeight };
  nuclei.worker.postMessage({ id: place.id, place: placeOf(place.options), box: nuclei.box, ratio: pixelRatio() } satisfies FirstView);
}

// The whole slide fills the view by itself (styles.css); a place that the link names needs the slide's size.
function lay(slide: SlideDetail, options: URLSearchParams): void {
  const place = placeOf(options);
  const { picture } = early();
  const box = picture?.parentElement;
  if (!picture || !box || !place)
    return;
  const { x, y, scale: z } = place;
  picture.classList.add('laid');
  Object.assign(picture.style, { left: `${box.clientWidth / 2 - x * z}px`, top: `${box.clientHeight / 2 - y * z}px`, width: `${slide.width * z}px`, height: `${slide.height * z}px` });
}

// The worker fetches and paints what will be seen, and the viewer takes over what it has done.
function askNuclei(options: URLSearchParams): void {
  // the opacity is behind a colon
  const shown = (options.get('layers') ?? 'nuclei').split(',').find(part => part.split(':')[0] === 'nuclei');
  if (shown === undefined || (options.get('nuclei') ?? 'class') !== 'class')
    return;
  const heard: WorkerAnswer[] = [];
  const listener = ({ data }: MessageEvent<WorkerAnswer>): void => {
    heard.push(data);
    const begun = heard.find(answer => 'first' in answer);
    const place = begun?.first.places.find(p => !('first' in data) && dataKey(p, begun.first.style) === data.key);
    const box = early().picture?.parentElement;
    if (!begun || !place || !box || 'first' in data || !data.picture || box.clientWidth !== early().nuclei?.box?.clientWidth || box.clientHeight !== early().nuclei?.box?.clientHeight)
      return;
    const canvas = early().canvas ??= h('canvas', { class: 'layers', aria: { hidden: 'true' } });
    if (canvas.parentElement !== box)
      box.append(canvas);
    const context = canvas.getContext('2d')!;
    toSlide(context, begun.first.view, fitCanvas(canvas, { x: box.clientWidth, y: box.clientHeight }));
    context.globalAlpha = Number(shown.split(':')[1] ?? 1);
    layTile(context, place, data.picture);
    markPainted('first-nuclei');
  };
  early().nuclei = { worker: new Worker('nucleus-worker.js'), heard, listener };
  early().nuclei!.worker.addEventListener('message', listener);
}
