/**
 * The fused loop on one core: records that were collected beforehand, as objects in memory, handed through the stages of a
 * pipeline file in a simulated world. Prints one JSON line; bench/loop.mjs bundles and runs it.
 *   loop_feed PIPELINE STEPS DATA FROM TO SOURCE
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Vanta } from '#record'
import { callCollector, callCommand } from '#tool/call'
import { fuse, parsePipeline } from '#tool/pipeline'
import { clockOf, realSurroundings, worldOf } from '#tool/world'
import { findTool } from '../src/tools.ts'

const [pipeline = '', count = '', data = '', from = '', to = '', source = ''] = process.argv.slice(2)
const home = mkdtempSync(join(tmpdir(), 'vanta-bench-loop-'))
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const real = worldOf('vanta', realSurroundings({
  clock: clockOf(undefined), seed: '1', home, root: process.cwd(), log: () => silent, print: () => undefined, progress: () => undefined,
}))
const simulation = real.simulate()
await callCommand(findTool, 'vanta-vault', ['init', 'core', '--cash', '100000'], simulation.world, () => undefined)

const records: Vanta[] = []
const words = ['--data', data, '--from', from, '--to', to, '--source', source]
for await (const record of await callCollector(findTool, 'vanta-replay', words, simulation.world)) records.push(record)
const signals = records.filter(({ kind }) => kind === 'signal').length

let out = 0
const steps = parsePipeline(readFileSync(pipeline, 'utf8'), pipeline).slice(0, Number(count))
const loop = await fuse(steps, findTool, simulation.world, () => void out++)
const cpu = process.cpuUsage()
const watch = real.stopwatch()
for (const record of records) {
  const busy = loop.push(record)
  if (busy !== undefined) await busy
}
await loop.end()
const { user, system } = process.cpuUsage(cpu)
const wallMs = watch.elapsedMs()
const peakMiB = process.resourceUsage().maxRSS / 1024
rmSync(home, { recursive: true, force: true })
console.log(JSON.stringify({ records: records.length, signals, out, cpuMs: (user + system) / 1000, wallMs, peakMiB }))
