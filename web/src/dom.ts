import { icon, type IconName } from './icons.ts';

/** What may stand inside an element. */
export type Child = Node | string | number | null | undefined | false;

type Properties<T extends HTMLElement> = Partial<Omit<T, 'style' | 'dataset'>> & { readonly class?: string; readonly data?: Record<string, string>; readonly aria?: Record<string, string>; readonly role?: string };

/** Makes an element. Text is always text: nothing here parses HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Properties<HTMLElementTagNameMap[K]> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const { class: className, data, aria, role, ...rest } = properties;
  Object.assign(element, rest);
  if (className)
    element.className = className;
  if (role)
    element.setAttribute('role', role);
  for (const [name, value] of Object.entries(data ?? {}))
    element.dataset[name] = value;
  for (const [name, value] of Object.entries(aria ?? {}))
    element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter(c => c !== null && c !== undefined && c !== false).map(c => (c instanceof Node ? c : String(c))));
  return element;
}

/** A button with a name that screen readers say. */
export function button(label: string, action: (event: MouseEvent) => void, options: { text?: string; icon?: IconName; title?: string; class?: string } = {}): HTMLButtonElement {
  const element = h('button', { type: 'button', title: options.title ?? label, class: options.icon ? 'icon' : options.class ?? '', aria: { label } }, options.icon ? icon(options.icon) : options.text ?? label);
  element.addEventListener('click', action);
  return element;
}

/** A slider with its label and its value in words. */
export function slider(label: string, options: { min: number; max: number; step: number; value: number; show?: (value: number) => string }, change: (value: number) => void): { element: HTMLElement; set: (value: number) => void } {
  const show = options.show ?? (v => v.toFixed(2));
  const input = h('input', { type: 'range', min: String(options.min), max: String(options.max), step: String(options.step), value: String(options.value), aria: { label } });
  const output = h('output', {}, show(options.value));
  input.addEventListener('input', () => {
    output.textContent = show(input.valueAsNumber);
    change(input.valueAsNumber);
  });
  const element = h('label', { class: 'slider' }, h('span', {}, label), input, output);
  return {
    element,
    set: value => {
      input.value = String(value);
      output.textContent = show(value);
    },
  };
}

/** A check box with its label. */
export function toggle(label: string, checked: boolean, change: (checked: boolean) => void, key?: string): { element: HTMLLabelElement; input: HTMLInputElement } {
  const input = h('input', { type: 'checkbox', checked });
  input.addEventListener('change', () => change(input.checked));
  return { element: h('label', { class: 'toggle' }, input, h('span', {}, label), key ? h('kbd', { aria: { hidden: 'true' } }, key) : null), input };
}

/** A list to choose from. */
export function choice(label: string, options: readonly (readonly [value: string, text: string])[], value: string, change: (value: string) => void): { element: HTMLLabelElement; select: HTMLSelectElement } {
  const select = h('select', {}, ...options.map(([v, text]) => h('option', { value: v, selected: v === value }, text)));
  select.addEventListener('change', () => change(select.value));
  return { element: h('label', { class: 'choice' }, h('span', {}, label), select), select };
}

/** Says something to whoever uses the page, and to screen readers. */
export function announce(message: string, kind: 'info' | 'error' = 'info'): void {
  let area = document.querySelector<HTMLElement>('#announcements');
  if (!area) {
    area = h('div', { id: 'announcements', role: 'status', aria: { live: 'polite' } });
    document.body.append(area);
  }
  const note = h('p', { class: kind }, message);
  area.append(note);
  setTimeout(() => note.remove(), kind === 'error' ? 9000 : 3500);
}

/** Gives the address of what is shown to the clipboard. */
export const copyLink = (): Promise<void> => copyText(location.href, 'The link is copied.', 'The browser does not allow copying here; the link is in the address bar.');

/** Gives a text to the clipboard and says so, or that the browser forbids it. */
export async function copyText(text: string, done: string, refused = 'The browser does not allow copying here.'): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(done);
  } catch {
    announce(refused, 'error');
  }
}
