import { h } from './dom.ts';

const key = 'microtome-theme';

function apply(theme: string): void {
  if (theme === 'auto')
    delete document.documentElement.dataset['theme'];
  else
    document.documentElement.dataset['theme'] = theme;
}

/** Light, dark, or as the system says; remembered. */
export function themeChoice(): HTMLElement {
  const select = h('select', { aria: { label: 'Colours of the page' } }, ...['auto', 'light', 'dark'].map(t => h('option', { value: t }, t)));
  select.value = localStorage.getItem(key) ?? 'auto';
  select.addEventListener('change', () => {
    localStorage.setItem(key, select.value);
    apply(select.value);
  });
  return h('label', { class: 'choice' }, h('span', {}, 'Theme'), select);
}

apply(localStorage.getItem(key) ?? 'auto');
