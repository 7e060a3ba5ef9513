// Bundle every tool into one CommonJS file (it starts fastest), write its launcher, then man pages and completions.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeReleaseList } from './release.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
process.chdir(root)

/** name → source, from the one catalogue. */
const catalogue = [...readFileSync('src/tools.ts', 'utf8').matchAll(/'(vanta[\w-]*)': \(\) => import\('(\.\/[\w/-]+\.ts)'\)/g)].map(([, name, path]) => ({ name, path }))
if (catalogue.length === 0) throw new Error('src/tools.ts lists no tools')

/**
 * Modules of Node that few runs need and that take milliseconds to load: each of their functions, and of the classes named here, loads them when
 * first called.
 * `fs` is always there, but copying all its members for each importer, as bundles do, takes a millisecond too.
 */
const LATE = ['child_process', 'crypto', 'fs', 'zlib'], CLASSES = { crypto: ['X509Certificate'] }
const lateModules = {
  name: 'late-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(node:)?(${LATE.join('|')})$`) }, ({ path, namespace }) =>
      (namespace === 'late' ? { path, external: true } : { path: path.replace('node:', ''), namespace: 'late' }))
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
      const functions = Object.keys(process.getBuiltinModule(path)).filter((name) => /^[a-z]\w*$/.test(name) && name !== 'constants')
      const load = path === 'fs' ? 'loaded' : `(loaded ??= require('node:${path}'))`
      return { loader: 'js', contents: [
        path === 'fs' ? `const loaded = require('node:fs')\nexport default loaded` : 'let loaded',
        ...functions.map((name) => `export const ${name} = (...words) => ${load}.${name}(...words)`),
        ...(CLASSES[path] ?? []).map((name) => `export function ${name}(...words) { return new (${load}.${name})(...words) }`),
      ].join('\n') }
    })
  },
}

/** Packages that are loaded as they stand: they find files of their own, or are too large to be read each time. */
const EXTERNALS = ['pino', '@hpcc-js/wasm-zstd', '@alpacahq/alpaca-trade-api/rest', 'onnxruntime-node', '@bsull/augurs/prophet', '@bsull/augurs-prophet-wasmstan']

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist', { recursive: true })

await Promise.all(catalogue.map(({ name, path }) => build({
  stdin: { contents: `import tool from '${path}'\nimport { run } from '#tool/run'\nvoid run(tool)\n`, resolveDir: join(root, 'src'), loader: 'ts' },
  outfile: `dist/${name}.cjs`,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  external: EXTERNALS,
  plugins: [lateModules],
  // `import.meta.url` does not exist in CommonJS.
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: `const moduleUrl = require('node:url').pathToFileURL(__filename).href` },
  legalComments: 'none',
  logLevel: 'warning',
})))

for (const { name } of catalogue) {
  const launcher = `#!/usr/bin/env node\nrequire('node:module').enableCompileCache?.()\nrequire('../dist/${name}.cjs')\n`
  const path = join('bin', name)
  if (!readdirSync('bin').includes(name) || readFileSync(path, 'utf8') !== launcher) writeFileSync(path, launcher)
  chmodSync(path, 0o755)
}

if (catalogue.some(({ name }) => name === 'vanta')) {
  execFileSync(process.execPath, ['dist/vanta.cjs', 'man', '--all', 'dist/man'], { stdio: ['ignore', 'ignore', 'inherit'] })
  mkdirSync('dist/completions', { recursive: true })
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(`dist/completions/vanta.${shell}`, execFileSync(process.execPath, ['dist/vanta.cjs', 'completion', shell]))
  }
}
writeReleaseList(EXTERNALS)
writeFileSync('dist/built', '')
console.error(`built ${catalogue.length} tools into dist/`)
