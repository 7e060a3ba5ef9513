/**
 * Secrets in a HashiCorp Vault (or OpenBao): the engine of keys and values, version 2, read with a token that an AppRole is given.
 * https://developer.hashicorp.com/vault/api-docs/auth/approle, .../auth/token, .../secret/kv/kv-v2
 *
 * Where it is asked for secrets and cannot tell, nothing else is tried: no file stands in for it.
 */
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import type { Log } from '#port/log'
import type { Credentials, KeptSecrets, Secrets } from '#port/secrets'
import { ask, fieldOf, type Answered, type Asked, type Asking } from './request.ts'

export interface VaultTerms {
  readonly origin: string
  readonly mount: string
  readonly path: readonly string[]
  readonly roleId: string
  readonly secretId: string
  /** Where the method of authentication is mounted. */
  readonly approle: string
  readonly namespace: string | undefined
  /** Whom to believe, in PEM; undefined: whom Node believes. */
  readonly ca: string | undefined
}

export interface Around {
  /** Time that passes, whatever the clock says. */
  elapsedMs(): Millis
  pause(ms: Millis): Promise<void>
  /** Does something later, unless it is stopped; does not keep the process alive. */
  later(ms: Millis, act: () => void): () => void
  /** Nobody is to be shown these. */
  hide(secrets: Credentials): void
  readonly log: Log
}

interface Token {
  readonly value: string
  readonly bornMs: Millis
  /** Infinity: it does not end. */
  readonly lifeMs: Millis
  /** What its life was when it was given. */
  readonly fullMs: Millis
}

const TIMEOUT_MS: Millis = 10_000, GOODBYE_MS: Millis = 2000
/** A round of a collector asks more than once; what was changed counts a little later. */
const REMEMBERED_MS: Millis = 15_000
/** A token this close to its end may end on the way. */
const MARGIN_MS: Millis = 5000
const MOST_TIMER_MS = 0x7fff_ffff

