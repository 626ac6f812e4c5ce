import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlideRow } from '../src/api.ts';
import { Filters } from '../src/cohort/filters.ts';
import { number, percent, words } from '../src/format.ts';
import { formatPlace, parsePlace } from '../src/permalink.ts';
import { hit } from '../src/slide/annotate.ts';
import { jetColour, scaleColour } from '../src/slide/colours.ts';
import { colourIndex, readTile, shareOf, type NucleusStyle } from '../src/slide/nucleus-tile.ts';
import { areaOf, shareInTumor } from '../src/slide/statistics.ts';

test('a link brings back page, slide and options, whatever the name', () => {
  for (const id of ['slide 1', '標本/é', 'a?b#c&d=e', '100%']) {
    const place = parsePlace(formatPlace('slide', id, { x: '1', layers: 'til:0.5,tissue' }));
    assert.deepEqual([place.page, place.id, place.options.get('x'), place.options.get('layers')], ['slide', id, '1', 'til:0.5,tissue']);
  }
});

test('pages without a slide of their own have links, too', () => {
  const place = parsePlace(formatPlace('review', '', { show: 'bad', slide: 'a/b' }));
  assert.deepEqual([place.page, place.id, place.options.get('show'), place.options.get('slide')], ['review', '', 'bad', 'a/b']);
  assert.equal(parsePlace(formatPlace('cohort-run', '', {})).page, 'cohort-run');
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

/** A tile of two points with a measure, as docs/formats.md describes it. */
function pointTile(): ArrayBuffer {
  const buffer = new ArrayBuffer(96 + 8 + 4 + 4 + 8), view = new DataView(buffer);
  [...'MTNU'].forEach((c, i) => view.setUint8(i, c.charCodeAt(0)));
  view.setUint16(4, 1, true);
  view.setUint8(7, 1);
  view.setUint32(8, 2, true);
  view.setFloat64(16, -256, true);
  view.setFloat64(24, 256, true);
  view.setFloat64(32, 512 / 32768, true);
  view.setFloat32(40, 10, true);
  view.setFloat32(44, 90, true);
  for (const [at, offset] of [[48, 96], [52, 104], [56, 108], [60, 112]] as const)
    view.setUint32(at, offset, true);
  [16384, 32768, 49151, 16384].forEach((v, i) => view.setUint16(96 + 2 * i, v, true));
  view.setUint16(104, 32767, true);
  view.setUint16(106, 65535, true);
  view.setUint8(109, 1);
  view.setUint32(112, 7, true);
  view.setUint32(116, 4_000_000_000, true);
  return buffer;
}

test('a tile of nuclei is read as it is documented', () => {
  const tile = readTile(pointTile());
  assert.deepEqual([tile.kind, tile.preliminary, tile.count, tile.starts, tile.counts], ['points', true, 2, null, null]);
  assert.deepEqual([tile.left + tile.places[0]! * tile.step, tile.top + tile.places[1]! * tile.step], [0, 768]);
  assert.deepEqual([...tile.ids!], [7, 4_000_000_000]);
  assert.equal(tile.low + shareOf(tile, 0) * (tile.high - tile.low), 10 + 80 * 32767 / 65534);
  assert.ok(Number.isNaN(shareOf(tile, 1)));
  assert.throws(() => readTile(new ArrayBuffer(200)), /no tile of nuclei/);
});

test('colours follow class or measure, and filters leave out', () => {
  const tile = readTile(pointTile());
  const style: NucleusStyle = { colourBy: 'class', from: 0, to: 1, hidden: [], area: 0 };
  assert.deepEqual([colourIndex(tile, 0, style), colourIndex(tile, 1, style)], [64, 65]);
  assert.equal(colourIndex(tile, 1, { ...style, hidden: [1] }), -1);
  const measured = { ...style, colourBy: 'area_um2' };
  assert.deepEqual([colourIndex(tile, 0, measured), colourIndex(tile, 1, measured)], [16, 32]);
  assert.deepEqual([colourIndex(tile, 0, { ...measured, from: 0.6 }), colourIndex(tile, 1, { ...measured, from: 0.6 })], [-1, -1]);
});
