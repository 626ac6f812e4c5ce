import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlideRow } from '../src/api.ts';
import { Filters } from '../src/cohort/filters.ts';
import { number, percent, words } from '../src/format.ts';
import { formatPlace, parsePlace } from '../src/permalink.ts';
import { hit } from '../src/slide/annotate.ts';
import { jetColour, scaleColour } from '../src/slide/colours.ts';
import { areaOf, shareInTumor } from '../src/slide/statistics.ts';

test('a link brings back page, slide and options, whatever the name', () => {
  for (const id of ['slide 1', '標本/é', 'a?b#c&d=e', '100%']) {
    const place = parsePlace(formatPlace('slide', id, { x: '1', layers: 'til:0.5,tissue' }));
    assert.deepEqual([place.page, place.id, place.options.get('x'), place.options.get('layers')], ['slide', id, '1', 'til:0.5,tissue']);
  }
});

test('links of the published viewer are understood', () => {
  const place = parsePlace('#brca/TCGA-3C-AALI-01Z-00-DX1.png');
  assert.deepEqual([place.page, place.id], ['slide', 'TCGA-3C-AALI-01Z-00-DX1']);
  assert.equal(parsePlace('').page, 'cohort');
});

const row = (name: string, numbers: Record<string, number>, group = 'g'): SlideRow => ({ id: name, name, group, version: '1', has_image: true, published: false, numbers });

test('the grid is filtered by expression, group and ranges; a broken expression is plain text', () => {
  const slides = [row('TCGA-01', { a: 1 }), row('TCGA-02', { a: 2 }), row('x(', {}, 'h')];
  const filters = new Filters(new URLSearchParams('q=TCGA-0[12]&range=a:1.5:3'));
  assert.deepEqual(filters.apply(slides).map(s => s.name), ['TCGA-02']);
  assert.deepEqual(new Filters(new URLSearchParams(filters.toOptions())).apply(slides).map(s => s.name), ['TCGA-02']);
  const broken = new Filters(new URLSearchParams('q=x('));
  assert.deepEqual(broken.apply(slides).map(s => s.name), ['x(']);
  assert.match(broken.problem, /not a regular expression/);
  assert.deepEqual(new Filters(new URLSearchParams('group=h')).apply(slides).map(s => s.name), ['x(']);
});

test('two brushes both survive the link', () => {
  const filters = new Filters(new URLSearchParams());
  filters.setRange('a', [1, 2]);
  filters.setRange('b', [-3, 4.5]);
  assert.deepEqual(new Filters(new URLSearchParams(filters.toOptions())).ranges, [['a', [1, 2]], ['b', [-3, 4.5]]]);
});

test('numbers and names read as people write them', () => {
  assert.deepEqual([number(1234567), number(0.075698), number(23.4567), number(NaN)], ['1,234,567', '0.0757', '23.46', '–']);
  assert.deepEqual([percent(0.0757), percent(0.5), percent(null)], ['7.57 %', '50.0 %', '–']);
  assert.equal(words('nuclei_per_mm2'), 'nuclei per mm²');
  assert.equal(words('area_um2_median'), 'area (µm²) median');
  assert.equal(words('til_fraction_in_tumor'), 'TIL fraction in tumor');
});

test('scales begin and end where they should', () => {
  assert.deepEqual(scaleColour(0), [68, 1, 84]);
  assert.deepEqual(scaleColour(1), [253, 231, 37]);
  assert.deepEqual(scaleColour(7), [253, 231, 37]);
  // MATLAB's jet: dark blue, cyan-green-yellow, dark red
  assert.deepEqual(jetColour(0), [0, 0, 128]);
  assert.deepEqual(jetColour(1), [128, 0, 0]);
  assert.equal(new Set(Array.from({ length: 1000 }, (_, i) => jetColour(i / 999).join())).size, 64);
});

const square: [number, number][] = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]];
const hole: [number, number][] = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]];

test('a hole is not inside and has no area', () => {
  const geometry = { type: 'Polygon' as const, coordinates: [square, hole] };
  assert.equal(hit(geometry, [1, 1], 0), true);
  assert.equal(hit(geometry, [5, 5], 0), false);
  assert.equal(hit(geometry, [11, 5], 0), false);
  assert.equal(areaOf({ type: 'Feature', geometry, properties: {} }), 96);
});

test('the share in tumor of the published example, and none without tumor', () => {
  assert.equal(shareInTumor({ both: 2277, tumor: 27804, til: 1316, tissue: 60602, all: 91999 })!.toFixed(4), '0.0757');
  assert.equal(shareInTumor({ both: 0, tumor: 0, til: 1, tissue: 1, all: 2 }), null);
});
