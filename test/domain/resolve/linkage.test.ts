import assert from 'node:assert/strict'
import { test } from 'node:test'
import { candidatesOf } from '#domain/resolve/blocking'
import { corpusOf, prepare, type Fields } from '#domain/resolve/corpus'
import { dedupe, link } from '#domain/resolve/linkage'
import { judge, trainMatcher } from '#domain/resolve/matcher'
import { seededRandom } from '#tool/random'

const FIRST = 'anna ben clara david emma frank grace henry ida jack kate leo mia noah olga paul rosa sam tina uwe'.split(' ')
const LAST = 'smith jones miller brown wilson taylor clark lewis walker hall young king wright scott green baker adams nelson carter mitchell'.split(' ')
const CITY = 'boston denver austin dallas tampa omaha tulsa fresno'.split(' ')

function people(count: number): Fields[] {
  const random = seededRandom('1', 'people')
  const one = (list: readonly string[]): string => list[random.integer(list.length)] ?? ''
  return Array.from({ length: count }, () => ({
    name: `${one(FIRST)} ${one(LAST)}`, city: one(CITY), born: String(19400101 + random.integer(60) * 10_000 + random.integer(12) * 100 + random.integer(28)),
    phone: String(200_000 + random.integer(700_000)),
  }))
}
/** One letter lost or doubled, now and then a field missing. */
function damaged(record: Fields, seed: number): Fields {
  const random = seededRandom(String(seed), 'damage')
  return Object.fromEntries(Object.entries(record).map(([field, value]) => {
    if (random.next() < 0.1) return [field, '']
    if (random.next() < 0.5) return [field, value]
    const at = random.integer(value.length)
    return [field, random.next() < 0.5 ? value.slice(0, at) + value.slice(at + 1) : value.slice(0, at) + (value[at] ?? '') + value.slice(at)]
  }))
}

test('damaged copies find their originals, without a label', () => {
  const left = people(400), right = left.map(damaged)
  const found = link(left, right, { many: false, threshold: 0 })
  const hits = found.filter((pair) => pair.left === pair.right).length
  assert.ok(hits > 370 && hits / found.length > 0.97, `${hits} of ${found.length}`)
  const { cluster } = dedupe([...left, ...right])
  const joined = left.filter((_, i) => cluster[i] === cluster[400 + i]).length
  assert.ok(joined > 340, `${joined}`)
})

test('a handful of records learns nothing absurd', () => {
  const left = [{ name: 'Ann Smith', city: 'Boston' }, { name: 'Bob Jones', city: 'Denver' }]
  const right = [{ name: 'Bob Jnoes', city: 'Denver' }, { name: 'Anne Smith', city: 'Boston' }]
  assert.deepEqual(link(left, right, { many: false, threshold: 0 }).map((pair) => [pair.left, pair.right]).sort(), [[0, 1], [1, 0]])
  assert.deepEqual(link([], right, { many: true, threshold: 0 }), [])
  assert.deepEqual([...dedupe([{ name: 'a' }]).cluster], [0])
})

test('labelled pairs: what is called a match is one, and probabilities mean it', () => {
  const left = people(300)
  const pairs = left.flatMap((record, i) => [
    { left: record, right: damaged(record, i), match: 1 }, { left: record, right: damaged(left[(i * 7 + 1) % left.length] ?? {}, i), match: 0 },
  ])
  const matcher = trainMatcher(pairs.slice(0, 400))
  const verdicts = judge(matcher, pairs.slice(400))
  const right = verdicts.filter(({ isMatch }, i) => isMatch === (pairs[400 + i]?.match === 1)).length
  assert.ok(right >= 190, `${right} of 200`)
  assert.ok(verdicts.every(({ probability }) => probability >= 0 && probability <= 1))
})

test('candidates hold the pair that shares the rare word', () => {
  const records = [...people(200), { name: 'zyx quux', city: 'boston', born: '' }, { name: 'zyx quuux', city: 'tampa', born: '' }]
  const corpus = corpusOf(records)
  const prepared = records.map((record) => prepare(record, corpus.fields))
  assert.ok(candidatesOf(prepared, undefined, 3).some(({ left, right }) => left === 200 && right === 201))
})
