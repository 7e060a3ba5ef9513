// Throughput of vanta-decay and vanta-dedup on a million mentions, beside jq, miller, the ndjson package and bare in-memory
// parse + stringify, all on the same lines in the same run.
//   node bench/filters.mjs            BENCH_LINES=100000 BENCH_ROUNDS=3 for a quick look
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { compare, has, machine, mib, ms, once, scratch, table, thousands, times, verdict } from './measure.mjs'

const LINES = Number(process.env.BENCH_LINES ?? 1_000_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const FEW = Math.round(LINES / 10)

/** Mentions as vanta-normalize writes them, over sixty days; one in twenty has been said before. Always the same bytes. */
function writeMentions(path, lines) {
  const file = openSync(path, 'w')
  const tickers = ['GME', 'TSLA', 'AMC', 'PLTR', 'NIO', 'AAPL', 'BB', 'SPY', 'AMD', 'MSFT', 'F', 'NOK']
  const hex = (text) => createHash('sha1').update(text).digest('hex')
  const startMs = Date.parse('2020-11-15T00:00:00Z'), stepMs = (60 * 86_400_000) / LINES
  let state = 1
  const below = (n) => Math.floor(((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) * n)
  let block = '', said = ''
  for (let i = 0; i < lines; i++) {
    if (i % 20 !== 19) {
      const heardMs = Math.round(startMs + i * stepMs), ticker = tickers[below(tickers.length)], post = (i >> 1).toString(36)
      said = JSON.stringify({
        kind: 'signal', id: hex(`mention${i}`), parents: [hex(`post${i >> 1}`)], at: new Date(heardMs - below(3_600_000)).toISOString(),
        known_at: new Date(heardMs).toISOString(), source: 'reddit/wallstreetbets', by: 'vanta-normalize/0.1.0', type: 'mention',
        key: `reddit:t3_${post}#ticker:${ticker}`, subject: `ticker:${ticker}`, author: `reddit:${hex(`author${below(50_000)}`).slice(0, 16)}`,
        polarity: below(2001) / 1000 - 1, magnitude: below(4000) / 1000, fingerprint: hex(`text${i >> 1}`).slice(0, 16), facts: { how: 'cashtag' },
      })
    }
    block += `${said}\n`
    if (block.length > 1 << 20) {
      writeSync(file, block)
      block = ''
    }
  }
  writeSync(file, block)
  closeSync(file)
}

const many = join(scratch, 'many.ndjson'), few = join(scratch, 'few.ndjson')
writeMentions(many, LINES)
writeMentions(few, FEW)

const ndjson = `node -e "const n = require('ndjson'); process.stdin.pipe(n.parse()).pipe(n.stringify()).pipe(process.stdout)"`
/** JSON.parse + JSON.stringify of lines that are strings in memory already: no reading, no splitting, no writing. */
const bareScript = `
const { openSync, readSync } = require('node:fs')
const file = openSync(process.argv[1]), chunk = Buffer.alloc(64 << 20)
let rest = '', micros = 0, characters = 0
for (let size; (size = readSync(file, chunk)) > 0; ) {
  const lines = (rest + chunk.toString('latin1', 0, size)).split('\\n')
  rest = lines.pop()
  const before = process.cpuUsage()
  for (const line of lines) characters += JSON.stringify(JSON.parse(line)).length
  const { user, system } = process.cpuUsage(before)
  micros += user + system
}
console.log(micros / 1000)`
const bare = (input) => () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', bareScript, input], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return { cpuMs: Number(stdout) }
}

const decay = "vanta-decay --half-life 30d --floor 0 --now 2021-01-15T00:00:00Z"
const commands = [
  [decay, true],
  ['vanta-dedup', true],
  ['jq -c .', has('jq')],
  ["mlr --ijsonl --ojsonl cat", has('mlr')],
  [ndjson, true],
]
for (const [command, there] of commands) if (!there) console.log(`${command.split(' ')[0]} is not installed: left out`)

const entries = commands.filter(([, there]) => there).map(([command]) => ({ name: command, run: () => once(command, { input: many, memory: true }) }))
const results = compare([{ name: 'bare', run: bare(many) }, ...entries], ROUNDS)
const of = (start) => results.find(({ name }) => name.startsWith(start))
const bareMs = of('bare').cpuMs, jqMs = of('jq')?.cpuMs
const names = { bare: 'JSON.parse + JSON.stringify, in memory', node: 'ndjson package, parse to stringify' }

console.log(`Filters: ${machine()}; ${thousands(LINES)} mentions, ${(statSync(many).size / LINES).toFixed(0)} bytes each; least of ${ROUNDS} runs\n`)
table(['command', 'CPU ms', 'wall ms', 'records/CPU s', 'x bare', 'x jq throughput', `peak at ${thousands(FEW)}`, `at ${thousands(LINES)}`], results.map(({ name, cpuMs, wallMs, peakMiB }) => [
  names[name.split(' ')[0]] ?? name.split(' --half')[0], ms(cpuMs), ms(wallMs), thousands(LINES / (cpuMs / 1000)), times(cpuMs / bareMs), jqMs === undefined ? '-' : times(jqMs / cpuMs),
  name === 'bare' ? '-' : mib(once(name, { input: few, memory: true }).peakMiB), mib(peakMiB),
]))

const passed = once(decay, { input: few, lines: true }).lines, kept = once('vanta-dedup', { input: few, lines: true }).lines
console.log(`\nof ${thousands(FEW)} lines vanta-decay passes ${thousands(passed)}, vanta-dedup ${thousands(kept)}`)
const decayMs = of('vanta-decay').cpuMs
if (jqMs !== undefined) console.log(`vanta-decay >= 3 x the throughput of jq: ${verdict(decayMs * 3 <= jqMs)}`)
console.log(`vanta-decay within 1.3 x of bare parse + stringify: ${verdict(decayMs <= 1.3 * bareMs)}`)
console.log(`vanta-dedup faster than vanta-decay: ${verdict(of('vanta-dedup').cpuMs < decayMs)}`)
