import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { idWords, IdSet, readId } from '#domain/id_set'

const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 })
/** Ids that differ late, so that they collide early. */
const crowded = fc.integer({ min: 0, max: 5000 }).map((n) => n.toString(16).padStart(40, '0'))

test('it holds what a Set of strings holds, however many and however crowded', () => {
  fc.assert(fc.property(fc.array(fc.oneof(id, crowded), { maxLength: 3000, size: 'max' }), (ids) => {
    const [set, strings, words] = [new IdSet(), new Set<string>(), idWords()]
    for (const one of ids) {
      assert.ok(readId(one, 0, words))
      assert.equal(set.has(words), strings.has(one))
      assert.equal(set.add(words), !strings.has(one))
      strings.add(one)
    }
    assert.equal(set.size, strings.size)
  }), { numRuns: 20 })
})

test('only forty lower-case hex digits are an id', () => {
  const words = idWords()
  assert.ok(readId('xx' + 'f'.repeat(40), 2, words))
  assert.deepEqual([...words], Array.from({ length: 5 }, () => 0xffffffff))
  for (const not of ['f'.repeat(39), 'F'.repeat(40), 'g'.repeat(40), `${'f'.repeat(39)}"`, `${'f'.repeat(39)}:`, `${'f'.repeat(39)}/`, `${'f'.repeat(39)}\``]) {
    assert.equal(readId(not, 0, words), false, not)
  }
})
