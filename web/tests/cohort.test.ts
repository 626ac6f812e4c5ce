import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { spotsOf } from '../src/review/places.ts';
import { queueOf, type ReviewRow } from '../src/review/queue.ts';
import { closeViewer, openPage, openViewer, run, violations } from './browser.ts';

const work = mkdtempSync(join(tmpdir(), 'microtome cohort 標本 '));
const ledger = join(work, 'cohort.db');
let server: ChildProcess, browser: Browser, context: BrowserContext, url = '';

before(async () => {
  const torn = join(work, 'torn.svs');
  writeFileSync(torn, 'no slide');
  writeFileSync(join(work, 'slides.csv'), `slide,patient,type\nsynthetic:900x900?tissue=0.5,P1,BRCA\n${torn},P2,UVM\nsynthetic:910x900?tissue=0.5,P3,UVM\n`);
  await run(['cohort', 'create', ledger, join(work, 'slides.csv'), '-o', join(work, 'results'), '--only', 'tissue,nuclei']);
  ({ server, browser, context, url } = await openViewer(ledger));
});

after(() => closeViewer(server, browser, work));

const open = (place: string): Promise<{ page: Page; complaints: string[] }> => openPage(context, url, place);

const verdicts = async (): Promise<Record<string, [string, string]>> =>
  Object.fromEntries((await run(['cohort', 'query', ledger, "select slide, verdict, reviewer from slides where slide <> 'torn'"])).trim().split('\n').slice(1).map(line => line.split(',')).map(([slide, verdict, reviewer]) => [slide, [verdict!, reviewer!]]));

test('the live view follows a cohort while it runs', async () => {
  const { page, complaints } = await open('/#/cohort-run');
  await page.waitForSelector('.headline');
  assert.equal(await page.locator('.headline').textContent(), '0 of 3 slides done; nobody is working');
  assert.equal(await page.locator('.counts').getAttribute('aria-label'), '0 done, 0 running, 3 waiting, 0 failed');
  const running = run(['cohort', 'run', ledger], 4);
  await page.waitForSelector('.rows tbody tr');
  assert.match((await page.locator('.rows tbody tr').first().textContent())!, /(synthetic-9\d0x900|torn).*:\d+/);
  await page.waitForFunction(() => document.querySelector('.headline')!.textContent === '2 of 3 slides done; nothing is left to do', null, { timeout: 60_000 });
  assert.equal(await page.locator('.counts').getAttribute('aria-label'), '2 done, 0 running, 0 waiting, 1 failed');
  assert.match((await page.getByLabel('Failures').textContent())!, /torn .*torn\.svs/);
  assert.equal(await page.locator('.rows tbody tr').count(), 0);
  await running;
  assert.deepEqual(complaints, []);
  await page.close();
});

test('slides are reviewed with keys; verdicts are in the ledger and survive a reload', async () => {
  const { page, complaints } = await open('/#/');
  await page.getByRole('link', { name: 'Review slides' }).click();
  await page.waitForSelector('.look .typical canvas.layers');
  const names = await page.locator('.queue button').allTextContents();
  assert.deepEqual([...names].sort(), ['synthetic-900x900', 'synthetic-910x900']);
  assert.equal(await page.locator('.review-side [role=status]').first().textContent(), '0 of 2 reviewed');
  // outlines are painted in all three views
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLCanvasElement>('.look canvas.layers')].filter(c => c.getContext('2d')!.getImageData(0, 0, c.width, c.height).data.some(v => v > 0)).length === 3);
  await page.keyboard.press('?');
  assert.ok(await page.locator('dialog[open]').getByText('good, acceptable, bad').isVisible());
  await page.keyboard.press('Escape');

  // the first verdict asks who
  await page.keyboard.press('b');
  await page.keyboard.press('o');
  await page.keyboard.type('a hair, 3 mm');
  await page.keyboard.press('Enter');
  await page.keyboard.press('3');
  await page.getByLabel('Your name').fill('Ada L.');
  await page.keyboard.press('Enter');
  await page.waitForFunction(name => document.querySelector('.saved')!.textContent === `✓ Saved: ${name}, bad (blur, a hair, 3 mm)`, names[0]);
  assert.equal(await page.locator('.facts .name').textContent(), names[1]);
  await page.keyboard.press('2');
  await page.waitForFunction(name => document.querySelector('.saved')!.textContent === `✓ Saved: ${name}, acceptable`, names[1]);
  assert.equal(await page.locator('.review-side [role=status]').first().textContent(), '2 of 2 reviewed');
  assert.deepEqual(await verdicts(), { [names[0]!]: ['bad', 'Ada L.'], [names[1]!]: ['acceptable', 'Ada L.'] });

  // back to the one judged last; what it was stays in the history
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(name => document.querySelector('.facts .name')!.textContent === name, names[0]);
  assert.equal(await page.locator('.cause[aria-pressed=true]').count(), 2);
  await page.keyboard.press('u');
  await page.waitForFunction(name => document.querySelector('.facts .name')!.textContent === name, names[1]);
  await page.keyboard.press('1');
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Verdicts so far"] li').length === 2);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Verdicts so far"] li').length === 2);
  assert.equal(await page.locator('.facts .name').textContent(), names[1]);
  assert.match((await page.locator('[aria-label="Verdicts so far"]').textContent())!, /good Ada L\..*acceptable Ada L\./);
  assert.equal(await page.locator('.verdict.good').getAttribute('aria-pressed'), 'true');
  assert.equal((await verdicts())[names[1]!]![0], 'good');
  assert.deepEqual(complaints, []);

  await page.getByLabel('Show').selectOption('open');
  await page.waitForFunction(() => document.querySelector('.review-stage')!.textContent!.includes('No slide matches'));
  await page.close();
});

