import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { fileArchive } from '#adapter/file/archive'
import { nodeDisk, type Disk } from '#adapter/file/disk'
import { memoryOutside } from '#adapter/memory/outside'
import type { Archive } from '#port/outside'
import { failsWith } from '../port/store.suite.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'vanta-archive-'))
const about = { tool: 'vanta-x', name: 'page', heard_at: '2026-01-01T00:00:00.000Z' }

/** What every Archive does. */
function archiveSuite(name: string, fresh: () => Archive): void {
  test(`${name}: gives back every byte under its content id, which is the same for the same bytes`, () => {
    const archive = fresh()
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256))
    const raw = archive.keep(bytes, about)
    assert.match(raw, /^[0-9a-f]{40}$/)
    assert.equal(archive.keep(bytes, { ...about, name: 'elsewhere' }), raw)
    assert.deepEqual(archive.read(raw), bytes)
    assert.notEqual(archive.keep(Buffer.from('other'), about), raw)
    assert.equal(archive.read('0'.repeat(40)), undefined)
  })

  test(`${name}: tells what each tool heard, oldest first, repeats included`, () => {
    const archive = fresh()
    const a = archive.keep(Buffer.from('a'), about)
    const b = archive.keep(Buffer.from('b'), { ...about, tool: 'vanta-y', url: 'https://x.example/', content_type: 'text/plain' })
    archive.keep(Buffer.from('a'), { ...about, heard_at: '2026-01-02T00:00:00.000Z' })
    assert.deepEqual([...archive.kept('vanta-x')].map(({ raw, heard_at }) => [raw, heard_at]), [[a, '2026-01-01T00:00:00.000Z'], [a, '2026-01-02T00:00:00.000Z']])
    assert.deepEqual([...archive.kept('vanta-y')], [{ raw: b, ...about, tool: 'vanta-y', url: 'https://x.example/', content_type: 'text/plain', bytes: 1 }])
    assert.deepEqual([...archive.kept('vanta-z')], [])
  })
}

archiveSuite('file archive', () => fileArchive(folder()))
archiveSuite('memory archive', () => memoryOutside().archive)

test('payloads are gzip files that anyone can check with zcat and sha256sum', () => {
  const root = folder()
  const raw = fileArchive(root).keep(Buffer.from('hello'), about)
  assert.equal(raw, '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c', 'sha256sum of hello, cut')
  assert.deepEqual(readdirSync(join(root, raw.slice(0, 2))), [`${raw}.gz`])
  assert.equal(String(gunzipSync(readFileSync(join(root, raw.slice(0, 2), `${raw}.gz`)))), 'hello')
})

test('a payload that was changed is noticed when it is read', () => {
  const root = folder()
  const archive = fileArchive(root)
  const raw = archive.keep(Buffer.from('hello'), about)
  writeFileSync(join(root, raw.slice(0, 2), `${raw}.gz`), gzipSync('hullo'))
  assert.throws(() => archive.read(raw), failsWith('data', /not what its name says/))
})

test('a full disk is said, and nothing half stands in the index', () => {
  const root = folder()
  const full: Disk = { ...nodeDisk, write: () => { throw Object.assign(new Error('no space'), { code: 'ENOSPC' }) } }
  assert.throws(() => fileArchive(root, full).keep(Buffer.from('x'), about), failsWith('output'))
  assert.deepEqual([...fileArchive(root).kept('vanta-x')], [])
})
