/** vanta-anomaly as a shell sees it: several series at once, what is missing, changes, the forest of the paper. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { IsolationForest } from '#domain/anomaly/isolation_forest'
import { seededRandom } from '#tool/random'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const env = { ...process.env, VANTA_HOME: mkdtempSync(join(tmpdir(), 'vanta-anomaly-')) }

function run(words: readonly string[], lines: readonly string[]): { readonly status: number | null; readonly lines: string[]; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(join(root, 'bin', 'vanta-anomaly'), words, { input: lines.map((line) => `${line}\n`).join(''), encoding: 'utf8', env })
  return { status, lines: stdout.split('\n').filter((line) => line !== ''), err: stderr }
}
const scoreOf = (line: string): unknown => (JSON.parse(line) as { readonly anomaly_score: unknown }).anomaly_score

const { next } = seededRandom('1', 'rows')
const rowsOf = (name: string, n: number, level: (i: number) => number): string[] =>
  Array.from({ length: n }, (_, i) => `{"series":"${name}","timestamp":${i * 300},"value":${(level(i) + next() + next()).toFixed(3)}}`)

test('series told apart by a key have the scores they have alone, and as much of them as was read', () => {
  const a = rowsOf('a', 80, () => 5), b = rowsOf('b', 80, (i) => (i > 50 ? 90 : 40))
  const both = run(['--key', 'series'], a.flatMap((line, i) => [line, b[i] ?? '']))
  assert.equal(both.status, 0)
  assert.deepEqual(both.lines.filter((line) => line.includes('"a"')), run(['--key', 'series'], a).lines)
  assert.deepEqual(both.lines.filter((line) => line.includes('"b"')).slice(0, 60), run(['--key', 'series'], b.slice(0, 60)).lines)
})

test('a row comes back to the byte but for what is added, and nothing but a number is read as one', () => {
  const { status, lines, err } = run([], ['{ "value" : 1.50, "n":12345678901234567890, "why":"x" }', '{"value":null}', '{"other":1}', '{"value":true}', '{"value":[]}'])
  assert.equal(status, 65)
  assert.deepEqual(lines, [
    '{ "value" : 1.50, "n":12345678901234567890, "why":"changepoint: too little seen yet; size 0","anomaly_score":0}'.replace('changepoint', 'zscore'),
    '{"value":null,"anomaly_score":null,"why":"no value"}',
  ])
  for (const place of [3, 4, 5]) assert.match(err, new RegExp(`stdin:${place}: field "value": `))
})

test('records of Vanta are told apart by subject and timed by themselves; those without the value pass by', () => {
  const record = (subject: string, more: string): string => `{"kind":"bar","id":"x","known_at":"y","at":"2021-01-04T14:30:00.000Z","subject":"${subject}",${more}}`
  const { status, lines } = run(['--value', 'close', '--json-changes'], [record('ticker:A', '"close":"1.5"'), record('ticker:B', '"close":"900"'), record('ticker:A', '"open":"3"')])
  assert.equal(status, 0)
  assert.equal(lines[2], record('ticker:A', '"open":"3"'))
  assert.deepEqual(JSON.parse(lines[3] ?? ''), { changes: { 'bar ticker:A': [], 'bar ticker:B': [] } })
})

test('changes are places among the rows of the series, those without a value counted', () => {
  const rows = rowsOf('a', 90, (i) => (i < 40 ? 0 : 20))
  const missing = '{"series":"a","value":null}'
  const last = (lines: readonly string[]): unknown => JSON.parse(run(['--method', 'changepoint', '--json-changes'], lines).lines.at(-1) ?? '')
  assert.deepEqual(last(rows), { changes: [40] })
  assert.deepEqual(last([missing, missing, ...rows]), { changes: [42] })
  assert.deepEqual(last([...rows.slice(0, 20), missing, ...rows.slice(20)]), { changes: [41] })
  assert.deepEqual(last([]), { changes: [] })
})

test('--batch is the forest of the paper on all rows, several fields at once', () => {
  const rows = Array.from({ length: 300 }, (_, i) => [i === 7 ? 30 : next(), next()] as const)
  const values = Float64Array.from(rows.flat()), table = { values, dimensions: 2 }
  const { lines } = run(['--method', 'iforest', '--batch', '--value', 'x,y'], rows.map(([x, y]) => JSON.stringify({ x, y })))
  const scores = new IsolationForest(table, seededRandom('1', 'vanta-anomaly:trees:').next).scores(table)
  assert.deepEqual(lines.map(scoreOf), Array.from(scores, (score) => Math.round(score * 1e6) / 1e6))
  assert.equal(scores.indexOf(Math.max(...scores)), 7)
})

test('what is forgotten beyond --most-series begins anew, and wrong words are said', () => {
  const lines = ['a', 'b', 'a', 'b'].map((name) => `{"series":"${name}","value":1}`)
  const { status, err } = run(['--key', 'series', '--most-series', '1'], lines)
  assert.equal(status, 0)
  assert.match(err, /more than 1 series/)
  for (const words of [['--window', '3'], ['--season', '1'], ['--batch'], ['--method', 'none']]) assert.equal(run(words, []).status, 2)
})
