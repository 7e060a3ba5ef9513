/** Back-tests that cannot flatter, as their users run them: when orders fill, what costs do, what ends, and that leaks are caught. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { after, test } from 'node:test'
import { check, millisOf, type Summary, type Vanta } from '#record'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const season = join(root, 'samples', 'season')
const scratch = mkdtempSync(join(tmpdir(), 'vanta-honest-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

interface Ran {
  readonly summary: Summary
  readonly log: readonly Vanta[]
  readonly status: number | null
}

function backtest(name: string, to: string, ...more: string[]): Ran {
  const home = join(scratch, name), words = ['--from', '2020-11-25', '--to', to, ...(more.includes('--data') ? [] : ['--data', season]), ...more]
  const { status, stdout, stderr } = spawnSync(join(root, 'bin', 'vanta-backtest'), words, {
    encoding: 'utf8', env: { ...process.env, VANTA_HOME: home }, maxBuffer: 1 << 28,
  })
  const checked = check(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}'))
  assert.ok('record' in checked && checked.record.kind === 'summary', stderr)
  const log = readFileSync(join(home, 'logs', 'audit.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Vanta)
  return { status, summary: checked.record, log }
}

const plain = backtest('plain', '2020-12-11')
const leak = backtest('leak', '2020-12-11', '--leakcheck', '8', '--costs', '0,1,4')

test('while the record ends at one moment after the other no decision changes; a stage that looks ahead is caught; neither leaves a trace', () => {
  assert.equal(leak.status, 0)
  const found = leak.summary.leakcheck
  assert.deepEqual([found?.cuts, found?.leaks, found?.planted_caught], [8, 0, true])
  const decided = leak.log.filter(({ kind, source }) => !['signal', 'bar', 'price'].includes(kind) && !source.startsWith('audit'))
  assert.ok(Number(found?.decisions) > 100 && Number(found?.decisions) <= decided.length)
  assert.equal(leak.summary.audit_root, plain.summary.audit_root)
  assert.equal(leak.summary.equity_end, plain.summary.equity_end)
})

test('other costs trade the same decisions: once the costs is the run itself, more is never better', () => {
  const [free, same, dear] = leak.summary.at_costs ?? []
  const { equity_end, return: gain, max_drawdown, fees, fills, sharpe } = leak.summary
  assert.deepEqual(same, { multiple: '1', equity_end, return: gain, max_drawdown, sharpe, fees, fills })
  assert.equal(free?.fees, '0.00')
  assert.ok(Number(free?.equity_end) > Number(equity_end) && Number(dear?.equity_end) < Number(equity_end))
})

test('no order rests on what became known after it, and none fills sooner than the latency, at whatever latency', () => {
  const late = backtest('late', '2020-12-11', '--latency', '90m')
  for (const [{ log }, latencyMs] of [[plain, 1000], [late, 90 * 60_000]] as const) {
    const byId = new Map(log.map((record) => [record.id, record])), sent = new Map<string, Vanta>()
    for (const record of log) if (record.kind === 'order' && record.state === 'intended') sent.set(record.client_order_id, record)
    const fills = log.filter((record) => record.kind === 'fill')
    assert.ok(fills.length > 5)
    for (const fill of fills) {
      const order = sent.get(fill.client_order_id) ?? assert.fail('a fill of no order')
      assert.ok(millisOf(fill.at) >= millisOf(order.at) + latencyMs, `${fill.at} after ${order.at}`)
      const waiting = [...order.parents], seen = new Set(waiting)
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const cause = byId.get(id) ?? assert.fail(`${id} is not in the log`)
        assert.ok(cause.known_at <= order.at, `${cause.kind} known ${cause.known_at}, order of ${order.at}`)
        for (const parent of cause.parents) if (!seen.has(parent)) waiting.push(parent), seen.add(parent)
      }
    }
  }
  assert.equal(late.summary.assumptions?.find(({ name }) => name === 'latency')?.why, 'as asked for')
  assert.match(plain.summary.assumptions?.find(({ name }) => name === 'saleFee')?.why ?? '', /27.80/)
})

test('a company that vanishes while it is held ends at its last close less the loss, and is traded no more', () => {
  const fills = plain.log.filter((record) => record.kind === 'fill')
  const bought = fills.find(({ subject, side }) => side === 'buy' && !fills.some((other) => other.side === 'sell' && other.subject === subject))
  const ticker = bought?.subject.slice('ticker:'.length) ?? '', last = bought?.at.slice(0, 10) ?? ''
  const data = join(scratch, 'data')
  cpSync(season, data, { recursive: true })
  for (const name of readdirSync(join(data, 'bars'))) {
    const path = join(data, 'bars', name), text = gunzipSync(readFileSync(path)).toString('utf8')
    rmSync(path)
    writeFileSync(path.replace(/\.gz$/, ''), text.split('\n').filter((row) => row.split(',')[1] !== ticker || (row.split(',')[0] ?? '').slice(0, 10) <= last).join('\n'))
  }
  const { log, summary } = backtest('vanished', '2020-12-18', '--data', data, '--leakcheck', '8')
  assert.equal(summary.leakcheck?.leaks, 0)
  const signal = log.find((record) => record.kind === 'signal' && record.type === 'delisting' && record.subject === bought?.subject)
  const end = log.find((record) => record.kind === 'entry' && record.type === 'delisting')
  assert.ok(signal?.kind === 'signal' && end?.kind === 'entry')
  assert.ok(Math.abs(Number(signal.facts?.['cash']) - 0.7 * Number(signal.facts?.['last_close'])) < 1e-6)
  const shares = -end.postings.reduce((sum, { quantity = '0' }) => sum + Number(quantity), 0)
  const came = end.postings.find(({ account }) => account === 'assets:cash')
  assert.ok(shares > 0)
  assert.ok(Math.abs(Number(came?.amount) - shares * Number(signal.facts?.['cash'])) < 0.011)
  assert.ok(!log.some((record) => record.kind === 'fill' && record.subject === bought?.subject && record.at > end.at))
})
