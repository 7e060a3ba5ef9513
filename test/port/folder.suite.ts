import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Folder } from '#port/folder'
import { failsWith } from './store.suite.ts'

/** What every Folder does. `fresh` gives one, and a path in it under which there is nothing yet. */
export function folderSuite(name: string, fresh: () => { folder: Folder; root: string }): void {
  test(`${name}: what is not there reads as undefined and lists as empty`, () => {
    const { folder, root } = fresh()
    assert.equal(folder.read(`${root}/none.txt`), undefined)
    assert.deepEqual(folder.list(`${root}/none`), [])
  })

  test(`${name}: reads back what was written, replaces it, lists it sorted`, () => {
    const { folder, root } = fresh()
    folder.write(`${root}/b.txt`, 'first')
    folder.write(`${root}/b.txt`, 'second')
    folder.write(`${root}/a.bin`, Buffer.from([0, 255, 128]))
    folder.write(`${root}/sub/deep/c.txt`, 'c')
    assert.equal(folder.read(`${root}/b.txt`)?.toString(), 'second')
    assert.deepEqual(folder.read(`${root}/a.bin`), Buffer.from([0, 255, 128]))
    assert.deepEqual(folder.list(root), ['a.bin', 'b.txt', 'sub'])
    assert.deepEqual(folder.list(`${root}/sub/`), ['deep'])
  })

  test(`${name}: bytes are what stands there, packed or not`, () => {
    const { folder, root } = fresh()
    const packed = gzipSync('packed')
    folder.write(`${root}/x`, packed)
    assert.deepEqual(folder.bytes(`${root}/x`), packed)
    assert.equal(folder.bytes(`${root}/none`), undefined)
  })

  test(`${name}: gzip is unpacked by its first bytes, whatever the name`, () => {
    const { folder, root } = fresh()
    folder.write(`${root}/x.gz`, gzipSync('packed'))
    folder.write(`${root}/y`, Buffer.concat([gzipSync('one '), gzipSync('two')]))
    folder.write(`${root}/plain.gz`, 'not packed')
    assert.equal(folder.read(`${root}/x.gz`)?.toString(), 'packed')
    assert.equal(folder.read(`${root}/y`)?.toString(), 'one two')
    assert.equal(folder.read(`${root}/plain.gz`)?.toString(), 'not packed')
  })

  test(`${name}: gzip cut off or damaged is bad data, and the path is named`, () => {
    const { folder, root } = fresh()
    const packed = gzipSync('a text long enough to be cut off in its middle, or to have one of its bytes changed')
    folder.write(`${root}/cut.gz`, packed.subarray(0, 40))
    const damaged = Buffer.from(packed)
    damaged.writeUInt8((damaged[packed.length - 6] ?? 0) ^ 1, packed.length - 6)
    folder.write(`${root}/damaged.gz`, damaged)
    assert.throws(() => folder.read(`${root}/cut.gz`), failsWith('data', /cut\.gz: gzip ends too early/))
    assert.throws(() => folder.read(`${root}/damaged.gz`), failsWith('data', /damaged\.gz: not valid gzip/))
  })
}
