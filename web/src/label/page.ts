import { getJson, postJson, slideUrl, type SlideDetail } from '../api.ts';
import { announce, button, choice, h } from '../dom.ts';
import { number, percent } from '../format.ts';
import type { Page } from '../main.ts';
import { formatPlace } from '../permalink.ts';
import { helpDialog, inField } from '../slide/keys.ts';

interface Patch { x: number; y: number; width: number; height: number; probability: number }
interface Queue { task: string; classes: string[]; positive: string; threshold: number; labelled: number; total: number; patches: Patch[]; counts: Record<string, number> }

const unclear = 'unclear';
// How much around the patch is shown: people judge cells by their neighbourhood.
const context = 3;

/** Judging uncertain patches, one after the other, with the keys 1 to 9. */
export async function labelPage(id: string, options: URLSearchParams): Promise<Page> {
  const slide = await getJson<SlideDetail>(slideUrl(id));
  const tasks = slide.maps.map(m => m.task);
  if (tasks.length === 0 || !slide.has_image || !slide.editable)
    throw new Error('Patches can be labelled when there is a map, the slide itself, and a folder of results to keep the labels in.');
  const page = new LabelPage(slide, tasks.find(t => t === options.get('task')) ?? tasks[0]!);
  await page.next();
  return page;
}

class LabelPage implements Page {
  readonly element: HTMLElement;
  readonly title: string;
  private readonly slide: SlideDetail;
  private task: string;
  private queue!: Queue;
  private readonly done: Patch[] = [];
  private turn: Promise<void> = Promise.resolve();
  private readonly picture = h('img', { class: 'patch', alt: '' });
  private readonly frame = h('div', { class: 'patch-frame' });
  private readonly said = h('p', { class: 'soft', role: 'status' });
  private readonly answers = h('div', { class: 'answers', role: 'group', aria: { label: 'What is it?' } });
  private readonly counts = h('dl', { class: 'figures' });
  private readonly progress = h('progress', { aria: { label: 'Patches judged' } });
  private readonly command = h('code');
  private readonly help = helpDialog([['1 … 9', 'the class with this number'], ['0 u', 'unclear'], ['Backspace', 'take the last one back'], ['?', 'this list']]);

  constructor(slide: SlideDetail, task: string) {
    this.slide = slide;
    this.task = task;
    this.title = `${slide.name}: patches to label`;
    const kinds = choice('Map', slide.maps.map(m => [m.task, m.title] as const), task, value => {
      this.task = value as 'til' | 'tumor';
      this.done.length = 0;
      history.replaceState(null, '', formatPlace('label', slide.id, { task: value }));
      void this.next();
    });
    this.element = h('div', { class: 'label-page' },
      h('section', { class: 'card stage', aria: { label: 'Patch' } }, h('div', { class: 'patch-stage' }, this.picture, this.frame), this.said),
      h('div', { class: 'label-side' },
        h('section', { class: 'card' }, h('h1', {}, 'Label patches'), h('div', { class: 'bar' }, kinds.element, h('span', { class: 'space' }), button('Keys', () => this.help.showModal(), { icon: 'help' })),
          h('p', { class: 'soft' }, 'The patch is inside the frame. The most uncertain come first.'), this.answers,
          h('div', { class: 'bar' }, button('Take the last one back', () => void this.back(), { class: 'small' }))),
        h('section', { class: 'card', aria: { label: 'Progress' } }, this.progress, this.counts),
        h('section', { class: 'card', aria: { label: 'Train' } }, h('h2', {}, 'Train from the labels, then look again'), h('p', { class: 'soft' }, 'Labels lie in patch-labels.csv beside the results. This page and the slide show the new map as soon as it is there.'), h('pre', { tabIndex: 0, role: 'region', aria: { label: 'Commands' } }, this.command)),
        h('p', {}, h('a', { href: formatPlace('slide', slide.id, {}) }, 'Back to the slide'))),
      this.help);
    window.addEventListener('keydown', this.key);
  }

  close(): void {
    window.removeEventListener('keydown', this.key);
  }

