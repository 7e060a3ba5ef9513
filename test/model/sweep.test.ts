/** A sweep as its users run it: killed and gone on with, its results as records and as Parquet. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import { check, type Selection, type Trial } from '#record'
import { readParquet } from '#wire/parquet'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const scratch = mkdtempSync(join(tmpdir(), 'vanta-sweep-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
const grid = join(scratch, 'grid.json')
writeFileSync(grid, '{"vanta-synthesize.min-log-odds": ["0.04", "0.3"], "source": ["insider", "reddit,insider"], "spread": [10]}')
const SPAN = ['--from', '2020-12-21', '--to', '2021-01-12']
const WORDS = ['sweep', '--grid', grid, '--data', join(root, 'samples', 'season'), '--cv', 'purged:3:1d', '--label', '2d', '--jobs', '2']
const program = join(root, 'bin', 'vanta-backtest')
const sweep = (home: string, ...more: string[]) => spawnSync(program, [...WORDS, '--home', join(scratch, home), ...SPAN, ...more], { encoding: 'utf8' })

function recordsOf(stdout: string): { readonly trials: readonly Trial[]; readonly selection: Selection } {
  const trials: Trial[] = []
  let selection: Selection | undefined
  for (const line of stdout.trimEnd().split('\n')) {
    const checked = check(JSON.parse(line))
    assert.ok('record' in checked, JSON.stringify(checked))
    if (checked.record.kind === 'trial') trials.push(checked.record)
    else if (checked.record.kind === 'selection') selection = checked.record
  }
  return { trials, selection: selection ?? assert.fail('no selection') }
}

const whole = sweep('whole')

test('every point is a trial, ranked and deflated by all of them, and the choice is judged where it was not made', async () => {
  assert.equal(whole.status, 0, whole.stderr)
  const { trials, selection } = recordsOf(whole.stdout)
  assert.deepEqual(trials.map(({ place }) => place).sort(), [0, 1, 2, 3])
  assert.deepEqual(trials.map(({ rank }) => rank), [1, 2, 3, 4])
  for (const { trials: tried, deflated_sharpe: deflated, probabilistic_sharpe: alone } of trials) {
    assert.equal(tried, 4)
    assert.ok(deflated === null || (alone !== null && deflated <= alone))
  }
  for (const [i, { sharpe_per_day: ratio }] of trials.entries()) if (i > 0) assert.ok((ratio ?? 0) <= (trials[i - 1]?.sharpe_per_day ?? 0))
  assert.equal(selection.folds.length, 3)
  for (const { train_days: train, test_days: tested, left_out: out } of selection.folds) assert.equal(train + tested + out, selection.days)
  assert.equal(selection.out_of_sample?.days, selection.days)
  assert.equal(selection.best_in_hindsight.place, trials[0]?.place)
  const registry = readFileSync(join(scratch, 'whole', 'logs', 'runs.ndjson'), 'utf8').trimEnd().split('\n')
  assert.equal(registry.length, 4)

  const [id = ''] = readdirSync(join(scratch, 'whole', 'sweeps'))
  const out = join(scratch, 'whole', 'sweeps', id)
  assert.deepEqual(readdirSync(out).sort(), ['results.ndjson', 'results.parquet'])
  assert.equal(readFileSync(join(out, 'results.ndjson'), 'utf8'), whole.stdout)
  const table = await readParquet(readFileSync(join(out, 'results.parquet')), 'results.parquet', () => true)
  const column = (name: string): string[] => Array.from({ length: table.length }, (_, row) => table.columns.find((one) => one.name === name)?.text(row) ?? '')
  assert.deepEqual(column('source').length, 4)
  assert.deepEqual(column('id'), trials.map(({ id: own }) => own))
  assert.deepEqual(column('return').map(Number), trials.map(({ return: own }) => own))
  assert.deepEqual(column('rank'), ['1', '2', '3', '4'])
  assert.deepEqual(column('vanta-synthesize.min-log-odds'), trials.map(({ settings }) => settings['vanta-synthesize.min-log-odds']))
})

test('killed in the middle, it goes on where it was and says the same', async () => {
  const home = join(scratch, 'killed'), logs = join(home, 'logs')
  const child = spawn(program, [...WORDS, '--home', home, ...SPAN], { stdio: 'ignore' })
  const ran = (): number => {
    const name = existsSync(logs) ? readdirSync(logs).find((file) => /^sweep_.*\.ndjson$/.test(file)) : undefined
    return name === undefined ? 0 : readFileSync(join(logs, name), 'utf8').split('\n').length - 1
  }
  while (ran() < 1) await pause(20)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const before = ran()
  assert.ok(before >= 1 && before < 4)
  // Half a line, as a crash would leave one.
  const journal = join(logs, readdirSync(logs).find((file) => /^sweep_.*\.ndjson$/.test(file)) ?? '')
  writeFileSync(journal, '{"kind":"trial","id":"12', { flag: 'a' })
  const again = sweep('killed', '--verbose')
  assert.equal(again.status, 0, again.stderr)
  assert.match(again.stderr, new RegExp(`${before} of 4 points have run already`))
  const { trials, selection } = recordsOf(again.stdout), first = recordsOf(whole.stdout)
  assert.deepEqual([trials, selection], [first.trials, first.selection])
  assert.equal(again.stdout, whole.stdout)
  assert.deepEqual(readdirSync(dirname(journal)).filter((file) => file.includes('torn')).length, 1)
})

test('what was tried before counts, and what cannot be validated is said', () => {
  const more = sweep('whole', '--to', '2021-01-08', '--cv', 'purged:40')
  assert.equal(more.status, 0, more.stderr)
  assert.match(more.stderr, /cannot be parted into 40 groups: nothing is said of choosing/)
  const lines = more.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Trial)
  assert.deepEqual(lines.map(({ kind, trials }) => [kind, trials]), Array.from({ length: 4 }, () => ['trial', 8]))
})

test('wrong words are refused before anything runs, and where they show at a point', () => {
  const refused = (words: readonly string[], input = '{}') =>
    spawnSync(program, ['sweep', '--home', join(scratch, 'refused'), '--data', join(root, 'samples', 'season'), '--grid', '-', ...words], { encoding: 'utf8', input })
  assert.match(refused(SPAN, '{"tea": ["1"]}').stderr, /"tea" is nothing that may vary/)
  assert.match(refused([]).stderr, /--from and --to are required/)
  assert.match(refused([...SPAN, '--cv', 'folds']).stderr, /expected walk:5, purged:5:5d/)
  assert.match(refused([], '{"span": ["2021"]}').stderr, /expected a span/)
  const point = refused(SPAN, '{"vanta-synthesize.no-such-thing": ["1"]}')
  assert.equal(point.status, 2)
  assert.match(point.stderr, /no-such-thing/)
  assert.deepEqual(refused([...SPAN, '--jobs', '0']).status, 2)
})
