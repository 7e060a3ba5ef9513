import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { fileFolder } from '#adapter/file/folder'
import { memoryFolder } from '#adapter/memory/folder'
import { folderSuite } from '../port/folder.suite.ts'
import { failsWith } from '../port/store.suite.ts'

const freshFolder = (): string => fs.mkdtempSync(join(tmpdir(), 'vanta-folder-'))

folderSuite('file folder', () => ({ folder: fileFolder(), root: freshFolder() }))
folderSuite('memory folder', () => ({ folder: memoryFolder(), root: '/somewhere' }))
folderSuite('memory folder, relative', () => ({ folder: memoryFolder({ 'other.txt': '' }), root: './here' }))

test('a folder in place of a file, and a file over 2 GiB, are bad data', () => {
  const root = freshFolder()
  assert.throws(() => fileFolder().read(root), failsWith('data'))
  const large = join(root, 'large')
  fs.writeFileSync(large, '')
  fs.truncateSync(large, 2 ** 31)
  assert.throws(() => fileFolder().read(large), failsWith('data', /larger than 2 GiB/))
})

test('a write that cannot be made is an output failure and leaves no temporary file', () => {
  const root = freshFolder()
  fs.mkdirSync(join(root, 'taken'))
  assert.throws(() => fileFolder().write(join(root, 'taken'), 'x'), failsWith('output'))
  assert.deepEqual(fs.readdirSync(root), ['taken'])
})

test('"-" is the whole of standard input, unpacked', () => {
  const script = `import { fileFolder } from '#adapter/file/folder'; process.stdout.write(String(fileFolder().read('-').length))`
  const input = gzipSync(Buffer.alloc(300_000, 'abc'))
  const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { input, encoding: 'utf8' })
  assert.equal(run.stdout, '300000', run.stderr)
})
