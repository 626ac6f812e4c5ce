import { getJson } from '../api.ts';

/** A series of a run: steps ascend. */
export interface Curve { steps: number[]; values: number[] }

/** What the server answers: curves, or the ends of those that changed. */
export interface MetricsAnswer { place: string; begin: boolean; skipped_bytes: number; series: { name: string; from_step: number; steps: number[]; values: number[] }[] }

/** A run in the list. */
export interface TrainingRow {
  id: string; name: string; group: string; kind: string; state: 'running' | 'finished' | 'stopped'; step?: number; steps?: number; loss?: number; held_out_loss?: number; tokens_per_s?: number;
  seconds_per_step?: number; remaining_s?: number; updated: string;
}

/** A run with what it is. */
export interface TrainingDetail { run: TrainingRow; settings: { name: string; value: string }[]; series: string[] }

export const runUrl = (id: string, rest = ''): string => `/api/training/${encodeURIComponent(id)}${rest}`;

/** The curves of a run, which grow. */
export class Curves {
  readonly all = new Map<string, Curve>();
  skippedBytes = 0;
  private place = '';

  /** Asks for what is new; true when anything is. */
  async refresh(id: string): Promise<boolean> {
    const answer = await getJson<MetricsAnswer>(runUrl(id, `/metrics?from=${this.place}`));
    this.take(answer);
    return answer.begin || answer.series.length > 0;
  }

  take(answer: MetricsAnswer): void {
    if (answer.begin)
      this.all.clear();
    for (const { name, from_step, steps, values } of answer.series) {
      const old = this.all.get(name);
      const kept = old ? firstFrom(old.steps, from_step) : 0;
      this.all.set(name, { steps: [...(old?.steps.slice(0, kept) ?? []), ...steps], values: [...(old?.values.slice(0, kept) ?? []), ...values] });
    }
    this.skippedBytes = answer.skipped_bytes;
    this.place = answer.place;
  }
}

/** Index of the first step that is not smaller. */
export function firstFrom(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! < step)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/** Index of the point nearest to a step; -1 where the curve is not: before its first or behind its last point by more than the usual distance of points. */
export function nearest({ steps }: Curve, step: number): number {
  if (steps.length === 0)
    return -1;
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const margin = steps.length > 1 ? (last - first) / (steps.length - 1) : 0;
  if (step < first - margin || step > last + margin)
    return -1;
  const next = firstFrom(steps, step);
  return next === 0 ? 0 : next === steps.length || step - steps[next - 1]! <= steps[next]! - step ? next - 1 : next;
}

/** An exponential moving average whose beginning is not drawn to zero; weight 0: the values themselves. */
export function smooth(values: readonly number[], weight: number): number[] {
  let sum = 0, norm = 0;
  return values.map(value => {
    sum = weight * sum + (1 - weight) * value;
    norm = weight * norm + (1 - weight);
    return sum / norm;
  });
}

/** What can be drawn as one: a series, or all elements of a list (`active 1`, `active 2`...) under the list's name. */
export function choicesOf(names: readonly string[]): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const name of names) {
    const list = / \d+$/.test(name) ? name.slice(0, name.lastIndexOf(' ')) : null;
    if (list !== null)
      lists.set(list, [...(lists.get(list) ?? []), name]);
  }
  const choices = new Map<string, string[]>();
  for (const name of names) {
    const list = name.slice(0, name.lastIndexOf(' '));
    const elements = lists.get(list);
    if (elements && elements.length > 1 && elements.includes(name) && !choices.has(list))
      choices.set(list, elements);
    choices.set(name, [name]);
  }
  return choices;
}
