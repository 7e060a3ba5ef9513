/** The back-test as its users run it, on days of the shipped season. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, test } from 'node:test'
import { check, type Summary } from '#record'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const season = join(root, 'samples', 'season')
const scratch = mkdtempSync(join(tmpdir(), 'vanta-backtest-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

interface Ran {
  readonly status: number | null
  readonly err: string
  readonly lines: readonly string[]
  readonly home: string
}

function run(tool: string, home: string, ...args: string[]): Ran {
  const { status, stdout, stderr } = spawnSync(join(root, 'bin', tool), args, { encoding: 'utf8', env: { ...process.env, VANTA_HOME: home }, maxBuffer: 1 << 28 })
  return { status, err: stderr, lines: stdout.trimEnd().split('\n'), home }
}
const backtest = (name: string, to: string, ...more: string[]): Ran => run('vanta-backtest', join(scratch, name), '--data', season, '--from', '2021-01-04', '--to', to, ...more)
const logOf = (home: string): string[] => readFileSync(join(home, 'logs', 'audit.jsonl'), 'utf8').trimEnd().split('\n')

function summaryOf({ lines }: Ran): Summary {
  const checked = check(JSON.parse(lines.at(-1) ?? ''))
  assert.ok('record' in checked && checked.record.kind === 'summary', JSON.stringify(checked))
  return checked.record
}

let first: Ran, longer: Ran
before(() => {
  first = backtest('first', '2021-01-07')
  longer = backtest('longer', '2021-01-12')
})

test('the last line is a summary that adds up with what the run left behind', () => {
  assert.equal(first.status, 0, first.err)
  const summary = summaryOf(first)
  const log = logOf(first.home).map((line) => JSON.parse(line) as { kind: string; state?: string })
  const logged = (kind: string, state?: string): number => log.filter((record) => record.kind === kind && (state === undefined || record.state === state)).length
  assert.deepEqual([summary.convictions, summary.orders, summary.fills, summary.audit_size], [logged('conviction'), logged('order', 'intended'), logged('fill'), log.length])
  assert.ok(summary.convictions > 0 && summary.orders > 0 && summary.fills > 0)
  const pnl = JSON.parse(readFileSync(join(first.home, 'memory', 'pnl_summary.json'), 'utf8')) as { equity_end: string }
  assert.equal(summary.equity_end, pnl.equity_end)
  assert.equal(run('vanta-audit', first.home, 'verify').lines[0], `intact: ${summary.audit_size} lines, root ${summary.audit_root}`)
})

test('by whatever it is told apart, the profit is what the equity gained, to the cent', () => {
  const gained = Math.round(100 * (Number(summaryOf(first).equity_end) - 100_000))
  for (const by of ['day', 'vault', 'band', 'persona', 'source', 'model', 'signal', 'subject', 'lot', 'day,vault,band,persona,source,model,signal']) {
    const { lines, status, err } = run('vanta-pnl', first.home, '--by', by)
    assert.equal(status, 0, err)
    const rows = lines.map((line) => JSON.parse(line) as { kind: string; profit: string; group: object }).filter(({ kind }) => kind === 'attribution')
    assert.equal(rows.reduce((sum, { profit }) => sum + Math.round(100 * Number(profit)), 0), gained, by)
    assert.ok(rows.length > 0 && !JSON.stringify(rows.map(({ group }) => group)).includes('"unknown"'), by)
  }
})

test('run again in the same home it gives the same root, and the older replay is archived', () => {
  const again = run('vanta-backtest', first.home, '--data', season, '--from', '2021-01-04', '--to', '2021-01-07')
  assert.equal(summaryOf(again).audit_root, summaryOf(first).audit_root)
  assert.equal(summaryOf(again).id, summaryOf(first).id)
  assert.deepEqual(readdirSync(join(first.home, 'logs', 'archive')), [summaryOf(first).audit_root?.slice(0, 16)])
})

test('a longer history changes nothing of what was decided before it', () => {
  const end = '2021-01-07T23:00:00.000Z'
  // Prices of before are logged once something is decided on them.
  const isMarket = (line: string): boolean => /^\{"kind":"(bar|price)"/.test(line)
  const until = (home: string): string[] => logOf(home).filter((line) => !isMarket(line) && (JSON.parse(line) as { known_at: string }).known_at < end)
  const short = until(first.home)
  assert.ok(short.length > 1000)
  assert.deepEqual(until(longer.home), short)
})

test('whatever file is missing is said, and the rest used', () => {
  const data = join(scratch, 'data')
  cpSync(season, data, { recursive: true })
  rmSync(join(data, 'reddit'), { recursive: true })
  for (const name of readdirSync(join(data, 'bars'))) if (!name.startsWith('daily_')) rmSync(join(data, 'bars', name))
  const ran = run('vanta-backtest', join(scratch, 'partial'), '--data', data, '--from', '2021-01-04', '--to', '2021-01-08')
  assert.equal(ran.status, 0, ran.err)
  assert.match(ran.err, /has no hot posts/)
  assert.equal(summaryOf(ran).benchmark_return, null)
  const empty = run('vanta-backtest', join(scratch, 'empty'), '--data', join(scratch, 'nowhere'), '--from', '2021-01-04', '--to', '2021-01-08')
  assert.equal(empty.status, 0, empty.err)
  assert.match(empty.err, /no signals between/)
  assert.deepEqual([summaryOf(empty).events, summaryOf(empty).return, summaryOf(empty).sharpe], [0, 0, null])
})

test('a home with a paper record is left alone', () => {
  const home = join(scratch, 'paper')
  const tick = logOf(first.home).find((line) => line.includes('"type":"tick"'))
  spawnSync('bash', ['-c', `printf '%s\\n' '${tick}' | ${join(root, 'bin', 'vanta-audit')} append > /dev/null`], { env: { ...process.env, VANTA_HOME: home } })
  const before = logOf(home)
  const ran = run('vanta-backtest', home, '--data', season, '--from', '2021-01-04', '--to', '2021-01-05')
  assert.equal(ran.status, 77)
  assert.match(ran.err, /holds a paper record/)
  assert.deepEqual(logOf(home), before)
})

test('a home with vaults of its own is left alone', () => {
  const home = join(scratch, 'vaults')
  run('vanta-vault', home, 'init', 'core', '--cash', '5')
  const ran = run('vanta-backtest', home, '--data', season, '--from', '2021-01-04', '--to', '2021-01-05')
  assert.equal(ran.status, 77)
  assert.match(readFileSync(join(home, 'memory', 'vault.json'), 'utf8'), /"capital": "5.00"/)
})

test('wrong words are refused with a reason', () => {
  assert.equal(backtest('usage', 'tomorrow').status, 2)
  assert.match(backtest('usage', '2021-01-05', '--source', 'tea-leaves').err, /no source "tea-leaves"; there are reddit, comments, insider/)
  assert.equal(backtest('usage', '2021-01-05', '--pipeline', 'no.pipe').status, 2)
  assert.deepEqual([['--costs', '1,much'], ['--leakcheck', '-1'], ['--from', '2021-01-09']].map((words) => backtest('usage', '2021-01-05', ...words).status), [2, 2, 2])
  assert.match(backtest('usage', '2021-01-05', '--spread', '-1').err, /--spread: expected a number of at least 0/)
  assert.ok(!existsSync(join(scratch, 'usage', 'memory', 'summary.json')))
})

test('every run is counted, a repeat is no other trial, and a registry that was cut is refused', () => {
  const home = join(scratch, 'counted'), runs = join(home, 'logs', 'runs.ndjson')
  const one = (...more: string[]): Ran => run('vanta-backtest', home, '--data', season, '--from', '2021-01-04', '--to', '2021-01-05', ...more)
  const trialsOf = (ran: Ran): (number | undefined)[] => [summaryOf(ran).trials?.runs, summaryOf(ran).trials?.trials]
  assert.deepEqual([one(), one(), one('--set', 'vanta-synthesize.min-log-odds=0.3,vault.caps.position=0.01'), one('--spread', '40')].map(trialsOf),
    [[1, 1], [2, 1], [3, 2], [4, 3]])
  // Another home may count here too.
  assert.deepEqual(trialsOf(backtest('elsewhere', '2021-01-05', '--cash', '5000', '--registry', join(home, 'logs'))), [5, 4])
  assert.ok(!existsSync(join(scratch, 'elsewhere', 'logs', 'runs.ndjson')))
  const whole = readFileSync(runs, 'utf8')
  writeFileSync(runs, whole.split('\n').slice(0, 3).join('\n') + '\n')
  const refused = one()
  assert.equal(refused.status, 65)
  assert.match(refused.err, /the registry of runs in .* does not hold what was counted: runs.ndjson was cut or changed/)
  assert.match(one('--set', 'vanta-nothing.x=1').err, /no vanta-nothing in the pipeline/)
  assert.equal(one('--set', 'tea').status, 2)
})
