/** A venue by its terms: which address it may be reached under, with which secrets; its adapter is loaded when it is first asked. */
import { Failure } from '#port/failure'
import type { Broker, VenueTerms } from '#port/broker'
import type { Credentials } from '#port/secrets'
import { ALPACA_RULES } from '../alpaca/rules.ts'
import { CCXT_RULES } from '../ccxt/rules.ts'
import { isLoopback } from '../http/origins.ts'
import { TRADIER_RULES } from '../tradier/rules.ts'
import { Rehearsal } from './rehearsal.ts'
import { lazily } from './say.ts'

/** Addresses where nothing is real. */
const PAPER: Readonly<Record<string, string>> = { alpaca: 'https://paper-api.alpaca.markets', tradier: 'https://sandbox.tradier.com' }
/** What the file of secrets must hold; of exchanges each has its own. */
const KEYS: Readonly<Record<VenueTerms['name'], readonly string[]>> = {
  alpaca: ['key_id', 'secret'], tradier: ['token', 'account'], ccxt: ['apiKey'],
}

/** Throws Failure: `refused` for an address that --live is needed for, `config` where secrets are missing. */
export function openVenue(terms: VenueTerms, secrets: Credentials | undefined): Broker {
  guard(terms)
  const venue = adapterOf(terms, credentials(terms, secrets))
  return terms.rehearse === undefined ? venue : new Rehearsal(venue)
}

function adapterOf(terms: VenueTerms, secrets: Credentials): Broker {
  switch (terms.name) {
    case 'alpaca': return lazily('alpaca', ALPACA_RULES, async () => (await import('../alpaca/broker.ts')).openAlpaca(terms, secrets))
    case 'tradier': return lazily('tradier', TRADIER_RULES, async () => (await import('../tradier/broker.ts')).openTradier(terms, secrets))
    case 'ccxt': {
      const name = `ccxt:${terms.exchange ?? ''}`
      return lazily(name, CCXT_RULES, async () => (await import('../ccxt/broker.ts')).openCcxtBroker(terms, secrets))
    }
  }
}

function guard({ name, endpoint, live }: VenueTerms): void {
  if (endpoint === undefined || isLoopback(endpoint)) return
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined) throw new Failure('usage', `--endpoint: expected an address like http://127.0.0.1:8080, got "${endpoint}"`)
  if (live ? url.protocol === 'https:' : url.origin === PAPER[name]) return
  const why = live ? 'orders go over https only' : 'it is neither this machine nor a paper account: real money needs --live'
  throw new Failure('refused', `--endpoint ${endpoint}: ${why}`)
}

function credentials({ name, exchange, rehearse }: VenueTerms, secrets: Credentials | undefined): Credentials {
  if (secrets === undefined) {
    // A rehearsal sends nothing: the masks stand for what would be filled in.
    if (rehearse !== undefined) return Object.fromEntries([...KEYS[name], ...(name === 'ccxt' ? ['secret'] : [])].map((key) => [key, `{${key}}`]))
    throw new Failure('config', `no secrets of ${exchange ?? name}: give --credentials FILE (mode 0600) with ${KEYS[name].join(' and ')}`)
  }
  const missing = KEYS[name].filter((key) => (secrets[key] ?? '') === '')
  if (missing.length > 0) throw new Failure('config', `the secrets of ${exchange ?? name} lack ${missing.join(' and ')}`)
  return secrets
}
