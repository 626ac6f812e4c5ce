import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, countClasses, edges, merge, readCombined, ValueGrid } from '../src/slide/grid.ts';
import type { MapLayer } from '../src/api.ts';

const place = (columns: number, rows: number, step: number, start = 0): MapLayer => ({ task: 'til', title: '', start_x: start, start_y: start, step_x: step, step_y: step, columns, rows, threshold: 0.5, threshold_known: true });

test('a grid knows the cell of a place, and nothing outside', () => {
  const grid = new ValueGrid(place(2, 2, 100, 50), Float32Array.from([0.1, 0.2, 0.3, NaN]));
  assert.equal(grid.at(50, 50), Math.fround(0.1));
  assert.equal(grid.at(249.9, 50), Math.fround(0.2));
  assert.equal(grid.at(150, 150.5), NaN);
  assert.equal(grid.cellAt(49.9, 60), -1);
  assert.equal(grid.cellAt(250, 60), -1);
});

test('a map of the wrong size is refused', () => {
  assert.throws(() => new ValueGrid(place(2, 2, 1), new Float32Array(3)), /3 values for 2 x 2/);
  assert.throws(() => readCombined(place(2, 2, 1), new Uint8Array(11)), /11 bytes/);
});

test('merge blurs tumor by 1 2 1 over known cells and looks it up at the middle of each patch', () => {
  // three tumor cells of 175 in a row, the last unknown; lymphocyte patches of 100
  const tumor = new ValueGrid({ ...place(3, 1, 175), task: 'tumor' }, Float32Array.from([1, 0, NaN]));
  const til = new ValueGrid(place(5, 1, 100), Float32Array.from([0.9, 0, 0.2, NaN, 0.4]));
  const { blurred, tissue } = merge(tumor, til);
  // row weights 4 and 2 (the only row): (4 * 1 + 2 * 0) / 6 and (2 * 1 + 4 * 0) / 6
  assert.deepEqual([...blurred].map(v => v.toFixed(6)), ['0.666667', '0.666667', '0.333333', '0.000000', '0.000000']);
  assert.deepEqual([...tissue], [1, 1, 1, 0, 1]);
  const codes = classify(til.values, blurred, tissue, 0.3, 0.5);
  assert.deepEqual([...codes], [252, 254, 255, 0, 253]);
  assert.deepEqual(countClasses(codes), { tissue: 1, tumor: 1, til: 1, both: 1, all: 4 });
});

test('a cut is reached by a probability that equals it in float32', () => {
  assert.deepEqual([...classify(Float32Array.from([0.3408]), [0], [1], 0.3408, 0.5)], [253]);
});

test('counts keep to a region', () => {
  assert.deepEqual(countClasses([252, 253, 254, 255, 0], cell => cell !== 2), { tissue: 1, tumor: 0, til: 1, both: 1, all: 3 });
});

test('edges are the cells whose neighbourhood holds four to six of the mask', () => {
  // a half plane: the column beside the border sees 3 of 9 outside and 6 inside
  const mask = new Uint8Array(25).map((_, i) => (i % 5 >= 2 ? 1 : 0));
  const edge = edges(mask, 5, 5);
  assert.deepEqual([...edge.slice(5, 10)], [0, 0, 1, 0, 0]);
  assert.deepEqual([...edge.slice(0, 5)], [0, 0, 0, 0, 0]);
});