  /** Asks for the queue and shows its first patch. */
  async next(): Promise<void> {
    this.queue = await getJson<Queue>(slideUrl(this.slide.id, `/labels/${this.task}?count=20`));
    const { classes, counts, labelled, total } = this.queue;
    this.answers.replaceChildren(...[...classes, unclear].map((name, i) => button(`${name === unclear ? 0 : i + 1} ${name}`, () => void this.judge(name))));
    this.counts.replaceChildren(...[...classes, unclear].flatMap(name => [h('dt', {}, name), h('dd', {}, number(counts[name] ?? 0))]), h('dt', {}, 'judged'), h('dd', {}, `${number(labelled)} of ${number(total)}`));
    this.progress.max = Math.max(1, total);
    this.progress.value = labelled;
    this.command.textContent = [
      `microtome train classifier --task ${this.task} --supervision labels --results RESULTS --from ${this.task} -o RUN`,
      `microtome analyze SLIDE -o RESULTS --${this.task}-model RUN/model`,
    ].join('\n');
    this.show();
  }

  private show(): void {
    const [patch, after] = this.queue.patches;
    this.picture.parentElement!.hidden = !patch;
    if (!patch) {
      this.said.textContent = 'Every patch of this map has been judged.';
      return;
    }
    const region = this.region(patch);
    this.picture.src = this.url(region);
    this.picture.alt = `Patch at ${number(patch.x)}, ${number(patch.y)} and its surroundings`;
    const share = (value: number, whole: number): string => `${100 * value / whole}%`;
    for (const [name, value] of [['left', share(patch.x - region.x, region.width)], ['top', share(patch.y - region.y, region.height)], ['width', share(patch.width, region.width)], ['height', share(patch.height, region.height)]] as const)
      this.frame.style.setProperty(name, value);
    this.said.textContent = `${number(patch.x)}, ${number(patch.y)} px · ${this.queue.positive}: ${percent(patch.probability)} (positive from ${percent(this.queue.threshold)})`;
    // the picture that comes next is fetched while this one is looked at
    if (after)
      new Image().src = this.url(this.region(after));
  }

  private region(patch: Patch): Patch {
    const margin = (context - 1) / 2;
    const left = Math.max(0, Math.round(patch.x - margin * patch.width)), top = Math.max(0, Math.round(patch.y - margin * patch.height));
    const right = Math.min(this.slide.width, Math.round(patch.x + (1 + margin) * patch.width)), bottom = Math.min(this.slide.height, Math.round(patch.y + (1 + margin) * patch.height));
    return { x: left, y: top, width: right - left, height: bottom - top, probability: patch.probability };
  }

  private url(r: Patch): string {
    const size = Math.max(r.width, r.height) > 900 ? '!900,900' : 'max';
    return `/iiif/3/${encodeURIComponent(this.slide.id)}/${r.x},${r.y},${r.width},${r.height}/${size}/0/default.jpg`;
  }

  // One after the other: a key that is pressed while a label is being saved is for the patch that comes then.
  private judge(name: string): Promise<void> {
    return this.after(async () => {
      const patch = this.queue.patches[0];
      if (!patch)
        return;
      await postJson(slideUrl(this.slide.id, `/labels/${this.task}`), { x: patch.x, y: patch.y, class: name });
      this.done.push(patch);
      await this.next();
    });
  }

  private after(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work).catch((e: unknown) => announce(`Not saved: ${e instanceof Error ? e.message : String(e)}`, 'error'));
    return this.turn;
  }

  private back(): Promise<void> {
    return this.after(async () => {
      const patch = this.done.pop();
      if (!patch) {
        announce('Nothing has been judged here yet.');
        return;
      }
      await postJson(slideUrl(this.slide.id, `/labels/${this.task}`), { x: patch.x, y: patch.y, class: null });
      await this.next();
    });
  }

  private readonly key = (event: KeyboardEvent): void => {
    if (this.help.open || inField(event) || event.ctrlKey || event.metaKey || event.altKey || event.repeat)
      return;
    const digit = Number(event.key);
    const name = event.key === '0' || event.key === 'u' ? unclear : this.queue.classes[digit - 1];
    if (name)
      void this.judge(name);
    else if (event.key === 'Backspace')
      void this.back();
    else if (event.key === '?')
      this.help.showModal();
    else
      return;
    event.preventDefault();
  };
}
