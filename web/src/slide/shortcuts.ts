import { inField } from './keys.ts';
import { layerNames } from './layer-set.ts';
import type { SlideView } from './view.ts';

/** What keys do on the slide page. */
export interface Shortcuts {
  readonly view: SlideView;
  readonly keys: Readonly<Record<string, () => void>>;
  undo(): void;
  redo(): void;
  /** Comes before every action. */
  begin(): void;
  /** Shows or hides a layer. */
  layer(id: string): void;
  /** What any other key does; undefined for nothing. */
  other(key: string): (() => void) | undefined;
}

/** Does what a key says, if it says anything. */
export function handleKey(event: KeyboardEvent, { view, keys, undo, redo, begin, layer, other }: Shortcuts): void {
  if (inField(event) || event.altKey)
    return;
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase();
    if (key === 'z' || key === 'y') {
      event.preventDefault();
      if (key === 'y' || event.shiftKey)
        redo();
      else
        undo();
    }
    return;
  }
  // arrows move sliders and lists where one has the focus
  const inControl = event.target instanceof HTMLInputElement && event.target.type === 'range';
  const step = event.shiftKey ? 0.5 : 0.15;
  const actions: Record<string, () => void> = {
    ...(inControl ? {} : { ArrowLeft: () => view.pan(-step, 0), ArrowRight: () => view.pan(step, 0), ArrowUp: () => view.pan(0, -step), ArrowDown: () => view.pan(0, step) }),
    '+': () => view.zoom(1.5), '=': () => view.zoom(1.5), '-': () => view.zoom(1 / 1.5), '0': () => view.home(),
    ...keys,
  };
  begin();
  const shown = layerNames.find(n => n.key === event.key);
  const action = shown ? () => layer(shown.id) : actions[event.key] ?? other(event.key);
  if (!action)
    return;
  event.preventDefault();
  action();
}
