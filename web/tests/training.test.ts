import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { choicesOf, Curves, nearest, smooth } from '../src/training/curves.ts';
import { closeViewer, openPage, openViewer, violations } from './browser.ts';

declare const REPOSITORY: string;

const work = mkdtempSync(join(tmpdir(), 'microtome training 標本 '));
let server: ChildProcess, browser: Browser, context: BrowserContext, url = '';

/** A run as text pretrain writes it: a loss that falls from 4 to 2, faster the larger the rate. */
function makeRun(name: string, rate: number, lines: number, steps: number): void {
  const folder = join(work, 'runs', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ objective: 'causal', training: { steps, batch: 16, length: 64, learningRate: rate } }));
  writeFileSync(join(folder, 'metrics.jsonl'), Array.from({ length: lines }, (_, i) => {
    const step = 10 * (i + 1), loss = 2 + 2 * Math.exp(-step * rate) + 0.1 * Math.sin(7 * i);
    return `${JSON.stringify({ step, loss, tokens_per_s: 1024, learning_rate: rate * (1 - i / lines), gradient_norm: 1 / (i + 1), active: [0.5, 0.25] })}\n${i % 5 === 4 ? `${JSON.stringify({ step, held_out_loss: loss + 0.1, held_out_accuracy: 0.25 })}\n` : ''}`;
  }).join(''));
}

before(async () => {
  makeRun('fast, 1', 0.02, 40, 400);
  makeRun('slow', 0.005, 20, 400);
  makeRun('third', 0.01, 40, 400);
  ({ server, browser, context, url } = await openViewer(join(work, 'runs')));
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
});

afterEach(async () => {
  for (const page of context?.pages() ?? [])
    await page.close();
});

after(() => closeViewer(server, browser, work));

const open = (place: string): Promise<{ page: Page; complaints: string[] }> => openPage(context, url, place);

/** Pixels of a plot in the colour of a variable. */
const painted = (page: Page, plot: number, colour: string): Promise<number> => page.evaluate(([i, name]) => {
  const canvas = document.querySelectorAll<HTMLCanvasElement>('.training-page canvas')[i as number];
  if (!canvas)
    return 0;
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name as string).trim();
  const wanted = [1, 3, 5].map(k => parseInt(hex.slice(k, k + 2), 16));
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let k = 0; k < data.length; k += 4)
    count += Number(data[k + 3]! > 200 && wanted.every((v, c) => Math.abs(v - data[k + c]!) < 12));
  return count;
}, [plot, colour] as const);

const label = (page: Page, plot: number): Promise<string | null> => page.locator('.training-page .plot').nth(plot).getAttribute('aria-label');

