import { ApiError, getTagged, putTagged, slideUrl, type Feature, type FeatureCollection, type SlideDetail } from '../api.ts';
import { announce, button, h } from '../dom.ts';
import type { IconName } from '../icons.ts';
import { formatPlace } from '../permalink.ts';
import type { Annotator, Tool } from './annotate.ts';
import type { SlideView } from './view.ts';

interface Around { region(region: Feature | null): void; tissue(): FeatureCollection | null; tissueSaved(tissue: FeatureCollection): void }

const tools: readonly (readonly [tool: Tool, icon: IconName, label: string])[] = [['none', 'move', 'Move the slide ( Esc )'], ['rectangle', 'rectangle', 'Rectangle ( r )'], ['polygon', 'polygon', 'Polygon ( p )'], ['point', 'point', 'Point ( o )'], ['edit', 'edit', 'Edit shapes ( e )']];
const usual = ['Tumor', 'Stroma', 'Immune cells', 'Necrosis', 'Other'];

/** Drawing on the slide, and keeping it: annotations beside the results, or the tissue outline that the next analysis uses. */
export class Annotations {
  readonly element: HTMLElement;
  private readonly slide: SlideDetail;
  private readonly annotator: Annotator;
  private readonly around: Around;
  private readonly status = h('p', { class: 'soft', role: 'status' });
  private readonly classInput: HTMLInputElement;
  private readonly toolButtons: HTMLButtonElement[];
  private readonly outlineButton: HTMLButtonElement;
  private readonly removeButton: HTMLButtonElement;
  private editing: 'annotations' | 'tissue' = 'annotations';
  private tag = '';
  private timer = 0;
  private saving: Promise<void> = Promise.resolve();
  private unsaved = false;

  constructor(slide: SlideDetail, annotator: Annotator, view: SlideView, around: Around) {
    this.slide = slide;
    this.annotator = annotator;
    this.around = around;
    annotator.changed = () => this.changed();
    annotator.selectionChanged = () => this.selected();
    this.toolButtons = tools.map(([tool, drawing, label]) => button(label, () => this.use(tool), { icon: drawing }));
    this.classInput = h('input', { type: 'text', value: annotator.className, maxLength: 100, aria: { label: 'Class of new and selected shapes' } });
    this.classInput.setAttribute('list', 'classes');
    this.classInput.addEventListener('change', () => annotator.classify(this.classInput.value.trim() || 'Other'));
    this.removeButton = button('Remove the selected shape', () => annotator.remove(), { text: 'Remove', class: 'small' });
    this.outlineButton = button('Edit the tissue outline', () => this.switchTarget(), { class: 'small' });
    const available = slide.editable;
    this.element = h('section', { class: 'card annotate', aria: { label: 'Annotate' } }, h('h2', {}, 'Annotate'),
      ...(available
        ? [
          h('div', { class: 'bar', role: 'toolbar', aria: { label: 'Drawing tools' } }, ...this.toolButtons),
          h('label', { class: 'choice' }, h('span', {}, 'Class'), this.classInput, h('datalist', { id: 'classes' }, ...usual.map(c => h('option', { value: c })))),
          h('div', { class: 'bar' }, this.removeButton, slide.has_tissue ? this.outlineButton : null),
          this.status,
          slide.maps.length > 0 && slide.has_image ? h('p', {}, h('a', { href: formatPlace('label', slide.id, {}) }, 'Label uncertain patches')) : null,
        ]
        : [h('p', { class: 'soft' }, 'This slide has no folder of results to keep annotations in.')]));
    this.use('none');
    this.selected();
    window.addEventListener('beforeunload', this.leaving);
    void view;
  }

  async load(): Promise<void> {
    if (!this.slide.editable)
      return;
    const { value, tag } = await getTagged<FeatureCollection>(slideUrl(this.slide.id, '/annotations'));
    this.tag = tag;
    this.annotator.load(value);
    this.say();
  }

  close(): void {
    window.removeEventListener('beforeunload', this.leaving);
    if (this.unsaved)
      void this.save();
  }

  /** What a key does here; undefined when it does nothing. */
  key(key: string): (() => void) | undefined {
    if (!this.slide.editable)
      return undefined;
    const { annotator } = this;
    return ({
      r: () => this.use('rectangle'), p: () => this.use('polygon'), o: () => this.use('point'), e: () => this.use('edit'),
      Escape: () => { if (!annotator.cancel()) this.use('none'); },
      Enter: annotator.tool === 'polygon' ? () => annotator.finish() : undefined,
      Backspace: annotator.tool === 'polygon' ? () => { annotator.back(); } : undefined,
      Delete: annotator.selected ? () => annotator.remove() : undefined,
    } as Record<string, (() => void) | undefined>)[key];
  }

  private use(tool: Tool): void {
    this.annotator.use(tool);
    if (tool !== 'none')
      this.annotator.visible = true;
    this.toolButtons.forEach((b, i) => b.setAttribute('aria-pressed', String(tools[i]![0] === tool)));
  }

  private selected(): void {
    const { selected } = this.annotator;
    this.removeButton.disabled = selected === null;
    if (selected?.properties.classification)
      this.classInput.value = selected.properties.classification.name;
    this.around.region(selected);
  }

  private changed(): void {
    this.unsaved = true;
    this.say();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), 400);
    this.around.region(this.annotator.selected);
  }

  // One save at a time, in order; what changed meanwhile is saved next.
  private save(): Promise<void> {
    clearTimeout(this.timer);
    this.saving = this.saving.then(async () => {
      if (!this.unsaved)
        return;
      this.unsaved = false;
      const collection = this.annotator.collection();
      const tissue = this.editing === 'tissue';
      try {
        this.tag = await putTagged(slideUrl(this.slide.id, tissue ? '/tissue' : '/annotations'), collection, this.tag);
        if (tissue)
          this.around.tissueSaved(collection);
        this.say();
      } catch (e) {
        this.unsaved = true;
        const conflict = e instanceof ApiError && e.status === 412;
        this.status.textContent = conflict ? 'Not saved: somebody else has saved since. Reload the page to see theirs; yours are still on the screen.' : `Not saved: ${e instanceof Error ? e.message : String(e)}`;
        announce(this.status.textContent, 'error');
      }
    });
    return this.saving;
  }

  private async switchTarget(): Promise<void> {
    await this.save();
    if (this.unsaved)
      return;
    if (this.editing === 'annotations') {
      const { value, tag } = await getTagged<FeatureCollection>(slideUrl(this.slide.id, '/tissue'));
      this.editing = 'tissue';
      this.tag = tag;
      this.annotator.load(value);
      this.annotator.className = 'Tissue';
      this.use('edit');
    } else {
      this.editing = 'annotations';
      this.annotator.className = this.classInput.value;
      this.use('none');
      await this.load();
    }
    this.outlineButton.textContent = this.editing === 'tissue' ? 'Back to annotations' : 'Edit the tissue outline';
    this.say();
  }

  private say(): void {
    const n = this.annotator.features.length;
    this.status.textContent = this.editing === 'tissue'
      ? `Tissue outline, ${n} part${n === 1 ? '' : 's'}; ${this.unsaved ? 'saving …' : 'saved. The next analyze of this slide uses it.'}`
      : `${n} annotation${n === 1 ? '' : 's'}${this.unsaved ? ', saving …' : n > 0 ? ', saved beside the results' : ''}`;
  }

  private readonly leaving = (event: BeforeUnloadEvent): void => {
    if (this.unsaved)
      event.preventDefault();
  };
}
