import { h } from './dom.ts';
import { themeChoice } from './theme.ts';

/** What every page stands in: the bar at the top and the place below it. Made once, by whichever script comes first. */
export function shell(): { main: HTMLElement; where: HTMLElement } {
  const app = document.querySelector<HTMLElement>('#app')!;
  if (!app.firstChild) {
    const main = h('main', { id: 'main', tabIndex: -1 });
    const skip = h('a', { href: '#main', class: 'skip' }, 'Skip to content');
    // The skip link must not be taken for a place.
    skip.addEventListener('click', event => {
      event.preventDefault();
      main.focus();
    });
    app.append(skip, h('header', { class: 'top' }, h('a', { href: '#/', class: 'brand' }, 'Microtome'), h('span', { class: 'where' }), h('span', { class: 'space' }), themeChoice()), main);
  }

  return { main: app.querySelector<HTMLElement>('#main')!, where: app.querySelector<HTMLElement>('.where')! };
}
