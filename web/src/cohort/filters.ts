import type { SlideRow } from '../api.ts';

export type Range = [low: number, high: number];

/** What of the cohort is shown. */
export class Filters {
  search: string;
  group: string;
  problem = '';
  private readonly limits = new Map<string, Range>();

  constructor(options: URLSearchParams) {
    this.search = options.get('q') ?? '';
    this.group = options.get('group') ?? '';
    for (const [, text] of [...options].filter(([key]) => /^range\d*$/.test(key))) {
      const [column, low, high] = text.split(':');
      if (column && Number.isFinite(Number(low)) && Number.isFinite(Number(high)))
        this.limits.set(column, [Number(low), Number(high)]);
    }
  }

  get ranges(): [string, Range][] {
    return [...this.limits];
  }

  setRange(column: string, range: Range | null): void {
    if (range)
      this.limits.set(column, range);
    else
      this.limits.delete(column);
  }

  /** The slides that pass. A search that is no regular expression is taken as plain text, and said so. */
  apply(slides: readonly SlideRow[]): SlideRow[] {
    this.problem = '';
    let matches: (name: string) => boolean = () => true;
    if (this.search) {
      try {
        const expression = new RegExp(this.search, 'i');
        matches = name => expression.test(name);
      } catch {
        const text = this.search.toLowerCase();
        this.problem = `'${this.search}' is not a regular expression; it is searched for as it stands.`;
        matches = name => name.toLowerCase().includes(text);
      }
    }
    return slides.filter(s => matches(s.name) && (!this.group || s.group === this.group) && this.ranges.every(([column, [low, high]]) => {
      const value = s.numbers[column];
      return value !== undefined && value >= low && value <= high;
    }));
  }

  toOptions(): Record<string, string> {
    const options: Record<string, string> = {};
    if (this.search)
      options['q'] = this.search;
    if (this.group)
      options['group'] = this.group;
    this.ranges.forEach(([column, [low, high]], i) => { options[i === 0 ? 'range' : `range${i}`] = `${column}:${low}:${high}`; });
    return options;
  }
}
