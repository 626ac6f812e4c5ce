import { ApiError, getJson, postJson } from '../api.ts';
import { announce, button, choice, h } from '../dom.ts';
import { listen, type CohortStatus } from '../events.ts';
import { number } from '../format.ts';
import type { Page } from '../main.ts';
import { formatPlace } from '../permalink.ts';
import { helpDialog, inField } from '../slide/keys.ts';
import { Look } from './look.ts';
import { Outbox, type Decision } from './outbox.ts';
import { queueOf, shows, type KeptVerdict, type ReviewList, type ReviewRow, type Show, type Verdict } from './queue.ts';
import { askName, keptName } from './who.ts';

const verdicts: readonly Verdict[] = ['good', 'acceptable', 'bad'];
const causes = [['m', 'under-segmentation'], ['v', 'over-segmentation'], ['b', 'blur'], ['p', 'pen'], ['f', 'fold'], ['s', 'stain'], ['w', 'wrong mpp'], ['o', 'other']] as const;
const other = 'other';
/** Slides of the queue that are listed around the one at hand. */
const around = 4;

const address = (slide: string): string => `/api/cohort/review/${encodeURIComponent(slide)}`;
const wordOf = (value: string): string => value.charAt(0).toUpperCase() + value.slice(1);
const timeOf = (at: string): string => new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Slides of a cohort, one after the other, judged with keys. */
export async function reviewPage(options: URLSearchParams): Promise<Page> {
  const [status, list] = await Promise.all([getJson<CohortStatus>('/api/cohort'), getJson<ReviewList>('/api/cohort/review')]);
  return new ReviewPage(status, list.slides, options);
}

class ReviewPage implements Page {
  readonly element: HTMLElement;
  readonly title = 'Review slides';
  private rows: Map<string, ReviewRow>;
  private queue: string[] = [];
  private at = 0;
  private show: Show;
  private type: string;
  private who = keptName();
  private chosen = new Set<string>();
  private look: Look | null = null;
  private outlines = true;
  private done: number;
  private readonly judged: string[] = [];
  private readonly outbox: Outbox;
  private turn: Promise<void> = Promise.resolve();
  private readonly stops: (() => void)[] = [];
  private readonly stage = h('div', { class: 'review-stage' });
  private readonly progress = h('progress', { aria: { label: 'Slides reviewed' } });
  private readonly count = h('p', { class: 'soft', role: 'status' });
  private readonly facts = h('div', { class: 'facts' });
  private readonly suggestion = h('div');
  private readonly verdictButtons = verdicts.map((verdict, i) => button(wordOf(verdict), () => void this.judge(verdict), { class: `verdict ${verdict}`, title: `${wordOf(verdict)} (key ${i + 1})` }));
  private readonly causeButtons = causes.map(([key, cause]) => button(cause, () => this.toggle(cause), { class: 'cause', title: `${wordOf(cause)} (key ${key})` }));
  private readonly words = h('input', { type: 'text', maxLength: 400, placeholder: 'What is it?', aria: { label: 'Other cause, in words' } });
  private readonly saved = h('p', { class: 'saved', role: 'status' });
  private readonly unsaved = h('div', { class: 'unsaved', role: 'alert' });
  private readonly history = h('ul', { class: 'reasons' });
  private readonly list = h('ol', { class: 'queue' });
  private readonly name = h('span', {}, '');
  private readonly help = helpDialog([
    ['1 2 3', 'good, acceptable, bad: saved at once, then the next slide'], ...causes.map(([key, cause]) => [key, cause] as const), ['→ ←', 'next, previous slide'],
    ['u', 'back to the slide judged last, to judge it again'], ['h', 'outlines on and off'], ['?', 'this list']]);

