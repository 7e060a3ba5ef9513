// A back-test of insider purchases, bars and records a second and how its memory grows with the span, beside a bare loop over typed arrays.
// grademark, the event-driven back-tester of npm, does not load as it installs (0.3.0 lacks data-forge and chai): the loop stands in for it.
//   node bench/backtest.mjs           BENCH_ROUNDS=1 for a quick look; VANTA_SHARED: seven years of history instead of the season
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bin, compare, machine, mib, ms, once, root, scratch, table, thousands, times } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const shared = join(process.env.VANTA_SHARED ?? join(root, '..', 'shared'), 'data')
const [data, spans] = existsSync(shared)
  ? [shared, [['2014-01-01', '2014-12-31'], ['2014-01-01', '2017-12-31'], ['2014-01-01', '2020-12-31']]]
  : [join(root, 'samples', 'season'), [['2020-11-25', '2021-01-17']]]
const home = join(scratch, 'backtest')
const words = (from, to) => `--data ${data} --source insider --from ${from} --to ${to}`

/** What was played, from the summary. */
function played(from, to) {
  const { stdout } = spawnSync('bash', ['-c', `${join(bin, 'vanta-backtest')} ${words(from, to)} | tail -1`], { encoding: 'utf8', env: { ...process.env, VANTA_HOME: home }, maxBuffer: 1 << 28 })
  rmSync(home, { recursive: true, force: true })
  return JSON.parse(stdout)
}

console.log(`Back-test of insider purchases: ${machine()}; CPU (user + sys) of whole processes, least of ${ROUNDS}; records are bars, opening prints, filings`)
const rows = spans.flatMap(([from, to]) => {
  const { bars, events, fills } = played(from, to)
  const [ours, peer] = compare([
    { name: 'vanta-backtest', run: () => once(`vanta-backtest ${words(from, to)}`, { memory: true }) },
    { name: 'typed arrays, no books', run: () => once(`node ${join(root, 'bench', 'backtest_peer.mjs')} ${data} ${from} ${to}`, { memory: true }) },
  ], ROUNDS)
  const rate = (count, cpuMs) => thousands(count / (cpuMs / 1000))
  return [
    [`${from} to ${to}`, thousands(bars), thousands(events), thousands(fills), ms(ours.cpuMs), rate(bars, ours.cpuMs), rate(events, ours.cpuMs), mib(ours.peakMiB), ''],
    [`  ${peer.name}`, '', '', '', ms(peer.cpuMs), rate(bars, peer.cpuMs), '', mib(peer.peakMiB), times(ours.cpuMs / peer.cpuMs)],
  ]
})
table(['', 'bars', 'records', 'fills', 'CPU ms', 'bars/s', 'records/s', 'peak', 'ours to it'], rows)
