/** What a stream in a file drops: by whoever sends, over random histories, and cut off at every step that the disk takes. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { fileBus } from '#adapter/file/bus'
import { nodeDisk, type Disk } from '#adapter/file/disk'
import { fileLogs } from '#adapter/file/logs'
import { parseBusAddress } from '#domain/bus/address'
import { doneOf } from '#domain/bus/lag'
import { linesInOrder } from '#domain/bus/order'
import { parsePosition } from '#domain/bus/position'
import type { Batch, Bus, Since } from '#port/bus'

const folder = mkdtempSync(join(tmpdir(), 'vanta-file-stream-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const DAY_MS = 86_400_000, PARTITIONS = 2

/** Time goes as it is told. */
class Home {
  readonly path = mkdtempSync(join(folder, 'home-'))
  nowMs = Date.UTC(2021, 0, 4)
  readonly sent: { readonly line: string; readonly atMs: number }[] = []
  readonly #open: Bus[] = []

  bus(disk: Disk = nodeDisk): Bus {
    const bus = fileBus(parseBusAddress(`file:s?partitions=${PARTITIONS}&keep=1`), {
      logs: fileLogs(this.path, { disk }), now: () => this.nowMs, pause: async (ms) => void (this.nowMs += ms),
    })
    // Of a process that was killed nothing is closed.
    if (disk === nodeDisk) this.#open.push(bus)
    return bus
  }

  /** By a process that begins with it, so that it looks what may be dropped. */
  async send(count: number, disk?: Disk): Promise<void> {
    const lines = Array.from({ length: count }, (_, i) => {
      const key = `k${(this.sent.length + i) % 5}`
      return { key, line: `{"key":"${key}","i":${this.sent.length + i},"x":"${'x'.repeat((this.sent.length + i) % 40)}"}` }
    })
    await this.bus(disk).append(lines)
    this.sent.push(...lines.map(({ line }) => ({ line, atMs: this.nowMs })))
  }

  async heard(since: Since): Promise<string[]> {
    const lines: string[] = []
    for await (const batches of this.bus().replay(since, 'now')) lines.push(...linesInOrder(batches).map(({ line }) => line))
    return lines
  }

  async end(): Promise<void> {
    for (const bus of this.#open) await bus.close()
  }
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('send' as const), count: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('read' as const), group: fc.nat(1), isDone: fc.boolean() }) },
)

test('law: what is kept is a tail of what was sent; nothing young or that a group needs is dropped; positions and times mean what they meant', async () => {
  let dropped = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
    const home = new Home(), readers = [home.bus(), home.bus()], done = [new Set<string>(), new Set<string>()]
    const members = [await readers[0]?.join('a', 'beginning'), await readers[1]?.join('b', 'beginning')]
    const unfinished: Batch[][] = [[], []]
    const finish = async (at: number): Promise<void> => {
      const batches = unfinished[at]?.splice(0) ?? []
      await members[at]?.done(batches)
      for (const { line } of linesInOrder(batches)) done[at]?.add(line)
    }
    for (const one of steps) {
      if (one.what === 'wait') home.nowMs += one.hours * 3_600_000
      if (one.what === 'send') await home.send(one.count)
      if (one.what === 'read') {
        unfinished[one.group]?.push(...await members[one.group]?.next(0) ?? [])
        if (one.isDone) await finish(one.group)
      }
    }
    const { sent } = home, kept = await home.heard('beginning'), gone = sent.slice(0, sent.length - kept.length)
    assert.deepEqual(kept, sent.slice(gone.length).map(({ line }) => line))
    for (const { line, atMs } of gone) {
      assert.ok(home.nowMs - atMs > DAY_MS)
      assert.ok(done.every((lines) => lines.has(line)))
    }
    dropped += gone.length
    // A position is how many bytes were sent before.
    let offset = 0
    for (const [i, { line }] of sent.entries()) {
      const since = { offsets: new Array<string>(PARTITIONS).fill(`${offset}`) }
      if (i >= gone.length) assert.deepEqual(await home.heard(since), sent.slice(i).map((one) => one.line))
      else await assert.rejects(home.heard(since), { exit: 'usage', message: /no longer kept/ })
      offset += Buffer.byteLength(line) + 1
    }
    for (const { atMs } of sent.slice(gone.length)) {
      assert.deepEqual(await home.heard(atMs), sent.slice(gone.length).filter((one) => one.atMs >= atMs).map(({ line }) => line))
    }
    for (const at of [0, 1]) {
      for (let quiet = 0; quiet < 2;) {
        const batches = await members[at]?.next(0) ?? []
        quiet = batches.length === 0 ? quiet + 1 : 0
        unfinished[at]?.push(...batches)
      }
      await finish(at)
      assert.deepEqual([...done[at] ?? []].sort(), sent.map(({ line }) => line).sort())
    }
    await home.end()
  }), { numRuns: 60 })
  assert.ok(dropped > 100, `${dropped}`)
})

