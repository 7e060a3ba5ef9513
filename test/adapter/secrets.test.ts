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
