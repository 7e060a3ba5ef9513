/** Keepers of secrets by the same cases; and a HashiCorp Vault through the lives of its tokens, its refusals and its faults. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { fileSecrets } from '#adapter/file/secrets'
import { lazyVault } from '#adapter/hashicorp/lazy'
import { vaultSecrets, type Around } from '#adapter/hashicorp/secrets'
import { parseSecretsPlace } from '#domain/secrets/place'
import type { Secrets } from '#port/secrets'
import { failsWith } from '../port/store.suite.ts'
import { secretsSuite } from '../port/secrets.suite.ts'
import { authority } from '../service/certificates.ts'
import { startVault, type LocalVault, type VaultRules } from '../service/vault.ts'

const root = mkdtempSync(join(tmpdir(), 'vanta-secrets-'))
after(() => rmSync(root, { recursive: true, force: true }))

function filesRig(folder: string, secrets: Secrets) {
  return {
    secrets, pass: () => undefined,
    put: (name: string, values: object) => writeFileSync(join(folder, name), JSON.stringify(values), { mode: 0o600 }),
    take: (name: string) => rmSync(join(folder, name)),
    deny: (name: string) => chmodSync(join(folder, name), 0o644),
  }
}
secretsSuite('files', async () => {
  const folder = mkdtempSync(join(root, 'files-'))
  return filesRig(folder, fileSecrets([folder]))
})
secretsSuite('credentials of systemd', async () => {
  const folder = mkdtempSync(join(root, 'credentials-'))
  return filesRig(folder, fileSecrets([join(folder, 'home')], folder))
})
secretsSuite('vault', async () => {
  const { vault, secrets, time } = await entered()
  return {
    secrets, pass: () => void (time.nowMs += 20_000),
    put: (name: string, values) => void vault.kept.set(name, values),
    take: (name: string) => void vault.kept.set(name, undefined),
    deny: (name: string) => void vault.denied.add(name),
  }
})

/** Time that passes as it is told, and what was meant for later. */
class Time {
  nowMs = 0
  readonly hidden: string[] = []
  readonly paused: number[] = []
  readonly #later = new Set<{ readonly atMs: number; readonly act: () => void }>()
  readonly around: Around = {
    elapsedMs: () => this.nowMs,
    pause: async (ms) => {
      this.paused.push(ms)
      this.nowMs += ms
    },
    later: (ms, act) => {
      const one = { atMs: this.nowMs + ms, act }
      this.#later.add(one)
      return () => void this.#later.delete(one)
    },
    hide: (found) => void this.hidden.push(...Object.values(found)),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  }

  get waiting(): number {
    return this.#later.size
  }

