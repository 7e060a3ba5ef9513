import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileStore } from '#adapter/file/store'
import { memoryStore } from '#adapter/memory/store'
import { failsWith, storeSuite } from '../port/store.suite.ts'
import { SimulatedDisk, type Fault } from './simulated-disk.ts'

const freshFolder = (): string => join(fs.mkdtempSync(join(tmpdir(), 'vanta-store-')), 'memory')

storeSuite('file store', () => fileStore(freshFolder()))
storeSuite('memory store', () => memoryStore())
storeSuite('file store on a simulated disk', () => fileStore('/memory', new SimulatedDisk()))

test('a memory file is indented JSON with the version beside the fields, for its owner only', () => {
  const folder = freshFolder()
  fileStore(folder).write('vault.json', { cash: '1.50', positions: {} }, 0)
  const text = '{\n  "version": 1,\n  "cash": "1.50",\n  "positions": {}\n}\n'
  assert.equal(fs.readFileSync(join(folder, 'vault.json'), 'utf8'), text)
  assert.equal(fs.statSync(join(folder, 'vault.json')).mode & 0o777, 0o600)
  assert.deepEqual(fs.readdirSync(folder).filter((name) => !name.startsWith('.')), ['vault.json'])
})

test('a torn or foreign memory file is bad data, and the path is named', () => {
  const folder = freshFolder()
  const store = fileStore(folder)
  store.write('vault.json', { cash: '1.50' }, 0)
  for (const content of ['{\n  "version": 1,\n  "ca', '', '[1]', 'null', '{"cash":"1"}', '{"version":0}', '{"version":"1"}']) {
    fs.writeFileSync(join(folder, 'vault.json'), content)
    assert.throws(() => store.read('vault.json'), failsWith('data', /memory\/vault\.json: /), content)
    assert.throws(() => store.write('vault.json', {}, 1), failsWith('data'), content)
    assert.equal(fs.readFileSync(join(folder, 'vault.json'), 'utf8'), content)
  }
})

test('a lock of a dead process is taken over, one of a living process is not', () => {
  const folder = freshFolder()
  const store = fileStore(folder)
  store.write('a.json', { n: 1 }, 0)
  const lock = join(folder, '.a.json.lock')
  let number = 1
  for (const dead of ['4194999 1\n', `${process.pid} 1\n`, `${process.ppid} 1\n`, `${process.ppid} -`, '']) {
    assert.deepEqual(fs.readdirSync(lock), [String(number)])
    assert.equal(fs.readFileSync(join(lock, String(number)), 'utf8'), '', 'released')
    fs.writeFileSync(join(lock, String(number)), dead)
    const version = store.read('a.json')?.version ?? 0
    store.write('a.json', { n: version }, version)
    number += 1
  }
  fs.writeFileSync(join(lock, String(number)), `${process.ppid} -\n`)
  assert.throws(() => store.write('a.json', { n: 9 }, 6), failsWith('again', /held by process/))
  assert.deepEqual(fs.readdirSync(folder).sort(), ['.a.json.lock', 'a.json'])
  assert.deepEqual(fs.readdirSync(lock), [String(number)])
})

test('a folder that cannot be written is an output failure', () => {
  const inTheWay = join(fs.mkdtempSync(join(tmpdir(), 'vanta-store-')), 'file')
  fs.writeFileSync(inTheWay, '')
  assert.throws(() => fileStore(join(inTheWay, 'memory')).write('a.json', {}, 0), failsWith('output'))
})

test('whichever operation fails, and whatever a crash then takes, the memory is the old state or the new, whole', () => {
  for (const fault of ['ENOSPC', 'EIO', 'short'] satisfies Fault[]) {
    let faults = 0
    for (let nth = 1; ; nth++) {
      const disk = new SimulatedDisk()
      const store = fileStore('/memory', disk)
      store.write('a.json', { state: 'old' }, 0)
      disk.failAfter(nth, fault)
      let acknowledged = false
      try {
        store.write('a.json', { state: 'new' }, 1)
        acknowledged = true
      } catch (error) {
        assert.ok(failsWith('output')(error), String(error))
        faults += 1
      }
      disk.crash((below) => (nth * 7 + below) % below)
      const { version, memory } = fileStore('/memory', disk).read('a.json') ?? {}
      assert.ok(version === 1 ? memory?.state === 'old' && !acknowledged : version === 2 && memory?.state === 'new')
      if (disk.faults === 0) break
    }
    assert.ok(faults >= 4, `${fault}: only ${faults} operations failed`)
  }
})

test('a memory store can be written out: every name, sorted, with its version', () => {
  const store = memoryStore({ 'b.json': { n: 2 } })
  store.write('a.json', { n: 1 }, 0)
  store.write('b.json', { n: 3 }, 1)
  assert.deepEqual([...store.entries()], [
    ['a.json', { version: 1, memory: { n: 1 } }],
    ['b.json', { version: 2, memory: { n: 3 } }],
  ])
})
