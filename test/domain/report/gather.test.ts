import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOf, type Conviction } from '#record'
import { gather } from '#domain/report/gather'
import { whyOf } from '#domain/report/why'
import { bytesOf, fillsOf, gathered, season, textOf } from './season.ts'

const { records } = season({ from: '2020-12-01', days: 20 })

test('every line is counted by its kind', () => {
  const found = gathered(records)
  const expected = new Map<string, number>()
  for (const { kind } of records) expected.set(kind, (expected.get(kind) ?? 0) + 1)
  assert.deepEqual(new Map([...found.countByKind].sort()), new Map([...expected].sort()))
  assert.equal(found.world, 'replay')
  assert.equal(found.unreadable, 0)
  assert.deepEqual(found.fills, fillsOf(records))
})

test('each cell is the strongest conviction of its day', () => {
  const strongest = new Map<string, number>()
  for (const record of records) {
    if (record.kind !== 'conviction') continue
    const cell = `${record.subject} ${record.at.slice(0, 10)}`
    strongest.set(cell, Math.max(strongest.get(cell) ?? 0, record.log_odds))
  }
  const found = [...gathered(records).heat].flatMap(([subject, days]) => [...days].map(([day, { logOdds }]) => [`${subject} ${day}`, Math.abs(logOdds)] as const))
  assert.deepEqual(new Map(found), strongest)
})

test('a fill leads back to its allocation and conviction, read again from the log', () => {
  const found = gathered(records)
  const convictions = new Map(records.filter((record): record is Conviction => record.kind === 'conviction').map((record) => [record.id, record]))
  const buys = found.fills.filter(({ side }) => side === 'buy')
  assert.ok(buys.length > 5)
  for (const fill of buys) {
    const { allocation, conviction, terms, logOdds, text } = whyOf(fill, found)
    assert.equal(allocation?.subject, fill.subject)
    assert.equal(conviction?.subject, fill.subject)
    assert.deepEqual(conviction, convictions.get(conviction?.id ?? ''))
    assert.ok(Math.abs(terms.reduce((sum, term) => sum + term.logOdds, 0) - (logOdds ?? NaN)) < 1e-9)
    assert.match(text, /^Bought because conviction reached a band of the vault: up over 5 days, probability \d+%/)
  }
  for (const fill of found.fills.filter(({ side }) => side === 'sell')) assert.match(whyOf(fill, found).text, /^Sold because (the conviction expired|conviction fell below)/)
})

test('where the log lacks the chain, that is said', () => {
  const found = gathered(records.filter(({ kind }) => kind === 'fill'))
  const [fill] = found.fills
  assert.ok(fill !== undefined)
  assert.equal(whyOf(fill, found).text, 'The record does not hold the decision behind it.')
})

test('lines that are no record are counted and change nothing else', () => {
  const lines = records.map(lineOf)
  lines.splice(5, 0, 'garbage', '{"kind":"fill","id":"x"}', '[1]')
  const found = gather(bytesOf(`${lines.join('\n')}\n`))
  assert.equal(found.unreadable, 3)
  assert.deepEqual(found.fills, fillsOf(records))
})

test('a log read in small pieces tells the same', () => {
  const whole = bytesOf(textOf(records.slice(0, 400)))
  const pieces = { size: whole.size, read: (position: number, into: Uint8Array) => whole.read(position, into.subarray(0, 777)) }
  const a = gather(whole), b = gather(pieces)
  assert.deepEqual(b.heat, a.heat)
  const [id = ''] = records.filter(({ kind }) => kind === 'conviction').map((record) => record.id)
  assert.deepEqual(b.conviction(id), a.conviction(id))
  assert.notEqual(b.conviction(id), undefined)
})
