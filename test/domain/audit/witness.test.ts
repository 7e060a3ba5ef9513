import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { consistencyProof, Frontier, leafHash, rangeRootOf, type Digest } from '#domain/audit/merkle'
import { checkpointText, type SignedCheckpoint } from '#domain/audit/checkpoint'
import { signNote } from '#domain/audit/note'
import { TileFault } from '#domain/audit/tiles'
import { lastCosigned, weigh, withCosigned, type Verdict } from '#domain/audit/witness'
import { nodeNamed } from '../../audit/signed_world.ts'

const ORIGIN = 'vanta/audit/0123', log = nodeNamed('log.example'), key = log.logKey(ORIGIN)

const historyOf = (name: string, size: number, sharedUntil = 0): Digest[] =>
  Array.from({ length: size }, (_, i) => leafHash(Buffer.from(i < sharedUntil ? `shared ${i}` : `${name} ${i}`)))

function signed(leaves: readonly Digest[], size: number): SignedCheckpoint {
  const frontier = new Frontier()
  for (const leaf of leaves.slice(0, size)) frontier.append(leaf)
  const checkpoint = { origin: ORIGIN, size, root: frontier.root() }, text = checkpointText(checkpoint)
  return { ...checkpoint, note: { text, signatures: [signNote(text, key, log.sign)] } }
}

const rangesOf = (leaves: readonly Digest[]) => rangeRootOf((i) => leaves[i] ?? '')
const outcome = (verdict: Verdict): string => ('refused' in verdict ? verdict.kind : 'unproved' in verdict ? 'unproved' : 'cosign')

test('a log that only grows is cosigned at every step; any other history than the one seen is not, by proof or by tiles', () => {
  const sizes = fc.tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 80 }))
  fc.assert(fc.property(sizes, ([one, other, shared]) => {
    const seen = historyOf('a', Math.min(one, other), shared), size = Math.max(one, other), known = signed(seen, seen.length)
    const honest = [...seen, ...historyOf('more', size - seen.length)], forged = historyOf('b', size, shared)
    for (const leaves of [honest, forged]) {
      const offered = signed(leaves, size), ranges = rangesOf(leaves)
      const isSame = leaves === honest || shared >= seen.length
      const path = consistencyProof(seen.length, size, ranges)
      const expected = isSame ? 'cosign' : size === seen.length ? 'fork' : 'rewritten'
      assert.equal(outcome(weigh(offered, known, [key], { ranges })), expected)
      assert.equal(outcome(weigh(offered, known, [key], { old: seen.length, path })), expected)
    }
  }), { numRuns: 300 })
})

test('what is smaller, unsigned, unknown or shown from another size is not cosigned, and each is told apart', () => {
  const leaves = historyOf('a', 20), ranges = rangesOf(leaves), known = signed(leaves, 10), offered = signed(leaves, 20)
  assert.equal(outcome(weigh(signed(leaves, 9), known, [key], { ranges })), 'stale')
  assert.equal(outcome(weigh(offered, known, [], { ranges })), 'unknown')
  assert.equal(outcome(weigh({ ...offered, note: { ...offered.note, signatures: [] } }, known, [key], { ranges })), 'unsigned')
  const stranger = nodeNamed('stranger.example')
  assert.equal(outcome(weigh(offered, known, [stranger.logKey(ORIGIN)], { ranges })), 'unsigned')
  assert.equal(outcome(weigh(offered, known, [key], { old: 9, path: consistencyProof(9, 20, ranges) })), 'unproved')
  assert.equal(outcome(weigh(offered, known, [key], { old: 0, path: [] })), 'unproved')
  assert.equal(outcome(weigh(offered, undefined, [key], { old: 0, path: [] })), 'cosign')
  assert.equal(outcome(weigh(offered, known, [key], { ranges: rangesOf(historyOf('b', 20)) })), 'unproved')
  const missing = (): never => {
    throw new TileFault('tile/0/000.p/20 is missing')
  }
  assert.equal(outcome(weigh(offered, known, [key], { ranges: missing })), 'unproved')
})

test('what was cosigned last is remembered by log, and a memory that is none is said', () => {
  const checkpoint = signed(historyOf('a', 3), 3), memory = withCosigned({}, checkpoint)
  assert.deepEqual(lastCosigned(memory, ORIGIN), checkpoint)
  assert.equal(lastCosigned(memory, 'another'), undefined)
  assert.equal(lastCosigned(undefined, ORIGIN), undefined)
  assert.equal(typeof lastCosigned('x', ORIGIN), 'string')
  assert.equal(typeof lastCosigned({ [ORIGIN]: 7 }, ORIGIN), 'string')
  assert.equal(typeof lastCosigned({ [ORIGIN]: 'torn' }, ORIGIN), 'string')
  assert.match(String(lastCosigned({ other: memory[ORIGIN] }, 'other')), /the checkpoint is of vanta/)
})