test('a folder of runs alone opens with their curves, numbers and settings', async () => {
  const { page, complaints } = await open('/#/');
  await page.waitForSelector('.training-page canvas');
  assert.match(await page.evaluate(() => location.hash), /^#\/training/);
  assert.equal(await page.locator('.run-side [role=status]').first().textContent(), '3 runs: 1 running, 2 finished');
  assert.deepEqual(await page.locator('.run-list .toggle').allTextContents(), ['fast, 1', 'slow', 'third']);
  const slow = page.locator('.run-list li').nth(1);
  // 20 steps of 1024 tokens at 1024 a second
  assert.match((await slow.textContent())!, /running.*step 200 of 400, loss \d\.\d+, held-out \d\.\d+, 1,024 tokens\/s, about 3 min left/);
  assert.equal(await slow.locator('progress').getAttribute('aria-label'), 'slow: 50 %');
  for (const i of [0, 1, 2])
    assert.ok(await painted(page, 0, `--line-${i}`) > 150, `curve ${i}`);
  assert.ok(await painted(page, 0, '--accent') > 150);
  assert.match((await label(page, 0))!, /^Loss by step\. fast, 1: 400 steps, loss 2\.\d+/);
  assert.match((await label(page, 1))!, /^learning rate by step/);
  assert.match((await page.locator('.settings').textContent())!, /training\.learningRate0\.020\.0050\.01/);
  assert.equal(await page.locator('.settings tbody tr').count(), 1);
  await page.getByText('Only where they differ').click();
  assert.equal(await page.locator('.settings tbody tr').count(), 5);
  const csv = await (await page.request.get(url + (await page.locator('.settings a').first().getAttribute('href'))!)).text();
  assert.deepEqual(csv.split('\n').slice(0, 1), ['step,loss,tokens_per_s,learning_rate,gradient_norm,active 1,active 2,held_out_loss,held_out_accuracy']);
  assert.equal(csv.trim().split('\n').length, 1 + 40 + 8);
  await page.getByRole('button', { name: 'Copy numbers' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^group\trun\tstate.*\nruns\tfast, 1\tfinished\t400\t400\t/);
  assert.deepEqual(complaints, []);
});

test('a line that is added appears by itself; a run that begins anew is drawn anew', async () => {
  const { page, complaints } = await open('/#/training?run=slow');
  await page.waitForSelector('.training-page canvas');
  const slow = page.locator('.run-list li').nth(1);
  assert.match((await slow.textContent())!, /step 200 of 400/);
  const file = join(work, 'runs/slow/metrics.jsonl'), whole = readFileSync(file);
  appendFileSync(file, '{"step":210,"loss":1.875,"tokens_per_s":512}\n{"step":220,"lo');
  await page.waitForFunction(() => document.querySelectorAll('.run-list li')[1]!.textContent!.includes('step 210 of 400, loss 1.875'));
  await page.waitForFunction(() => document.querySelector('.legend-rows tbody td')!.textContent === '1.875');
  assert.match((await label(page, 0))!, /step 210/);
  writeFileSync(file, '{"step":10,"loss":7.5}\n{"step":20,"loss":7.25}\n');
  await page.waitForFunction(() => document.querySelector('.legend-rows tbody td')!.textContent === '7.250');
  assert.match((await slow.textContent())!, /step 20 of 400/);
  writeFileSync(file, whole);
  await page.waitForFunction(() => document.querySelectorAll('.run-list li')[1]!.textContent!.includes('step 200 of 400'));
  makeRun('zzz new', 0.02, 3, 40);
  await page.waitForFunction(() => document.querySelectorAll('.run-list li').length === 4);
  rmSync(join(work, 'runs/zzz new'), { recursive: true });
  await page.waitForFunction(() => document.querySelectorAll('.run-list li').length === 3);
  assert.deepEqual(complaints, []);
});

test('runs are chosen, series are chosen, and the link brings it back', async () => {
  const { page, complaints } = await open('/#/training');
  await page.waitForSelector('.training-page canvas');
  await page.getByRole('checkbox', { name: 'slow' }).uncheck();
  await page.getByRole('checkbox', { name: 'third' }).uncheck();
  await page.waitForFunction(() => document.querySelectorAll('.legend-rows')[0]!.querySelectorAll('tbody tr').length === 1);
  assert.equal(await painted(page, 0, '--line-1'), 0);
  assert.deepEqual(await page.getByLabel('Curves of').locator('option').allTextContents(), ['tokens per s', 'learning rate', 'gradient norm', 'active (all 2)', 'active 1', 'active 2', 'held out accuracy']);
  await page.getByLabel('Curves of').selectOption('active');
  assert.deepEqual(await page.locator('.legend-rows').nth(1).locator('tbody th').allTextContents(), ['fast, 1, active 1', 'fast, 1, active 2']);
  await page.getByText('Logarithmic').click();
  await page.getByLabel('Smoothing').fill('0.6');
  const link = await page.evaluate(() => location.hash);
  assert.equal(link, '#/training?run=fast%2C+1&second=active&smooth=0.6&log=1');

  const { page: again, complaints: others } = await open(`/${link}`);
  await again.waitForSelector('.training-page canvas');
  assert.deepEqual(await again.locator('.run-list input').evaluateAll(boxes => boxes.map(b => (b as HTMLInputElement).checked)), [true, false, false]);
  assert.equal(await again.getByLabel('Curves of').inputValue(), 'active');
  assert.equal(await again.getByLabel('Smoothing').inputValue(), '0.6');
  assert.ok(await again.getByLabel('Logarithmic').isChecked());
  assert.ok(await painted(again, 1, '--line-0') > 100 && await painted(again, 1, '--line-1') > 100);
  await again.getByRole('button', { name: 'Draw none of the list' }).click();
  await again.waitForFunction(() => document.querySelectorAll('.training-page canvas').length === 0);
  assert.equal(await label(again, 0), 'Loss by step. : nothing yet');
  assert.deepEqual([complaints, others], [[], []]);
});

test('the cursor shows values by mouse and by keys; dragging zooms both plots', async () => {
  const { page, complaints } = await open('/#/training?run=fast%2C+1&run=slow');
  await page.waitForSelector('.training-page canvas');
  const over = page.locator('.training-page .u-over').first(), box = (await over.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
  await page.waitForFunction(() => /^At step \d+$/.test(document.querySelectorAll('.legend-rows thead th')[0]!.textContent!));
  assert.equal(await page.locator('.legend-rows').nth(1).locator('thead th').first().textContent(), await page.locator('.legend-rows').first().locator('thead th').first().textContent());
  // beyond the end of the shorter run it has no values
  await page.mouse.move(box.x + box.width * 0.9, box.y + 50);
  await page.waitForFunction(() => document.querySelectorAll('.legend-rows tbody')[0]!.querySelectorAll('tr')[1]!.textContent === 'slow––');
  await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Show all steps' }).waitFor();
  const [from, to] = await page.evaluate(() => ['from', 'to'].map(k => Number(new URLSearchParams(location.hash.split('?')[1]).get(k))));
  assert.ok(from! > 80 && from! < 125 && to! > 180 && to! < 225, `${from} ${to}`);
  await over.dblclick();
  await page.getByRole('button', { name: 'Show all steps' }).waitFor({ state: 'hidden' });
  assert.ok(!(await page.evaluate(() => location.hash)).includes('from='));

  await page.mouse.move(5, 5);
  await page.locator('.training-page .plot').first().focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.querySelector('.legend-rows thead th')!.textContent === 'At step 20');
  assert.match((await page.locator('.run-curves p[role=status]').first().textContent())!, /^At step 20: fast, 1 \d\.\d+, held out/);
  await page.keyboard.press('+');
  await page.getByRole('button', { name: 'Show all steps' }).waitFor();
  await page.keyboard.press('0');
  await page.getByRole('button', { name: 'Show all steps' }).waitFor({ state: 'hidden' });
  assert.deepEqual(complaints, []);
});

test('dark colours are taken at once', async () => {
  const { page } = await open('/#/training?run=slow');
  await page.waitForSelector('.training-page canvas');
  const light = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--line-0'));
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--line-0')), light);
  await page.waitForTimeout(200);
  assert.ok(await painted(page, 0, '--line-0') > 100);
});

test('beside results the runs have a button, and the way back', async () => {
  const both = await openViewer(join(REPOSITORY, 'samples/tumor-til'), join(work, 'runs'));
  try {
    const { page, complaints } = await openPage(both.context, both.url, '/#/');
    await page.getByRole('link', { name: 'Training runs' }).click();
    await page.waitForSelector('.training-page canvas');
    await page.getByRole('link', { name: 'Slides' }).click();
    await page.waitForSelector('.grid .slide');
    assert.deepEqual(complaints, []);
  } finally {
    await both.browser.close();
    both.server.kill('SIGTERM');
  }
});

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds nothing to complain about: training, ${scheme}`, async () => {
    const { page } = await open('/#/training');
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForSelector('.training-page canvas');
    await page.waitForTimeout(300);
    assert.deepEqual(await violations(page), []);
  });
}

test('curves take what is new, replace what came again and begin anew when told', () => {
  const curves = new Curves();
  const loss = (steps: number[], values: number[], from_step: number) => ({ name: 'loss', from_step, steps, values });
  curves.take({ place: '1-3', begin: true, skipped_bytes: 0, series: [loss([1, 2, 3], [9, 8, 7], 1)] });
  curves.take({ place: '1-5', begin: false, skipped_bytes: 0, series: [loss([3, 4], [6, 5], 3)] });
  assert.deepEqual(curves.all.get('loss'), { steps: [1, 2, 3, 4], values: [9, 8, 6, 5] });
  curves.take({ place: '1-6', begin: false, skipped_bytes: 0, series: [loss([2], [1], 2)] });
  assert.deepEqual(curves.all.get('loss'), { steps: [1, 2], values: [9, 1] });
  curves.take({ place: '2-1', begin: true, skipped_bytes: 0, series: [{ name: 'other', from_step: 1, steps: [1], values: [1] }] });
  assert.deepEqual([...curves.all.keys()], ['other']);
});

test('the nearest point, the moving average, the lists', () => {
  const curve = { steps: [10, 20, 30, 40], values: [1, 2, 3, 4] };
  assert.deepEqual([-1, 0, 10, 14, 16, 39, 50, 51].map(s => nearest(curve, s)), [-1, 0, 0, 0, 1, 3, 3, -1]);
  assert.equal(nearest({ steps: [], values: [] }, 3), -1);
  assert.deepEqual(smooth([4, 4, 4], 0.9).map(v => Number(v.toFixed(9))), [4, 4, 4]);
  assert.deepEqual(smooth([1, 2, 3], 0), [1, 2, 3]);
  // (0.5 * 0.5 * 1 + 0.5 * 3) / 0.75
  assert.equal(smooth([1, 3], 0.5)[1], 1.75 / 0.75);
  assert.deepEqual([...choicesOf(['groups', 'active 1', 'active 2', 'x 1'])], [['groups', ['groups']], ['active', ['active 1', 'active 2']], ['active 1', ['active 1']], ['active 2', ['active 2']], ['x 1', ['x 1']]]);
});
