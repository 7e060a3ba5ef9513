/** What every bus must hold to. Each case begins with a stream of its own name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from '#domain/bus/key'
import { behindOf, doneOf } from '#domain/bus/lag'
import { linesInOrder } from '#domain/bus/order'
import { formatPosition, parsePosition } from '#domain/bus/position'
import type { Batch, Bus, Member, Since } from '#port/bus'

export interface BusUnderTest {
  /** Undefined where it cannot run here, and why. */
  readonly skip: string | undefined
  open(stream: string): Promise<Bus>
  /** Whether lines of several partitions come in the order in which they were sent, and not only those of one key. */
  readonly inOrder: boolean
  /** Have it drop what stands in the partition of the key `k`: nobody has to hear it, and it is kept no longer. Lines `{"i":-1}` may be sent for it. */
  drop(stream: string): Promise<void>
}

const entry = (i: number, key = `k${i % 7}`): { key: string; line: string } => ({ key, line: `{"key":"${key}","i":${i}}` })
const numbers = (batches: readonly Batch[]): number[] => linesInOrder(batches).map(({ line }) => (JSON.parse(line) as { i: number }).i)
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b)

async function drained(member: Member, most = Infinity): Promise<number[]> {
  const heard: number[] = []
  for (let quiet = 0; quiet < 2 && heard.length < most;) {
    const batches = await member.next(300)
    quiet = batches.length === 0 ? quiet + 1 : 0
    heard.push(...numbers(batches))
    await member.done(batches)
  }
  return heard
}

/** Until it has heard so many: what another has left may be its own only after a while. */
async function heardBy(member: Member, count: number): Promise<number[]> {
  const heard: number[] = []
  for (let tries = 0; heard.length < count && tries < 100; tries++) {
    const batches = await member.next(300)
    heard.push(...numbers(batches))
    await member.done(batches)
  }
  return heard
}

/** Until it has heard something. */
async function some(member: Member): Promise<readonly Batch[]> {
  for (let tries = 0; tries < 100; tries++) {
    const batches = await member.next(300)
    if (batches.length > 0) return batches
  }
  return assert.fail('nothing came')
}

