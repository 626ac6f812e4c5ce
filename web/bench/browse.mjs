// Measures the page in Chromium: node web/bench/browse.mjs RESULTS [SLIDE_ID] [--first] [--json]; --first measures no panning
// First picture, first tile and first nuclei after the page begins to load (from a server just started, and from one that runs), frames a second while the slide is dragged, memory of the page's process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const [folder, wanted] = process.argv.slice(2).filter(a => !a.startsWith('--'));
const program = process.env.MICROTOME_PROGRAM ?? join(root, 'out/bin/microtome');
const seconds = 10;

const repetitions = 7;
const size = { width: 1400, height: 900 };

const serve = async () => {
  const server = spawn(program, ['serve', folder, '--urls', 'http://127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(server.stdout, 'data');
  return { server, url: /listening on (\S+)/.exec(line.toString())[1] };
};
let { server, url } = await serve();
const browser = await chromium.launch({ executablePath: process.env.MICROTOME_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
const rows = [];
const row = (name, value, unit, limit) => rows.push({ name, value: Math.round(value * 10) / 10, unit, ...(limit === undefined ? {} : { limit: 'figure to reach', limit_value: limit }) });

// One visit; nothing is in the browser's cache. Times count from the moment at which the browser begins to load the page. The first picture is there when the compositor has
// painted the small picture of the slide (Element Timing), or a tile has been drawn and its frame is over, whichever is earlier; nuclei, when the frame that shows them is over.
const visit = async id => {
  const context = await browser.newContext({ viewport: size });
  try {
    const page = await context.newPage();
    await page.goto(`${url}/#/slide/${encodeURIComponent(id)}?layers=nuclei`, { waitUntil: 'commit' });
    await page.waitForFunction(() => performance.getEntriesByName('first-tile').length > 0 && performance.getEntriesByName('first-nuclei').length > 0, undefined, { timeout: 60_000 });
    return await page.evaluate(async () => {
      const small = await new Promise(done => {
        new PerformanceObserver(list => done(list.getEntries().find(e => e.identifier === 'first-picture')?.renderTime || Infinity)).observe({ type: 'element', buffered: true });
        setTimeout(() => done(Infinity), 500);
      });
      const mark = name => performance.getEntriesByName(name)[0].startTime;
      return { picture: Math.min(small, mark('first-tile')), tile: mark('first-tile'), nuclei: mark('first-nuclei') };
    });
  } finally {
    await context.close();
  }
};
const report = (runs, suffix) => {
  for (const [key, name, limit] of [['picture', 'first_picture', 500], ['tile', 'first_tile'], ['nuclei', 'first_nuclei', 1000]]) {
    const sorted = runs.map(r => r[key]).sort((a, b) => a - b);
    row(`page_${name}${suffix}`, sorted[sorted.length >> 1], 'ms', limit);
    row(`page_${name}${suffix}_least`, sorted[0], 'ms');
    row(`page_${name}${suffix}_most`, sorted.at(-1), 'ms');
  }
};
try {
  const { slides } = await (await fetch(`${url}/api/slides`)).json();
  const id = wanted ?? slides.find(s => !s.error && !s.published).id;
  const { width, height } = await (await fetch(`${url}/api/slides/${encodeURIComponent(id)}`)).json();
  // a server that has just said that it listens, and one that has been up for a while
  const cold = [];
  for (let i = 0; i < repetitions; i++) {
    server.kill('SIGTERM');
    await once(server, 'exit');
    ({ server, url } = await serve());
    cold.push(await visit(id));
  }
  report(cold, '_cold');
  await new Promise(done => setTimeout(done, 6000));
  const warm = [];
  for (let i = 0; i < repetitions; i++)
    warm.push(await visit(id));
  report(warm, '');

  const context = await browser.newContext({ viewport: size });
  const page = await context.newPage();
  for (const [what, scale] of process.argv.includes('--first') ? [] : [['far', null], ['middle', 0.25], ['near', 1]]) {
    await page.goto('about:blank');
    await page.goto(`${url}/#/slide/${encodeURIComponent(id)}?layers=nuclei${scale === null ? '' : `&x=${width / 2}&y=${height / 2}&z=${scale}`}`);
    await page.waitForTimeout(6000);
    const box = await page.locator('.view').first().boundingBox();
    const [cx, cy] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.evaluate(() => {
      globalThis.frames_ = [];
      const tick = t => { globalThis.frames_.push(t); globalThis.frame_ = requestAnimationFrame(tick); };
      globalThis.frame_ = requestAnimationFrame(tick);
    });
    const end = Date.now() + 1000 * seconds;
    // bounded: a stroke takes at least 16 moves
    for (let stroke = 0; Date.now() < end && stroke < 500; stroke++) {
      const [dx, dy] = [[300, 0], [0, 250], [-300, 0], [0, -250]][stroke % 4];
      await page.mouse.move(cx - dx / 2, cy - dy / 2);
      await page.mouse.down();
      for (let i = 1; i <= 24; i++)
        await page.mouse.move(cx - dx / 2 + dx * i / 24, cy - dy / 2 + dy * i / 24);
      await page.mouse.up();
    }
    const frames = await page.evaluate(() => { cancelAnimationFrame(globalThis.frame_); return globalThis.frames_; });
    const gaps = frames.slice(1).map((t, i) => t - frames[i]).sort((a, b) => a - b);
    row(`page_panning_${what}`, 1000 * (frames.length - 1) / (frames.at(-1) - frames[0]), 'frames/s', 45);
    row(`page_panning_${what}_p95_gap`, gaps[Math.floor(gaps.length * 0.95)], 'ms', 1000 / 30);
  }
  // the renderer that holds the page: the largest child of this browser
  const memory = readdirSync('/proc').filter(p => /^\d+$/.test(p)).map(pid => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.includes('--type=renderer') && isOurs(pid) ? Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024 : 0;
    } catch {
      return 0;
    }
  });
  row('page_memory', Math.max(...memory), 'MB', 600);
} finally {
  await browser.close();
  server.kill('SIGTERM');
}

// Other browsers may run on this machine: ours descend from this process.
function isOurs(pid) {
  for (let p = pid; p && p !== '1'; p = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${p}/status`, 'utf8'))?.[1]) {
    if (p === String(process.pid))
      return true;
  }
  return false;
}

if (process.argv.includes('--json'))
  console.log(JSON.stringify(rows));
else
  for (const r of rows)
    console.log(`${r.name.padEnd(34)} ${String(r.value).padStart(9)} ${r.unit.padEnd(9)} ${r.limit_value === undefined ? '' : `(figure to reach ${Math.round(r.limit_value)})`}`.trimEnd());
