export type Rgb = readonly [number, number, number];

/** Anchors of matplotlib's viridis, linearly joined: even steps, readable by the colour-blind; the scale of the reports. */
const viridis: readonly Rgb[] = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37]];

/** Bright from end to end, for lines on stained tissue: the dark end of viridis cannot be seen there. */
const bright: readonly Rgb[] = [[0, 96, 255], [0, 190, 255], [90, 235, 170], [255, 235, 60], [255, 120, 0]];

/** The colour of a share from 0 to 1. */
export function scaleColour(share: number): Rgb {
  return along(viridis, share);
}

/** The colour of a share from 0 to 1, for nuclei. */
export function brightColour(share: number): Rgb {
  return along(bright, share);
}

function along(anchors: readonly Rgb[], share: number): Rgb {
  const place = Math.min(1, Math.max(0, share)) * (anchors.length - 1);
  const below = Math.min(Math.floor(place), anchors.length - 2);
  const [a, b, weight] = [anchors[below]!, anchors[below + 1]!, place - below];
  return [0, 1, 2].map(i => Math.round(a[i]! + (b[i]! - a[i]!) * weight)) as unknown as Rgb;
}

/** The jet scale in 64 steps, as the published viewer uses it (tumor-til, section 6.5). */
export function jetColour(share: number): Rgb {
  const step = Math.round(Math.min(1, Math.max(0, share)) * 63) / 63;
  const ramp = (centre: number): number => Math.round(255 * Math.min(1, Math.max(0, 1.5 - Math.abs(4 * step - centre))));
  return [ramp(3), ramp(2), ramp(1)];
}

/** Codes of the combined map and the published colours (tumor-til, section 6.1). */
export const classes = {
  none: 0, both: 252, til: 253, tumor: 254, tissue: 255,
} as const;

export const classColours: Readonly<Record<number, Rgb>> = { 252: [255, 165, 0], 253: [255, 0, 0], 254: [255, 255, 0], 255: [192, 192, 192] };

/** Colours of nucleus classes and of annotations, told apart by the colour-blind as well (Okabe and Ito, 2008). */
export const palette: readonly Rgb[] = [[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233], [148, 103, 189], [140, 86, 75]];

export const css = ([r, g, b]: Rgb, alpha = 1): string => (alpha === 1 ? `rgb(${r} ${g} ${b})` : `rgb(${r} ${g} ${b} / ${alpha})`);
