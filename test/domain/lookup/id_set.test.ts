import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { IdSet } from '#domain/lookup/id_set'

const id = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
  // Equal first words, and the id that looks like an empty slot.
  fc.nat(40).map((n) => n.toString(16).padStart(40, '0')),
)

test('behaves as a Set of strings does, through growth and collisions', () => {
  fc.assert(fc.property(fc.array(id, { maxLength: 3000, size: 'max' }), fc.array(id, { maxLength: 50 }), (added, asked) => {
    const ids = new IdSet(), oracle = new Set<string>()
    for (const one of added) {
      assert.equal(ids.add(one), !oracle.has(one))
      oracle.add(one)
    }
    assert.equal(ids.size, oracle.size)
    for (const one of [...added, ...asked]) assert.equal(ids.has(one), oracle.has(one))
  }), { numRuns: 50 })
})

test('what is no id is refused, not mistaken for one', () => {
  const ids = new IdSet()
  for (const bad of ['', 'a'.repeat(39), 'a'.repeat(41), 'g'.repeat(40), 'A'.repeat(40)]) {
    assert.throws(() => ids.add(bad), RangeError)
  }
  assert.equal(ids.size, 0)
})
