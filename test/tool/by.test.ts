import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryFolder } from '#adapter/memory/folder'
import { parseArgv } from '#tool/argv'
import { fileOfWord, madeBy } from '#tool/by'
import { action, type Options } from '#tool'
import { splitWords } from '#tool/pipeline'

const options = {
  every: { kind: 'duration', help: 'how often' },
  floor: { kind: 'number', default: '0.01', help: 'least weight' },
  word: { kind: 'text', help: 'any text' },
  priced: { kind: 'flag', help: 'only what has a price' },
  names: { kind: 'list', help: 'some names' },
  model: { kind: 'path', help: 'a file' },
  pace: { kind: 'integer', default: '3', aside: true, help: 'how fast' },
} as const satisfies Options
const act = action({ name: 'vanta-x weigh', summary: 'Weigh.', options, reads: [], examples: [], open: () => ({ each: () => undefined }) })

const byOf = async (words: readonly string[], folder = memoryFolder()): Promise<string> =>
  madeBy(act, '0.1.0', (await parseArgv(act, words, {}, {})).values, '', folder)

test('what is at its default, and what changes no record, is not said', async () => {
  assert.equal(await byOf([]), 'vanta-x/0.1.0 weigh')
  assert.equal(await byOf(['--floor', '0.010', '--pace', '9']), 'vanta-x/0.1.0 weigh')
  assert.equal(await byOf(['--priced', '--floor', '0.5', '--every', '60m']), 'vanta-x/0.1.0 weigh --every 1h --floor 0.5 --priced')
})

test('a file is said with what was in it, and a change of it is seen', async () => {
  const folder = memoryFolder()
  folder.write('/m.json', '{"a":1}')
  const word = (await byOf(['--model', '/m.json'], folder)).split(' ').at(-1) ?? ''
  assert.match(word, /^\/m\.json@[0-9a-f]{16}$/)
  assert.deepEqual(fileOfWord(word, folder), { path: '/m.json', isChanged: false })
  folder.write('/m.json', '{"a":2}')
  assert.deepEqual(fileOfWord(word, folder), { path: '/m.json', isChanged: true })
  assert.equal(fileOfWord('/m.json', folder), undefined)
})

test('the words read again give the same values', async () => {
  const typed = fc.record({
    every: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
    floor: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    word: fc.option(fc.stringMatching(/^[a-zA-Z0-9 #_,;$-]+$/).filter((text) => !text.startsWith('-')), { nil: undefined }),
    priced: fc.boolean(),
    names: fc.option(fc.array(fc.stringMatching(/^[a-z]+$/), { minLength: 1, maxLength: 3 }), { nil: undefined }),
  })
  await fc.assert(fc.asyncProperty(typed, async ({ every, floor, word, priced, names }) => {
    const words = [
      ...(every === undefined ? [] : ['--every', `${every}ms`]), ...(floor === undefined ? [] : [`--floor=${floor}`]),
      ...(word === undefined ? [] : ['--word', word]), ...(priced ? ['--priced'] : []), ...(names === undefined ? [] : ['--names', names.join(',')]),
    ]
    const { values } = await parseArgv(act, words, {}, {})
    const by = madeBy(act, '0.1.0', values, '', memoryFolder())
    const again = await parseArgv(act, splitWords(by, 'by').slice(2), {}, {})
    assert.deepEqual(again.values, values)
  }))
})
