import type uPlot from 'uplot';
import { number } from './format.ts';

/** What plots are made with; there once preparePlots has come back. */
export let library: typeof uPlot;

/** Fetches what plots are made with; await it before the first one is made. */
export const preparePlots = async (): Promise<void> => { library = (await import('uplot')).default; };

/** A colour of the page by the name of its variable, as it is now. */
export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** An axis in the page's colours with numbers as people read them. */
export function axisStyle(): uPlot.Axis {
  const [ink, line] = [colour('ink'), colour('line')];
  return { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, values: (_u, splits) => splits.map(v => number(v)) };
}

/** A range with a margin of a twentieth. */
export const wide = (_u: uPlot, min: number, max: number): uPlot.Range.MinMax => {
  const margin = (max - min || Math.abs(max) || 1) * 0.05;
  return [min - margin, max + margin];
};