/** A disk whose n-th act fails, and all after it, as where the process was killed before it. Its locks are free then, as those of a process that is gone. */
function failingDisk(nth: number): Disk {
  const locks = new Set<number>(), isOfLock = (place: string | number | undefined): boolean => (typeof place === 'number' ? locks.has(place) : /\.lock\b/.test(place ?? ''))
  let acts = 0
  const counted = <In extends readonly (string | number | Uint8Array)[], Out>(act: (...input: In) => Out) => (...input: In): Out => {
    const [place] = input
    if (!isOfLock(place instanceof Uint8Array ? undefined : place) && acts++ >= nth) throw Object.assign(new Error('killed'), { code: 'EIO' })
    return act(...input)
  }
  const open: Disk['open'] = (path, flags) => {
    const file = nodeDisk.open(path, flags)
    if (isOfLock(path)) locks.add(file)
    else locks.delete(file)
    return file
  }
  return {
    ...nodeDisk, open: counted(open), write: counted(nodeDisk.write), truncate: counted(nodeDisk.truncate), sync: counted(nodeDisk.sync),
    syncFolder: counted(nodeDisk.syncFolder), rename: counted(nodeDisk.rename), remove: counted(nodeDisk.remove), link: counted(nodeDisk.link),
  }
}

test('killed at any step of dropping, all that a group needs is there, no line is there twice, and the next who sends ends it', async () => {
  let outcomes = ''
  for (let nth = 0; ; nth++) {
    const home = new Home(), bus = home.bus(), disk = failingDisk(nth)
    await home.send(40)
    const member = await bus.join('g', 'beginning'), first = await member.next(0)
    await member.done(first)
    await home.send(20)
    home.nowMs += 2 * DAY_MS
    const before = home.sent.length
    const failed = await home.send(3, disk).then(() => false, () => true), kept = await home.heard('beginning')
    const starts = await home.bus().starts(), all = home.sent.slice(0, before).map(({ line }) => line)
    // What was not acknowledged is there or not, whole.
    const mine = kept.filter((line) => all.includes(line)), isDropped = mine.length < before
    assert.deepEqual(mine, all.slice(before - mine.length))
    assert.ok(mine.length === before || mine.length === 20, `${mine.length} after step ${nth}`)
    assert.equal(starts.offsets[0] !== '0', isDropped)
    outcomes += isDropped ? 'd' : 'k'
    const rest: string[] = []
    for (let batches = await member.next(0); batches.length > 0; batches = await member.next(0)) rest.push(...linesInOrder(batches).map(({ line }) => line))
    assert.deepEqual(rest.filter((line) => all.includes(line)), all.slice(40))
    await home.bus().append([{ key: 'k', line: '{"key":"k","i":-1}' }])
    assert.equal((await home.bus().starts()).offsets[0] !== '0', true)
    assert.equal((await home.heard('beginning')).at(-1), '{"key":"k","i":-1}')
    assert.deepEqual(readdirSync(home.path).filter((name) => /^s(~\d+)?\.(ndjson|times|part)$/.test(name)).length, 2)
    await home.end()
    if (!failed) break
  }
  assert.match(outcomes, /^k{8,}d{3,}$/)
})

test('a group whose word is older than what was dropped since, as in a home that was restored, goes on from what is kept', async () => {
  const home = new Home(), bus = home.bus(), group = join(home.path, 's~g.group')
  await home.send(40)
  const member = await bus.join('g', 'beginning'), before = readFileSync(group)
  await member.done(await member.next(0))
  await member.leave()
  home.nowMs += 2 * DAY_MS
  await home.send(5)
  assert.notEqual((await bus.starts()).offsets[0], '0')
  writeFileSync(group, before)
  const [stands = assert.fail('no group')] = await bus.lags()
  assert.deepEqual(parsePosition(doneOf(stands)), await bus.starts())
  const again = await home.bus().join('g', 'beginning')
  assert.deepEqual(linesInOrder(await again.next(0)).map(({ line }) => line), home.sent.slice(40).map(({ line }) => line))
  await home.end()
})

test('times of lines that a backup did not have are of none that came since: by time these are found, and dropped, as whole as they were sent', async () => {
  const home = new Home(), data = join(home.path, 's.ndjson'), texts = (from: number): string[] => home.sent.slice(from).map(({ line }) => line)
  await home.send(10)
  const backup = readFileSync(data)
  for (const count of [6, 10]) {
    home.nowMs += 1000
    await home.send(count)
  }
  const lostMs = home.nowMs
  await home.end()
  // A backup sees the lines before it sees when they were sent.
  writeFileSync(data, backup)
  home.sent.splice(10)
  home.nowMs += 1000
  await home.send(7)
  assert.deepEqual(await home.heard(lostMs), texts(10))
  // Kept since the last that was lost: what came since is younger.
  home.nowMs = lostMs + DAY_MS
  await home.send(1)
  assert.deepEqual((await home.heard('beginning')).slice(-8), texts(10))
  await home.end()
})

test('what belongs to a stream NAME.PART is nothing of NAME', async () => {
  const home = new Home(), logs = fileLogs(home.path), world = { logs, now: () => home.nowMs, pause: async () => undefined }
  const [whole, part] = ['s', 's.social'].map((stream) => fileBus(parseBusAddress(`file:${stream}`), world))
  await part?.join('g', 'beginning')
  assert.deepEqual(await whole?.lags(), [])
  assert.deepEqual((await part?.lags())?.map(({ group }) => group), ['g'])
  await whole?.close()
  await part?.close()
})
