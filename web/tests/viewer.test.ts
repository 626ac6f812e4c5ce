import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { closeViewer, openPage, openViewer, run, violations } from './browser.ts';

declare const REPOSITORY: string;

const work = mkdtempSync(join(tmpdir(), 'microtome viewer 標本 '));
const results = join(work, 'results'), maps = join(work, 'maps');
const name = 'slide 標本 1';
let server: ChildProcess, browser: Browser, context: BrowserContext, url = '';

before(async () => {
  // the real slide, analysed; published maps; a slide that cannot be read
  mkdirSync(maps);
  for (const file of readdirSync(join(REPOSITORY, 'samples/tumor-til')).filter(f => f.endsWith('.png')))
    copyFileSync(join(REPOSITORY, 'samples/tumor-til', file), join(maps, file));
  copyFileSync(join(REPOSITORY, 'samples/cmu-1-small-region.svs'), join(work, `${name}.svs`));
  await run(['analyze', join(work, `${name}.svs`), '-o', results]);
  const broken = join(work, 'broken.svs');
  copyFileSync(join(REPOSITORY, 'samples/cmu-1-small-region.svs'), broken);
  truncateSync(broken, 20_000);
  ({ server, browser, context, url } = await openViewer(results, maps, broken));
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
});

afterEach(async () => {
  for (const page of context?.pages() ?? [])
    await page.close();
});

after(() => closeViewer(server, browser, work));

/** Opens a page; what the browser complains about fails the test. */
async function open(place: string, settings: { complaints?: boolean } = {}): Promise<Page> {
  // the cohort asks for the picture of the broken slide, too
  const { page, complaints } = await openPage(context, url, place, 15_000, address => address.includes('/broken/'));
  (page as Page & { complaints: () => void }).complaints = () => { if (!settings.complaints) assert.deepEqual(complaints, []); };
  return page;
}

async function close(page: Page): Promise<void> {
  (page as Page & { complaints: () => void }).complaints();
  await page.close();
}

const slidePlace = (id: string, options = ''): string => `/#/slide/${encodeURIComponent(id)}${options && `?${options}`}`;

/** The colour of the layers' canvas at a level-0 place. */
const layerColour = (page: Page, x: number, y: number): Promise<number[]> => page.evaluate(([px, py]) => {
  const link = new URLSearchParams(location.hash.split('?')[1]);
  const canvas = document.querySelector<HTMLCanvasElement>('.view canvas.layers')!;
  const box = canvas.getBoundingClientRect();
  const z = Number(link.get('z'));
  const [sx, sy] = [(px! - Number(link.get('x'))) * z + box.width / 2, (py! - Number(link.get('y'))) * z + box.height / 2];
  return [...canvas.getContext('2d')!.getImageData(Math.floor(sx), Math.floor(sy), 1, 1).data];
}, [x, y]);

const figure = (page: Page, term: string): Promise<string | null> => page.locator('.statistics dt', { hasText: term }).first().locator('xpath=following-sibling::dd[1]').textContent();

/** Waits until the address has said the same place for a second: nothing moves any more. */
async function settled(page: Page): Promise<void> {
  let before = '', same = 0;
  for (let i = 0; i < 60 && same < 4; i++) {
    await page.waitForTimeout(250);
    const link = new URL(page.url()).hash;
    same = link === before && /[?&]z=/.test(link) ? same + 1 : 0;
    before = link;
  }
}

test('the cohort lists every slide, failed ones with their reason, and searches by expression', async () => {
  const page = await open('/');
  await page.waitForSelector('.slide');
  assert.equal(await page.locator('.slide').count(), 6);
  await page.fill('input[type=search]', 'TCGA-3C-AAL[IJ]');
  assert.equal(await page.locator('.slide').count(), 2);
  await page.fill('input[type=search]', '標本');
  assert.deepEqual(await page.locator('.slide .name').allTextContents(), [name]);
  await page.fill('input[type=search]', '(');
  assert.match((await page.locator('.problem').textContent())!, /not a regular expression/);
  await close(page);
});

