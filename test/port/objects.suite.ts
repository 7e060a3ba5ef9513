/** What every place for objects must hold to. Each case begins with a place of its own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Objects } from '#port/objects'

export interface ObjectsUnderTest {
  /** Undefined where it can run here. */
  readonly skip: string | undefined
  /** The same place again for the same name, as another process would open it. */
  open(name: string): Promise<Objects>
}

const bytes = (text: string): Buffer => Buffer.from(text)
const text = async (objects: Objects, name: string): Promise<string | undefined> => (await objects.read(name))?.toString('utf8')

export function objectsSuite(name: string, { skip, open }: ObjectsUnderTest): void {
  const it = (what: string, body: (place: string) => Promise<void>): void => {
    test(`${name}: ${what}`, { skip: skip ?? false }, () => body(what.replace(/\W+/g, '-')))
  }

  it('what was written is there for whoever reads next, and a later writing takes its place', async (place) => {
    const objects = await open(place)
    assert.equal(await objects.read('a/b.bin'), undefined)
    const content = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7919) % 256))
    await objects.write('a/b.bin', content)
    assert.deepEqual(await (await open(place)).read('a/b.bin'), content)
    await objects.write('a/b.bin', bytes('later'))
    assert.equal(await text(objects, 'a/b.bin'), 'later')
    await objects.write('empty', bytes(''))
    assert.equal(await text(objects, 'empty'), '')
    await objects.remove('a/b.bin')
    await objects.remove('a/b.bin')
    assert.equal(await objects.read('a/b.bin'), undefined)
  })

  it('lists are of what begins so, by name, with sizes', async (place) => {
    const objects = await open(place)
    assert.deepEqual(await objects.list(''), [])
    const names = ['bars/month=2021-02/x+y.parquet', 'bars/month=2021-01/b', 'bars/month=2021-01/a', 'manifest/0001.json']
    for (const at of names) await objects.write(at, bytes(at))
    await objects.create('manifest/0002.json', bytes('z'))
    const listed = await objects.list('bars/month=')
    assert.deepEqual(listed.map(({ name: of, bytes: size }) => [of, size]), [
      ['bars/month=2021-01/a', 20], ['bars/month=2021-01/b', 20], ['bars/month=2021-02/x+y.parquet', 30],
    ])
    assert.ok(listed.every(({ writtenMs }) => Math.abs(writtenMs - Date.now()) < 600_000))
    assert.equal((await objects.list('')).length, 5)
    assert.deepEqual(await objects.list('none/'), [])
    assert.equal(await text(objects, 'bars/month=2021-02/x+y.parquet'), 'bars/month=2021-02/x+y.parquet')
  })

  it('of all who create one, one alone has', async (place) => {
    const writers = await Promise.all(Array.from({ length: 6 }, () => open(place)))
    const made = await Promise.all(writers.map((objects, nth) => objects.create('one', bytes(`by ${nth}`))))
    assert.equal(made.filter(Boolean).length, 1)
    assert.equal(await text(await open(place), 'one'), `by ${made.indexOf(true)}`)
    assert.equal(await (await open(place)).create('one', bytes('again')), false)
  })
}
