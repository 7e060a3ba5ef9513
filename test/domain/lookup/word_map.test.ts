import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hashInto, readId, WordMap, words, type Span } from '#domain/lookup/word_map'

const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 })
/** Ids whose first words are the same or nearly so, to make them collide. */
const crowded = fc.integer({ min: 0, max: 5000 }).map((n) => n.toString(16).padStart(40, '0'))

test('it holds what a Set of strings holds, however many and however crowded', () => {
  fc.assert(fc.property(fc.array(fc.oneof(id, crowded), { maxLength: 3000, size: 'max' }), (ids) => {
    const [map, strings, entry] = [new WordMap(), new Set<string>(), words()]
    for (const one of ids) {
      assert.ok(readId(one, 0, entry))
      assert.equal(map.find(entry), strings.has(one))
      assert.equal(map.put(entry), !strings.has(one))
      strings.add(one)
    }
    assert.equal(map.size, strings.size)
    for (const one of strings) assert.ok(readId(one, 0, entry) && map.find(entry))
  }), { numRuns: 20 })
})

test('it gives back the words that are not the key, the last that were put', () => {
  const map = new WordMap(3)
  assert.ok(map.put(Uint32Array.of(1, 2, 3, 4, 5)))
  assert.ok(!map.put(Uint32Array.of(1, 2, 3, 6, 7)))
  assert.ok(map.put(Uint32Array.of(1, 2, 4, 8, 9)))
  const entry = Uint32Array.of(1, 2, 3, 0, 0)
  assert.ok(map.find(entry))
  assert.deepEqual([...entry], [1, 2, 3, 6, 7])
  const absent = Uint32Array.of(3, 2, 1, 4, 5)
  assert.ok(!map.find(absent))
  assert.deepEqual([...absent], [3, 2, 1, 4, 5])
})

test('texts hash alike wherever they stand, and apart where they differ', () => {
  const span = (text: string): Span => ({ text, from: 0, to: text.length })
  const hashed = (a: Span, b?: Span): string => {
    const entry = words()
    hashInto(entry, 0, a, b)
    return entry.join()
  }
  fc.assert(fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
    assert.equal(hashed({ text: `${c}${a}${d}`, from: c.length, to: c.length + a.length }, span(b)), hashed(span(a), span(b)))
    if (a !== c || b !== d) assert.notEqual(hashed(span(a), span(b)), hashed(span(c), span(d)))
    if (a !== '') assert.notEqual(hashed(span(a), span(b)), hashed(span(''), span(a + b)))
  }))
})

test('each word of a hash is spread evenly, even over texts that hardly differ', () => {
  const counts = Array.from({ length: 2 }, () => new Uint32Array(64))
  const entry = words()
  for (let i = 0; i < 6400; i++) {
    const text = `ticker:${i}`
    hashInto(entry, 0, { text, from: 0, to: text.length })
    counts.forEach((count, w) => { count[(entry[w] ?? 0) & 63]!++ })
  }
  for (const count of counts) for (const n of count) assert.ok(n > 40 && n < 180, String(n))
})

test('only forty lower-case hex digits are an id', () => {
  const entry = words()
  assert.ok(readId('xx' + 'f'.repeat(40), 2, entry))
  assert.deepEqual([...entry], Array.from({ length: 5 }, () => 0xffffffff))
  for (const not of ['f'.repeat(39), 'F'.repeat(40), 'g'.repeat(40), `${'f'.repeat(39)}"`, `${'f'.repeat(39)}:`, `${'f'.repeat(39)}/`, `${'f'.repeat(39)}\``]) {
    assert.equal(readId(not, 0, entry), false, not)
  }
})
