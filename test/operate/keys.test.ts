/** The authority as processes that run beside one another, are killed, and find a disk that takes nothing. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { trustIn } from '#domain/certificate/standing'
import { parseRegister, type Register } from '#domain/certificate/register'
import { runTool, startTool } from '../service/process.ts'

const home = mkdtempSync(join(tmpdir(), 'vanta-keys-')), tls = join(home, 'secrets', 'tls')
after(() => rmSync(home, { recursive: true, force: true }))
const keys = (words: readonly string[], env: Readonly<Record<string, string>> = {}) => runTool('vanta-keys', words, { VANTA_HOME: home, ...env })
function register(): Register {
  const read = parseRegister(readFileSync(join(home, 'secrets', 'authority', 'register.json'), 'utf8'))
  if (typeof read === 'string') throw new Error(read)
  return read
}

test('private keys are for their owner alone whatever the umask, and what all may know is not', async () => {
  const before = process.umask(0)
  try {
    assert.equal((await keys(['init'])).status, 0)
    assert.equal((await keys(['issue', 'alpha'])).status, 0)
  } finally {
    process.umask(before)
  }
  const mode = (path: string): string => (statSync(join(home, path)).mode & 0o777).toString(8)
  assert.deepEqual(['secrets/authority/ca-1.pem', 'secrets/tls/alpha.pem'].map(mode), ['600', '600'])
  assert.deepEqual(['secrets', 'secrets/tls', 'secrets/authority'].map(mode), ['700', '700', '700'])
  assert.match(mode('secrets/tls/ca.pem'), /^[46]/)
  assert.doesNotMatch(readFileSync(join(tls, 'ca.pem'), 'latin1') + readFileSync(join(tls, 'ca.crl'), 'latin1'), /PRIVATE/)
})

test('several at work with one authority lose nothing', async () => {
  const names = ['a', 'b', 'c', 'd']
  assert.deepEqual((await Promise.all(names.map((name) => keys(['issue', name])))).map(({ status, err }) => [status, err]), names.map(() => [0, '']))
  assert.deepEqual(register().issued.map(({ name }) => name).filter((name) => names.includes(name)).sort(), names)
  assert.deepEqual((await Promise.all(names.map((name) => keys(['revoke', name], {})))).map(({ status }) => status), [0, 0, 0, 0])
  const trust = trustIn(readFileSync(join(tls, 'ca.pem'), 'latin1'), readFileSync(join(tls, 'ca.crl'), 'latin1'))
  assert.equal(trust.lists[0]?.revoked.size, 4)
})

test('who is killed leaves a whole file, old or new, that stands in the register', async () => {
  for (const afterMs of [150, 250, 350, 450]) {
    const { child, ended } = startTool('vanta-keys', ['rotate', 'alpha'], { VANTA_HOME: home })
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    await ended
    clearTimeout(timer)
    const { out, status } = await keys(['check'])
    assert.match(out, /^good .*alpha\.pem: /m, out)
    assert.equal(status, 1, 'those revoked are still there')
  }
  assert.equal((await keys(['rotate', 'alpha'])).status, 0)
})

test('a folder that takes nothing is an error, and leaves what was there', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may write everywhere')
  const to = join(home, 'closed')
  mkdirSync(to)
  chmodSync(to, 0o500)
  const { status, err } = await keys(['issue', 'executor', '--to', to])
  assert.equal(status, 73, err)
  assert.deepEqual(readdirSync(to), [])
})

test('nothing that is said or kept for all holds a private key', async () => {
  const said = await Promise.all([keys(['list']), keys(['list', '--json']), keys(['check', '--verbose']), keys(['rotate', 'alpha', '--verbose'])])
  const secret = readFileSync(join(tls, 'alpha.pem'), 'latin1').split('\n')[1] ?? ''
  assert.ok(secret.length > 40)
  for (const { out, err } of said) assert.ok(!`${out}${err}`.includes(secret) && !`${out}${err}`.includes('PRIVATE'))
  assert.ok(!readFileSync(join(home, 'secrets', 'authority', 'register.json'), 'utf8').includes('PRIVATE'))
})
