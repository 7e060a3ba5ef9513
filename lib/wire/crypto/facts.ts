/** What exchanges say besides their books, as signals. */
import { formatInstant, make, type Signal } from '#record'
import { namedOf, timesOf, type Hearing } from '../book/naming.ts'
import { UNFINISHED, type FactKind, type FactSaid } from '../book/said.ts'

/** Without all of the first it is none of its kind, and without one of the second it says nothing. */
const NEEDS: Readonly<Record<FactKind, readonly [all: readonly string[], one: readonly string[]]>> = {
  trade: [['price', 'size'], []],
  quote: [[], ['bid', 'ask']],
  ticker: [[], ['last', 'bid', 'ask', 'average_price']],
  candle: [['open', 'high', 'low', 'close'], []],
  funding: [[], ['rate', 'relative_rate']],
  mark_price: [[], ['mark_price', 'funding_rate', 'index_price']],
  open_interest: [['open_interest'], []],
  liquidation: [['size'], []],
}

/** The signal, or why it is none. */
export function factSignal(said: FactSaid, hearing: Hearing, by: string): Signal | string {
  const { kind, market, atMs, saidMs, id } = said
  const [all, one] = NEEDS[kind]
  const stated = (name: string): boolean => said.facts[name] !== undefined
  if (!all.every(stated) || (one.length > 0 && !one.some(stated))) return `a ${kind.replace('_', ' ')} that lacks ${[...all, ...one].join(', ')}`
  const times = timesOf(hearing, atMs, saidMs)
  if (kind === 'candle' && times.fault !== undefined) return 'a candle of a moment that cannot be'
  if (kind === 'candle' && saidMs !== undefined && saidMs > (hearing.localMs ?? hearing.heardMs)) return UNFINISHED
  const { symbol } = market
  return make('signal', {
    at: formatInstant(times.atMs), known_at: formatInstant(times.knownMs), by, type: kind, ...namedOf(market, kind, id ?? ownId(said)),
    facts: {
      venue: market.venue, ...(symbol !== undefined && { symbol }), ...(id !== undefined && kind === 'trade' && { trade_id: id }),
      ...present(said.facts), ...(times.fault !== undefined && { clock: times.fault }),
    },
  })
}

/** Candles and funding periods are things of their own, named by when they began; the rest are states of their market. */
function ownId({ kind, atMs, facts }: FactSaid): string | undefined {
  if (atMs === undefined) return undefined
  return kind === 'candle' ? `${facts['span'] ?? ''}-${atMs}` : kind === 'funding' || kind === 'liquidation' ? String(atMs) : undefined
}

function present(facts: FactSaid['facts']): { [name: string]: string | number | boolean } {
  const found: { [name: string]: string | number | boolean } = {}
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) found[name] = value
  return found
}