test('sorting by a published figure gives the published order', async () => {
  const page = await open('/#/?group=maps&sort=til_fraction_in_tumor&order=desc');
  await page.waitForFunction(() => document.querySelectorAll('.slide dd').length >= 16);
  // tumor-til, section 6.1: 0.0757, 0.0720, 0.0229, 0.0021
  assert.deepEqual(await page.locator('.slide .name').allTextContents(), ['TCGA-3C-AALI-01Z-00-DX1', 'TCGA-3C-AALK-01Z-00-DX1', 'TCGA-3C-AALJ-01Z-00-DX1', 'TCGA-4H-AAAK-01Z-00-DX1']);
  assert.deepEqual((await page.locator('.slide dd:nth-of-type(1)').allTextContents()).map(t => Number(t).toFixed(4)), ['0.0757', '0.0720', '0.0229', '0.0021']);
  await close(page);
});

test('a brush across the histogram filters the grid, and a click takes it away', async () => {
  const page = await open('/#/?group=maps&hist=til_fraction_in_tumor');
  await page.waitForFunction(() => document.querySelectorAll('.slide dd').length >= 16);
  const plot = (await page.locator('.charts .u-over').first().boundingBox())!;
  await page.mouse.move(plot.x + plot.width * 0.3, plot.y + 50);
  await page.mouse.down();
  await page.mouse.move(plot.x + plot.width * 0.9, plot.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => document.querySelectorAll('.slide').length < 4);
  assert.equal(await page.locator('.chip').count(), 1);
  assert.ok(page.url().includes('range='));
  await page.locator('.chip').click();
  assert.equal(await page.locator('.slide').count(), 4);
  await close(page);
});

test('the published map shows the published counts and colours, and sliders recompute them', async () => {
  const page = await open('/#maps/TCGA-3C-AALI-01Z-00-DX1.png');
  await page.waitForSelector('.statistics dd');
  assert.equal(await figure(page, 'TIL share in tumor'), '7.57 %');
  assert.match((await figure(page, 'Both'))!, /^2,277 · 5\.69\d mm²/);
  assert.match((await figure(page, 'All tissue patches'))!, /^91,999 /);
  await settled(page);
  const map = Buffer.from(await (await page.request.get(`${url}/api/slides/TCGA-3C-AALI-01Z-00-DX1/maps/combined`)).body());
  const codes = new Map([[252, [255, 165, 0, 255]], [253, [255, 0, 0, 255]], [254, [255, 255, 0, 255]], [255, [192, 192, 192, 255]], [0, [0, 0, 0, 0]]]);
  for (const code of codes.keys()) {
    const cell = [...Array(505 * 372).keys()].find(i => map[3 * i + 2] === code && i % 505 > 100 && i % 505 < 400 && i > 505 * 60 && i < 505 * 300)!;
    assert.deepEqual(await layerColour(page, cell % 505 + 0.5, Math.floor(cell / 505) + 0.5), codes.get(code), `class ${code} at cell ${cell}, ${page.url()}`);
  }
  // at cuts of 1 nothing but tissue is left
  await page.getByLabel('TIL from').fill('1');
  await page.getByLabel('Tumor from').fill('1');
  await page.waitForFunction(() => document.querySelector('.statistics')!.textContent!.includes('TIL 1.00, tumor 1.00'));
  const positive = [...Array(505 * 372).keys()].filter(i => map[3 * i + 2] !== 0 && map[3 * i] === 255).length;
  assert.match((await figure(page, 'TIL patches'))!, new RegExp(`^${positive.toLocaleString('en-US')} `));
  await page.getByRole('button', { name: 'Classes as published' }).click();
  assert.equal(await figure(page, 'TIL share in tumor'), '7.57 %');
  await close(page);
});

