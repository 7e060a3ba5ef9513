// `npm run new collect/fed` writes a tool, its launcher, its entry in the catalogue and a golden case to start from.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './setup.mjs'

process.chdir(root)
const STAGES = ['collect', 'bus', 'enrich', 'resolve', 'features', 'model', 'conviction', 'vault', 'execute', 'audit', 'dream', 'operate']
const [, stage, name] = /^([a-z]+)\/([a-z][a-z0-9-]*)$/.exec(process.argv[2] ?? '') ?? []
if (stage === undefined || !STAGES.includes(stage)) {
  console.error(`usage: npm run new STAGE/NAME, such as collect/fed\nstages: ${STAGES.join(', ')}`)
  process.exit(2)
}
const tool = `vanta-${name}`
const source = join('src', stage, `${name}.ts`)
if (existsSync(source)) {
  console.error(`${source} exists`)
  process.exit(1)
}

const collector = `import { formatInstant, make } from '#record'
import { collector, Failure } from '#tool'

export default collector({
  name: '${tool}',
  summary: 'Say in one sentence what this collector hears.',
  options: {
    from: { kind: 'path', required: true, help: 'recorded payload, or - for stdin' },
  },
  examples: ['${tool} --from test/cases/${tool}/0001-first/payload.txt'],
  *collect({ from }, world) {
    const payload = world.folder.read(from)
    if (payload === undefined) throw new Failure('usage', \`no such file: \${from}\`)
    const heardAt = formatInstant(world.clock.now())
    for (const [i, text] of payload.toString('utf8').split('\\n').entries()) {
      if (text !== '') yield make('signal', { at: heardAt, known_at: heardAt, source: '${name}', by: world.by, type: 'line', key: \`${name}:\${i + 1}\`, facts: { text } })
    }
  },
})
`
const filter = `import { filter } from '#tool'

export default filter({
  name: '${tool}',
  summary: 'Say in one sentence what this tool does to each signal.',
  options: {},
  reads: ['signal'],
  examples: ['${tool} < test/cases/${tool}/0001-first/in'],
  open() {
    return {
      each(signal, emit) {
        emit(signal)
      },
    }
  },
})
`
const signal = '{"kind":"signal","id":"0000000000000000000000000000000000000000","parents":[],"at":"2021-01-04T14:30:00.000Z","known_at":"2021-01-04T14:30:00.000Z","source":"example","by":"example/1","type":"line","key":"example:1"}\n'

const write = (path, content) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  console.log(path)
}

write(source, stage === 'collect' ? collector : filter)
write(join('bin', tool), `#!/usr/bin/env node\nrequire('node:module').enableCompileCache?.()\nrequire('../dist/${tool}.cjs')\n`)
chmodSync(join('bin', tool), 0o755)
const folder = join('test', 'cases', tool, '0001-first')
if (stage === 'collect') write(join(folder, 'payload.txt'), 'first line\n')
else write(join(folder, 'in'), signal)
write(join(folder, 'cmd'), stage === 'collect' ? `${tool} --from "$CASE/payload.txt" --now 2021-01-04T14:30:00Z\n` : `${tool} --now 2021-01-04T14:30:00Z < "$CASE/in"\n`)

const catalogue = readFileSync('src/tools.ts', 'utf8')
const entry = `    '${tool}': () => import('./${stage}/${name}.ts'),`
const block = new RegExp(`^  ${stage}: \\{\\n?((?:    .*\\n)*)  ?\\},$|^  ${stage}: \\{\\},$`, 'm')
const entries = (block.exec(catalogue)?.[1] ?? '').split('\n').filter((line) => line !== '')
writeFileSync('src/tools.ts', catalogue.replace(block, `  ${stage}: {\n${[...entries, entry].sort().join('\n')}\n  },`))
console.log(`src/tools.ts: ${entry.trim()}\n\nNext: edit ${source}, then \`UPDATE_CASES=1 npm test -- test/cases.test.ts\` writes what the case expects; read it before you commit it.`)
