// `npm run new collect/fed` writes a collector of a service: its description, parser, launcher, entry in the catalogue, golden case, tests of
// the parser and of its manners. `npm run new enrich/fed` (or any other stage) writes a filter. All of it passes as it stands: then edit it.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, setUp } from './setup.mjs'

process.chdir(root)
const STAGES = ['collect', 'bus', 'enrich', 'resolve', 'features', 'model', 'conviction', 'vault', 'execute', 'audit', 'dream', 'operate']
const [, stage, name] = /^([a-z]+)\/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(process.argv[2] ?? '') ?? []
if (stage === undefined || !STAGES.includes(stage)) {
  console.error(`usage: npm run new STAGE/NAME, such as collect/fed\nstages: ${STAGES.join(', ')}`)
  process.exit(2)
}
const tool = `vanta-${name}`, file = name.replaceAll('-', '_')
const parser = `${name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase())}Parser`
const source = join('src', stage, `${file}.ts`), folder = join('test', 'cases', tool, '0001-first')

const signal = '{"kind":"signal","id":"0000000000000000000000000000000000000000","parents":[],"at":"2021-01-04T14:30:00.000Z","known_at":"2021-01-04T14:30:00.000Z","source":"example","by":"example/1","type":"line","key":"example:1"}\n'
const template = (from) => readFileSync(join('scripts', 'new', from), 'utf8')
  .replaceAll('TOOL', tool).replaceAll('PARSER', parser).replaceAll('FILE', file).replaceAll('NAME', name)

const launcher = `#!/usr/bin/env node\nrequire('node:module').enableCompileCache?.()\nrequire('../dist/${tool}.cjs')\n`
const files = stage === 'collect'
  ? {
      [source]: template('feed.ts.txt'),
      [join('lib', 'wire', file, 'payload.ts')]: template('payload.ts.txt'),
      [join('test', 'wire', `${file}.test.ts`)]: template('payload.test.ts.txt'),
      [join('test', 'collect', `${file}.conformance.test.ts`)]: template('conformance.test.ts.txt'),
      [join(folder, 'items.json')]: '{"items":[{"id":"1","at":"2021-01-04T14:30:00Z","text":"up"},{"id":"2"}]}\n',
      [join(folder, 'cmd')]: `${tool} --now 2021-01-04T15:00:00Z --keep no --from $CASE/items.json\n`,
    }
  : {
      [source]: template('filter.ts.txt'),
      [join(folder, 'in')]: signal,
      [join(folder, 'cmd')]: `${tool} --now 2021-01-04T14:30:00Z < $CASE/in\n`,
    }
const taken = [...Object.keys(files), join('bin', tool)].filter((path) => existsSync(path))
if (taken.length > 0) {
  console.error(`there is already ${taken.join(', ')}`)
  process.exit(1)
}

const write = (path, content) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  console.log(path)
}
for (const [path, content] of Object.entries(files)) write(path, content)
write(join('bin', tool), launcher)
chmodSync(join('bin', tool), 0o755)

const catalogue = readFileSync('src/tools.ts', 'utf8')
const entry = `    '${tool}': () => import('./${stage}/${file}.ts'),`
const block = new RegExp(`^  ${stage}: \\{\\n?((?:    .*\\n)*)  ?\\},$|^  ${stage}: \\{\\},$`, 'm')
const entries = (block.exec(catalogue)?.[1] ?? '').split('\n').filter((line) => line !== '')
writeFileSync('src/tools.ts', catalogue.replace(block, `  ${stage}: {\n${[...entries, entry].sort().join('\n')}\n  },`))
console.log(`src/tools.ts: ${entry.trim()}`)

// What the case expects is written by the tool itself, to be read before it is committed.
setUp()
const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--test', '--test-name-pattern', `^${tool} `, 'test/cases.test.ts'], {
  stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, UPDATE_CASES: '1' },
})
if (status !== 0) process.exit(status ?? 70)
console.log(`${folder}: what it expects, as the tool says it now

Next: edit ${source}${stage === 'collect' ? ` and lib/wire/${file}/payload.ts` : ''}, give it a row in README.md, then
\`UPDATE_CASES=1 npm test -- test/cases.test.ts\` writes what the case expects; read it before you commit it.`)
