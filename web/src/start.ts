import { slideUrl, type NucleusInfo, type SlideDetail } from './api.ts';
import { h } from './dom.ts';
import { early } from './early.ts';
import { parsePlace, placeOf, type Place } from './permalink.ts';
import { shell } from './shell.ts';
import { atOnce, jobOf, layTile, nearestFirst, placesIn, usualStyle } from './slide/nucleus-places.ts';
import type { TileDone } from './slide/nucleus-worker.ts';
import { fitCanvas, markPainted, plannedViewport, toSlide } from './slide/viewport.ts';

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
  // undefined: not shown; the opacity is behind a colon
  const nuclei = (options.get('layers') ?? 'nuclei').split(',').find(part => part.split(':')[0] === 'nuclei');
  if (nuclei !== undefined)
    early().worker = new Worker('nucleus-worker.js');
  early().picture = h('img', { src: slideUrl(id, '/thumbnail'), class: 'first-picture', alt: '' });
  early().picture!.setAttribute('elementtiming', 'first-picture');
  preload('openseadragon.js');
  send(slideUrl(id)).then(async answer => {
    const slide = await answer.clone().json() as SlideDetail;
    const numbers = slide.has_nuclei && send(slideUrl(id, '/nuclei'));
    lay(slide, options);
    if (numbers && nuclei !== undefined && (options.get('nuclei') ?? 'class') === 'class')
      showNuclei(slide, options, await (await numbers).clone().json() as NucleusInfo, Number(nuclei.split(':')[1] ?? 1));
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

// The worker paints what will be seen; the viewer takes over what it has done.
function showNuclei(slide: SlideDetail, options: URLSearchParams, info: NucleusInfo, opacity: number): void {
  const { picture, worker } = early();
  const box = picture?.parentElement;
  // The viewer was faster, or the document is not there yet.
  if (!box || !worker)
    return;
  const view = plannedViewport(slide, box, placeOf(options)), style = usualStyle(slide.mpp);
  const places = new Map(nearestFirst(placesIn(view, slide, info), view).slice(0, atOnce).map(place => [jobOf(slide.id, info, place, style), place] as const));
  const byKey = new Map([...places].map(([job, place]) => [job.key, place]));
  const canvas = h('canvas', { class: 'layers', aria: { hidden: 'true' } });
  const listener = ({ data }: MessageEvent<TileDone>): void => {
    early().tiles?.done.push(data);
    const place = byKey.get(data.key);
    if (!data.picture || !place || early().canvas !== canvas)
      return;
    const context = canvas.getContext('2d')!;
    toSlide(context, view, fitCanvas(canvas, { x: box.clientWidth, y: box.clientHeight }));
    context.globalAlpha = opacity;
    layTile(context, place, data.picture);
    markPainted('first-nuclei');
  };
  box.append(canvas);
  Object.assign(early(), { canvas, tiles: { asked: new Set(byKey.keys()), done: [], listener } });
  worker.addEventListener('message', listener);
  for (const job of places.keys())
    worker.postMessage(job);
}
