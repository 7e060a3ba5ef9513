import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileSecrets, secretsAt } from '#adapter/file/secrets'
import { failsWith } from '../port/store.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'vanta-secrets-'))
const fileOf = (content: string, mode = 0o600): string => {
  const path = join(mkdtempSync(join(folder, 's-')), 'secrets')
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

test('the first folder that has it, JSON or lines', async () => {
  const json = fileOf('{"key": "a b", "secret": "c=d"}'), lines = fileOf('# mine\nkey = a b\nsecret="c=d"\n\n')
  const expected = { key: 'a b', secret: 'c=d' }
  assert.deepEqual(await fileSecrets([join(folder, 'none'), dirname(json), dirname(lines)]).read('secrets'), { place: json, secrets: expected })
  assert.deepEqual(secretsAt(lines)?.secrets, expected)
  assert.equal(await fileSecrets([dirname(json)]).read('none'), undefined)
})

test('what systemd hands a unit comes first, and counts as none where nothing is in it', async () => {
  const handed = fileOf('{"key": "a"}', 0o440), empty = fileOf('{}', 0o440), kept = fileOf('{"key": "b"}')
  assert.deepEqual((await fileSecrets([dirname(kept)], dirname(handed)).read('secrets'))?.secrets, { key: 'a' })
  assert.deepEqual((await fileSecrets([dirname(kept)], dirname(empty)).read('secrets'))?.secrets, { key: 'b' })
  assert.equal(await fileSecrets([join(folder, 'none')], dirname(empty)).read('secrets'), undefined)
  await assert.rejects(fileSecrets([dirname(kept)], dirname(fileOf('{}', 0o444))).read('secrets'), failsWith('config', /chmod 600/))
})

test('a file that anyone else may read is refused, whatever it holds', async () => {
  for (const mode of [0o644, 0o640, 0o604, 0o660, 0o601, 0o777]) {
    const path = fileOf('{}', mode)
    assert.throws(() => secretsAt(path), failsWith('config', /chmod 600/), mode.toString(8))
    await assert.rejects(fileSecrets([dirname(path), dirname(fileOf('{}'))]).read('secrets'), failsWith('config', /chmod 600/))
  }
  for (const mode of [0o600, 0o400, 0o700]) assert.deepEqual(secretsAt(fileOf('{}', mode))?.secrets, {})
})

test('what is wrong with it is said without quoting it', () => {
  for (const content of ['{"key": hunter2}', '{"key": ["hunter2"]}', 'hunter2', '=hunter2']) {
    assert.throws(() => secretsAt(fileOf(content)), (error: Error) => failsWith('config')(error) && !error.message.includes('hunter2'), content)
  }
})
