import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { IdIndex, type Placed } from '#domain/lookup/id_index'

const id = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
  // Equal first words, and the id that looks like an empty slot.
  fc.nat(40).map((n) => n.toString(16).padStart(40, '0')),
)

test('behaves as a Map of strings does that keeps what came first, through growth and collisions', () => {
  fc.assert(fc.property(fc.array(id, { maxLength: 3000, size: 'max' }), fc.array(id, { maxLength: 50 }), (added, asked) => {
    const ids = new IdIndex(), oracle = new Map<string, Placed>()
    added.forEach((one, i) => {
      const placed = { line: i + 1, mark: (i * 0x9e3779b1) >>> 0 }
      assert.equal(ids.add(one, placed), !oracle.has(one))
      if (!oracle.has(one)) oracle.set(one, placed)
    })
    assert.equal(ids.size, oracle.size)
    for (const one of [...added, ...asked]) {
      assert.equal(ids.has(one), oracle.has(one))
      assert.deepEqual(ids.find(one), oracle.get(one))
    }
  }), { numRuns: 50 })
})

test('what is no id is refused, not mistaken for one', () => {
  const ids = new IdIndex()
  for (const bad of ['', 'a'.repeat(39), 'a'.repeat(41), 'g'.repeat(40), 'A'.repeat(40)]) {
    assert.throws(() => ids.add(bad, { line: 1, mark: 1 }), RangeError)
  }
  assert.equal(ids.size, 0)
})
