// node build.mjs MODULES PAGE OUT: bundles web/PAGE into OUT, with the packages in MODULES/node_modules.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [modules, page, out] = process.argv.slice(2);
if (!out) {
  console.error('usage: node build.mjs MODULES PAGE OUT');
  process.exit(64);
}
const source = join(dirname(fileURLToPath(import.meta.url)), page);
const packages = resolve(modules, 'node_modules');
const { build } = createRequire(join(packages, 'x'))('esbuild');

mkdirSync(out, { recursive: true });
await build({
  entryPoints: { app: join(source, 'main.tsx'), style: join(source, 'style.css') },
  outdir: out,
  nodePaths: [packages],
  bundle: true,
  format: 'iife',
  target: ['chrome109', 'firefox115', 'safari16'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'inline',
  logLevel: 'warning',
});
for (const file of ['index.html', 'favicon.svg']) copyFileSync(join(source, file), join(out, file));
