// Builds the viewer into the folder given (default: ../out/web). One bundle, one worker, one page; nothing is fetched at run time.
import { build } from 'esbuild';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, '../out/web'));
const fresh = `${target}.new`;
await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { viewer: 'src/main.ts', 'nucleus-worker': 'src/slide/nucleus-worker.ts', styles: 'styles.css' },
  outdir: fresh,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
});
await cp(join(here, 'index.html'), join(fresh, 'index.html'));
await cp(join(here, 'icon.svg'), join(fresh, 'icon.svg'));
await rm(target, { recursive: true, force: true });
await rename(fresh, target);
