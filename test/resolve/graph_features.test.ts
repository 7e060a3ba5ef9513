/** Features of a graph: no later edge changes what was said of an earlier moment, and rows that they are put beside are learned from. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, make, millisOf, type Vanta } from '#record'
import { lineOf } from '#record/record'
import { GraphFeatures, type NodeFeatures } from '#domain/graph/features'
import { seededRandom } from '#tool/random'

const root = join(import.meta.dirname, '../..')
const room = mkdtempSync(join(tmpdir(), 'vanta-features-'))
after(() => rmSync(room, { recursive: true }))

const START = millisOf('2021-01-01T00:00:00.000Z')
const mention = (author: string, subject: string, day: number, key: string): Vanta => {
  const at = formatInstant(START + Math.round(day * DAY_MS))
  return make('signal', { at, known_at: at, source: 'made', by: 'test/0', type: 'mention', key, subject, polarity: 1, magnitude: 1, author })
}
/** Two crowds, each with subjects of its own; one voice in ten speaks of the others'. */
const random = seededRandom('1', 'crowds')
const crowd = (author: number): number => author % 2
const records = Array.from({ length: 400 }, (_, i) => {
  const author = random.integer(40), side = random.next() < 0.1 ? 1 - crowd(author) : crowd(author)
  return mention(`u${author}`, `ticker:${side === 0 ? 'A' : 'B'}${random.integer(3)}`, (i * 20) / 400, `k${i}`)
})

const run = (tool: string, words: readonly string[], home: string, input = ''): string => {
  const env = { ...process.env, VANTA_HOME: join(room, home) }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', tool), ...words], { cwd: room, encoding: 'utf8', input, env })
  assert.equal(status, 0, `${tool} ${words.join(' ')}: ${stderr}`)
  return stdout
}
const logged = (home: string, all: readonly Vanta[]): void => void run('vanta-audit', ['append'], home, all.map((record) => `${lineOf(record)}\n`).join(''))
const features = (home: string, to: string): string => run('vanta-graph', ['features', '--from', '2021-01-06', '--to', to, '--every', '5d'], home)

test('what comes later, wherever it stands in the log, changes nothing that was said of a moment', () => {
  const until = records.filter(({ known_at }) => known_at <= '2021-01-16T00:00:00.000Z')
  logged('short', until)
  // The later ones come first into this log.
  logged('long', [...records.slice(until.length).reverse(), ...until, mention('u1', 'ticker:NEW', 100, 'late')])
  const short = features('short', '2021-01-16'), long = features('long', '2021-01-16')
  assert.equal(short.split('\n').length > 100, true)
  assert.equal(long, short)
  const longer = features('long', '2021-01-21')
  assert.equal(longer.slice(0, short.length), short)
  assert.ok(longer.length > short.length && !longer.includes('NEW'))
})

test('rows that are put beside them are told apart by the company that their authors keep', () => {
  logged('learn', records)
  writeFileSync(join(room, 'features'), features('learn', '2021-01-21'))
  const rows = Array.from({ length: 600 }, (_, i) => ({ user: `u${i % 40}`, at: formatInstant(START + (6 + (i % 14)) * DAY_MS), side: crowd(i % 40) === 0 ? 'left' : 'right' }))
  const beside = (all: readonly object[]): string =>
    run('vanta-graph', ['join', '--features', 'features', '--key', 'user', '--prefix', 'author:'], 'learn', all.map((row) => JSON.stringify(row)).join('\n'))
  const judged = run('vanta-train', ['classify', '--target', 'side', '--without', 'user,at', '--in', '-', '--split', 'seed', '--trees', '50', '-o', join(room, 'sides')], 'learn', beside(rows))
  assert.ok((JSON.parse(judged) as { accuracy: number }).accuracy > 0.95, judged)
  const asked = beside([{ user: 'u7', at: '2021-01-20' }, { user: 'u7', at: '2021-01-05' }, { user: 'nobody', at: '2021-01-20' }])
  const [known, early, unknown] = asked.trim().split('\n').map((line) => Object.keys(JSON.parse(line) as object).length)
  assert.deepEqual([known, early, unknown], [2 + 6 + 8, 2, 2])
  const said = run('vanta-classify', ['--model', join(room, 'sides')], 'learn', asked).split('\n')[0] ?? ''
  assert.ok((JSON.parse(said) as { probability: { right: number } }).probability.right > 0.9, said)
})

test('what is no row of features, or no key or time, is refused by its place', () => {
  const env = { ...process.env, VANTA_HOME: join(room, 'refused') }
  const row = { entity: 'author:u1', at: '2021-01-06T00:00:00.000Z', neighbours: 1, weight: 1, page_rank: 1, community: 'x', community_size: 2, within: 1, vector: [0] }
  for (const [file, input, status, why] of [
    ['{}\n', '', 65, /broken:1: field "entity"/],
    ['{\n', '', 65, /broken:1: not JSON/],
    [`${JSON.stringify(row)}\n${JSON.stringify(row)}\n`, '', 65, /two rows of author:u1 at one moment/],
    [`${JSON.stringify(row)}\n`, '{"user":7,"at":"2021-01-07"}\n', 65, /stdin:1: field "user": expected a name/],
    [`${JSON.stringify(row)}\n`, '{"user":"u1","at":"yesterday"}\n', 65, /stdin:1: field "at": expected an instant or a day/],
  ] as const) {
    writeFileSync(join(room, 'broken'), file)
    const answer = spawnSync(process.execPath, [join(root, 'bin/vanta-graph'), 'join', '--features', 'broken', '--key', 'user'], { cwd: room, encoding: 'utf8', input, env })
    assert.equal(answer.status, status, answer.stderr)
    assert.match(answer.stderr, why)
  }
})

test('a vector keeps its meaning from one moment to the next, and communities their names', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
    const chance = seededRandom(String(seed), 'moments'), growing = new GraphFeatures({ dimensions: 8, walks: 10, length: 20 })
    const add = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const author = chance.integer(30)
        growing.add({ from: `author:${author}`, to: `ticker:${author % 2}${chance.integer(4)}`, relation: 'speaks_of', weight: 1 })
      }
    }
    add(200)
    const before = growing.now(() => chance.next())
    add(10)
    const later = growing.now(() => chance.next())
    const cosine = (a: NodeFeatures | undefined, b: NodeFeatures | undefined): number => {
      const dot = (x: readonly number[] = [], y: readonly number[] = []): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0)
      return dot(a?.vector, b?.vector) / Math.sqrt(dot(a?.vector, a?.vector) * dot(b?.vector, b?.vector))
    }
    const mean = before.reduce((sum, one, i) => sum + cosine(one, later[i]), 0) / before.length
    assert.ok(mean > 0.8, `${mean}`)
    before.forEach(({ entity }, i) => assert.equal(later[i]?.entity, entity))
    for (const { community, community_size: size, within } of later) assert.ok(later.some(({ entity }) => entity === community) && size >= 1 && within >= 0 && within <= 1)
  }), { numRuns: 5 })
})