  /** Let so much time pass; what comes due is done at its moment. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      const next = [...this.#later].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.#later.delete(next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.act()
      // Its request goes to a server of this process: until that has answered.
      for (let turn = 0; turn < 2000 && this.#later.size === 0; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    this.nowMs = endMs
  }
}

async function entered(rules: Omit<VaultRules, 'now'> = {}, secretId?: string): Promise<{ vault: LocalVault; secrets: Secrets; time: Time }> {
  const time = new Time(), vault = await startVault({ now: () => time.nowMs, ...rules })
  const terms = { origin: vault.origin, mount: 'kv', path: ['vanta'], roleId: vault.roleId, secretId: secretId ?? vault.secretId, approle: 'approle' }
  return { vault, time, secrets: vaultSecrets({ ...terms, namespace: rules.namespace, ca: undefined }, time.around) }
}

test('one login serves until the token may live no longer; it is renewed before it ends, though nobody asks', async () => {
  const { vault, secrets, time } = await entered({ ttlMs: 60_000, maxTtlMs: 600_000, uses: 1 })
  vault.kept.set('a', { key: 'value-of-a' })
  await secrets.read('a')
  for (let i = 0; i < 10; i++) await time.pass(50_000)
  assert.deepEqual((await secrets.read('a'))?.secrets, { key: 'value-of-a' })
  assert.equal(vault.counts.login, 1)
  assert.ok(vault.counts.renew >= 8, String(vault.counts.renew))
  await secrets.close?.()
  assert.deepEqual([vault.counts.revoke, vault.counts.late, time.waiting], [1, 0, 0])
})

test('whatever the lives of tokens and the pauses between questions, each is answered, and none is asked with a token that has ended', async () => {
  await fc.assert(fc.asyncProperty(
    fc.integer({ min: 10, max: 100 }), fc.integer({ min: 10, max: 400 }), fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 12 }),
    async (ttl, most, pauses) => {
      const { vault, secrets, time } = await entered({ ttlMs: ttl * 1000, maxTtlMs: most * 1000 })
      vault.kept.set('a', { key: 'value-of-a' })
      for (const pause of pauses) {
        await time.pass(pause * 1000)
        assert.deepEqual((await secrets.read('a'))?.secrets, { key: 'value-of-a' })
      }
      await secrets.close?.()
      const spent = pauses.reduce((sum, pause) => sum + pause, 0)
      assert.ok(vault.counts.login <= 2 + spent / Math.max(1, Math.min(ttl, most) / 2), `${vault.counts.login} logins in ${spent} s`)
      assert.equal(vault.counts.late, 0)
      for (const token of vault.tokens()) assert.ok(time.hidden.includes(token))
    },
  ), { numRuns: 25 })
})

test('many who ask at once enter once, and what was just read is not read again', async () => {
  const { vault, secrets } = await entered()
  vault.kept.set('a', { key: 'value-of-a' })
  await Promise.all(Array.from({ length: 20 }, () => secrets.read('a')))
  assert.deepEqual([vault.counts.login, vault.counts.read], [1, 1])
  assert.deepEqual(vault.asked.map(({ what }) => what), ['POST /v1/auth/approle/login', 'GET /v1/kv/data/vanta/a'])
})

test('a token that was revoked is replaced once; a role that may not is told so', async () => {
  const { vault, secrets, time } = await entered()
  vault.kept.set('a', { key: 'value-of-a' })
  await secrets.read('a')
  vault.revokeAll()
  time.nowMs += 20_000
  assert.deepEqual((await secrets.read('a'))?.secrets, { key: 'value-of-a' })
  assert.equal(vault.counts.login, 2)
  vault.denied.add('b')
  await assert.rejects(secrets.read('b'), failsWith('config', /kv\/vanta\/b: permission denied: the role of secrets\/vault may not read it/))
  assert.equal(vault.counts.login, 3)
})

test('refusals and faults: which pass, which do not, and that nothing stands in for an answer', async () => {
  const said = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => (answer: Parameters<LocalVault['instead'][number]>[0]): void =>
    void answer.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  const rig = async (...instead: LocalVault['instead']): Promise<Awaited<ReturnType<typeof entered>>> => {
    const one = await entered()
    one.vault.kept.set('a', { key: 'value-of-a' })
    await one.secrets.read('a')
    one.time.nowMs += 20_000
    one.vault.instead.push(...instead)
    return one
  }
  const good = { key: 'value-of-a' }
  // What passes is asked again, after as long as it says.
  const passing = await rig(said(429, { errors: ['request path "kv/data": rate limit quota exceeded'] }, { 'retry-after': '3' }), said(503, {}), said(412, {}), (answer) => void answer.destroy())
  assert.deepEqual((await passing.secrets.read('a'))?.secrets, good)
  assert.equal(passing.time.paused[0], 3000)
  for (const [instead, exit, what] of [
    [Array.from({ length: 5 }, () => said(429, { errors: ['quota'] })), 'again', /429: quota: too many requests/],
    [[said(429, {}, { 'retry-after': '3600' })], 'again', /too many requests/],
    [Array.from({ length: 5 }, () => said(500, { errors: ['1 error occurred: storage'] })), 'upstream', /500: 1 error occurred: storage/],
    [Array.from({ length: 5 }, () => (answer) => void answer.destroy()), 'upstream', /socket hang up|ECONNRESET/],
    [[said(200, 'no json')], 'data', /no answer of keys and values, version 2/],
    [[said(200, { data: { key: 'version 1' } })], 'data', /version 2/],
    [[said(200, 'x'.repeat(1 << 21))], 'data', /more than 1048576 bytes/],
    [[said(307, {}, { location: 'http://127.0.0.1:1/v1/kv/data/vanta/a' })], 'upstream', /must name the active one/],
    [[said(404, { errors: ['no handler for route "kv/data/vanta/a". route entry not found.'] })], 'config', /404: no handler for route/],
  ] satisfies readonly (readonly [LocalVault['instead'], Parameters<typeof failsWith>[0], RegExp])[]) {
    const { secrets, vault } = await rig(...instead)
    await assert.rejects(secrets.read('a'), (error: Error) => failsWith(exit, what)(error) && !vault.tokens().some((token) => error.message.includes(token)), String(what))
    // It was no answer, so it is not remembered as one.
    assert.deepEqual((await secrets.read('a'))?.secrets, good, String(what))
  }
  const sealed = await rig()
  sealed.vault.sealed = true
  await assert.rejects(sealed.secrets.read('a'), failsWith('upstream', /it is sealed/))
  assert.deepEqual(sealed.time.paused, [])
})

test('a login is not repeated where it may have been heard; one that is not accepted is told without quoting it', async () => {
  const cut = await entered({ uses: 1 })
  cut.vault.instead.push((answer) => void answer.destroy())
  await assert.rejects(cut.secrets.read('a'), failsWith('upstream'))
  assert.equal(cut.vault.asked.length, 1)
  const failed = await entered({ uses: 1 })
  failed.vault.instead.push((answer) => void answer.writeHead(500).end('{}'))
  await assert.rejects(failed.secrets.read('a'), failsWith('upstream'))
  assert.equal(failed.vault.asked.length, 1)
  const wrong = await entered({}, 'not-the-secret-id')
  await assert.rejects(wrong.secrets.read('a'), (error: Error) =>
    failsWith('config', /role_id or secret_id of secrets\/vault is not accepted: invalid role or secret ID/)(error) && !error.message.includes('not-the-secret-id'))
})

test('a namespace is named in every request, the going too', async () => {
  const { vault, secrets } = await entered({ namespace: 'desk/one' })
  vault.kept.set('a', { key: 'value-of-a' })
  assert.deepEqual((await secrets.read('a'))?.secrets, { key: 'value-of-a' })
  await secrets.close?.()
  assert.equal(vault.counts.revoke, 1)
})

test('only a server whose authority is known is told anything', async () => {
  const own = authority(), server = own.issue('vault', ['--names', '127.0.0.1', '--use', 'server']), pem = readFileSync(server.file)
  const time = new Time(), vault = await startVault({ now: () => 0, tls: { cert: pem, key: pem } })
  vault.kept.set('a', { key: 'value-of-a' })
  const place = parseSecretsPlace(`vault:${vault.origin}/kv/vanta`)
  assert.ok(place.kind === 'vault')
  const by = (more: Readonly<Record<string, string>>): Secrets =>
    lazyVault(place, async () => ({ place: 'secrets/vault', secrets: { role_id: vault.roleId, secret_id: vault.secretId, ...more } }), time.around)
  assert.deepEqual((await by({ vault_ca: server.ca }).read('a'))?.secrets, { key: 'value-of-a' })
  const heard = vault.asked.length
  await assert.rejects(by({}).read('a'), failsWith('config', /certificate/))
  await assert.rejects(by({ vault_ca: authority().issue('x').ca }).read('a'), failsWith('config', /certificate/))
  assert.equal(vault.asked.length, heard)
  await assert.rejects(by({ vault_ca: '/nowhere.pem' }).read('a'), failsWith('config', /vault_ca: cannot read/))
  await assert.rejects(by({ role_id: '' }).read('a'), failsWith('config', /lacks role_id or secret_id/))
  await assert.rejects(lazyVault(place, async () => undefined, time.around).read('a'), failsWith('config', /secrets\/vault is missing/))
})

test('where secrets are kept, as it is typed', () => {
  assert.deepEqual(parseSecretsPlace('files'), { kind: 'files' })
  assert.deepEqual(parseSecretsPlace('vault:https://vault.example:8200/kv/vanta/alpha'), { kind: 'vault', origin: 'https://vault.example:8200', mount: 'kv', path: ['vanta', 'alpha'] })
  assert.deepEqual(parseSecretsPlace('vault:http://127.0.0.1:8200/kv'), { kind: 'vault', origin: 'http://127.0.0.1:8200', mount: 'kv', path: [] })
  for (const wrong of ['', 'file', 'https://v/kv', 'vault:', 'vault:https://v', 'vault:https://u:p@v/kv', 'vault:https://v/kv?x=1', 'vault:http://vault.example/kv', 'vault:ftp://v/kv', 'vault:https://v/a%2Fb']) {
    assert.throws(() => parseSecretsPlace(wrong), RangeError, wrong)
  }
})
