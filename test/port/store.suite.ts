import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '#port/store'
import { Failure, type Exit } from '#port/failure'

export const failsWith = (exit: Exit, message?: RegExp) => (error: unknown): boolean =>
  error instanceof Failure && error.exit === exit && (message === undefined || message.test(error.message))

/** What every Store does. `fresh` gives an empty one. */
export function storeSuite(name: string, fresh: () => Store): void {
  test(`${name}: what was never written is undefined`, () => {
    assert.equal(fresh().read('vault.json'), undefined)
  })

  test(`${name}: gives back what was written, versions counting up from 1`, () => {
    const store = fresh()
    assert.equal(store.write('vault.json', { cash: '100.00', bands: [1, 2], nested: { a: null } }, 0), 1)
    assert.deepEqual(store.read('vault.json'), { version: 1, memory: { cash: '100.00', bands: [1, 2], nested: { a: null } } })
    assert.equal(store.write('vault.json', { cash: '90.00' }, 1), 2)
    assert.deepEqual(store.read('vault.json'), { version: 2, memory: { cash: '90.00' } })
  })

  test(`${name}: a write on an old version fails with "again" and changes nothing`, () => {
    const store = fresh()
    store.write('a.json', { by: 'first' }, 0)
    store.write('a.json', { by: 'second' }, 1)
    for (const stale of [0, 1, 3]) assert.throws(() => store.write('a.json', { by: 'stale' }, stale), failsWith('again'))
    assert.deepEqual(store.read('a.json'), { version: 2, memory: { by: 'second' } })
  })

  test(`${name}: names are independent, and may not leave the folder`, () => {
    const store = fresh()
    store.write('a.json', { n: 1 }, 0)
    store.write('b.json', { n: 2 }, 0)
    assert.deepEqual(store.read('a.json')?.memory, { n: 1 })
    for (const bad of ['', '..', '../a.json', 'a/b.json', '.hidden', 'a..json', 'a\0b']) {
      assert.throws(() => store.read(bad), failsWith('config'), bad)
      assert.throws(() => store.write(bad, {}, 0), failsWith('config'), bad)
    }
  })

  test(`${name}: is no shared object: later changes to what was written or read do not reach it`, () => {
    const store = fresh()
    const memory = { list: [1] }
    store.write('a.json', memory, 0)
    memory.list.push(2)
    const read = store.read('a.json')
    assert.deepEqual(read?.memory, { list: [1] })
    assert.notEqual(store.read('a.json')?.memory, read?.memory)
  })

  test(`${name}: undefined fields are absent; what JSON would lose is refused`, () => {
    const store = fresh()
    store.write('a.json', { kept: 1, gone: undefined }, 0)
    assert.deepEqual(store.read('a.json')?.memory, { kept: 1 })
    assert.throws(() => store.write('b.json', { n: NaN }, 0), RangeError)
    assert.throws(() => store.write('b.json', { n: [Infinity] }, 0), RangeError)
    assert.throws(() => store.write('b.json', { version: 7 }, 0), RangeError)
    assert.equal(store.read('b.json'), undefined)
  })
}
