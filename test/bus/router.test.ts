/** A router at work between a stream of files and targets that fail: nothing is lost, nothing counts as done before it is durable everywhere. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileBus } from '#adapter/file/bus'
import { fileLogs } from '#adapter/file/logs'
import { parseBusAddress } from '#domain/bus/address'
import { keyOfLine } from '#domain/bus/key'
import type { Bus, Outgoing } from '#port/bus'
import { Failure } from '#port/failure'
import { formatInstant, keepLine, lineOf, make, type Vanta } from '#record'
import { readStream } from '#tool/bus'
import { openStage } from '#tool/stage'
import { clockOf, realSurroundings, worldOf } from '#tool/world'
import router from '../../src/bus/router.ts'

const folder = mkdtempSync(join(tmpdir(), 'vanta-router-'))
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const around = realSurroundings({
  clock: clockOf('2021-01-04T00:00:00Z'), seed: '1', ambient: '', home: folder, root: folder, log: () => quiet, print: () => undefined, progress: () => undefined,
  flushed: async () => undefined, signal: new AbortController().signal, credentialsFolder: undefined,
})
const logs = fileLogs(join(folder, 'bus')), pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const source = (stream: string): Bus => fileBus(parseBusAddress(`file:${stream}`), { logs, now: () => Date.now(), pause })

/** A stream in memory whose appends fail, or hang for a while, as they are told to. */
class Target implements Bus {
  readonly address = 'memory'
  readonly lines: string[] = []
  appends = 0
  failsAt: number | undefined
  turns = 0

  async append(lines: readonly Outgoing[]): Promise<void> {
    for (let i = 0; i < this.turns; i++) await new Promise((resolve) => void setImmediate(resolve))
    if (++this.appends === this.failsAt) throw new Failure('upstream', 'away')
    this.lines.push(...lines.map(({ line }) => line))
  }

  readonly join = (): never => assert.fail()
  readonly replay = (): never => assert.fail()
  readonly starts = (): never => assert.fail()
  readonly ends = (): never => assert.fail()
  readonly lags = (): never => assert.fail()
  readonly serverTimeMs = (): never => assert.fail()
  readonly close = async (): Promise<void> => undefined
}

const record = (i: number): Vanta => {
  const at = formatInstant(Date.UTC(2021, 0, 4) + i * 1000)
  const envelope = { at, known_at: at, source: 'test', by: 'test/0' }
  if (i % 5 === 4) return make('control', { ...envelope, type: 'tick' })
  return make('signal', { ...envelope, type: i % 2 === 0 ? 'form4' : 'tweet', key: `k${i}`, subject: `${i % 3 === 0 ? 'coin' : 'ticker'}:T${i % 7}` })
}
const RULES = ['domain=filings -> file:filings', 'asset=crypto -> file:crypto', 'domain=social asset=crypto -> file:filings -']
/** The rules, said once more by hand. */
const isFiling = (i: number): boolean => i % 5 !== 4 && (i % 2 === 0 || i % 3 === 0), isCrypto = (i: number): boolean => i % 5 !== 4 && i % 3 === 0
const isPassed = (i: number): boolean => i % 5 === 4 || i % 2 === 1

/** One run of the router over what its group has not done with. */
async function run(bus: Bus, targets: { readonly [address: string]: Target }, passed: string[]): Promise<void> {
  const world = { ...worldOf('vanta-router', around), bus: async (address: string) => targets[address] ?? assert.fail(address) }
  const { stage } = await openStage(router, { rule: RULES, rules: undefined, otherwise: undefined }, world)
  await readStream(bus, { address: 'file:x', group: 'router', since: 'beginning', goesOn: false }, {
    hand: ({ text }) => stage.each(keepLine(JSON.parse(text) as Vanta, text), (one) => passed.push(lineOf(one))),
    flushed: async () => stage.flushed?.(),
    landed: () => undefined, hush: () => undefined,
    stopped: () => false,
  }, async () => stage.end?.(() => undefined))
}

let streams = 0
test('law: what is in each target is what a filter would leave, in order, whichever append fails', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 400 }), fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }), fc.nat(3), async (count, failsAt, turns) => {
    const bus = source(`s${++streams}`), lines = Array.from({ length: count }, (_, i) => lineOf(record(i)))
    await bus.append(lines.map((line) => ({ key: keyOfLine(line), line })))
    const targets = { 'file:filings': new Target(), 'file:crypto': new Target() }
    targets['file:crypto'].failsAt = failsAt
    targets['file:filings'].turns = turns
    const passed: string[] = []
    let failures = 0
    for (let tries = 0; tries < 3; tries++) {
      try {
        await run(bus, targets, passed)
        break
      } catch (error) {
        assert.ok(error instanceof Failure && error.exit === 'upstream')
        failures++
      }
    }
    assert.equal(failures <= (failsAt === undefined ? 0 : 1), true)
    // Told by their bytes, as whoever reads a stream does.
    const wanted = (is: (i: number) => boolean): string[] => lines.filter((_, i) => is(i))
    assert.deepEqual([...new Set(targets['file:filings'].lines)], wanted(isFiling))
    assert.deepEqual([...new Set(targets['file:crypto'].lines)], wanted(isCrypto))
    assert.deepEqual([...new Set(passed)], wanted(isPassed))
    if (failures === 0) for (const { lines: own } of Object.values(targets)) assert.equal(new Set(own).size, own.length)
    await run(bus, targets, passed)
    // All is done with: nothing is told again.
    if (failures === 0) assert.equal(targets['file:crypto'].lines.length, wanted(isCrypto).length)
    await bus.close()
  }), { numRuns: 40 })
})

test('a target that hangs holds the reader back: no more is read than may wait', async () => {
  const hung = new Target()
  let release: (() => void) | undefined, read = 0
  const waiting = new Promise<void>((resolve) => (release = resolve))
  const target: Bus = { ...hung, append: () => waiting, address: 'hung', close: async () => undefined, join: hung.join, replay: hung.replay, starts: hung.starts, ends: hung.ends, lags: hung.lags, serverTimeMs: hung.serverTimeMs }
  const world = { ...worldOf('vanta-router', around), bus: async () => target }
  const { stage } = await openStage(router, { rule: ['-> file:hung'], rules: undefined, otherwise: undefined }, world)
  const busy = (async () => {
    for (; read < 50_000; read++) await stage.each(record(read), () => undefined)
  })()
  while (read === 0) await pause(1)
  for (let before = -1; before !== read; await pause(20)) before = read
  assert.equal(read < 50_000 && read > 1000, true, `${read} were read`)
  release?.()
  await busy
  await stage.flushed?.()
})

test('how much went where is told now and then while it goes on, and the rest at the end', async () => {
  let nowMs = 0
  const told: string[] = [], target = new Target()
  const world = { ...worldOf('vanta-router', around), clock: { now: () => nowMs }, log: { ...quiet, info: (text: string) => void told.push(text) }, bus: async () => target }
  const { stage } = await openStage(router, { rule: ['-> file:one -'], rules: undefined, otherwise: undefined }, world)
  const hand = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) await stage.each(record(i), () => undefined)
    await stage.flushed?.()
  }
  await hand(0, 5)
  assert.deepEqual(told, [])
  nowMs += 600_000
  await hand(5, 12)
  assert.deepEqual(told.splice(0), ['12 to file:one', '12 passed on'])
  await hand(12, 15)
  await stage.end?.(() => undefined)
  assert.deepEqual(told, ['3 to file:one', '3 passed on'])
})
