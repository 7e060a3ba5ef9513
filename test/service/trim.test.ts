/** What Redis drops, over random histories: never a line that a group was not handed or has not finished; and lines that all have finished, in the end. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { openRedisBus } from '#adapter/redis/lazy'
import { parseBusAddress } from '#domain/bus/address'
import { linesInOrder } from '#domain/bus/order'
import type { Batch, Member } from '#port/bus'
import { redisServer } from './redis.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
/** The server looks what it may drop at every 256th sending. */
const BURST = 256
const GROUPS = ['one', 'two', 'three']

/** A burst is sent; a member reads some and finishes all it has but the latest so many; a member leaves and another takes over. */
const step = fc.oneof(
  fc.record({ what: fc.constant('send' as const) }),
  fc.record({ what: fc.constant('read' as const), group: fc.nat(2), left: fc.nat(12) }),
  fc.record({ what: fc.constant('replace' as const), group: fc.nat(2) }),
)

const redis = await redisServer()
test('law: nothing unread or unfinished is dropped, what is done with is', { skip: redis.skip ?? false }, async () => {
  const client = new Redis({ port: redis.port })
  after(() => client.disconnect())
  let streams = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 20 }), async (steps) => {
    const stream = `trim${++streams}`, address = { ...parseBusAddress(`redis://127.0.0.1:${redis.port}/${stream}?partitions=2`), keepMs: 1 }
    const bus = await openRedisBus(address, { secrets: {}, tlsFolder: '' }, quiet)
    const members: Member[] = [], unfinished = GROUPS.map((): Batch[] => []), done = GROUPS.map(() => new Set<string>())
    for (const group of GROUPS) members.push(await bus.join(group, 'beginning'))
    let sent = 0
    const finish = async (at: number, batches: readonly Batch[]): Promise<void> => {
      await members[at]?.done(batches)
      for (const { line } of linesInOrder(batches)) done[at]?.add(line)
    }
    const send = async (): Promise<void> => {
      await Promise.all(Array.from({ length: BURST }, () => bus.append([{ key: `k${sent % 5}`, line: `line ${sent++}` }])))
    }
    const length = async (): Promise<number> => (await client.xlen(`{${stream}}:0`)) + (await client.xlen(`{${stream}}:1`))
    for (const one of steps) {
      if (one.what === 'send') await send()
      if (one.what === 'read') {
        const own = unfinished[one.group] ?? []
        own.push(...await members[one.group]?.next(20) ?? [])
        await finish(one.group, own.splice(0, Math.max(0, own.length - one.left)))
      }
      if (one.what === 'replace') {
        await members[one.group]?.leave()
        members[one.group] = await bus.join(GROUPS[one.group] ?? '', 'beginning')
        unfinished[one.group] = []
      }
    }
    for (const at of GROUPS.keys()) {
      await finish(at, unfinished[at] ?? [])
      for (let quiet = 0; quiet < 2;) {
        const batches = await members[at]?.next(0) ?? []
        quiet = batches.length === 0 ? quiet + 1 : 0
        await finish(at, batches)
      }
      assert.equal(done[at]?.size, sent, `${GROUPS[at]}`)
    }
    // All have finished with what was sent before: the next look drops it.
    await new Promise((resolve) => setTimeout(resolve, 5))
    await send()
    const left = await length()
    assert.equal(left <= BURST + 2, true, `${left} are left of ${sent}`)
    await bus.close()
  }), { numRuns: 12 })
})
