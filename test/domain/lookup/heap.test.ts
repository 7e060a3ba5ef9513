import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bisect } from '#domain/lookup/bisect'
import { Heap } from '#domain/lookup/heap'

test('law: what is pushed and popped in any order comes as from a sorted list', () => {
  fc.assert(fc.property(fc.array(fc.option(fc.integer({ min: -5, max: 5 }))), (steps) => {
    const heap = new Heap<readonly [number, number]>((a, b) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]))
    let list: (readonly [number, number])[] = []
    for (const [i, value] of steps.entries()) {
      if (value === null) {
        assert.equal(heap.top, list[0])
        assert.equal(heap.pop(), list[0])
        list = list.slice(1)
      } else {
        const one = [value, i] as const
        heap.push(one)
        list = [...list, one].sort((a, b) => a[0] - b[0] || a[1] - b[1])
      }
      assert.equal(heap.size, list.length)
    }
  }))
})

test('law: bisecting finds what a walk from the start finds', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: -1, max: 10 }), (values, sought) => {
    const sorted = [...values].sort((a, b) => a - b), place = sorted.findIndex((value) => value >= sought)
    assert.equal(bisect(0, sorted.length, (at) => (sorted[at] ?? NaN) < sought), place < 0 ? sorted.length : place)
  }))
})
