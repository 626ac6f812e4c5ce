import { button, h } from '../dom.ts';

const key = 'microtome-reviewer';

/** The reviewer's name that this browser keeps, or nothing. */
export const keptName = (): string => localStorage.getItem(key) ?? '';

/** Asks for the reviewer's name in a dialog that is put into `parent`, and keeps it; null where the dialog was left. */
export const askName = (parent: HTMLElement, before: string): Promise<string | null> => new Promise(resolve => {
  let name: string | null = null;
  const input = h('input', { type: 'text', value: before, maxLength: 100, autocomplete: 'name', aria: { label: 'Your name' } });
  const keep = (): void => {
    if (!input.value.trim())
      return;
    name = input.value.trim();
    localStorage.setItem(key, name);
    dialog.close();
  };
  const dialog = h('dialog', { class: 'card help', aria: { label: 'Who reviews?' } }, h('h2', {}, 'Who reviews?'), h('p', { class: 'soft' }, 'Your name is kept with each verdict, and in this browser.'),
    h('div', { class: 'bar' }, input, button('Keep', keep), button('Cancel', () => dialog.close())));
  input.addEventListener('keydown', event => {
    event.stopPropagation();
    if (event.key === 'Enter')
      keep();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    resolve(name);
  });
  parent.append(dialog);
  dialog.showModal();
});
