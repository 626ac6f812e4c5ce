import { button, h } from '../dom.ts';

/** Every key of the slide page, in the words of the help. */
export const keyHelp: readonly (readonly [keys: string, what: string])[] = [
  ['← ↑ → ↓', 'move'],
  ['+ −', 'zoom'],
  ['0', 'whole slide'],
  ['1 … 8', 'layers on and off'],
  ['s', 'side by side'],
  ['m', 'smooth maps or patches'],
  ['f', 'full screen'],
  ['[ ]', 'previous and next slide'],
  ['r p o', 'draw a rectangle, a polygon, a point'],
  ['e', 'edit shapes'],
  ['Enter', 'close the polygon'],
  ['Backspace', 'take back its last corner'],
  ['Delete', 'remove the selected shape'],
  ['Ctrl+Z, Ctrl+Y', 'undo, redo'],
  ['Esc', 'put the tool down'],
  ['l', 'copy a link to this view'],
  ['?', 'this list'],
];

/** The list of keys as a dialog. */
export function helpDialog(keys: readonly (readonly [string, string])[] = keyHelp): HTMLDialogElement {
  const dialog = h('dialog', { class: 'card help', aria: { label: 'Keys' } },
    h('h2', {}, 'Keys'),
    h('table', {}, h('tbody', {}, ...keys.map(([key, what]) => h('tr', {}, h('th', { scope: 'row' }, h('kbd', {}, key)), h('td', {}, what))))),
    button('Close', () => dialog.close()));
  dialog.addEventListener('click', event => {
    if (event.target === dialog)
      dialog.close();
  });
  return dialog;
}

/** Whether a key press belongs to a field that is being filled in. */
export function inField(event: KeyboardEvent): boolean {
  const target = event.target;
  return target instanceof HTMLInputElement ? !['checkbox', 'range', 'button', 'radio'].includes(target.type) : target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