test('classes of an analysed slide at the models\' own cuts equal those of the analysis', async () => {
  const page = await open(slidePlace(name));
  await page.waitForSelector('.statistics dd');
  const summary = JSON.parse(readFileSync(join(results, name, 'summary.json'), 'utf8')) as Record<string, number>;
  const count = async (term: string): Promise<number> => Number((await figure(page, term))!.split(' ')[0]!.replaceAll(',', ''));
  assert.equal(await count('Both'), summary['combined_tumor_and_til_patches']);
  assert.equal(await count('Tumor patches'), summary['combined_tumor_patches']! + summary['combined_tumor_and_til_patches']!);
  assert.equal(await count('TIL patches'), summary['combined_til_patches']! + summary['combined_tumor_and_til_patches']!);
  assert.equal(await count('Nuclei'), summary['nuclei_count']);
  await close(page);
});

test('keys move, zoom and switch layers; the link brings the view back', async () => {
  const page = await open(slidePlace(name, 'x=1100&y=1500&z=0.5&layers=tissue'));
  await settled(page);
  await page.keyboard.press('ArrowRight');
  await settled(page);
  await page.keyboard.press('+');
  await settled(page);
  await page.keyboard.press('3');
  await page.keyboard.press('s');
  await page.waitForSelector('.views.two');
  await settled(page);
  const link = new URL(page.url()).hash;
  const options = new URLSearchParams(link.split('?')[1]);
  assert.ok(Number(options.get('x')) > 1150, link);
  assert.equal(Math.round(Number(options.get('z')) * 100) / 100, 0.75);
  assert.equal(options.get('layers'), 'til,tissue');
  assert.ok(options.get('side'));
  const again = await open(`/${link}`);
  await again.waitForSelector('.views.two');
  await settled(again);
  assert.equal(new URL(again.url()).hash, link);
  assert.equal(await again.getByRole('checkbox', { name: /Lymphocytes/ }).first().isChecked(), true);
  await again.keyboard.press('?');
  assert.ok(await again.getByRole('dialog').isVisible());
  await close(again);
  await close(page);
});

test('the picture lies where the tissue outline lies', async () => {
  // layer and slide must agree: inside the outline pixels are stained, far outside they are glass
  const page = await open(slidePlace(name, 'x=1110&y=1483&z=0.25&layers='));
  await page.waitForFunction(() => document.querySelector('.view'));
  await page.waitForTimeout(2500);
  const shot = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.view .openseadragon-canvas canvas:not(.layers)')!;
    const context = canvas.getContext('2d')!;
    const at = (x: number, y: number): number[] => [...context.getImageData(Math.round((x - 1110) * 0.25 + canvas.width / 2), Math.round((y - 1483) * 0.25 + canvas.height / 2), 1, 1).data];
    return { glass: at(200, 2500), tissue: at(1400, 2600) };
  });
  assert.ok(Math.min(...shot.glass.slice(0, 3)) > 215, `glass ${shot.glass}`);
  assert.ok(Math.min(...shot.tissue.slice(0, 3)) < 200, `tissue ${shot.tissue}`);
  await close(page);
});

test('nuclei are drawn where they are, say their numbers when clicked, and leave the picture when switched off', async () => {
  const page = await open(slidePlace(name, 'x=1010&y=165&z=2&layers=nuclei'));
  await settled(page);
  const { id, columns } = await (await page.request.get(`${url}/api/slides/${encodeURIComponent(name)}/nuclei/objects/5`)).json().then(o => ({ id: o.fid as number, columns: o.columns as Record<string, number> }));
  assert.equal(id, 5);
  const [x, y] = [columns['centroid_x_px']!, columns['centroid_y_px']!];
  await page.waitForFunction(() => { const c = document.querySelector<HTMLCanvasElement>('.view canvas.layers')!; return c.getContext('2d')!.getImageData(0, 0, c.width, c.height).data.some(v => v > 0); });
  const inside = await layerColour(page, x, y);
  assert.ok(inside[3]! > 30 && inside[2]! > inside[0]!, `inside a nucleus: ${inside}`);
  const view = (await page.locator('.view').boundingBox())!;
  await page.mouse.click(view.x + view.width / 2 + (x - 1010) * 2, view.y + view.height / 2 + (y - 165) * 2);
  await page.waitForFunction(() => document.querySelector('.nuclei dl')!.children.length > 10);
  assert.match((await page.locator('.nuclei dl').textContent())!, new RegExp(`area \\(µm²\\)${columns['area_um2']!.toFixed(2)}`));
  await page.getByLabel('Colour by').selectOption('area_um2');
  await page.waitForTimeout(600);
  assert.ok(page.url().includes('nuclei=area_um2'));
  await page.keyboard.press('2');
  await page.waitForTimeout(300);
  assert.deepEqual(await layerColour(page, x, y), [0, 0, 0, 0]);
  await close(page);
});

