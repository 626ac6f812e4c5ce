import { h } from '../dom.ts';

/** A bar of a round length in microns at the foot of the view; pixels when the slide does not say how large they are. */
export class ScaleBar {
  readonly element = h('div', { class: 'scale-bar', role: 'img' });
  private readonly mpp: number | undefined;

  constructor(mpp: number | undefined) {
    this.mpp = mpp;
  }

  update(scale: number): void {
    const unit = this.mpp ?? 1;
    // the largest round length that is at most 150 screen pixels long
    const most = 150 / scale * unit;
    const power = 10 ** Math.floor(Math.log10(most));
    const length = [5, 2, 1].map(m => m * power).find(l => l <= most) ?? power;
    const text = this.mpp === undefined ? `${length} px` : length >= 1000 ? `${length / 1000} mm` : `${Number(length.toPrecision(2))} µm`;
    this.element.style.setProperty('width', `${length / unit * scale}px`);
    this.element.textContent = text;
    this.element.setAttribute('aria-label', `Scale bar: ${text}`);
    this.element.dataset['um'] = String(length);
  }
}
