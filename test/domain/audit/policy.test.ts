import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cosignNote, formatVkey, signNote, type NoteSignature } from '#domain/audit/note'
import { judge, parsePolicy, type Policy } from '#domain/audit/policy'
import { EMPTY_ROOT } from '#domain/audit/merkle'
import { checkpointText, type SignedCheckpoint } from '#domain/audit/checkpoint'
import { nodeNamed } from '../../audit/signed_world.ts'

const ORIGIN = 'vanta/audit/0123'
const log = nodeNamed('log.example'), witnesses = ['x', 'y', 'z'].map((name) => nodeNamed(`${name}.example`))
const LINES = [`log ${formatVkey(log.logKey(ORIGIN))}`, ...witnesses.map((node, i) => `witness ${'XYZ'[i]} ${formatVkey(node.witness)}`)]

function policy(...more: string[]): Policy {
  const read = parsePolicy(['# those we know', '', ...LINES, ...more].join('\n'))
  assert.ok(typeof read !== 'string', String(read))
  return read
}

const TEXT = checkpointText({ origin: ORIGIN, size: 0, root: EMPTY_ROOT })
const byLog = signNote(TEXT, log.logKey(ORIGIN), log.sign)
const byWitness = witnesses.map((node) => cosignNote(TEXT, 1_600_000_000, node.witness, node.sign))
const checkpoint = (...signatures: NoteSignature[]): SignedCheckpoint =>
  ({ origin: ORIGIN, size: 0, root: EMPTY_ROOT, note: { text: TEXT, signatures } })

test('a quorum of two of three, of groups, of one, and none', () => {
  const subsets = fc.subarray([0, 1, 2])
  fc.assert(fc.property(subsets, (chosen) => {
    const signed = checkpoint(byLog, ...chosen.flatMap((i) => byWitness[i] ?? []))
    const accepts = (...lines: string[]): boolean => judge(signed, policy(...lines)).accepted
    assert.equal(accepts('group g 2 X Y Z', 'quorum g'), chosen.length >= 2)
    assert.equal(accepts('group g all X Y', 'group h any g Z', 'quorum h'), chosen.includes(2) || (chosen.includes(0) && chosen.includes(1)))
    assert.equal(accepts('quorum Y'), chosen.includes(1))
    assert.equal(accepts('quorum none'), true)
  }))
})

test('a checkpoint counts only with its own log\'s signature, and never with one of a known key that does not hold', () => {
  const open = policy('quorum none'), [x] = byWitness
  assert.ok(x !== undefined)
  assert.match(JSON.stringify(judge(checkpoint(x), open)), /not signed with a key of vanta/)
  assert.match(JSON.stringify(judge({ ...checkpoint(byLog), origin: 'elsewhere' }, open)), /knows no log elsewhere/)
  const torn = { ...x, signature: Buffer.from(x.signature).fill(0, 20, 30) }
  assert.match(JSON.stringify(judge(checkpoint(byLog, torn), open)), /signature of x.example does not hold/)
  const stranger = nodeNamed('stranger.example')
  const judged = judge(checkpoint(byLog, cosignNote(TEXT, 1, stranger.witness, stranger.sign), x), open)
  assert.deepEqual(judged.accepted && judged.cosigned, [{ name: 'X', seconds: 1_600_000_000 }])
})

test('a witness that cosigns twice counts once', () => {
  const [x] = byWitness
  assert.ok(x !== undefined)
  assert.equal(judge(checkpoint(byLog, x, x), policy('group g 2 X Y Z', 'quorum g')).accepted, false)
})

test('what is wrong with a policy is said with its line', () => {
  const bad: [string[], RegExp][] = [
    [[], /no quorum line/], [['quorum none', 'quorum X'], /line 8: a second quorum/], [['quorum W'], /line 7: no witness or group "W"/],
    [['group g 4 X Y Z', 'quorum g'], /line 7: expected all, any or a number from 1 to 3/], [['group g 0 X', 'quorum g'], /line 7/],
    [['group g any X', 'group h any X', 'quorum h'], /"X" is a member already/], [['group none any X', 'quorum none'], /"none" is taken/],
    [[`witness W ${formatVkey(witnesses[0]?.witness ?? log.witness)}`], /listed twice/], [['log nonsense'], /not the vkey of a log/],
    [[`log ${formatVkey(log.witness)}`], /not the vkey of a log/], [['whatever'], /line 7: expected log VKEY/],
  ]
  for (const [lines, why] of bad) assert.match(String(parsePolicy(['# those we know', '', ...LINES, ...lines].join('\n'))), why)
})
