import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

declare const REPOSITORY: string;

export const program = process.env['MICROTOME_PROGRAM'] ?? join(REPOSITORY, 'out/bin/microtome');

/** Runs the program to its end; returns what it said. */
export async function run(args: readonly string[], expected = 0): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', errors = '';
  child.stdout.on('data', (chunk: Buffer) => { said += chunk; });
  child.stderr.on('data', (chunk: Buffer) => { errors += chunk; });
  const [code] = await once(child, 'close') as [number];
  assert.equal(code, expected, `microtome ${args.join(' ')}: ${errors}`);
  return said;
}

/** A server of these things on a free port, and a browser before it. */
export async function openViewer(...served: string[]): Promise<{ server: ChildProcess; browser: Browser; context: BrowserContext; url: string }> {
  const server = spawn(program, ['serve', ...served, '--urls', 'http://127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(server.stdout!, 'data') as [Buffer];
  const url = /listening on (\S+)/.exec(line.toString())![1]!;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, colorScheme: 'light' });
  return { server, browser, context, url };
}

/** Ends both and removes the test's folder. */
export async function closeViewer(server: ChildProcess | undefined, browser: Browser | undefined, folder: string): Promise<void> {
  await browser?.close();
  if (server && server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Opens a page; what the browser complains about ends up in the list. */
export async function openPage(context: BrowserContext, url: string, place: string, timeout = 20_000, expected: (address: string) => boolean = () => false): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  page.setDefaultTimeout(timeout);
  const complaints: string[] = [];
  page.on('console', message => { if (message.type() === 'error' && !expected(message.location().url)) complaints.push(message.text()); });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('request', request => { if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) complaints.push(`a request to ${request.url()}`); });
  await page.goto(url + place);
  return { page, complaints };
}

/** What axe finds wrong on a page. */
export async function violations(page: Page): Promise<string[]> {
  // evaluated by the debugger: the content policy forbids strange scripts
  const client = await page.context().newCDPSession(page);
  await client.send('Runtime.evaluate', { expression: readFileSync(join(REPOSITORY, 'web/node_modules/axe-core/axe.min.js'), 'utf8') });
  const { result } = await client.send('Runtime.evaluate', {
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }).then(r => JSON.stringify(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 140)).slice(0, 3).join(' | '))))`,
    awaitPromise: true,
  });
  return JSON.parse(result.value as string) as string[];
}