export function busSuite(name: string, under: BusUnderTest): void {
  let count = 0
  const it = (what: string, body: (open: (stream?: string) => Promise<Bus>, stream: string) => Promise<void>): void => {
    test(`${name}: ${what}`, { skip: under.skip ?? false }, async () => {
      const opened: Bus[] = [], own = `case${++count}.${process.pid}.${Math.floor(performance.timeOrigin)}`
      try {
        await body(async (stream = own) => {
          const bus = await under.open(stream)
          opened.push(bus)
          return bus
        }, own)
      } finally {
        for (const bus of opened) await bus.close()
      }
    })
  }
  const inOrder = (heard: readonly number[], what: readonly number[]): void => {
    if (under.inOrder) assert.deepEqual(heard, what)
    else {
      assert.deepEqual(sorted(heard), what)
      for (let key = 0; key < 7; key++) assert.deepEqual(heard.filter((i) => i % 7 === key), what.filter((i) => i % 7 === key))
    }
  }

  it('a group hears everything, in order, and only once', async (open) => {
    const bus = await open()
    for (let at = 0; at < 3000; at += 300) await bus.append(range(at, at + 300).map((i) => entry(i)))
    const member = await bus.join('g', 'beginning')
    inOrder(await drained(member), range(0, 3000))
    await bus.append([entry(3000)])
    assert.deepEqual(await drained(member), [3000])
    await member.leave()
    const again = await bus.join('g', 'beginning')
    assert.deepEqual(await drained(again), [])
    await again.leave()
  })

  it('many long lines of one subject', async (open) => {
    const bus = await open(), lines = range(0, 3000).map((i) => ({ key: 'k', line: `{"key":"k","i":${i},"x":"${'x'.repeat(1000)}"}` }))
    await bus.append(lines)
    const heard: string[] = []
    for await (const batches of bus.replay('beginning', 'now')) heard.push(...linesInOrder(batches).map(({ line }) => line))
    assert.deepEqual(heard, lines.map(({ line }) => line))
  })

  it('groups know nothing of one another', async (open) => {
    const bus = await open()
    await bus.append(range(0, 50).map((i) => entry(i)))
    for (const group of ['one', 'two']) {
      const member = await bus.join(group, 'beginning')
      inOrder(await drained(member), range(0, 50))
      await member.leave()
    }
  })

  it('what is not done with is told again, to the next as well', async (open) => {
    const bus = await open()
    await bus.append(range(0, 100).map((i) => entry(i)))
    const first = await bus.join('g', 'beginning')
    assert.ok(numbers(await some(first)).length > 0)
    await first.leave()
    const second = await bus.join('g', 'beginning')
    inOrder(await drained(second, 100), range(0, 100))
    await second.leave()
  })

  it('a line is heard while one waits for it', async (open) => {
    const bus = await open(), member = await bus.join('g', 'beginning')
    assert.deepEqual(await member.next(50), [])
    const heard = some(member)
    await bus.append([entry(7)])
    assert.deepEqual(numbers(await heard), [7])
    await member.leave()
  })

  it('two members share the partitions: all is heard once, keys keep their order; one leaves, the other goes on', async (open) => {
    const bus = await open(), other = await open()
    const members = [await bus.join('g', 'beginning'), await other.join('g', 'beginning')] as const
    const heard: number[] = [], byMember = [0, 0]
    let sent = 0
    const listen = async (until: () => boolean, who: readonly number[]): Promise<void> => {
      for (let tries = 0; tries < 400 && !until(); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        await bus.append(range(sent, sent + 20).map((i) => entry(i)))
        sent += 20
        for (const at of who) {
          const batches = await members[at]?.next(30) ?? []
          heard.push(...numbers(batches))
          byMember[at] = (byMember[at] ?? 0) + batches.length
          await members[at]?.done(batches)
        }
      }
    }
    await listen(() => byMember[0] !== 0 && byMember[1] !== 0 && sent >= 400, [0, 1])
    assert.ok(byMember.every((batches) => batches > 0), `${byMember}`)
    await members[0].leave()
    const before = sent
    await listen(() => sent >= before + 400, [1])
    heard.push(...await heardBy(members[1], sent - heard.length), ...await drained(members[1]))
    assert.deepEqual(sorted(heard), range(0, sent))
    for (let key = 0; key < 7; key++) assert.deepEqual(heard.filter((i) => i % 7 === key), range(0, sent).filter((i) => i % 7 === key))
    await members[1].leave()
  })

  it('who falls silent is replaced, and what it held is told to the next', async (open) => {
    const bus = await open(), other = await open()
    await bus.append(range(0, 60).map((i) => entry(i)))
    const silent = await bus.join('g', 'beginning')
    assert.ok((await some(silent)).length > 0)
    await bus.close()
    const next = await other.join('g', 'beginning'), heard: number[] = []
    // Nothing is said to be there only where nothing is held by one who may be gone.
    for (let batches = await next.next(0); batches.length > 0; batches = await next.next(0)) {
      heard.push(...numbers(batches))
      await next.done(batches)
    }
    inOrder(heard, range(0, 60))
    await next.leave()
  })

  it('all can be read again, from the beginning or a time, without a group', async (open) => {
    const bus = await open()
    const all = async (since: Since): Promise<number[]> => {
      const heard: number[] = []
      for await (const batches of bus.replay(since, 'now')) heard.push(...numbers(batches))
      return heard
    }
    assert.deepEqual(await all('beginning'), [])
    await bus.append(range(0, 700).map((i) => entry(i)))
    const between = Date.now() + 20
    await new Promise((resolve) => setTimeout(resolve, 60))
    await bus.append(range(700, 800).map((i) => entry(i)))
    inOrder(await all('beginning'), range(0, 800))
    inOrder(await all(between), range(700, 800))
    assert.deepEqual(await all(Date.now() + 3_600_000), [])
    assert.deepEqual((await all(Date.UTC(2021, 0, 15))).length, 800)
  })

  it('all can be read again from a position, and a new group may begin at one; what is none is refused', async (open) => {
    const bus = await open()
    const behind = async (since: Since): Promise<number[]> => {
      const heard: number[] = []
      for await (const batches of bus.replay(since, 'now')) heard.push(...numbers(batches))
      return heard
    }
    const none = await bus.ends()
    await bus.append(range(0, 300).map((i) => entry(i)))
    const some = parsePosition(formatPosition(await bus.ends()))
    assert.ok(some !== undefined)
    assert.deepEqual(await behind(some), [])
    await bus.append(range(300, 400).map((i) => entry(i)))
    inOrder(await behind(none), range(0, 400))
    inOrder(await behind(some), range(300, 400))
    const before: number[] = []
    for await (const batches of bus.replay('beginning', some)) before.push(...numbers(batches))
    inOrder(before, range(0, 300))
    for await (const batches of bus.replay('beginning', none)) assert.deepEqual(numbers(batches), [])
    // Partitions are told apart: of the first alone, the one where all began and the others where they stand now.
    const now = await bus.ends(), first = { offsets: now.offsets.map((end, partition) => (partition === 0 ? some.offsets[0] ?? end : end)) }
    const own = await behind(first), rest = await behind({ offsets: now.offsets.map((end, partition) => (partition === 0 ? end : some.offsets[partition] ?? end)) })
    assert.deepEqual(sorted([...own, ...rest]), range(300, 400))
    assert.ok(own.length > 0 && rest.length > 0)
    const member = await bus.join('late', some)
    inOrder(await drained(member), range(300, 400))
    await member.leave()
    const far = now.offsets.map((offset) => offset.replace(/^\d+/, (high) => `${BigInt(high) + 1n}`))
    for (const offsets of [far, now.offsets.slice(1), now.offsets.map(() => (now.offsets[0]?.includes('-') === true ? '1' : '1-1'))]) {
      await assert.rejects(behind({ offsets }), { name: 'Failure', exit: 'usage' })
      await assert.rejects(bus.join('lost', { offsets }), { name: 'Failure', exit: 'usage' })
    }
    // A group that there is goes on from where it was.
    const again = await bus.join('late', { offsets: far })
    assert.deepEqual(await drained(again), [])
    await again.leave()
  })

  it('a new group may begin at a time', async (open) => {
    const bus = await open()
    await bus.append(range(0, 10).map((i) => entry(i)))
    const between = Date.now() + 20
    await new Promise((resolve) => setTimeout(resolve, 60))
    await bus.append(range(10, 20).map((i) => entry(i)))
    const member = await bus.join('late', between)
    inOrder(await drained(member), range(10, 20))
    await member.leave()
  })

  it('lines are bytes: quotes, unicode and long ones come as they were sent', async (open) => {
    const bus = await open(), member = await bus.join('g', 'beginning')
    const lines = ['{"i":1,"key":"\\u0000é😀"}', '{"i":2}', `{"i":3,"text":"${'x'.repeat(200_000)}"}`, 'no json', ' {"i":4}']
    await bus.append(lines.map((line) => ({ key: '', line })))
    assert.deepEqual(linesInOrder(await some(member)).map(({ line }) => line), lines)
    await member.leave()
  })

  it('how far a group is behind', async (open) => {
    const bus = await open(), member = await bus.join('g', 'beginning')
    await bus.append(range(0, 30).map((i) => entry(i)))
    const [behind] = await bus.lags(), serverMs = await bus.serverTimeMs()
    assert.ok(serverMs === undefined || Math.abs(serverMs - Date.now()) < 86_400_000)
    assert.ok(behind !== undefined)
    assert.equal(behind.group, 'g')
    const { waiting } = behindOf(behind)
    assert.ok(waiting === null || waiting > 0)
    await drained(member)
    const [even] = await bus.lags()
    assert.ok(even !== undefined)
    assert.deepEqual(behindOf(even), { group: 'g', waiting: 0, unfinished: 0, members: 1 })
    await member.leave()
  })

  it('where a group stands: what it is done with is a position, behind which it has heard nothing', async (open) => {
    const bus = await open()
    await bus.append(range(0, 100).map((i) => entry(i)))
    const member = await bus.join('g', 'beginning')
    await drained(member)
    await bus.append(range(100, 150).map((i) => entry(i)))
    const handedOut = await some(member), [held] = await bus.lags()
    await member.done(handedOut)
    await drained(member)
    await bus.append(range(150, 180).map((i) => entry(i)))
    const [behind] = await bus.lags(), ends = await bus.ends()
    await member.leave()
    assert.ok(held !== undefined && behind !== undefined)
    const [unfinished, rest] = [parsePosition(doneOf(held)), parsePosition(doneOf(behind))], heard: [number[], number[]] = [[], []]
    assert.ok(unfinished !== undefined && rest !== undefined)
    for await (const batches of bus.replay(unfinished, 'now')) heard[0].push(...numbers(batches))
    for await (const batches of bus.replay(rest, 'now')) heard[1].push(...numbers(batches))
    inOrder(heard[0], range(100, 180))
    inOrder(heard[1], range(150, 180))
    assert.equal(behind.partitions.length, ends.offsets.length)
    const { waiting, unfinished: open_ } = behindOf(behind)
    assert.ok(open_ === 0 && (waiting === null || waiting > 0))
  })

  it('a position behind which lines were dropped is refused, and the first that is kept is named; the beginning is what is kept', async (open, stream) => {
    const bus = await open(), none = await bus.ends(), own = (i: number): { key: string; line: string } => entry(i, 'k')
    assert.deepEqual(await bus.starts(), none)
    await bus.append(range(0, 600).map(own))
    const kept = await bus.ends()
    await under.drop(stream)
    await bus.append(range(600, 700).map(own))
    const behind = async (since: Since): Promise<number[]> => {
      const heard: number[] = []
      for await (const batches of bus.replay(since, 'now')) heard.push(...numbers(batches).filter((i) => i >= 0))
      return heard
    }
    const starts = await bus.starts(), at = partitionOf('k', starts.offsets.length)
    assert.equal(starts.offsets[at], kept.offsets[at])
    assert.deepEqual(await behind(starts), range(600, 700))
    assert.deepEqual(await behind('beginning'), range(600, 700))
    const refusal = { name: 'Failure', exit: 'usage', message: new RegExp(`no longer kept.*${formatPosition(starts)}`) }
    await assert.rejects(behind(none), refusal)
    await assert.rejects(bus.join('late', none), refusal)
    const member = await bus.join('late', 'beginning')
    assert.deepEqual((await drained(member)).filter((i) => i >= 0), range(600, 700))
    await member.leave()
  })
}
