/**
 * A local service with the rules of HashiCorp Vault's API as its public pages tell them: AppRole, tokens with a life and an utmost age, policies by
 * path, the engine of keys and values in version 2, namespaces, seals, quotas. https://developer.hashicorp.com/vault/api-docs
 */
import { createServer as plain, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as secure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'

export interface VaultRules {
  readonly now: () => number
  readonly namespace?: string
  readonly ttlMs?: number
  readonly maxTtlMs?: number
  /** How often a secret_id may be used. */
  readonly uses?: number
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
}

export interface LocalVault {
  readonly origin: string
  readonly roleId: string
  readonly secretId: string
  /** By name, under kv/vanta; undefined: the version was deleted. */
  readonly kept: Map<string, { readonly [key: string]: unknown } | undefined>
  readonly denied: Set<string>
  readonly asked: { readonly what: string; readonly token: string | undefined }[]
  sealed: boolean
  /** Answers in the place of the next ones. */
  readonly instead: ((answer: ServerResponse) => void)[]
  /** Tokens that end now. */
  revokeAll(): void
  /** How often each was asked for: `login`, `renew`, `read`, `revoke`; `late`: with a token that had ended. */
  readonly counts: { login: number; renew: number; read: number; revoke: number; late: number }
  tokens(): readonly string[]
}

interface Token {
  readonly bornMs: number
  untilMs: number
}

export async function startVault({ now, namespace, ttlMs = 3_600_000, maxTtlMs = 86_400_000, uses = Infinity, tls }: VaultRules): Promise<LocalVault> {
  const tokens = new Map<string, Token>(), all: string[] = []
  let used = 0
  const vault = {
    origin: '', roleId: '4c29e0e6-role-id-of-the-test', secretId: '91bd-secret-id-of-the-test', kept: new Map(), denied: new Set<string>(), asked: [], sealed: false, instead: [],
    counts: { login: 0, renew: 0, read: 0, revoke: 0, late: 0 }, revokeAll: () => tokens.clear(), tokens: () => all,
  } as LocalVault & { origin: string; asked: { what: string; token: string | undefined }[] }

  const say = (answer: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void =>
    void answer.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }).end(body === undefined ? '' : `${JSON.stringify(body)}\n`)
  const errors = (answer: ServerResponse, status: number, ...words: readonly string[]): void => say(answer, status, { errors: words })
  const authOf = (token: string, { untilMs }: Token): unknown => ({
    client_token: token, accessor: 'accessor', policies: ['default', 'vanta'], token_policies: ['default', 'vanta'], metadata: { role_name: 'vanta' },
    lease_duration: Math.floor((untilMs - now()) / 1000), renewable: true, entity_id: '', token_type: 'service', orphan: true, mfa_requirement: null, num_uses: 0,
  })
  const envelope = (more: object): unknown =>
    ({ request_id: 'r', lease_id: '', renewable: false, lease_duration: 0, data: null, wrap_info: null, warnings: null, auth: null, ...more })

  function answerTo(request: IncomingMessage, body: string, answer: ServerResponse): void {
    const path = request.url ?? '', token = request.headers['x-vault-token'], held = typeof token === 'string' ? tokens.get(token) : undefined
    vault.asked.push({ what: `${request.method ?? ''} ${path}`, token: typeof token === 'string' ? token : undefined })
    const instead = vault.instead.shift()
    if (instead !== undefined) return instead(answer)
    if (request.headers['x-vault-request'] !== 'true') return errors(answer, 400, "missing header 'X-Vault-Request'")
    if (vault.sealed) return errors(answer, 503, 'Vault is sealed')
    if (request.headers['x-vault-namespace'] !== namespace) return errors(answer, 404, `no handler for route "${path.slice(4)}". route entry not found.`)
    if (path === '/v1/auth/approle/login') {
      const { role_id: role, secret_id: secret } = JSON.parse(body) as { readonly [name: string]: unknown }
      vault.counts.login++
      if (role !== vault.roleId || secret !== vault.secretId || ++used > uses) return errors(answer, 400, 'invalid role or secret ID')
      const value = `hvs.token-${all.length + 1}-of-the-test`, fresh = { bornMs: now(), untilMs: now() + Math.min(ttlMs, maxTtlMs) }
      tokens.set(value, fresh)
      all.push(value)
      return say(answer, 200, envelope({ auth: authOf(value, fresh) }))
    }
    if (held === undefined || now() >= held.untilMs) {
      if (held !== undefined) vault.counts.late++
      return errors(answer, 403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n')
    }
    if (path === '/v1/auth/token/renew-self') {
      vault.counts.renew++
      held.untilMs = Math.min(now() + ttlMs, held.bornMs + maxTtlMs)
      return say(answer, 200, envelope({ auth: authOf(String(token), held) }))
    }
    if (path === '/v1/auth/token/revoke-self') {
      vault.counts.revoke++
      tokens.delete(String(token))
      return void answer.writeHead(204).end()
    }
    const [, mount, name] = /^\/v1\/([^/]+)\/data\/vanta\/([^/]+)$/.exec(path) ?? []
    if (mount !== 'kv' || name === undefined) return errors(answer, 404, `no handler for route "${path.slice(4)}". route entry not found.`)
    vault.counts.read++
    if (vault.denied.has(decodeURIComponent(name))) return errors(answer, 403, '1 error occurred:\n\t* permission denied\n\n')
    if (!vault.kept.has(decodeURIComponent(name))) return errors(answer, 404)
    const data = vault.kept.get(decodeURIComponent(name))
    const metadata = { created_time: '2026-01-01T00:00:00Z', custom_metadata: null, deletion_time: data === undefined ? '2026-01-02T00:00:00Z' : '', destroyed: false, version: 1 }
    say(answer, data === undefined ? 404 : 200, envelope({ data: { data: data ?? null, metadata } }))
  }

  const listener = (request: IncomingMessage, answer: ServerResponse): void => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => answerTo(request, body, answer))
  }
  const server = tls === undefined ? plain(listener) : secure(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  vault.origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  return vault
}
