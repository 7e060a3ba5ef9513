/**
 * The fused loop on one core: records that were collected beforehand, as objects in memory, handed through the stages of a
 * pipeline file in a simulated world; again and again in one process, each time in a world of its own. The first pass pays for
 * the engine's compilation, the later ones do not. Prints one JSON line; bench/loop.mjs bundles and runs it.
 *   loop_feed PIPELINE STEPS PASSES DATA FROM TO SOURCE
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Vanta } from '#record'
import { callCollector, callCommand } from '#tool/call'
import { fuse, parsePipeline } from '#tool/pipeline'
import { clockOf, realSurroundings, worldOf } from '#tool/world'
import { findTool } from '../src/tools.ts'

const [pipeline = '', count = '', passes = '', data = '', from = '', to = '', source = ''] = process.argv.slice(2)
const steps = parsePipeline(readFileSync(pipeline, 'utf8'), pipeline).slice(0, Number(count))
const silent = { debug() {}, info() {}, warn() {}, error() {} }

async function pass(): Promise<{ records: number; signals: number; out: number; cpuMs: number; wallMs: number }> {
  const home = mkdtempSync(join(tmpdir(), 'vanta-bench-loop-'))
  const real = worldOf('vanta', realSurroundings({
    clock: clockOf(undefined), seed: '1', ambient: '', home, root: process.cwd(), log: () => silent, print: () => undefined, progress: () => undefined,
    flushed: async () => undefined, signal: new AbortController().signal, credentialsFolder: undefined,
  }))
  const { world } = real.simulate()
  await callCommand(findTool, 'vanta-vault', ['init', 'core', '--cash', '100000'], world, () => undefined)
  const records: Vanta[] = []
  const words = ['--data', data, '--from', from, '--to', to, '--source', source]
  for await (const record of await callCollector(findTool, 'vanta-replay', words, world)) records.push(record)
  const signals = records.filter(({ kind }) => kind === 'signal').length

  let out = 0
  const loop = await fuse(steps, findTool, world, () => void out++)
  const cpu = process.cpuUsage()
  const watch = real.stopwatch()
  for (const record of records) {
    const busy = loop.push(record)
    if (busy !== undefined) await busy
  }
  await loop.end()
  const { user, system } = process.cpuUsage(cpu)
  const wallMs = watch.elapsedMs()
  rmSync(home, { recursive: true, force: true })
  return { records: records.length, signals, out, cpuMs: (user + system) / 1000, wallMs }
}

const first = await pass()
let warmMs = first.cpuMs
for (let i = 1; i < Number(passes); i++) warmMs = Math.min(warmMs, (await pass()).cpuMs)
console.log(JSON.stringify({ ...first, warmMs, peakMiB: process.resourceUsage().maxRSS / 1024 }))
