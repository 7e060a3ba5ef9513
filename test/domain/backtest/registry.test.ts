import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryLogs, type MemoryLogs } from '#adapter/memory/logs'
import { deflated, register, RUNS, runsOf, trialsOf, type RunDraft } from '#domain/backtest/registry'
import { deflatedSharpe } from '#domain/statistics/sharpe'

const HEAD = 'runs.head'
const sha = (digit: string): string => digit.repeat(64)
const draft = (part: Partial<RunDraft> = {}): RunDraft => ({
  at: '2021-01-31T00:00:00.000Z', known_at: '2021-01-31T00:00:00.000Z', source: 'backtest', by: 'vanta-backtest/1',
  from: '2021-01-01T00:00:00.000Z', to: '2021-01-31T00:00:00.000Z', settings: { cash: '1' }, data: [{ file: 'bars/a.csv', sha256: sha('a') }],
  summary: '0'.repeat(40), audit_root: sha('1'), return: 0.1, max_drawdown: 0, trades: 3, sharpe_per_day: 0.1, days: 20, ...part,
})

function filled(n: number): MemoryLogs {
  const logs = memoryLogs()
  for (let i = 0; i < n; i++) register(logs, draft({ settings: { cash: String(i) }, sharpe_per_day: i / 100 }))
  return logs
}
const linesOf = (logs: MemoryLogs): string[] => (logs.files.get(RUNS)?.toString() ?? '').split('\n').slice(0, -1)

test('runs are counted from 1, each the child of the one before', () => {
  const runs = runsOf(filled(5))
  assert.deepEqual(runs.map(({ sequence }) => sequence), [1, 2, 3, 4, 5])
  assert.deepEqual(runs.slice(1).map(({ parents }) => parents), runs.slice(0, -1).map(({ id }) => [id]))
  assert.deepEqual(runsOf(memoryLogs()), [])
})

test('no byte can be changed, no line taken out, doubled, swapped or cut off at the end', () => {
  const whole = linesOf(filled(6))
  const refused = (lines: readonly string[], what: string): void => {
    const logs = filled(6)
    logs.files.set(RUNS, Buffer.from(lines.map((line) => `${line}\n`).join('')))
    assert.throws(() => runsOf(logs), RangeError, what)
    const before = logs.files.get(RUNS)?.toString()
    assert.throws(() => register(logs, draft()), RangeError, what)
    assert.equal(logs.files.get(RUNS)?.toString(), before, 'nothing is added to a file that does not hold')
  }
  fc.assert(fc.property(fc.nat(5), fc.nat(), fc.integer({ min: 32, max: 126 }), (i, at, code) => {
    const line = whole[i] ?? '', place = at % line.length, changed = line.slice(0, place) + String.fromCharCode(code) + line.slice(place + 1)
    // Who wrote it and when it was known is outside the identity, as of every record.
    const said = (text: string): string => text.replace(/"known_at":"[^"]*"|"by":"[^"]*"/g, '')
    if (said(changed) !== said(line) && /"known_at":"[^"]*","by":"[^"]*"|"by":"[^"]*"/.test(changed)) refused(whole.with(i, changed), changed)
  }), { numRuns: 400 })
  for (let i = 0; i < whole.length; i++) {
    refused(whole.toSpliced(i, 1), `without line ${i + 1}`)
    refused(whole.slice(0, i), `cut after ${i}`)
    refused(whole.toSpliced(i, 0, whole[i] ?? ''), `line ${i + 1} twice`)
    if (i > 0) refused(whole.toSpliced(i - 1, 2, whole[i] ?? '', whole[i - 1] ?? ''), `lines ${i} and ${i + 1} swapped`)
  }
})

test('another chain in its place, and a head that is gone, are noticed', () => {
  const logs = filled(3), other = filled(2)
  register(other, draft({ return: 7 }))
  logs.files.set(RUNS, other.files.get(RUNS) ?? Buffer.alloc(0))
  assert.throws(() => runsOf(logs), /was cut or changed/)
  const headless = filled(3)
  headless.files.delete(HEAD)
  assert.throws(() => runsOf(headless), /is gone/)
})

test('a crash between line and head, or within a line, is made good', () => {
  const logs = filled(3), head = logs.files.get(HEAD)
  register(logs, draft({ return: 0.5 }))
  logs.files.set(HEAD, head ?? Buffer.alloc(0))
  logs.files.set(RUNS, Buffer.concat([logs.files.get(RUNS) ?? Buffer.alloc(0), Buffer.from('{"kind":"run","id":"12')]))
  assert.equal(runsOf(logs).length, 4)
  assert.equal(register(logs, draft({ return: 0.6 })).run.sequence, 5)
  assert.equal(runsOf(logs).length, 5)
})

test('a trial is what asked something else, or was answered otherwise, of the same prices over days that overlap', () => {
  const logs = memoryLogs()
  const count = (part: Partial<RunDraft>): number => {
    const { run, runs } = register(logs, draft(part))
    return trialsOf(run, runs).length
  }
  assert.equal(count({}), 1)
  assert.equal(count({}), 1, 'the same again')
  assert.equal(count({ settings: { cash: '2' } }), 2)
  assert.equal(count({ audit_root: sha('2') }), 3, 'the same words, changed code')
  assert.equal(count({ from: '2021-01-15T00:00:00.000Z', to: '2021-02-15T00:00:00.000Z' }), 4, 'days that overlap')
  assert.equal(count({ from: '2021-02-20T00:00:00.000Z', to: '2021-03-15T00:00:00.000Z' }), 1, 'days apart')
  assert.equal(count({ data: [{ file: 'bars/b.csv', sha256: sha('b') }, { file: 'reddit/x', sha256: sha('a') }] }), 1, 'other prices')
  assert.equal(count({ data: [{ file: 'bars/b.csv', sha256: sha('b') }, { file: 'bars/c.csv', sha256: sha('a') }] }), 6, 'one file alike')
})

test('the deflated ratio is reckoned with their number and variance', () => {
  const logs = filled(5), runs = runsOf(logs), last = runs.at(-1) ?? assert.fail()
  const own = { ratio: 0.04, n: 20, skewness: 0, kurtosis: 3 }
  const told = deflated(trialsOf(last, runs), { run: last, runs }, own)
  // Ratios 0, 0.01 .. 0.04: their variance is 0.00025.
  assert.deepEqual([told.trials, told.variance, told.runs, told.head], [5, 0.00025, 5, last.id])
  assert.ok(Math.abs((told.deflated_sharpe ?? NaN) - deflatedSharpe(own, 5, 0.00025)) < 1e-9)
  assert.equal(deflated([last], { run: last, runs }, own).expected_largest, 0)
})
