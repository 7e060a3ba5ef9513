import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { containedOf, editLikeness, jaccardOf, jaroWinkler, mongeElkan, tokensOf, trigramsOf } from '#domain/resolve/likeness'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 8 })
const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 5e-4, `${a} is not ${b}`)

test('Jaro-Winkler: the examples of Winkler', () => {
  close(jaroWinkler('martha', 'marhta'), 0.9611)
  close(jaroWinkler('dwayne', 'duane'), 0.84)
  close(jaroWinkler('dixon', 'dicksonx'), 0.8133)
  assert.equal(jaroWinkler('abc', 'xyz'), 0)
})

test('every likeness is the same either way, 1 for the same, and within 0 and 1', () => {
  fc.assert(fc.property(word, word, (a, b) => {
    const setOf = (text: string): ReadonlySet<string> => new Set(text)
    for (const like of [jaroWinkler, editLikeness, (x: string, y: string) => jaccardOf(setOf(x), setOf(y)), (x: string, y: string) => containedOf(setOf(x), setOf(y))]) {
      assert.ok(like(a, b) >= 0 && like(a, b) <= 1)
      assert.ok(Math.abs(like(a, b) - like(b, a)) < 1e-12)
      if (a !== '') assert.equal(like(a, a), 1)
    }
  }))
})

/** Fewest edits by trying all: restricted Damerau-Levenshtein as its recursion is written. */
function edits(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const same = a.at(-1) === b.at(-1) ? 0 : 1
  let least = Math.min(edits(a.slice(0, -1), b) + 1, edits(a, b.slice(0, -1)) + 1, edits(a.slice(0, -1), b.slice(0, -1)) + same)
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) least = Math.min(least, edits(a.slice(0, -2), b.slice(0, -2)) + 1)
  return least
}

test('edits are the fewest there are', () => {
  const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 })
  fc.assert(fc.property(short, short, (a, b) => {
    assert.ok(Math.abs(editLikeness(a, b) - (1 - edits(a, b) / Math.max(a.length, b.length))) < 1e-12)
  }))
})

test('words in another order are the same words', () => {
  assert.equal(mongeElkan(['smith', 'ann'], ['ann', 'smith']), 1)
  assert.deepEqual(tokensOf("Müller & Söhne, 'GmbH' 10.5"), ['muller', 'sohne', 'gmbh', '10', '5'])
  assert.deepEqual([...trigramsOf(['ab'])], ['_ab', 'ab_'])
})
