import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nameOfAddress, parseBusAddress } from '#domain/bus/address'
import type { Batch } from '#domain/bus/batch'
import { keyOfLine, partitionOf } from '#domain/bus/key'
import { Once } from '#domain/bus/once'
import { InOrder, linesInOrder } from '#domain/bus/order'
import { sharesOf } from '#domain/bus/shares'

test('addresses: full, short, with settings', () => {
  const full = parseBusAddress('redis://127.0.0.1:6379/signals')
  assert.deepEqual(full.server, { hosts: [{ host: '127.0.0.1', port: 6379 }], tls: false, user: undefined })
  assert.deepEqual([full.kind, full.stream, full.partitions], ['redis', 'signals', 4])
  assert.deepEqual(parseBusAddress('redis:signals'), full)
  assert.deepEqual(parseBusAddress('redis:signals', { redis: 'rediss://bus@alpha:7000/' }).server, { hosts: [{ host: 'alpha', port: 7000 }], tls: true, user: 'bus' })
  assert.equal(parseBusAddress('kafka://[::1]/a.b-c?partitions=12').server?.hosts[0]?.host, '::1')
  assert.equal(nameOfAddress(parseBusAddress('kafkas://user@h/x?partitions=2')), 'kafkas://h:9092/x')
  const several = parseBusAddress('rediss://bus@a:1,[::1],b:80/x?replicas=1')
  assert.deepEqual([several.server?.hosts, several.server?.user, several.replicas], [[{ host: 'a', port: 1 }, { host: '::1', port: 6379 }, { host: 'b', port: 80 }], 'bus', 1])
  assert.equal(nameOfAddress(several), 'rediss://a:1,[::1]:6379,b:80/x')
  assert.deepEqual(['redis:x', 'redis:x?patience=3'].map((text) => parseBusAddress(text).patienceMs), [60_000, 3000])
  assert.deepEqual([parseBusAddress('file:x?keep=2').kind, parseBusAddress('file:x?keep=2').keepMs], ['file', 2 * 86_400_000])
})

test('what is no address is refused, a password above all, without being repeated', () => {
  for (const text of ['', 'signals', 'http://h/x', 'redis:', 'redis://h', 'redis://h/a/b', 'file:../x', 'file:a b', 'redis:x?partitions=0', 'redis:x?part=3', 'redis://h:99999/x', 'redis://a,,b/x', 'redis:///x']) {
    assert.throws(() => parseBusAddress(text), RangeError, text)
  }
  assert.throws(() => parseBusAddress('redis://me:hunter2@h/x'), (error: Error) => error instanceof RangeError && !error.message.includes('hunter2'))
})

test('a key is what a line is about, and its partition never changes', () => {
  assert.equal(keyOfLine('{"id":"1","subject":"ticker:GME","key":"k"}'), 'ticker:GME')
  assert.equal(keyOfLine('{"id":"1","key":"k"}'), 'k')
  assert.equal(keyOfLine('no json'), '')
  assert.deepEqual(['ticker:GME', 'ticker:AMC', ''].map((key) => partitionOf(key, 16)), [10, 14, 5])
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 256 }), (key, partitions) => partitionOf(key, partitions) >= 0 && partitionOf(key, partitions) < partitions))
})

test('law: every partition is read by one member, and none has two more than another', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 40 }), (members, partitions) => {
    const shares = members.map((me) => sharesOf(me, members, partitions))
    assert.deepEqual(shares.flatMap((share) => [...share]).sort((a, b) => a - b), Array.from({ length: partitions }, (_, i) => i))
    const sizes = shares.map(({ size }) => size)
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
  }))
  assert.equal(sharesOf('gone', ['a'], 4).size, 0)
})

test('law: however little is fetched at once, the lines of all partitions come in the order in which they were sent', () => {
  const sent = fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), { maxLength: 20 })
  fc.assert(fc.property(sent, fc.integer({ min: 1, max: 4 }), (batches, most) => {
    const entries: Batch[][] = [[], [], [], []]
    for (const [at, partitions] of batches.entries()) for (let partition = 0; partition < 4; partition++) {
      const lines = partitions.flatMap((one, i) => (one === partition ? [{ line: `${at}.${i}`, place: at * 100 + i }] : []))
      if (lines.length > 0) entries[partition]?.push({ partition, offset: String(at), lines })
    }
    const order = new InOrder(100), heard: number[] = []
    for (let rounds = 0; rounds < 100; rounds++) {
      const cut = new Set<number>(), got = entries.flatMap((own, partition) => {
        const taken = own.splice(0, most)
        if (taken.length === most) cut.add(partition)
        return taken
      })
      heard.push(...linesInOrder(order.take(got, cut)).map(({ place }) => place))
      if (cut.size === 0) break
    }
    const all = batches.flatMap((partitions, at) => partitions.map((_, i) => at * 100 + i))
    assert.deepEqual(heard, all)
    assert.equal(order.waiting, 0)
  }))
})

test('what was sent again is told by its bytes, among the latest', () => {
  const once = new Once(3)
  assert.deepEqual(['a', 'b', 'a', 'c', 'b', 'd', 'e', 'f', 'f'].map((line) => once.isNew(line)), [true, true, false, true, false, true, true, true, false])
  for (const line of ['1', '2', '3', '4', '5', '6']) once.isNew(line)
  assert.equal(once.isNew('a'), true)
})
