/** The house rules that a program can check. A rule that no test checks is a wish. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { actsOf } from '#tool/verb'
import { commonOptions } from '#tool/common'
import { actNames, needsOf } from '#domain/node/needs'
import { toolNames, allTools } from '../src/tools.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? sourcesBelow(path) : path.endsWith('.ts') ? [path] : []
  })
}

const sources = [...sourcesBelow('lib'), ...sourcesBelow('src')]
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')
/** Comments and string contents may name what code may not. */
const codeOf = (path: string): string => textOf(path).replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '').replace(/'(?:[^'\\\n]|\\.)*'/g, "''")

/** `lib/domain/x.ts` → lib/domain; `src/enrich/x.ts` → src. */
const roomOf = (path: string): string => (path.startsWith('src') ? 'src' : path.split('/').slice(0, 2).join('/'))

function importsOf(path: string): string[] {
  const statements = /^(?:import|export)\s[\w\s{},*]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm
  const specifiers = [...textOf(path).matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
  return specifiers.map((specifier) => {
    if (specifier.startsWith('.')) return relative(root, join(root, dirname(path), specifier))
    if (specifier.startsWith('#')) return `lib/${specifier.slice(1)}`
    return specifier
  })
}

/** Which rooms each room may import from; packages and node: modules are ruled below. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'src': ['lib/tool', 'lib/wire', 'lib/port', 'lib/record', 'lib/domain'],
  'lib/tool': ['lib/tool', 'lib/adapter', 'lib/port', 'lib/record', 'lib/domain'],
  'lib/adapter': ['lib/adapter', 'lib/port', 'lib/record', 'lib/domain'],
  'lib/wire': ['lib/wire', 'lib/port', 'lib/record', 'lib/domain'],
  'lib/port': ['lib/port', 'lib/record', 'lib/domain'],
  'lib/domain': ['lib/domain', 'lib/record'],
  'lib/record': ['lib/record'],
}
/** Single imports across those arrows, with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'src/tools.ts': 'the catalogue names every tool',
  'lib/tool/version.ts -> package.json': 'the version',
}

test('imports follow the arrows', () => {
  const wrong: string[] = []
  for (const path of sources) {
    for (const target of importsOf(path)) {
      if (target.startsWith('node:') || !/^(src|lib|package\.json|models)\b/.test(target)) continue
      const from = roomOf(path), to = roomOf(target)
      const catalogue = target === 'src/tools.ts' && from === 'src'
      // The files of one tool, in the folder that bears its name, know one another.
      const verb = target.startsWith(path.replace(/\.ts$/, '/')) || (dirname(target) === dirname(path) && sources.includes(`${dirname(path)}.ts`))
      const model = target.startsWith('models/') && from === 'lib/domain'
      if (catalogue || verb || model || EXCEPTIONS[path] !== undefined || EXCEPTIONS[`${path} -> ${target}`] !== undefined) continue
      if (!(ARROWS[from] ?? []).includes(to)) wrong.push(`${path} -> ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('only the world names adapters', () => {
  const wrong = sources.filter((path) => path.startsWith('lib/tool/') && path !== 'lib/tool/world.ts')
    .flatMap((path) => importsOf(path).filter((target) => target.startsWith('lib/adapter')).map((target) => `${path} -> ${target}`))
  assert.deepEqual(wrong, [])
})

/** Node's own modules and packages, by room; what is missing here a room may not use. */
const OUTSIDE: Readonly<Record<string, RegExp>> = {
  'src': /^$/,
  'lib/tool': /^(node:|commander$|pino$|chalk$)/,
  'lib/adapter': /./,
  'lib/wire': /^(saxes|htmlparser2|hyparquet|hyparquet-compressors|@hpcc-js\/wasm-zstd|node:crypto|node:buffer|node:zlib)$/,
  'lib/port': /^$/,
  'lib/domain': /^node:crypto$/,
  'lib/record': /^node:crypto$/,
}

test('packages and system modules stay in their rooms', () => {
  const wrong = sources.flatMap((path) => importsOf(path)
    .filter((target) => !/^(src|lib|package\.json|models)\b/.test(target) && !OUTSIDE[roomOf(path)]?.test(target))
    .map((target) => `${path} -> ${target}`))
  assert.deepEqual(wrong, [])
})

test('time, chance, the process and the network are touched only by the runner and the adapters', () => {
  const banned = /\b(process|console)\s*[.[]|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bfetch\(|\bsetTimeout\(|\bsetInterval\(/
  const wrong = sources.filter((path) => !/^lib\/(tool|adapter)\//.test(path)).flatMap((path) => {
    const found = banned.exec(codeOf(path))
    return found === null ? [] : [`${path}: ${found[0]}`]
  })
  assert.deepEqual(wrong, [])
})

test('no decision rests on functions whose last digit differs between engines', () => {
  const banned = /\bMath\.(pow|sin|cos|tan|asin|acos|atan2?|sinh|cosh|tanh|cbrt|hypot|log2|log10|expm1|log1p)\b|\*\*/
  const wrong = sources.filter((path) => /^(lib\/domain|src)\//.test(path)).flatMap((path) => {
    const found = banned.exec(codeOf(path))
    return found === null ? [] : [`${path}: ${found[0]}`]
  })
  assert.deepEqual(wrong, [])
})

test('the type checker is nowhere silenced', () => {
  const wrong = sources.filter((path) => /: any\b|\bas any\b|as unknown as|@ts-ignore|@ts-expect-error|@ts-nocheck/.test(textOf(path)))
  assert.deepEqual(wrong, [])
})

test('files and lines stay readable', () => {
  const long = sources.filter((path) => textOf(path).split('\n').length > 400)
  const wide = sources.flatMap((path) => textOf(path).split('\n').flatMap((line, i) => (line.length > 160 ? [`${path}:${i + 1}`] : [])))
  assert.deepEqual({ long, wide }, { long: [], wide: [] })
})

test('every tool has a launcher, every launcher a tool, and every tool file is in the catalogue', () => {
  const launchers = readdirSync(join(root, 'bin')).filter((name) => name !== 'package.json').sort()
  assert.deepEqual(launchers, [...toolNames].sort())
  const catalogue = textOf('src/tools.ts')
  // A tool's verbs may have files of their own, in a folder that bears its name.
  const isVerb = (path: string): boolean => sources.includes(`${dirname(path)}.ts`)
  const unlisted = sourcesBelow('src').filter((path) => path !== 'src/tools.ts' && !isVerb(path) && !catalogue.includes(`./${relative('src', path)}`))
  assert.deepEqual(unlisted, [])
})

test('names agree: the launcher, the file and the description', async () => {
  for (const tool of await allTools()) {
    assert.ok(toolNames.includes(tool.name), tool.name)
    if (tool.kind !== 'verbs') continue
    for (const [verb, act] of Object.entries(tool.verbs)) assert.equal(act.name, `${tool.name} ${verb}`)
    if (tool.main !== undefined) assert.equal(tool.main.name, tool.name)
  }
})

test('every tool and verb has an example, a summary of one sentence and help for every option', async () => {
  for (const tool of await allTools()) {
    for (const act of actsOf(tool)) {
      assert.ok(act.examples.length > 0, `${act.name} has no example`)
      assert.match(act.summary, /^[A-Z].*[^.]\.$/, `${act.name}: the summary is one sentence`)
      for (const [name, option] of Object.entries(act.options)) assert.ok(option.help.length > 3, `${act.name} --${name} has no help`)
    }
  }
})

test('every tool and verb has its place: what it needs stands in lib/domain/node/needs.ts, from which follows which nodes may run it', async () => {
  const acts = (await allTools()).flatMap(actsOf).map(({ name }) => name as string)
  assert.deepEqual({ unplaced: acts.filter((name) => needsOf(name) === undefined), unknown: actNames.filter((name) => !acts.includes(name)) }, { unplaced: [], unknown: [] })
})

test('no option of a tool goes by the name of one that every tool has', async () => {
  for (const tool of await allTools()) {
    for (const act of actsOf(tool)) {
      const common = commonOptions(act)
      assert.deepEqual(Object.keys(act.options).filter((name) => Object.hasOwn(common, name)), [], act.name)
    }
  }
})

test('the project speaks of itself alone', () => {
  const wrong = sources.filter((path) => /(^|[^A-Za-z0-9_.])\/(work|farm)\//.test(textOf(path)))
  assert.deepEqual(wrong, [])
  assert.ok(!existsSync(join(root, 'package-lock.json')) || !textOf('package-lock.json').includes('"resolved"'))
})
