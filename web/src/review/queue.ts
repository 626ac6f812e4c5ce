/** One reason of a suggestion. */
export interface Finding { cause: string; verdict: Verdict; measure: string; value?: number; expected?: number; severity?: number; text: string }

export type Verdict = 'good' | 'acceptable' | 'bad';

/** A slide that can be reviewed. */
export interface ReviewRow {
  slide: string; id?: string; patient: string; type: string; verdict?: Verdict; reviewer: string; at?: string; reasons: string[];
  suggestion?: { verdict: Verdict; score: number; reference: string; reference_slides: number; findings: Finding[] };
}

export interface ReviewList { slides: ReviewRow[]; total: number; reviewed: number }

/** A person's verdict as the ledger keeps it. */
export interface KeptVerdict { verdict: Verdict; who: string; at: string; reasons: string[] }

export const shows = [['all', 'all slides'], ['bad', 'suggested bad'], ['open', 'without a person’s verdict']] as const;

export type Show = (typeof shows)[number][0];

/** The slides of a filter, worst first; those that nothing is known of come last. */
export function queueOf(slides: readonly ReviewRow[], show: Show, type: string): ReviewRow[] {
  return slides
    .filter(s => (type === '' || s.type === type) && (show === 'all' || (show === 'bad' ? s.suggestion?.verdict === 'bad' : s.at === undefined)))
    .sort((a, b) => (b.suggestion?.score ?? -1) - (a.suggestion?.score ?? -1) || (a.slide < b.slide ? -1 : 1));
}
