import { h, toggle } from '../dom.ts';
import { number, span } from '../format.ts';
import type { TrainingRow } from './curves.ts';

/** How a run is, in a line. */
export function describe(run: TrainingRow): string {
  const parts = [run.step === undefined ? 'no numbers yet' : run.state === 'finished' ? `${number(run.step)} steps` : run.steps === undefined ? `step ${number(run.step)}` : `step ${number(run.step)} of ${number(run.steps)}`];
  if (run.loss !== undefined)
    parts.push(`loss ${number(run.loss)}`);
  if (run.held_out_loss !== undefined)
    parts.push(`held-out ${number(run.held_out_loss)}`);
  if (run.state === 'finished')
    return parts.join(', ');
  if (run.tokens_per_s !== undefined)
    parts.push(`${number(Math.round(run.tokens_per_s))} tokens/s`);
  else if (run.seconds_per_step !== undefined)
    parts.push(`${span(run.seconds_per_step)} a step`);
  if (run.remaining_s !== undefined)
    parts.push(`about ${span(run.remaining_s)} left`);
  return parts.join(', ');
}

/** The runs with their newest numbers; check boxes choose those whose curves are drawn. */
export class RunList {
  readonly element = h('div', { class: 'run-list' });
  private readonly choose: (id: string, chosen: boolean) => void;

  constructor(choose: (id: string, chosen: boolean) => void) {
    this.choose = choose;
  }

  /** Shows runs; whoever has the keyboard keeps it. */
  update(runs: readonly TrainingRow[], colours: ReadonlyMap<string, number>): void {
    const focused = document.activeElement instanceof HTMLElement && this.element.contains(document.activeElement) ? document.activeElement.closest<HTMLElement>('li')?.dataset['run'] : undefined;
    const groups = [...new Set(runs.map(r => r.group))];
    this.element.replaceChildren(...groups.flatMap(group => [
      groups.length > 1 ? h('h3', {}, group) : null,
      h('ul', { aria: { label: group ? `Runs in ${group}` : 'Runs' } }, ...runs.filter(r => r.group === group).map(run => this.item(run, colours.get(run.id)))),
    ]).filter(e => e !== null));
    if (focused !== undefined)
      [...this.element.querySelectorAll<HTMLElement>('li')].find(li => li.dataset['run'] === focused)?.querySelector('input')?.focus();
  }

  private item(run: TrainingRow, slot: number | undefined): HTMLElement {
    const { element, input } = toggle(run.name, slot !== undefined, chosen => this.choose(run.id, chosen));
    input.setAttribute('aria-label', run.name);
    element.lastElementChild!.before(swatch(slot));
    return h('li', { data: { run: run.id } }, element, h('span', { class: `badge ${run.state}` }, run.state),
      run.state === 'running' && run.steps !== undefined && run.step !== undefined ? h('progress', { max: run.steps, value: run.step, aria: { label: `${run.name}: ${Math.floor(100 * run.step / run.steps)} %` } }) : null,
      h('p', { class: 'soft' }, describe(run)));
  }
}

/** The colour of a run's lines. */
export function swatch(slot: number | undefined): HTMLElement {
  return h('span', { class: slot === undefined ? 'line-swatch none' : `line-swatch line-${slot % lineColours}${slot >= lineColours ? ' dashed' : ''}`, aria: { hidden: 'true' } });
}

/** How many colours there are (styles.css). */
export const lineColours = 8;