  constructor(status: CohortStatus, slides: ReviewRow[], options: URLSearchParams) {
    this.rows = new Map(slides.map(s => [s.slide, s]));
    this.done = status.done;
    this.outbox = new Outbox(status.cohort);
    this.show = shows.find(([s]) => s === options.get('show'))?.[0] ?? 'all';
    this.type = options.get('type') ?? '';
    const types = [...new Set(slides.map(s => s.type).filter(Boolean))].sort();
    const which = choice('Show', shows, this.show, value => { this.show = value as Show; this.requeue(null); });
    const kind = choice('Type', [['', 'all'], ...types.map(t => [t, t] as const)], this.type, value => { this.type = value; this.requeue(null); });
    for (const [buttons, keys] of [[this.verdictButtons, ['1', '2', '3']], [this.causeButtons, causes.map(([key]) => key)]] as const) {
      for (const [i, b] of buttons.entries()) {
        b.prepend(h('kbd', { aria: { hidden: 'true' } }, keys[i]));
        // the text is the name
        b.removeAttribute('aria-label');
      }
    }
    this.words.addEventListener('keydown', event => {
      if (event.key === 'Enter' || event.key === 'Escape')
        this.words.blur();
    });
    this.element = h('div', { class: 'review-page' }, this.stage,
      h('div', { class: 'review-side' },
        h('section', { class: 'card', aria: { label: 'Progress' } },
          h('div', { class: 'bar' }, h('h1', {}, 'Review slides'), h('span', { class: 'space' }), button('Previous slide ( ← )', () => this.step(-1), { icon: 'previous' }), button('Next slide ( → )', () => this.step(1), { icon: 'next' }), button('Keys ( ? )', () => this.help.showModal(), { icon: 'help' })),
          this.progress, this.count, h('div', { class: 'bar' }, which.element, types.length > 0 && kind.element)),
        h('section', { class: 'card', aria: { label: 'Slide and suggestion' } }, this.facts, this.suggestion),
        h('section', { class: 'card', aria: { label: 'Verdict' } }, h('h2', {}, 'Your verdict'),
          h('div', { class: 'causes', role: 'group', aria: { label: 'What is wrong' } }, ...this.causeButtons), this.words,
          h('div', { class: 'verdicts', role: 'group', aria: { label: 'Verdict' } }, ...this.verdictButtons),
          this.saved, this.unsaved,
          h('div', { class: 'bar soft' }, this.name, button('Change', () => void this.after(async () => { await this.askWho(); }), { class: 'small', title: 'Change the name' }))),
        h('section', { class: 'card', aria: { label: 'Verdicts so far' } }, h('h2', {}, 'Verdicts so far'), this.history),
        h('section', { class: 'card', aria: { label: 'Queue' } }, h('h2', {}, 'Queue, worst first'), this.list),
        h('p', {}, h('a', { href: formatPlace('cohort', '', {}) }, 'Slides'), ' · ', h('a', { href: formatPlace('cohort-run', '', {}) }, 'Cohort run'))),
      this.help);
    this.sayWho();
    window.addEventListener('keydown', this.key);
    this.stops.push(() => window.removeEventListener('keydown', this.key));
    this.stops.push(listen(event => {
      if (event.type === 'cohort' && 'done' in event.status && event.status.done !== this.done) {
        this.done = event.status.done;
        void this.reload().catch((e: unknown) => announce(e instanceof Error ? e.message : String(e), 'error'));
      }
    }));
    const again = setInterval(() => {
      if (this.outbox.all.length > 0)
        void this.after(() => this.sendAgain());
    }, 5000);
    this.stops.push(() => clearInterval(again));
    this.requeue(options.get('slide'));
    this.sayUnsaved();
    if (this.outbox.all.length > 0)
      void this.after(() => this.sendAgain());
  }

  close(): void {
    this.stops.forEach(stop => stop());
    this.look?.close();
    this.look = null;
  }

  private get row(): ReviewRow | undefined {
    return this.rows.get(this.queue[this.at] ?? '');
  }

  // The queue stays as it is while it is worked through: a slide that has its verdict does not vanish below the reviewer's eyes.
  private requeue(slide: string | null): void {
    this.queue = queueOf([...this.rows.values()], this.show, this.type).map(r => r.slide);
    const wanted = this.queue.indexOf(slide ?? '');
    const open = this.queue.findIndex(s => this.rows.get(s)!.at === undefined);
    this.at = wanted >= 0 ? wanted : Math.max(0, open);
    this.open();
  }

  // Slides that a running cohort has finished meanwhile come last.
  private async reload(): Promise<void> {
    const { slides } = await getJson<ReviewList>('/api/cohort/review');
    this.rows = new Map(slides.map(s => [s.slide, s]));
    const known = new Set(this.queue);
    const empty = this.queue.length === 0;
    this.queue.push(...queueOf(slides, this.show, this.type).map(r => r.slide).filter(s => !known.has(s)));
    if (empty)
      this.open();
    else
      this.sayQueue();
  }

  private step(by: number): void {
    const to = this.at + by;
    if (to < 0 || to >= this.queue.length) {
      announce(by > 0 ? 'This is the last slide of the queue.' : 'This is the first slide of the queue.');
      return;
    }
    this.at = to;
    this.open();
  }