test('nuclei are shown before the viewer has arrived, where they are afterwards', async () => {
  const page = await context.newPage();
  let release = (): void => undefined;
  const arrival = new Promise<void>(done => { release = done; });
  await page.route('**/viewer.js', async route => {
    await arrival;
    await route.continue();
  });
  await page.goto(url + slidePlace(name, 'layers=nuclei'), { waitUntil: 'commit' });
  // some of the places that are painted
  const early = await (await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.view canvas.layers');
    if (!canvas?.width)
      return null;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const places = [...Array(canvas.width * canvas.height).keys()].filter(i => data[4 * i + 3]! > 0).map(i => [i % canvas.width, Math.floor(i / canvas.width)]);
    return places.length === 0 ? null : places.filter((_, i) => i % Math.ceil(places.length / 300) === 0);
  })).jsonValue() as [number, number][];
  assert.equal(await page.locator('.statistics').count(), 0);
  release();
  await page.locator('.statistics').waitFor();
  // the viewer's own canvas is painted within two pixels of them, and the first one is gone
  await page.waitForFunction(places => {
    const canvas = document.querySelector<HTMLCanvasElement>('.openseadragon-container canvas.layers');
    if (!canvas?.width || document.querySelectorAll('canvas.layers').length !== 1)
      return false;
    const context = canvas.getContext('2d')!;
    const near = ([x, y]: [number, number]): boolean => context.getImageData(x - 2, y - 2, 5, 5).data.some((v, i) => i % 4 === 3 && v > 0);
    return places.filter(near).length >= 0.95 * places.length;
  }, early);
  await page.close();
});

test('a drawn polygon is counted, saved for QuPath, survives a reload, and can be undone', async () => {
  const page = await open(slidePlace(name, 'x=1110&y=1483&z=0.25&layers=annotations'));
  await page.waitForSelector('.annotate');
  await settled(page);
  const view = (await page.locator('.view').boundingBox())!;
  const at = (x: number, y: number): [number, number] => [view.x + view.width / 2 + (x - 1110) * 0.25, view.y + view.height / 2 + (y - 1483) * 0.25];
  await page.getByLabel('Class of new and selected shapes').fill('Stroma');
  await page.getByLabel('Class of new and selected shapes').press('Tab');
  await page.keyboard.press('p');
  for (const [x, y] of [[900, 1000], [1500, 1000], [1500, 1800], [900, 1800]] as const)
    await page.mouse.click(...at(x, y));
  await page.keyboard.press('Enter');
  const path = join(results, name, 'annotations.geojson');
  await page.waitForFunction(() => document.querySelector('.annotate')!.textContent!.includes('saved beside'));
  const saved = JSON.parse(readFileSync(path, 'utf8')) as { features: { geometry: { type: string; coordinates: number[][][] }; properties: { objectType: string; classification: { name: string } } }[] };
  assert.equal(saved.features.length, 1);
  assert.equal(saved.features[0]!.properties.objectType, 'annotation');
  assert.equal(saved.features[0]!.properties.classification.name, 'Stroma');
  assert.equal(saved.features[0]!.geometry.coordinates[0]!.length, 5);
  saved.features[0]!.geometry.coordinates[0]!.slice(0, 4).forEach(([x, y], i) => {
    const [ex, ey] = ([[900, 1000], [1500, 1000], [1500, 1800], [900, 1800]] as const)[i]!;
    assert.ok(Math.hypot(x! - ex, y! - ey) <= 6, `corner ${i}: ${x}, ${y}`);
  });
  await page.reload();
  await page.waitForFunction(() => document.querySelector('.annotate')?.textContent?.includes('1 annotation'));
  await settled(page);
  await page.keyboard.press('e');
  await page.mouse.click(...at(1200, 1400));
  await page.waitForFunction(() => document.querySelector('.statistics')!.textContent!.includes('Region: Stroma'));
  const area = Number(/([\d.]+) mm²/.exec((await figure(page, 'Region area'))!)![1]);
  assert.ok(Math.abs(area - 600 * 800 * 0.499 ** 2 / 1e6) < 0.003, String(area));
  await page.keyboard.press('Delete');
  await page.waitForFunction(() => document.querySelector('.annotate')!.textContent!.match(/0 annotations(Label|$)/));
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => /1 annotation, saved/.test(document.querySelector('.annotate')!.textContent!));
  assert.equal((JSON.parse(readFileSync(path, 'utf8')) as { features: unknown[] }).features.length, 1);
  assert.ok(readdirSync(join(results, name, 'annotations-history')).length >= 2);
  await close(page);
});