test('a verdict that cannot be saved is kept, said, and sent again', async () => {
  const { page } = await open('/#/review?slide=synthetic-900x900');
  await page.waitForSelector('.facts .name');
  await page.waitForSelector('.look .typical canvas.layers');
  await page.route('**/api/cohort/review/synthetic-900x900', route => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  // asked apart from what the page says, so that a failure tells which of the two did not come
  await Promise.all([page.waitForRequest(request => request.method() === 'POST'), page.keyboard.press('2')]);
  await page.waitForFunction(() => document.querySelector('.unsaved')!.textContent!.includes('synthetic-900x900 acceptable'));
  assert.match((await page.locator('.saved').textContent())!, /Not saved: The server does not answer/);
  assert.equal(await page.locator('.facts .name').textContent(), 'synthetic-900x900');
  await page.unroute('**/api/cohort/review/synthetic-900x900');
  await page.reload();
  await page.waitForFunction(() => document.querySelector('.saved')!.textContent!.startsWith('✓ Saved: synthetic-900x900, acceptable'));
  assert.ok(await page.locator('.unsaved').isHidden());
  assert.equal((await verdicts())['synthetic-900x900']![0], 'acceptable');
  await page.close();
});

for (const [title, place, ready] of [['cohort run', '/#/cohort-run', '.headline'], ['review', '/#/review', '.look .typical canvas.layers']] as const) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`axe finds nothing to complain about: ${title}, ${scheme}`, async () => {
      const { page } = await open(place);
      await page.emulateMedia({ colorScheme: scheme });
      await page.waitForSelector(ready);
      await page.waitForTimeout(300);
      assert.deepEqual(await violations(page), []);
      await page.close();
    });
  }
}

const row = (slide: string, type: string, score?: number, at?: string): ReviewRow => ({
  slide, type, patient: slide, reviewer: at === undefined ? 'automatic' : 'Ada', reasons: [], ...(at === undefined ? {} : { at }),
  ...(score === undefined ? {} : { suggestion: { verdict: score >= 1 ? 'bad' : 'good', score, reference: '', reference_slides: 0, findings: [] } }),
});

test('the queue has the worst first, those that nothing is known of last, and what the filters leave', () => {
  const slides = [row('a', 'X', 0.1), row('b', 'Y'), row('c', 'X', 3, '2026-01-01'), row('e', 'Y', 1), row('d', 'Y', 1)];
  const names = (...args: [Parameters<typeof queueOf>[1], string]): string[] => queueOf(slides, ...args).map(s => s.slide);
  assert.deepEqual(names('all', ''), ['c', 'd', 'e', 'a', 'b']);
  assert.deepEqual(names('bad', ''), ['c', 'd', 'e']);
  assert.deepEqual(names('open', ''), ['d', 'e', 'a', 'b']);
  assert.deepEqual(names('open', 'Y'), ['d', 'e', 'b']);
});

test('the places are the densest square and that of the median nucleus, whatever the order of the nuclei', () => {
  const at = (x: number, y: number, weight: number) => ({ x, y, weight });
  const nuclei = [at(10, 10, 8), at(30, 10, 8), at(150, 50, 5), at(250, 50, 6), at(350, 50, 7), at(450, 50, 1)];
  // squares of 100: 16, 5, 6, 7, 1; half of 35 is passed in the densest itself, so the one before it stands for the typical
  assert.deepEqual(spotsOf(nuclei, 100), { dense: { x: 20, y: 10 }, typical: { x: 350, y: 50 } });
  assert.deepEqual(spotsOf([...nuclei].reverse(), 100), spotsOf(nuclei, 100));
  assert.deepEqual(spotsOf([...nuclei, at(550, 50, 9), at(650, 50, 9), at(750, 50, 9)], 100)!.typical, { x: 650, y: 50 });
  assert.deepEqual(spotsOf([at(5, 5, 1)], 100), { dense: { x: 5, y: 5 }, typical: { x: 5, y: 5 } });
  assert.equal(spotsOf([], 100), null);
});
