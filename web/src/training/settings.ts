import { h, toggle } from '../dom.ts';
import { runUrl, type TrainingDetail } from './curves.ts';

type Settings = TrainingDetail['settings'];

/** The settings of some runs side by side: all, or those in which they differ. */
export function settingsTable(runs: readonly (readonly [id: string, name: string, settings: Settings])[], onlyDifferent: boolean, change: (only: boolean) => void): HTMLElement[] {
  const names = [...new Set(runs.flatMap(([, , settings]) => settings.map(s => s.name)))];
  const values = runs.map(([, , settings]) => new Map(settings.map(s => [s.name, s.value])));
  const differ = names.filter(name => new Set(values.map(v => v.get(name))).size > 1);
  const several = runs.length > 1;
  const rows = several && onlyDifferent ? differ : names;
  return [
    h('div', { class: 'bar' }, h('h2', {}, 'Settings'), several && toggle('Only where they differ', onlyDifferent, change).element),
    h('div', { class: 'wide-rows', tabIndex: 0, role: 'region', aria: { label: 'Settings by run' } }, h('table', { class: 'rows' },
      h('thead', {}, h('tr', {}, h('td', {}), ...runs.map(([id, name]) => h('th', { scope: 'col' }, name, ' ', h('a', { href: runUrl(id, '/metrics.csv'), download: `${name}-metrics.csv`, aria: { label: `Metrics of ${name} as CSV` } }, 'CSV'))))),
      h('tbody', {}, ...rows.map(name => h('tr', {}, h('th', { scope: 'row' }, name), ...values.map(v => h('td', {}, v.get(name) ?? '–'))))))),
    ...(rows.length === 0 ? [h('p', { class: 'soft' }, several ? 'They do not differ in any setting.' : 'The folder holds no file of settings.')] : []),
  ];
}
