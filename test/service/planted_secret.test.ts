/**
 * Secrets are planted where tools find them, in files and in a HashiCorp Vault, tools are run against services that repeat all they hear, and then
 * everything that others can see is searched: what was said, what the home holds, the words and the environment of the processes.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { REDACTED } from '#domain/secrets/redaction'
import { startTool } from './process.ts'
import { startVault } from './vault.ts'

/** Told apart from one another wherever they turn up, with what is written otherwise in addresses and in JSON. */
const planted = (name: string): string => `Pl4nted "${name}"/+=&ü`
const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'vanta-fred': { api_key: planted('fred') }, 'vanta-twitter': { bearer_token: 'Pl4nted-bearer-of-twitter' }, 'vanta-telegram': { TOKEN: '12345:Pl4nted-of-telegram' },
  'alpaca': { key_id: 'Pl4nted-id-of-alpaca', secret: 'Pl4nted-secret-of-alpaca' }, 'bus': { redis_password: planted('redis') },
}
const formsOf = (value: string): readonly string[] =>
  [value, encodeURIComponent(value), new URLSearchParams({ v: value }).toString().slice(2), JSON.stringify(value).slice(1, -1), Buffer.from(value).toString('base64')]

const root = mkdtempSync(join(tmpdir(), 'vanta-planted-'))

/** Says again what was asked, in full, and that it was wrong. */
const echo = createServer((request, answer) => {
  let body = ''
  request.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => {
    answer.writeHead(400, { 'content-type': 'application/json' })
    answer.end(JSON.stringify({ message: `wrong: ${request.url ?? ''} ${JSON.stringify(request.headers)} ${body}`, code: 1 }))
  })
})
await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
const endpoint = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`
const vault = await startVault({ now: () => performance.now() })
for (const [name, values] of Object.entries(SECRETS)) vault.kept.set(name, values)

after(() => {
  echo.closeAllConnections()
  echo.close()
  rmSync(root, { recursive: true, force: true })
})

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

const unpacked = (path: string): string => {
  const bytes = readFileSync(path)
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
}

interface Seen {
  readonly status: number
  /** What others can see, by where. */
  readonly texts: ReadonlyMap<string, string>
}

async function run(home: string, env: Readonly<Record<string, string>>, tool: string, words: readonly string[]): Promise<Seen> {
  const { child, ended } = startTool(tool, [...words, '--verbose'], { VANTA_HOME: home, ...env }), texts = new Map<string, string>()
  const look = (): void => {
    for (const what of ['cmdline', 'environ']) {
      try {
        texts.set(what, readFileSync(`/proc/${child.pid}/${what}`, 'utf8'))
      } catch {
        // Elsewhere than on Linux, or already gone.
      }
    }
  }
  const looking = setInterval(look, 20)
  const { status, out, err } = await ended
  clearInterval(looking)
  texts.set('stdout', out).set('stderr', err)
  return { status, texts }
}

const RUNS: readonly (readonly [tool: string, words: () => readonly string[], status: number])[] = [
  ['vanta-fred', () => ['--once', '--endpoint', endpoint, '--series', 'VIXCLS'], 65],
  ['vanta-fred', () => ['--once', '--endpoint', endpoint, '--series', 'VIXCLS', '--log-json'], 65],
  ['vanta-twitter', () => ['--once', '--endpoint', endpoint, '--query', 'gme', '--log-file', join(root, 'log.ndjson')], 69],
  ['vanta-telegram', () => ['--once', '--endpoint', endpoint], 69],
  ['vanta-exec', () => ['reconcile', '--broker', 'alpaca', '--endpoint', endpoint, '--timeout', '2s'], 69],
  // Nobody speaks TLS there.
  ['vanta-beam', () => ['--from', `rediss://bus@${endpoint.slice(7)}/s`, '--until', 'now'], 78],
]

for (const where of ['files', 'vault'] as const) {
  test(`secrets in ${where}: seen by services alone`, async () => {
    const home = mkdtempSync(join(root, `${where}-`)), secrets = join(home, 'secrets')
    mkdirSync(secrets)
    const keep = (name: string, values: object): void => writeFileSync(join(secrets, name), JSON.stringify(values), { mode: 0o600 })
    if (where === 'files') for (const [name, values] of Object.entries(SECRETS)) keep(name, values)
    else keep('vault', { role_id: vault.roleId, secret_id: vault.secretId })
    const env: Readonly<Record<string, string>> = where === 'files' ? {} : { VANTA_SECRETS_IN: `vault:${vault.origin}/kv/vanta` }
    const setUp = await run(home, env, 'vanta-vault', ['init', 'core'])
    assert.equal(setUp.status, 0, setUp.texts.get('stderr'))
    const hidden = [...Object.values(SECRETS).flatMap((values) => Object.values(values)), vault.roleId, vault.secretId, ...vault.tokens()]
    for (const [tool, words, status] of RUNS) {
      const seen = await run(home, env, tool, words()), texts = new Map(seen.texts)
      for (const path of [...filesBelow(home), ...filesBelow(root).filter((name) => name.endsWith('.ndjson'))]) if (!path.startsWith(secrets)) texts.set(path, unpacked(path))
      for (const [place, text] of texts) {
        for (const secret of [...hidden, ...vault.tokens()]) for (const form of formsOf(secret)) assert.ok(!text.includes(form), `${tool}: ${form} in ${place}: ${text.slice(0, 2000)}`)
        assert.ok(!text.includes('Pl4nted'), `${tool}: a part in ${place}: ${text.slice(0, 2000)}`)
      }
      assert.equal(seen.status, status, `${tool}: ${seen.texts.get('stderr') ?? ''}`)
    }
    if (where === 'vault') assert.ok(vault.counts.read >= 4 && vault.counts.revoke >= 4, JSON.stringify(vault.counts))
  })
}

test('that a secret would be found, were it said', async () => {
  assert.notEqual(REDACTED, '')
  const home = mkdtempSync(join(root, 'said-'))
  const { texts } = await run(home, {}, 'vanta-fred', ['--from', '/nowhere/Pl4nted'])
  assert.ok([...texts.values()].some((text) => text.includes('Pl4nted')))
})
