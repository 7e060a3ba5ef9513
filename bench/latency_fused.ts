/**
 * Latency on a core of its own, whatever else the machine is doing: signals arrive at a steady pace of virtual time, and what is done with each takes
 * the CPU time that it took here, garbage collection on other threads included. One that comes while the core is busy waits. Lines are parsed and
 * checked on the way in, and written as text on the way out. Prints [arrival, latency] of every conviction that a
 * signal gave cause for, in ms, and the share of the core that was busy, as JSON.
 *   latency_fused GAP_MICROSECONDS PIPELINE < LINES
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, keepLine, lineOf, type Vanta } from '#record'
import { fuse, parsePipeline } from '#tool/pipeline'
import { clockOf, realSurroundings, worldOf } from '#tool/world'
import { findTool } from '../src/tools.ts'
import { Caused } from './caused.ts'

const [gap = '', pipeline = ''] = process.argv.slice(2)
const gapMs = Number(gap) / 1000
const lines = readFileSync(0, 'utf8').trim().split('\n')
const home = mkdtempSync(join(tmpdir(), 'vanta-bench-latency-'))
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const world = worldOf('vanta', realSurroundings({
  clock: clockOf('stream'), seed: '1', ambient: '', home, root: process.cwd(), log: () => silent, print: () => undefined, progress: () => undefined,
  flushed: async () => undefined, signal: new AbortController().signal, credentialsFolder: undefined,
}))

const made: Vanta[] = []
const sink = (record: Vanta): void => {
  Buffer.byteLength(`${lineOf(record)}\n`)
  made.push(record)
}

const loop = await fuse(parsePipeline(readFileSync(pipeline, 'utf8'), pipeline), findTool, world, sink)
const caused = new Caused()
const latencies: [number, number][] = []
let freeMs = 0, workMs = 0
for (const [i, line] of lines.entries()) {
  const arrivalMs = i * gapMs
  const before = process.cpuUsage()
  const checked = check(JSON.parse(line))
  if (!('record' in checked)) throw new Error(line)
  const busy = loop.push(keepLine(checked.record, line))
  if (busy !== undefined) await busy
  const { user, system } = process.cpuUsage(before)
  const costMs = (user + system) / 1000
  workMs += costMs
  freeMs = Math.max(freeMs, arrivalMs) + costMs
  caused.enters(checked.record.id, arrivalMs)
  for (const record of made.splice(0)) {
    const enteredMs = caused.leaves(record)
    if (enteredMs !== undefined) latencies.push([enteredMs, freeMs - enteredMs])
  }
}
await loop.end()
rmSync(home, { recursive: true, force: true })
console.log(JSON.stringify({ latencies, busy: workMs / (lines.length * gapMs) }))
