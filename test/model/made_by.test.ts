/** A command line as a card says it, handed to a shell: the words that come out are those that went in, whatever stands in them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { madeBy } from '../../src/model/train/made_by.ts'

test('a shell reads the words that were meant', () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab ~*$`"\'\\#;&|<>()!?[]{}=%\t-é'), minLength: 1, maxLength: 12 })
  fc.assert(fc.property(word, fc.array(word, { minLength: 1, maxLength: 3 }), fc.nat(), (file, only, trees) => {
    const line = madeBy('direction', { in: file, only, trees, since: undefined, onnx: true, whole: false, o: file }, { ambient: ' --seed 3' })
    const { stdout } = spawnSync('sh', ['-c', `for word in ${line}; do printf '%s\\n' "$word"; done`], { encoding: 'utf8' })
    assert.deepEqual(stdout.split('\n').slice(0, -1),
      ['vanta-train', 'direction', '--in', file, '--only', only.join(','), '--trees', String(trees), '--onnx', '-o', file, '--seed', '3'])
  }), { numRuns: 60 })
})
