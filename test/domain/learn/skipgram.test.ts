import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipgram } from '#domain/learn/skipgram'
import { seededRandom } from '#tool/random'

const BLOCKS = 4, SIZE = 15, DIMENSIONS = 16

/** Walks that mostly stay in the block where they are. */
function walks(): Int32Array[] {
  const random = seededRandom('1', 'walks')
  return Array.from({ length: 1200 }, (_, i) => {
    let block = i % BLOCKS
    return Int32Array.from({ length: 12 }, () => {
      if (random.next() < 0.05) block = random.integer(BLOCKS)
      return block * SIZE + random.integer(SIZE)
    })
  })
}
function vectorsOf(): Float32Array {
  const random = seededRandom('1', 'skipgram')
  return skipgram(walks(), BLOCKS * SIZE, () => random.next(), { dimensions: DIMENSIONS, epochs: 8, rate: 0.05 })
}

test('who keeps the same company has a like vector: the nearest of nearly all is of their own block', () => {
  const vectors = vectorsOf()
  const likeness = (a: number, b: number): number => {
    let dot = 0, left = 0, right = 0
    for (let d = 0; d < DIMENSIONS; d++) {
      const x = vectors[a * DIMENSIONS + d] ?? 0, y = vectors[b * DIMENSIONS + d] ?? 0
      dot += x * y
      left += x * x
      right += y * y
    }
    return dot / Math.sqrt(left * right)
  }
  let right = 0
  for (let thing = 0; thing < BLOCKS * SIZE; thing++) {
    let nearest = -1
    for (let other = 0; other < BLOCKS * SIZE; other++) {
      if (other !== thing && (nearest < 0 || likeness(thing, other) > likeness(thing, nearest))) nearest = other
    }
    if (Math.floor(nearest / SIZE) === Math.floor(thing / SIZE)) right++
  }
  assert.ok(right >= 0.97 * BLOCKS * SIZE, `${right} of ${BLOCKS * SIZE}`)
})

test('the same draws give the same vectors, and all are finite', () => {
  const vectors = vectorsOf()
  assert.deepEqual(vectorsOf(), vectors)
  assert.ok(vectors.every((value) => Number.isFinite(value)))
})
