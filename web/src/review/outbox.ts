import type { Verdict } from './queue.ts';

/** A verdict as it is sent. */
export interface Decision { verdict: Verdict; reasons: string[]; who: string }

const key = 'microtome-review-unsaved';

/** Verdicts that could not be saved yet, by slide; they outlive the page. */
export class Outbox {
  private readonly cohort: string;

  constructor(cohort: string) {
    this.cohort = cohort;
  }

  get all(): [slide: string, decision: Decision][] {
    try {
      return Object.entries(this.read()[this.cohort] ?? {});
    } catch {
      return [];
    }
  }

  put(slide: string, decision: Decision): void {
    this.change(mine => { mine[slide] = decision; });
  }

  remove(slide: string): void {
    this.change(mine => { delete mine[slide]; });
  }

  private read(): Record<string, Record<string, Decision>> {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, Record<string, Decision>>;
  }

  private change(act: (mine: Record<string, Decision>) => void): void {
    let all: Record<string, Record<string, Decision>> = {};
    try {
      all = this.read();
    } catch {
      // what cannot be read is replaced
    }
    const mine = all[this.cohort] ?? {};
    act(mine);
    all[this.cohort] = mine;
    if (Object.keys(mine).length === 0)
      delete all[this.cohort];
    localStorage.setItem(key, JSON.stringify(all));
  }
}
