import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSigned } from '#domain/audit/checkpoint'
import {
  COSIGNATURE, cosignedAt, cosignNote, ED25519, formatNote, formatSignature, formatVkey, holds, isBy, parseNote, parseSignatures, parseVkey, signNote,
} from '#domain/audit/note'
import { nodeNamed } from '../../audit/signed_world.ts'

/** The example and the key of the reference tests of Go's package for signed notes. */
const GO_VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const GO_NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`

const node = nodeNamed('alpha.example'), log = node.logKey('vanta/audit/0123')
const TEXT = 'vanta/audit/0123\n3\ncbd+9vJNhMA7O5vRc2296WOyIOT2ze3jDqThd2KsPfs=\n'
const signed = { text: TEXT, signatures: [signNote(TEXT, log, node.sign), cosignNote(TEXT, 1_679_315_147, node.witness, node.sign)] }

test('the note of the reference tests holds, and its key is read and written as it stands', () => {
  const note = parseNote(GO_NOTE), key = parseVkey(GO_VKEY)
  assert.ok(typeof note !== 'string' && key !== undefined && note.signatures[0] !== undefined)
  assert.equal(holds(note.text, note.signatures[0], key), true)
  assert.equal(holds(note.text.replace('answer', 'question'), note.signatures[0], key), false)
  assert.equal(formatNote(note), GO_NOTE)
  assert.equal(formatVkey(key), GO_VKEY)
})

test('a signature of one type never stands for one of the other, though the key is the same', () => {
  const [plain, timed] = signed.signatures
  assert.ok(plain !== undefined && timed !== undefined)
  assert.deepEqual([holds(TEXT, plain, log), holds(TEXT, timed, node.witness)], [true, true])
  assert.equal(cosignedAt(timed), 1_679_315_147)
  const asOther = { ...log, name: node.witness.name, type: COSIGNATURE } as const
  assert.equal(isBy({ ...plain, name: asOther.name }, asOther), false)
  const renamed = { ...timed, keyId: signNote(TEXT, log, node.sign).keyId, name: log.name }
  assert.equal(holds(TEXT, renamed, log), false)
  assert.equal(log.type, ED25519)
  // Another time than the one that was signed.
  const later = Buffer.from(timed.signature)
  later.writeUInt8(later.readUInt8(7) ^ 1, 7)
  assert.equal(holds(TEXT, { ...timed, signature: later }, node.witness), false)
})

test('whatever is changed in a signed checkpoint, no signature of the log holds over another text', () => {
  const whole = Buffer.from(formatNote(signed))
  fc.assert(fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
    const changed = Buffer.from(whole)
    changed.writeUInt8((changed[at] ?? 0) ^ change, at)
    const note = parseSigned(changed)
    if (typeof note === 'string') return
    const still = note.note.signatures.some((signature) => holds(note.note.text, signature, log))
    assert.ok(!still || note.note.text === TEXT)
  }), { numRuns: 2000 })
})

test('a vkey with another key id, name, type or length is none', () => {
  const vkey = formatVkey(log)
  assert.deepEqual(parseVkey(vkey), log)
  for (const wrong of [vkey.replace('0123+', '0124+'), vkey.replace('+A', '+B'), vkey.slice(0, -4), `${vkey}A`, vkey.replaceAll('+', ' '), '', '+00000000+AA==']) {
    assert.equal(parseVkey(wrong), undefined, wrong)
  }
})

test('what is no note is refused and said: no signature, control characters, torn UTF-8, too many', () => {
  const whole = formatNote(signed)
  const bad: [string | Buffer, RegExp][] = [
    ['', /no signed note/], [TEXT, /no signed note/], [`${TEXT}\n`, /no line of a signature/], [whole.slice(0, -1), /no signed note/],
    [whole.replace('\u2014', '-'), /not a line of a signature/], [whole.replace('\n3\n', '\n3\r\n'), /control/],
    [Buffer.concat([Buffer.from(whole), Buffer.of(0xc3)]), /not UTF-8/], [`${whole}${'\u2014 a AAAAAAA=\n'.repeat(100)}`, /more than 100/],
    [whole.replace('alpha.example ', 'alpha example '), /not a line/],
  ]
  for (const [text, why] of bad) assert.match(String(parseNote(text)), why)
  assert.equal(typeof parseSignatures(signed.signatures.map(formatSignature).join('')), 'object')
})

test('a checkpoint is origin, size and root as they would be written again, and extension lines that are not empty', () => {
  assert.equal(typeof parseSigned(formatNote(signed)), 'object')
  assert.equal(typeof parseSigned(formatNote({ ...signed, text: `${TEXT}extension\n` })), 'object')
  for (const text of [TEXT.replace('\n3\n', '\n03\n'), TEXT.replace('\n3\n', '\n-3\n'), TEXT.replace('\n3\n', '\n3e0\n'), TEXT.replace('fs=', 'ft='), TEXT.slice(0, -5), `${TEXT}\nx\n`]) {
    assert.equal(typeof parseSigned(formatNote({ ...signed, text })), 'string', text)
  }
})