  private open(): void {
    const { row } = this;
    this.look?.close();
    this.look = null;
    this.stage.replaceChildren();
    history.replaceState(null, '', formatPlace('review', '', { ...(this.show !== 'all' ? { show: this.show } : {}), ...(this.type ? { type: this.type } : {}), ...(row ? { slide: row.slide } : {}) }));
    this.sayRow();
    this.sayQueue();
    this.history.replaceChildren();
    if (!row) {
      this.stage.replaceChildren(h('p', { class: 'soft nothing' }, this.rows.size === 0 ? 'No slide of the cohort is finished yet.' : 'No slide matches.'));
      return;
    }
    void this.sayHistory(row.slide);
    if (row.id === undefined) {
      this.stage.replaceChildren(h('p', { class: 'soft nothing' }, 'The results of this slide are not in the cohort’s folder.'));
      return;
    }
    const look = this.look = new Look(this.outlines);
    const id = row.id;
    this.stage.append(look.element);
    // a turn later: what is not on the page yet has no size
    requestAnimationFrame(() => void look.show(id).catch((e: unknown) => announce(e instanceof Error ? e.message : String(e), 'error')));
  }

  private sayRow(): void {
    const { row } = this;
    const person = row?.at !== undefined ? row : undefined;
    const known = new Set<string>(causes.map(([, cause]) => cause));
    this.chosen = new Set(person?.reasons.filter(r => known.has(r)));
    const own = person?.reasons.filter(r => !known.has(r)) ?? [];
    this.words.value = own.join('; ');
    if (own.length > 0)
      this.chosen.add(other);
    for (const [i, b] of this.verdictButtons.entries()) {
      b.disabled = !row;
      b.setAttribute('aria-pressed', String(person?.verdict === verdicts[i]));
    }
    this.sayCauses();
    this.facts.replaceChildren();
    this.suggestion.replaceChildren();
    if (!row)
      return;
    const { suggestion } = row;
    this.facts.append(
      h('h2', { class: 'name' }, row.id === undefined ? row.slide : h('a', { href: formatPlace('slide', row.id, {}) }, row.slide)),
      h('p', { class: 'soft' }, [row.type, row.patient !== row.slide && `patient ${row.patient}`, `${number(this.at + 1)} of ${number(this.queue.length)} in the queue`].filter(Boolean).join(' · ')));
    if (suggestion) {
      const { findings, reference, reference_slides: others } = suggestion;
      this.suggestion.append(
        h('p', {}, 'Suggested: ', badge(suggestion.verdict), h('span', { class: 'soft' }, ` score ${number(suggestion.score)} (1 is just bad)${reference ? `, against ${number(others)} slides of ${reference === 'all' ? 'the cohort' : reference}` : ', too few slides to compare with'}`)),
        findings.length > 0 ? h('ul', { class: 'reasons' }, ...findings.map(f => h('li', {}, h('strong', { class: f.verdict }, f.cause), f.text.startsWith(f.cause) ? f.text.slice(f.cause.length) : ` ${f.text}`))) : h('p', { class: 'soft' }, 'Nothing speaks against it.'));
    } else {
      this.suggestion.append(h('p', { class: 'soft' }, 'Nothing was measured of this slide.'));
    }
  }

  private sayQueue(): void {
    const reviewed = [...this.rows.values()].filter(r => r.at !== undefined).length;
    this.progress.max = Math.max(1, this.rows.size);
    this.progress.value = reviewed;
    this.count.textContent = `${number(reviewed)} of ${number(this.rows.size)} reviewed`;
    const first = Math.max(0, Math.min(this.at - around, this.queue.length - 2 * around - 1));
    this.list.start = first + 1;
    this.list.replaceChildren(...this.queue.slice(first, first + 2 * around + 1).map((slide, i) => {
      const row = this.rows.get(slide)!;
      const here = first + i === this.at;
      const go = button(slide, () => { this.at = first + i; this.open(); }, { class: 'small' });
      if (here)
        go.setAttribute('aria-current', 'true');
      return h('li', {}, go, row.at !== undefined ? badge(row.verdict!, '✓ ') : row.suggestion ? badge(row.suggestion.verdict, '? ') : null);
    }));
  }

  private async sayHistory(slide: string): Promise<void> {
    try {
      const all = await getJson<KeptVerdict[]>(address(slide));
      if (this.row?.slide !== slide)
        return;
      this.history.replaceChildren(...all.reverse().map(v => h('li', {}, badge(v.verdict), ` ${v.who}, ${timeOf(v.at)}`, v.reasons.length > 0 ? h('span', { class: 'soft' }, `: ${v.reasons.join(', ')}`) : null)));
      if (all.length === 0)
        this.history.append(h('li', { class: 'soft' }, 'No person has judged this slide.'));
    } catch (e) {
      announce(e instanceof Error ? e.message : String(e), 'error');
    }
  }

  private sayCauses(): void {
    for (const [i, b] of this.causeButtons.entries())
      b.setAttribute('aria-pressed', String(this.chosen.has(causes[i]![1])));
    this.words.hidden = !this.chosen.has(other);
  }

