import type { SlideDetail } from '../api.ts';
import { copyLink } from '../dom.ts';
import { formatPlace } from '../permalink.ts';
import type { LayerSet } from './layer-set.ts';
import type { Maps } from './maps.ts';
import type { Viewport } from './viewport.ts';

/** What a link to a view of a slide holds. */
export interface Shown { slide: SlideDetail; maps: Maps; layers: LayerSet; view: Viewport; second: LayerSet | null; smooth: boolean }

/** The link that brings it back. */
export function linkOf({ slide, maps, layers, view, second, smooth }: Shown): string {
  // to a fraction of a screen pixel
  const steps = view.scale >= 0.5 ? 100 : 1;
  const round = (value: number): string => String(Math.round(value * steps) / steps);
  const options: Record<string, string> = {
    x: round((view.left + view.right) / 2), y: round((view.top + view.bottom) / 2), z: view.scale.toPrecision(5), layers: layers.toText(),
  };
  if (maps.place && !maps.asPublished && (slide.published || slide.maps.some(m => m.threshold !== (m.task === 'til' ? maps.tilCut : maps.tumorCut)))) {
    options['til'] = String(maps.tilCut);
    options['tumor'] = String(maps.tumorCut);
  }
  if (smooth)
    options['smooth'] = '1';
  if (layers.nuclei && layers.nuclei.colourBy !== 'class')
    options['nuclei'] = layers.nuclei.colourBy;
  if (second)
    options['side'] = second.toText();
  return formatPlace('slide', slide.id, options);
}

/** Keeps the address that of the view. */
export class Address {
  private readonly link: () => string | null;
  private timer = 0;
  private closed = false;

  /** `link` gives null while there is nothing to link to. */
  constructor(link: () => string | null) {
    this.link = link;
  }

  /** Changes the address soon: moving a slide changes the view sixty times a second. */
  remember(): void {
    clearTimeout(this.timer);
    if (!this.closed)
      this.timer = window.setTimeout(() => this.show(), 250);
  }

  /** Gives the link to the clipboard. */
  async copy(): Promise<void> {
    this.show();
    await copyLink();
  }

  close(): void {
    clearTimeout(this.timer);
    this.closed = true;
  }

  private show(): void {
    const link = this.link();
    if (link !== null)
      history.replaceState(null, '', link);
  }
}
