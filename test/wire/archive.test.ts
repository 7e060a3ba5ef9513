/** Archives are read as they were written, however they are cut into pieces; what is damaged or leads out is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { packerOf, type Packing } from '#wire/archive/pack'
import { tarEnd, tarFile, tarHeader } from '#wire/archive/tar'
import { unpackerOf } from '#wire/archive/unpack'
import { TarReader } from '#wire/archive/untar'

const content = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }), fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat({ max: 400_000 })).map(([unit, size]) => new Uint8Array(Buffer.alloc(size, unit))),
)
const files = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}(\/[a-z.]{1,8}x){0,2}$/), content), { maxLength: 4 })

async function packed(packing: Packing, all: readonly (readonly [string, Uint8Array])[]): Promise<Buffer> {
  const packer = await packerOf(packing)
  const parts = all.map(([name, bytes]) => Buffer.from(packer.add(tarFile(name, bytes, 0))))
  return Buffer.concat([...parts, Buffer.from(packer.add(tarEnd())), Buffer.from(packer.end())])
}

async function read(archive: Buffer, piece: number): Promise<[string, Buffer][]> {
  const unpacker = await unpackerOf(archive), reader = new TarReader(), found: [string, Buffer[]][] = []
  for (let at = 0; at < archive.length; at += piece) {
    for (const bytes of unpacker.add(archive.subarray(at, at + piece))) {
      for (const event of reader.add(bytes)) {
        if ('entry' in event) found.push([event.entry.name, []])
        else found.at(-1)?.[1].push(Buffer.from(event.part))
      }
    }
  }
  unpacker.end()
  reader.end()
  return found.map(([name, parts]) => [name, Buffer.concat(parts)])
}

const asBuffers = (all: readonly (readonly [string, Uint8Array])[]): [string, Buffer][] => all.map(([name, bytes]) => [name, Buffer.from(bytes)])

for (const packing of ['zstd', 'none'] as const) {
  test(`law: what was packed comes back, in pieces of any size (${packing})`, async () => {
    await fc.assert(fc.asyncProperty(files, fc.constantFrom(1, 7, 511, 4096, 1 << 20), async (all, piece) => {
      const archive = await packed(packing, all)
      assert.deepEqual(await read(archive, Math.max(piece, Math.ceil(archive.length / 500))), asBuffers(all))
    }), { numRuns: 30 })
  })
}

test('law: an archive that was cut off anywhere is refused', async () => {
  const archive = await packed('zstd', [['a', Buffer.alloc(300_000, 'abcdefg')], ['b/c', Buffer.from('x')]])
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: archive.length - 1 }), async (end) => {
    await assert.rejects(read(archive.subarray(0, end), 4096), RangeError)
  }), { numRuns: 60 })
})

test('frames that follow one another, and frames to be skipped, are one stream', async () => {
  const { Zstd } = await import('@hpcc-js/wasm-zstd')
  const zstd = await Zstd.load()
  const whole = await packed('none', [['a', Buffer.alloc(700_000, 'xyz')]]), half = 333_333
  const skippable = Buffer.from([0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
  const frames = Buffer.concat([zstd.compress(whole.subarray(0, half)), skippable, zstd.compress(whole.subarray(half))].map((one) => Buffer.from(one)))
  assert.deepEqual(await read(frames, 1000), [['a', Buffer.alloc(700_000, 'xyz')]])
})

test('what is no plain file, leads out of the archive, or was changed is refused', async () => {
  const changed = (at: number, text: string): Buffer => {
    const header = tarHeader('good', 0, 0)
    header.write(text, at, 'latin1')
    header.write('        ', 148, 'latin1')
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    return Buffer.concat([header, tarEnd()])
  }
  assert.deepEqual(await read(changed(0, 'fine'), 512), [['fine', Buffer.alloc(0)]])
  for (const [at, text] of [[0, '../x'], [0, '/etc/x'], [156, '2'], [156, '5'], [257, 'xstar'], [345, 'prefix'], [124, 'eight']] as const) {
    await assert.rejects(read(changed(at, text), 512), RangeError, text)
  }
  const sum = tarHeader('good', 0, 0)
  sum[0] = 0x68
  await assert.rejects(read(Buffer.concat([sum, tarEnd()]), 512), RangeError)
})