test('what somebody else saved is not overwritten', async () => {
  const page = await open(slidePlace(name, 'layers=annotations'), { complaints: true });
  await page.waitForFunction(() => document.querySelector('.annotate')?.textContent?.includes('1 annotation'));
  writeFileSync(join(results, name, 'annotations.geojson'), '{"type":"FeatureCollection","features":[]}');
  await settled(page);
  const view = (await page.locator('.view').boundingBox())!;
  await page.keyboard.press('o');
  await page.mouse.click(view.x + view.width / 2, view.y + view.height / 2);
  await page.waitForFunction(() => document.querySelector('.annotate')!.textContent!.includes('somebody else has saved'));
  assert.equal(readFileSync(join(results, name, 'annotations.geojson'), 'utf8'), '{"type":"FeatureCollection","features":[]}');
  await page.close({ runBeforeUnload: false });
});

test('two views move together', async () => {
  const page = await open(slidePlace(name, 'x=1100&y=1500&z=0.5&layers=tissue&side=til'));
  await page.waitForSelector('.views.two');
  await settled(page);
  const places = (): Promise<number[][]> => page.evaluate(() => [...document.querySelectorAll<HTMLElement>('.view')].map(view => {
    // where a level-0 place lies on each: the first tile's transform would say it too, but the pages' own link is for one view only
    const canvas = view.querySelector<HTMLCanvasElement>('.openseadragon-canvas canvas:not(.layers)')!;
    return [...canvas.getContext('2d')!.getImageData(Math.floor(canvas.width / 2), Math.floor(canvas.height / 2), 1, 1).data];
  }));
  const second = (await page.locator('.view').nth(1).boundingBox())!;
  await page.mouse.move(second.x + 150, second.y + 300);
  await page.mouse.down();
  await page.mouse.move(second.x + 250, second.y + 360, { steps: 8 });
  await page.mouse.up();
  await settled(page);
  const options = new URLSearchParams(new URL(page.url()).hash.split('?')[1]);
  // 100 and 60 screen pixels at half size, and what the flick adds
  assert.ok(Number(options.get('x')) <= 900 && Number(options.get('y')) <= 1380, page.url());
  const [a, b] = await places();
  assert.deepEqual(a, b);
  await close(page);
});

