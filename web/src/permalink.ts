/** Where on which page: everything that a link must bring back. */
export interface Place { page: 'cohort' | 'slide' | 'label' | 'cohort-run' | 'review' | 'training'; id: string; options: URLSearchParams }

/** Reads the part after # of an address. The published viewer's links, #type/slide.png, are understood. */
export function parsePlace(hash: string): Place {
  const text = hash.replace(/^#\/?/, '');
  const cut = text.indexOf('?');
  const options = new URLSearchParams(cut < 0 ? '' : text.slice(cut + 1));
  const parts = (cut < 0 ? text : text.slice(0, cut)).split('/').map(part => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  if (parts.length >= 2 && (parts[0] === 'slide' || parts[0] === 'label'))
    return { page: parts[0], id: parts.slice(1).join('/'), options };
  if (parts.length === 1 && (parts[0] === 'cohort-run' || parts[0] === 'review' || parts[0] === 'training'))
    return { page: parts[0], id: '', options };
  if (parts.length === 2 && parts[1]!.toLowerCase().endsWith('.png'))
    return { page: 'slide', id: parts[1]!.slice(0, -4), options };
  return { page: 'cohort', id: '', options };
}

/** The address of a place. */
export function formatPlace(page: Place['page'], id: string, options: Record<string, string> | string[][]): string {
  const query = new URLSearchParams(options).toString();
  const path = page === 'cohort' ? '#/' : id === '' ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
  return query ? `${path}?${query}` : path;
}

/** The place on the slide that a link names: level-0 pixels of the middle, screen pixels per level-0 pixel. */
export function placeOf(options: URLSearchParams): { x: number; y: number; scale: number } | null {
  const [x, y, scale] = ['x', 'y', 'z'].map(k => Number(options.get(k) ?? NaN)) as [number, number, number];
  return Number.isFinite(x) && Number.isFinite(y) && scale > 0 ? { x, y, scale } : null;
}
