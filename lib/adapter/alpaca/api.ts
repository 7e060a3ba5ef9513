/**
 * Alpaca's own SDK as the maker of requests: it writes them, our wire carries them, and their answers are read with the digits that were
 * sent. Its retries, limits and clocks are off: what may be asked again is the wire's to know.
 */
import type { trading } from '@alpacahq/alpaca-trade-api/rest'
import type { Credentials } from '#port/secrets'
import { Unheard, type Answer, type Wire } from '../venue/wire.ts'

export const LIVE = 'https://api.alpaca.markets', PAPER = 'https://paper-api.alpaca.markets'

export interface AlpacaApi {
  readonly orders: trading.OrdersApi
  readonly account: trading.AccountsApi
  readonly positions: trading.PositionsApi
  readonly activities: trading.AccountActivitiesApi
}

export async function openApi(wire: Wire, origin: string, secrets: Credentials): Promise<AlpacaApi> {
  const { trading } = await import('@alpacahq/alpaca-trade-api/rest')
  const configuration = new trading.Configuration({
    basePath: origin, keyId: secrets['key_id'] ?? '', secret: secrets['secret'] ?? '', paper: origin !== LIVE, fetchApi: fetchBy(wire), timeoutMs: 0,
    userAgent: 'vanta',
  })
  return {
    orders: new trading.OrdersApi(configuration),
    account: new trading.AccountsApi(configuration),
    positions: new trading.PositionsApi(configuration),
    activities: new trading.AccountActivitiesApi(configuration),
  }
}

const BODILESS = new Set([204, 205, 304])

/** `fetch`, as the SDK knows it, over our wire. */
function fetchBy(wire: Wire): typeof fetch {
  return async (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers).entries())
    const body = typeof init?.body === 'string' ? init.body : undefined
    const { status, headers: own, text } = await wire.ask({ method: init?.method ?? 'GET', url: String(input), headers, body })
    if (status < 200 || status > 599) throw new Unheard(`alpaca: HTTP ${status}`)
    // Unpacked already.
    const { 'content-encoding': _, 'content-length': __, ...rest } = own
    return new Response(BODILESS.has(status) ? null : text, { status, headers: rest })
  }
}

/** The answer to one call, whatever its status. Throws where there was none. */
export async function answerTo(call: Promise<{ readonly raw: Response }>): Promise<Answer> {
  try {
    return await answerOf((await call).raw)
  } catch (error) {
    const response: unknown = error instanceof Error && 'response' in error ? error.response : undefined
    if (!(response instanceof Response)) throw error instanceof Error && error.cause instanceof Unheard ? error.cause : error
    return answerOf(response)
  }
}

const answerOf = async (response: Response): Promise<Answer> =>
  ({ status: response.status, headers: Object.fromEntries(response.headers.entries()), text: await response.text() })
