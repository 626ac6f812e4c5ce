// Builds the viewer into the folder given (default: ../out/web): one bundle, its two libraries, a script that gives the first picture a head start, a worker; nothing is fetched from elsewhere.
// With --tests FOLDER: the tests, for node --test.
import { build } from 'esbuild';
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const common = { absWorkingDir: here, bundle: true, format: 'esm', logLevel: 'warning' };
const tests = process.argv[2] === '--tests';
const target = resolve(process.argv[tests ? 3 : 2] ?? join(here, '../out/web'));
const fresh = `${target}.new`;
await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
if (tests) {
  const files = (await readdir(join(here, 'tests'))).filter(name => name.endsWith('.test.ts'));
  await build({
    ...common,
    entryPoints: files.map(name => join('tests', name)),
    outdir: fresh,
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node18',
    alias: { 'playwright-core': join(here, 'node_modules/playwright-core/index.mjs') },
    external: [join(here, 'node_modules/*')],
    define: { REPOSITORY: JSON.stringify(resolve(here, '..')) },
  });
} else {
  const page = { ...common, outdir: fresh, target: 'es2022', minify: true, legalComments: 'linked' };
  // The two libraries are files of their own: a page fetches the one that it needs, and start.ts knows which before the viewer does.
  const apart = { name: 'libraries', setup: ({ onResolve }) => onResolve({ filter: /^(openseadragon|uplot)$/ }, ({ path, kind }) => (kind === 'dynamic-import' ? { path: `./${path}.js`, external: true } : undefined)) };
  await build({ ...page, entryPoints: { viewer: 'src/main.ts', styles: 'styles.css' }, plugins: [apart] });
  await build({ ...page, entryPoints: { uplot: 'uplot' } });
  // As a module of its own, not wrapped as CommonJS: the browser then compiles its parts while they arrive, and not a second time when they are first called.
  const library = join(here, 'node_modules/openseadragon/build/openseadragon/openseadragon.js');
  await build({ ...page, stdin: { contents: `${await readFile(library, 'utf8')}\nexport default OpenSeadragon;\n`, resolveDir: dirname(library), sourcefile: library }, outfile: join(fresh, 'openseadragon.js'), outdir: undefined, logOverride: { 'this-is-undefined-in-esm': 'silent' } });
  await build({ ...page, entryPoints: { 'nucleus-worker': 'src/slide/nucleus-worker.ts' }, format: 'iife' });
  // Inside the page, so that it waits for nothing; the server allows exactly this text (ViewerFiles).
  const { outputFiles: [start] } = await build({ ...page, entryPoints: ['src/start.ts'], format: 'iife', legalComments: 'none', write: false });
  const text = start.text.trim();
  if (/<\/script|<!--/i.test(text))
    throw new Error('The start script would end its own element.');
  await writeFile(join(fresh, 'index.html'), (await readFile(join(here, 'index.html'), 'utf8')).replace('<!-- start -->', () => `<script>${text}</script>`));
  await cp(join(here, 'icon.svg'), join(fresh, 'icon.svg'));
}
await rm(target, { recursive: true, force: true });
await rename(fresh, target);