export function vaultSecrets(terms: VaultTerms, around: Around): Secrets {
  const { origin, mount, path, namespace } = terms
  const asking: Omit<Asking, 'timeoutMs'> = { origin, ca: terms.ca, pause: (ms) => around.pause(ms) }
  const remembered = new Map<string, { readonly sinceMs: Millis; readonly kept: Promise<KeptSecrets | undefined> }>()
  let token: Token | undefined, entering: Promise<Token> | undefined, stop: () => void = () => undefined

  const say = (what: Omit<Asked, 'headers'>, by?: Token, timeoutMs = TIMEOUT_MS): Promise<Answered> => ask({
    ...what, headers: { ...(namespace !== undefined && { 'x-vault-namespace': namespace }), ...(by !== undefined && { 'x-vault-token': by.value }) },
  }, { ...asking, timeoutMs })

  /** A token out of an answer; from now on it is the one, and renewed before it ends, while that adds something: no token outlives its utmost age. */
  function take({ body }: Answered, before?: Token): Token {
    const auth = fieldOf(body, 'auth'), value = fieldOf(auth, 'client_token'), seconds = fieldOf(auth, 'lease_duration')
    if (typeof value !== 'string' || value === '' || typeof seconds !== 'number' || !(seconds >= 0)) {
      throw new Failure('data', `${origin}: the answer holds no token`)
    }
    around.hide({ token: value })
    // Zero is without an end, but of one that had an end it is none left.
    const lifeMs = seconds === 0 && (before === undefined || before.lifeMs === Infinity) ? Infinity : seconds * 1000
    const fresh: Token = { value, bornMs: around.elapsedMs(), lifeMs, fullMs: before?.fullMs ?? lifeMs }
    token = fresh
    stop()
    const lasts = fieldOf(auth, 'renewable') === true && lifeMs !== Infinity && lifeMs > fresh.fullMs / 2
    stop = lasts ? around.later(Math.min(MOST_TIMER_MS, lifeMs * 2 / 3), () => void renew(fresh)) : () => undefined
    return fresh
  }

  async function enter(): Promise<Token> {
    const place = `/v1/auth/${terms.approle}/login`
    const answer = await say({ method: 'POST', path: place, body: { role_id: terms.roleId, secret_id: terms.secretId }, once: true })
    if (answer.status === 200) return take(answer)
    if (answer.status === 400) throw new Failure('config', `${origin}: role_id or secret_id of secrets/vault is not accepted${said(answer)}`)
    throw failed(answer, origin)
  }

  /** In good time, and in peace: whoever asks next gets another where this fails. */
  async function renew(old: Token): Promise<void> {
    try {
      const answer = await say({ method: 'POST', path: '/v1/auth/token/renew-self', body: {} }, old)
      if (answer.status === 200) return void take(answer, old)
      around.log.debug(`${origin}: the token is not renewed${said(answer)}`)
      if (answer.status === 400 || answer.status === 403) token = undefined
    } catch (error) {
      around.log.warn(`the token is not renewed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  const isAlive = ({ bornMs, lifeMs }: Token): boolean => around.elapsedMs() < bornMs + lifeMs - Math.min(MARGIN_MS, lifeMs / 3)
  const current = (): Promise<Token> => {
    if (token !== undefined && isAlive(token)) return Promise.resolve(token)
    return (entering ??= enter().finally(() => (entering = undefined)))
  }

  async function read(name: string): Promise<KeptSecrets | undefined> {
    const place = `${origin}/${[mount, ...path, name].join('/')}`, at = `/v1/${[mount, 'data', ...path, name].map(encodeURIComponent).join('/')}`
    let by = await current(), answer = await say({ method: 'GET', path: at }, by)
    if (answer.status === 403 && token === by) {
      // The token may have been revoked or used up; the role may have been given more since.
      token = undefined
      by = await current()
      answer = await say({ method: 'GET', path: at }, by)
    }
    // None, or a version that was deleted. A path that no engine serves is told with words.
    if (answer.status === 404 && answer.errors === '') return undefined
    if (answer.status !== 200) throw failed(answer, place)
    const data = fieldOf(fieldOf(answer.body, 'data'), 'data')
    if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new Failure('data', `${place}: no answer of keys and values, version 2`)
    const entries = Object.entries(data as { readonly [name: string]: unknown })
    around.hide(Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')))
    if (entries.some(([, value]) => typeof value !== 'string')) throw new Failure('config', `${place}: expected an object of strings`)
    return { place, secrets: Object.fromEntries(entries) as Credentials }
  }

  return {
    read(name) {
      const before = remembered.get(name)
      if (before !== undefined && around.elapsedMs() - before.sinceMs < REMEMBERED_MS) return before.kept
      const kept = read(name)
      remembered.set(name, { sinceMs: around.elapsedMs(), kept })
      kept.catch(() => remembered.delete(name))
      return kept
    },
    async close() {
      stop()
      const last = token
      token = undefined
      // It would end by itself: nobody waits for that.
      if (last !== undefined) await say({ method: 'POST', path: '/v1/auth/token/revoke-self', body: {}, once: true }, last, GOODBYE_MS).catch(() => undefined)
    },
  }
}

const said = ({ errors }: Answered): string => (errors === '' ? '' : `: ${errors}`)

/** An answer that is none to the question. */
function failed(answer: Answered, place: string): Failure {
  const { status, errors } = answer, words = `${place}: ${status}${said(answer)}`
  if (/sealed/i.test(errors)) return new Failure('upstream', `${place}: it is sealed: somebody must unseal it`)
  if (status === 403) return new Failure('config', `${place}: permission denied: the role of secrets/vault may not read it`)
  if (status === 429) return new Failure('again', `${words}: too many requests`)
  if (status >= 500 || status === 412) return new Failure('upstream', words)
  if (status >= 300 && status < 400) return new Failure('upstream', `${words}: it sends us to another server: --secrets-in must name the active one`)
  return new Failure('config', words)
}
