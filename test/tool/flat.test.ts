import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { make, type Vanta } from '#record'
import { flattened } from '#tool/flat'

const record = (key: number): Vanta =>
  make('signal', { at: '2021-01-04T14:30:00.000Z', known_at: '2021-01-04T14:30:00.000Z', source: 'x', by: 'x', type: 'x', key: String(key) })

test('chunks come out one after another, in order, empty ones passed over', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 6 }), async (chunks) => {
    async function* made(): AsyncGenerator<Iterable<Vanta>> {
      for (const chunk of chunks) yield chunk.map(record)
    }
    const keys: string[] = []
    for await (const each of flattened(made())) keys.push('key' in each ? each.key : '')
    assert.deepEqual(keys, chunks.flat().map(String))
  }))
})

test('who leaves ends both the chunk and what makes chunks, each where it stands', async () => {
  const ended: string[] = []
  function* inner(): Generator<Vanta> {
    try {
      for (let i = 0; ; i++) yield record(i)
    } finally {
      ended.push('inner')
    }
  }
  async function* outer(): AsyncGenerator<Iterable<Vanta>> {
    try {
      yield inner()
    } finally {
      ended.push('outer')
    }
  }
  let count = 0
  for await (const _ of flattened(outer())) if (++count === 3) break
  assert.deepEqual([count, ended], [3, ['inner', 'outer']])
})

test('what is thrown within a chunk, or between two, reaches the reader', async () => {
  function* bad(): Generator<Vanta> {
    yield record(1)
    throw new Error('within')
  }
  async function* within(): AsyncGenerator<Iterable<Vanta>> {
    yield bad()
  }
  async function* between(): AsyncGenerator<Iterable<Vanta>> {
    yield [record(1)]
    throw new Error('between')
  }
  const all = async (records: AsyncIterable<Vanta>): Promise<number> => {
    let count = 0
    for await (const _ of records) count++
    return count
  }
  await assert.rejects(all(flattened(within())), /within/)
  await assert.rejects(all(flattened(between())), /between/)
})