test('an edited tissue outline is what the next analysis uses', async () => {
  const path = join(results, name, 'tissue.geojson');
  const before = (JSON.parse(readFileSync(path, 'utf8')) as { features: unknown[] }).features.length;
  const area = (): number => (JSON.parse(readFileSync(join(results, name, 'summary.json'), 'utf8')) as Record<string, number>)['tissue_area_mm2']!;
  const found = area();
  const page = await open(slidePlace(name, 'x=1110&y=1483&z=0.25&layers=tissue'));
  await settled(page);
  await page.getByRole('button', { name: 'Edit the tissue outline' }).click();
  await page.waitForFunction(() => document.querySelector('.annotate')!.textContent!.includes('Tissue outline'));
  const view = (await page.locator('.view').boundingBox())!;
  const at = (x: number, y: number): [number, number] => [view.x + view.width / 2 + (x - 1110) * 0.25, view.y + view.height / 2 + (y - 1483) * 0.25];
  await page.keyboard.press('r');
  await page.mouse.move(...at(100, 2200));
  await page.mouse.down();
  await page.mouse.move(...at(500, 2600), { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => document.querySelector('.annotate')!.textContent!.includes('The next analyze'));
  assert.equal((JSON.parse(readFileSync(path, 'utf8')) as { features: unknown[] }).features.length, before + 1);
  await close(page);
  await run(['analyze', join(work, `${name}.svs`), '-o', results, '--only', 'tissue']);
  // 400 x 400 level-0 pixels of 0.499 um, drawn on a mask of about 8 um
  assert.ok(Math.abs(area() - found - 400 * 400 * 0.499 ** 2 / 1e6) < 0.006, `${found} -> ${area()}`);
});

test('patches are labelled with keys, and a label can be taken back', async () => {
  const page = await open(`/#/label/${encodeURIComponent(name)}`);
  await page.waitForSelector('.answers button');
  assert.match((await page.locator('.answers').textContent())!, /1 Other2 Lymphocytes0 unclear/);
  await page.waitForFunction(() => { const image = document.querySelector<HTMLImageElement>('img.patch'); return image && image.complete && image.naturalWidth === 300; });
  for (const key of ['2', '1', 'u']) {
    const before = await page.locator('.stage').textContent();
    await page.keyboard.press(key);
    await page.waitForFunction(text => document.querySelector('.stage')!.textContent !== text, before).catch(async () => assert.fail(`key ${key} at '${before}': ${await page.locator('body').textContent()}`));
  }
  await page.keyboard.press('Backspace');
  await page.waitForFunction(() => document.querySelector('.label-side')!.textContent!.includes('judged2 of'));
  const rows = readFileSync(join(results, name, 'patch-labels.csv'), 'utf8').trim().split('\n');
  assert.equal(rows.length, 3);
  assert.match(rows[1]!, /^til,\d+,\d+,100,100,Lymphocytes,1,0\.\d+,/);
  assert.match(rows[2]!, /^til,\d+,\d+,100,100,Other,0,0\.\d+,/);
  await close(page);
});

test('dark and light are told apart, and the choice is remembered', async () => {
  const page = await open('/');
  await page.waitForSelector('.slide');
  const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await background(), 'rgb(246, 245, 243)');
  await page.getByLabel('Colours of the page').selectOption('dark');
  assert.equal(await background(), 'rgb(20, 19, 24)');
  await page.reload();
  await page.waitForSelector('.slide');
  assert.equal(await background(), 'rgb(20, 19, 24)');
  await page.getByLabel('Colours of the page').selectOption('auto');
  await close(page);
});

test('a broken slide and a wrong link say what is wrong', async () => {
  const broken = await open(slidePlace('broken'), { complaints: true });
  await broken.waitForSelector('.failure, .notes');
  assert.match((await broken.locator('main').textContent())!, /broken\.svs/);
  await broken.close();
  const nothing = await open(slidePlace('nothing'), { complaints: true });
  await nothing.waitForSelector('.failure');
  assert.match((await nothing.locator('.failure').textContent())!, /no slide of this name/);
  await nothing.close();
});

for (const [title, place, ready] of [['cohort', '/', '.slide'], ['slide', slidePlace(name, 'layers=tissue,til,classes,weighted'), '.statistics dd'], ['labelling', `/#/label/${encodeURIComponent(name)}`, '.answers button']] as const) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`axe finds nothing to complain about: ${title}, ${scheme}`, async () => {
      const page = await context.newPage();
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(url + place);
      await page.waitForSelector(ready);
      await page.waitForTimeout(500);
      assert.deepEqual(await violations(page), []);
      await page.close();
    });
  }
}

test('the server ends when it is told to, and nothing is left half written', async () => {
  server.kill('SIGTERM');
  const [code] = await once(server, 'exit') as [number];
  assert.equal(code, 0);
  assert.deepEqual(readdirSync(join(results, name)).filter(f => f.endsWith('.tmp')), []);
});
