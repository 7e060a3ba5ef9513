import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  consistencyProof, digestOf, EMPTY_ROOT, Frontier, hexOf, inclusionProof, isConsistent, isIncluded, leafHash, rangeRootOf,
  type Digest,
} from '#domain/audit/merkle'

/** The leaves and roots that the reference tests of Certificate Transparency use. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('roots of the trees of the reference tests', () => {
  const frontier = new Frontier()
  assert.equal(hexOf(EMPTY_ROOT), ROOTS[0])
  assert.equal(hexOf(frontier.root()), ROOTS[0])
  LEAVES.forEach((leaf, i) => {
    frontier.append(leafHash(Buffer.from(leaf, 'hex')))
    assert.equal(hexOf(frontier.root()), ROOTS[i + 1])
    assert.equal(frontier.size, i + 1)
  })
})

/** MTH of RFC 6962, section 2.1, word for word: the oracle. */
function mth(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest()
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return createHash('sha256').update(Buffer.of(0)).update(only).digest()
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return createHash('sha256').update(Buffer.of(1)).update(mth(leaves.slice(0, k))).update(mth(leaves.slice(k))).digest()
}

const someLeaves = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)), { minLength: 1, maxLength: 70 })
const hashes = (leaves: readonly Buffer[]): Digest[] => leaves.map(leafHash)
const rootOf = (leaves: readonly Buffer[]): Digest => mth(leaves).toString('latin1')
const rangeOf = (leaves: readonly Buffer[]) => rangeRootOf((index) => hashes(leaves)[index] ?? '')

test('the frontier gives the root of the recursive definition at every size', () => {
  fc.assert(fc.property(someLeaves, (leaves) => {
    const frontier = new Frontier()
    leaves.forEach((leaf, i) => {
      frontier.append(leafHash(leaf))
      assert.equal(frontier.root(), rootOf(leaves.slice(0, i + 1)))
    })
  }))
})

test('a copied frontier grows on its own', () => {
  const one = new Frontier()
  one.append(leafHash(Buffer.from('a')))
  const two = new Frontier(one)
  two.append(leafHash(Buffer.from('b')))
  assert.equal(one.size, 1)
  assert.equal(one.root(), leafHash(Buffer.from('a')))
  assert.equal(two.root(), rootOf([Buffer.from('a'), Buffer.from('b')]))
})

test('inclusion proofs of the reference tests', () => {
  const leaves = LEAVES.map((leaf) => Buffer.from(leaf, 'hex'))
  const hexes = (index: number, size: number): string[] => inclusionProof(index, size, rangeOf(leaves)).map(hexOf)
  assert.deepEqual(hexes(0, 1), [])
  assert.deepEqual(hexes(0, 8), [
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ])
})

test('every leaf proves to be where it is, and nowhere else', () => {
  fc.assert(fc.property(someLeaves, fc.nat(), fc.nat(), fc.nat(255), (leaves, seed, other, flip) => {
    const size = leaves.length, index = seed % size, root = rootOf(leaves)
    const proof = inclusionProof(index, size, rangeOf(leaves))
    const leaf = leafHash(leaves[index] ?? Buffer.alloc(0))
    assert.ok(isIncluded(leaf, index, size, proof, root))
    const elsewhere = other % size
    if (elsewhere !== index && leafHash(leaves[elsewhere] ?? Buffer.alloc(0)) !== leaf) {
      assert.ok(!isIncluded(leaf, elsewhere, size, proof, root))
    }
    assert.ok(!isIncluded(leaf, index, size, [...proof, root], root))
    assert.ok(!isIncluded(leaf, size, size, proof, root))
    assert.ok(!isIncluded(leaf, -1, size, proof, root))
    if (proof.length > 0) {
      assert.ok(!isIncluded(leaf, index, size, proof.slice(1), root))
      assert.ok(!isIncluded(leaf, index, size, flipped(proof, other, flip), root))
    }
  }))
})

/** One bit of one digest changed. */
function flipped(proof: readonly Digest[], which: number, bit: number): Digest[] {
  const at = which % proof.length
  const bytes = Buffer.from(proof[at] ?? '', 'latin1')
  bytes.writeUInt8((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3)
  return proof.map((digest, i) => (i === at ? bytes.toString('latin1') : digest))
}

test('every tree proves to be a prefix of every later one, and a rewritten one does not', () => {
  fc.assert(fc.property(someLeaves, fc.nat(), fc.nat(), fc.nat(255), (leaves, a, b, bit) => {
    const second = leaves.length, first = a % (second + 1)
    const oldRoot = rootOf(leaves.slice(0, first)), newRoot = rootOf(leaves)
    const proof = consistencyProof(first, second, rangeOf(leaves))
    assert.ok(isConsistent(first, oldRoot, second, newRoot, proof))
    assert.ok(!isConsistent(first, oldRoot, second, newRoot, [...proof, newRoot]))
    const rewritten = leaves.map((leaf, i) => (i === b % second ? Buffer.concat([leaf, Buffer.of(7)]) : leaf))
    if (b % second < first) {
      assert.ok(!isConsistent(first, oldRoot, second, rootOf(rewritten), consistencyProof(first, second, rangeOf(rewritten))))
    }
    if (proof.length > 0) assert.ok(!isConsistent(first, oldRoot, second, newRoot, flipped(proof, b, bit)))
    if (first > 0 && first < second) assert.ok(!isConsistent(second, newRoot, first, oldRoot, proof))
  }))
})

test('asked for what is not there, proofs are refused', () => {
  const range = rangeOf([Buffer.from('a')])
  assert.throws(() => inclusionProof(1, 1, range), RangeError)
  assert.throws(() => consistencyProof(2, 1, range), RangeError)
})

test('hex and back', () => {
  assert.equal(hexOf(digestOf(ROOTS[3] ?? '')), ROOTS[3])
})
