/** Lines are handed on one after another, however long each takes and however the input ends. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { eachLine } from '#tool/input'

test('a line is handed on once the one before it has been taken, the last one without its end too', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }), fc.boolean(), async (chunks, ended) => {
    const lines = chunks.flat().map(String), wholes = chunks.map((chunk) => chunk.map((n) => `${n}\n`).join(''))
    if (!ended) wholes.push((wholes.pop() ?? '').slice(0, -1))
    const taken: string[] = []
    let atWork = 0
    await eachLine(Readable.from(wholes.map((text) => Buffer.from(text)), { objectMode: false }), 100, {
      async hand({ text }) {
        assert.equal(++atWork, 1)
        for (let turn = 0; turn < Number(text); turn++) await new Promise((resolve) => setImmediate(resolve))
        taken.push(text)
        atWork--
      },
      pause: () => undefined,
      stopped: () => false,
    })
    assert.deepEqual(taken, lines)
  }), { numRuns: 60 })
})