  private sayWho(): void {
    this.name.textContent = this.who ? `Reviewer: ${this.who}` : 'No reviewer is named yet.';
  }

  private sayUnsaved(): void {
    const waiting = this.outbox.all;
    this.unsaved.hidden = waiting.length === 0;
    if (waiting.length > 0)
      this.unsaved.replaceChildren(h('p', {}, `Not saved yet, kept in this browser: ${waiting.map(([slide, d]) => `${slide} ${d.verdict}`).join(', ')}`), button('Try again', () => void this.after(() => this.sendAgain()), { class: 'small' }));
  }

  private toggle(cause: string): void {
    if (!this.row)
      return;
    if (this.chosen.has(cause))
      this.chosen.delete(cause);
    else
      this.chosen.add(cause);
    this.sayCauses();
    if (cause === other && this.chosen.has(other))
      this.words.focus();
  }

  // One after the other: a key that is pressed while a verdict is being saved is for the slide that comes then.
  private after(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work).catch((e: unknown) => announce(e instanceof Error ? e.message : String(e), 'error'));
    return this.turn;
  }

  private judge(verdict: Verdict): Promise<void> {
    return this.after(async () => {
      const { row } = this;
      if (!row || (!this.who && !await this.askWho()))
        return;
      const words = this.words.value.trim();
      const reasons = causes.map(([, cause]) => cause).filter(c => this.chosen.has(c)).map(c => (c === other && words ? words : c));
      const decision: Decision = { verdict, reasons, who: this.who };
      this.outbox.put(row.slide, decision);
      if (!await this.send(row.slide, decision))
        return;
      this.judged.push(row.slide);
      if (this.at + 1 < this.queue.length) {
        this.step(1);
      } else {
        this.open();
        announce('That was the last slide of the queue.');
      }
    });
  }

  // It stays in the outbox until the ledger has it.
  private async send(slide: string, decision: Decision): Promise<boolean> {
    this.saved.className = 'saved waiting';
    this.saved.textContent = `Saving ${slide}: ${decision.verdict} …`;
    try {
      const kept = await postJson<KeptVerdict>(address(slide), decision);
      this.outbox.remove(slide);
      const row = this.rows.get(slide);
      if (row)
        Object.assign(row, { verdict: kept.verdict, reviewer: kept.who, at: kept.at, reasons: kept.reasons });
      this.saved.className = 'saved';
      this.saved.textContent = `✓ Saved: ${slide}, ${kept.verdict}${kept.reasons.length > 0 ? ` (${kept.reasons.join(', ')})` : ''}`;
      this.sayUnsaved();
      return true;
    } catch (e) {
      // What the server will never take is not sent again.
      if (e instanceof ApiError && (e.status === 400 || e.status === 404))
        this.outbox.remove(slide);
      this.saved.className = 'saved failed';
      this.saved.textContent = `Not saved: ${e instanceof Error ? e.message : String(e)}`;
      this.sayUnsaved();
      return false;
    }
  }

  private async sendAgain(): Promise<void> {
    for (const [slide, decision] of this.outbox.all) {
      if (!await this.send(slide, decision))
        return;
    }
    this.sayRow();
    this.sayQueue();
    if (this.row)
      await this.sayHistory(this.row.slide);
  }

  private back(): void {
    const slide = this.judged.pop();
    const to = this.queue.indexOf(slide ?? '');
    if (to < 0) {
      announce('Nothing has been judged here yet.');
      return;
    }
    this.at = to;
    this.open();
    announce('Judge it again: the latest verdict counts, the earlier one stays in the history.');
  }

  private async askWho(): Promise<boolean> {
    const name = await askName(this.element, this.who);
    if (name === null)
      return false;
    this.who = name;
    this.sayWho();
    return true;
  }

  private readonly key = (event: KeyboardEvent): void => {
    if (document.querySelector('dialog[open]') || inField(event) || event.ctrlKey || event.metaKey || event.altKey || event.repeat)
      return;
    const verdict = verdicts[Number(event.key) - 1];
    const cause = causes.find(([key]) => key === event.key)?.[1];
    if (verdict)
      void this.judge(verdict);
    else if (cause)
      this.toggle(cause);
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft')
      this.step(event.key === 'ArrowRight' ? 1 : -1);
    else if (event.key === 'u')
      this.back();
    else if (event.key === 'h') {
      this.outlines = !this.outlines;
      if (this.look)
        this.look.shown = this.outlines;
    } else if (event.key === '?')
      this.help.showModal();
    else
      return;
    event.preventDefault();
  };
}

function badge(verdict: Verdict, mark = ''): HTMLElement {
  return h('span', { class: `badge ${verdict}` }, mark + verdict);
}
