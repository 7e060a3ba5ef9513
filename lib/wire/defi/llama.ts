/** DefiLlama (https://api-docs.defillama.com/): value locked by chain and protocol, prices, volumes, stablecoins, yields. Values are dollars. */
import type { Millis, Signal } from '#record'
import { exactDecimal, exactList, exactNumber, exactObject, type Exact } from '../json_exact.ts'
import { momentOf, signal, text, type Facts, type Row, type Scope } from '../chain/signals.ts'

const SERVICE = 'defillama'

/** Undefined where `doc` is nothing of DefiLlama. */
export function readLlama(doc: Exact, scope: Scope): Iterable<Signal> | undefined {
  const list = exactList(doc)
  const first = exactObject(list?.[0])
  if (list !== undefined && first !== undefined) {
    if ('date' in first && ('totalLiquidityUSD' in first || 'tvl' in first)) return readSeries(list, 'all', undefined, scope)
    if ('date' in first && 'totalCirculating' in first) return readEach(list, readCirculating, scope)
    if ('tvl' in first && 'name' in first) return readEach(list, 'category' in first || 'slug' in first ? readProtocol : readChain, scope)
    return undefined
  }
  const answer = exactObject(doc)
  if (answer === undefined) return undefined
  if ('chainTvls' in answer && 'name' in answer) return readHistory(answer, scope)
  const coins = exactObject(answer['coins'])
  if (coins !== undefined) return readPrices(coins, scope)
  if ('totalDataChart' in answer || ('total24h' in answer && 'protocols' in answer)) return readVolumes(answer, scope)
  const assets = exactList(answer['peggedAssets'])
  if (assets !== undefined) return readEach(assets, readAsset, scope)
  const pools = exactList(answer['data'])
  return pools !== undefined && 'tvlUsd' in (exactObject(pools[0]) ?? {}) ? readEach(pools, readPool, scope) : undefined
}

type Reader = (row: Row, scope: Scope, place: string) => Iterable<Signal>

function* readEach(list: readonly Exact[], reader: Reader, scope: Scope): Iterable<Signal> {
  for (const [i, each] of list.entries()) yield* reader(exactObject(each) ?? {}, scope, `row ${i + 1}`)
}

interface Locked {
  readonly of: string
  readonly chain: string | undefined
  readonly atMs: Millis | undefined
  readonly tvl: string | undefined
  readonly more?: Facts
}

function* locked({ of, chain, atMs, tvl, more }: Locked, scope: Scope, place: string): Iterable<Signal> {
  if (tvl === undefined) scope.reject(place, 'no value locked is stated')
  else {
    const where = chain === undefined ? '' : `:${chain}`
    yield signal(scope, {
      type: 'tvl', key: `${SERVICE}:tvl:${of}${where}`, source: `${SERVICE}/tvl`,
      subject: of === 'all' || of === 'chain' ? `chain:${chain ?? 'all'}` : `protocol:${of}`, atMs,
      facts: { protocol: of === 'all' || of === 'chain' ? undefined : of, chain, tvl_usd: tvl, ...more },
    })
  }
}

function* readSeries(list: readonly Exact[], of: string, chain: string | undefined, scope: Scope, where = 'row'): Iterable<Signal> {
  for (const [i, each] of list.entries()) {
    const row = exactObject(each) ?? {}
    const atMs = momentOf(row['date'])
    const place = `${where} ${i + 1}`
    if (atMs === undefined) scope.reject(place, 'a value without a date')
    else yield* locked({ of, chain, atMs, tvl: exactDecimal(row['totalLiquidityUSD'] ?? row['tvl']) }, scope, place)
  }
}

const slugOf = (name: string): string => name.trim().toLowerCase().replace(/\s+/g, '-')

/** One protocol of the list, now, with its parts by chain. Changes are percent. */
function* readProtocol(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const of = text(row['slug']) ?? (text(row['name']) === undefined ? undefined : slugOf(text(row['name']) ?? ''))
  if (of === undefined) {
    scope.reject(place, 'a protocol without a name')
    return
  }
  const percent = (name: string): number | undefined => exactNumber(row[name])
  yield* locked({
    of, chain: undefined, atMs: undefined, tvl: exactDecimal(row['tvl']),
    more: {
      name: text(row['name']), category: text(row['category']), symbol: text(row['symbol']), change_1h_percent: percent('change_1h'),
      change_1d_percent: percent('change_1d'),
      change_7d_percent: percent('change_7d'), market_cap_usd: exactDecimal(row['mcap']), staking_usd: exactDecimal(row['staking']),
    },
  }, scope, place)
  for (const [chain, value] of Object.entries(exactObject(row['chainTvls']) ?? {})) {
    yield* locked({ of, chain, atMs: undefined, tvl: exactDecimal(value) }, scope, `${place}, ${chain}`)
  }
}

function* readChain(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const chain = text(row['name'])
  if (chain === undefined) scope.reject(place, 'a chain without a name')
  else yield* locked({
    of: 'chain', chain, atMs: undefined, tvl: exactDecimal(row['tvl']), more: { symbol: text(row['tokenSymbol']) },
  }, scope, place)
}

/** One protocol through its days, whole and by chain. */
function* readHistory(answer: Row, scope: Scope): Iterable<Signal> {
  const of = slugOf(text(answer['name']) ?? '')
  yield* readSeries(exactList(answer['tvl']) ?? [], of, undefined, scope, 'tvl')
  for (const [chain, part] of Object.entries(exactObject(answer['chainTvls']) ?? {})) {
    yield* readSeries(exactList(exactObject(part)?.['tvl']) ?? [], of, chain, scope, `${chain}, tvl`)
  }
}

/** Ids are `coingecko:bitcoin` or `chain:contract`. */
function* readPrices(coins: Row, scope: Scope): Iterable<Signal> {
  const entries = Object.entries(coins)
  if (entries.length === 0) scope.reject('coins', 'nothing was found')
  for (const [id, each] of entries) {
    const row = exactObject(each) ?? {}
    const price = exactDecimal(row['price']), symbol = text(row['symbol'])
    if (price === undefined) scope.reject(id, 'a coin without a price')
    else {
      yield signal(scope, {
        type: 'quote', key: `${SERVICE}:price:${id}`, source: `${SERVICE}/prices`,
        subject: symbol === undefined ? undefined : `coin:${symbol.toUpperCase()}`, atMs: momentOf(row['timestamp']),
        facts: { id, symbol, price_usd: price, confidence: exactNumber(row['confidence']) },
      })
    }
  }
}

/** Daily volume or fees of all, or of one protocol. */
function* readVolumes(answer: Row, scope: Scope): Iterable<Signal> {
  const of = text(answer['slug']) ?? slugOf(text(answer['name']) ?? text(answer['chain']) ?? 'all')
  const volume = (atMs: Millis | undefined, facts: Facts, part = ''): Signal =>
    signal(scope, {
      type: 'volume', key: `${SERVICE}:volume:${of}${part}`, source: `${SERVICE}/volumes`, subject: `protocol:${of}`, atMs,
      facts: { protocol: of, ...facts },
    })
  const last = exactDecimal(answer['total24h'])
  if (last !== undefined) {
    yield volume(undefined, {
      last_24h_usd: last, last_7d_usd: exactDecimal(answer['total7d']), change_1d_percent: exactNumber(answer['change_1d']),
      change_7d_percent: exactNumber(answer['change_7d']),
    })
  }
  for (const [i, pair] of (exactList(answer['totalDataChart']) ?? []).entries()) {
    const [date, value] = exactList(pair) ?? []
    const atMs = momentOf(date), usd = exactDecimal(value)
    if (atMs === undefined || usd === undefined) scope.reject(`day ${i + 1}`, 'a day without date or volume')
    else yield volume(atMs, { day_usd: usd }, ':day')
  }
  for (const [i, each] of (exactList(answer['protocols']) ?? []).entries()) {
    const row = exactObject(each) ?? {}
    const name = text(row['slug']) ?? text(row['name']), usd = exactDecimal(row['total24h'])
    if (name === undefined || usd === undefined) scope.reject(`protocol ${i + 1}`, 'a protocol without name or volume')
    else {
      yield signal(scope, {
        type: 'volume', key: `${SERVICE}:volume:${slugOf(name)}`, source: `${SERVICE}/volumes`, subject: `protocol:${slugOf(name)}`,
        atMs: undefined,
        facts: { protocol: slugOf(name), last_24h_usd: usd, change_1d_percent: exactNumber(row['change_1d']) },
      })
    }
  }
}

/** What circulates is counted in the currency that the coin is pegged to: `{peggedUSD: 1}`. */
function pegged(value: Exact | undefined): { readonly peg: string; readonly amount: string } | undefined {
  for (const [peg, each] of Object.entries(exactObject(value) ?? {})) {
    const amount = exactDecimal(each)
    if (amount !== undefined) return { peg: peg.replace('pegged', ''), amount }
  }
  return undefined
}

function* readAsset(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const symbol = text(row['symbol']), circulating = pegged(row['circulating'])
  if (symbol === undefined || circulating === undefined) scope.reject(place, 'a stablecoin without symbol or supply')
  else {
    yield signal(scope, {
      type: 'supply', key: `${SERVICE}:supply:${text(row['gecko_id']) ?? symbol}`, source: `${SERVICE}/stablecoins`,
      subject: `coin:${symbol.toUpperCase()}`, atMs: undefined,
      facts: {
        coin: symbol.toUpperCase(), supply: circulating.amount, peg: circulating.peg, supply_day_before: pegged(row['circulatingPrevDay'])?.amount,
        supply_week_before: pegged(row['circulatingPrevWeek'])?.amount, price_usd: exactDecimal(row['price']),
      },
    })
  }
}

function* readCirculating(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const atMs = momentOf(row['date']), circulating = pegged(row['totalCirculating'])
  if (atMs === undefined || circulating === undefined) scope.reject(place, 'a day without date or supply')
  else yield signal(scope, {
    type: 'supply', key: `${SERVICE}:supply:stablecoins`, source: `${SERVICE}/stablecoins`, atMs,
    facts: { supply: circulating.amount, peg: circulating.peg },
  })
}

function* readPool(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const project = text(row['project']), pool = text(row['pool'])
  if (project === undefined || pool === undefined) scope.reject(place, 'a pool without name or project')
  else {
    yield* locked({
      of: project, chain: text(row['chain']), atMs: undefined, tvl: exactDecimal(row['tvlUsd']),
      more: {
        pool, symbol: text(row['symbol']), apy_percent: exactNumber(row['apy']), apy_base_percent: exactNumber(row['apyBase']),
        stablecoin: row['stablecoin'] === true ? true : undefined,
      },
    }, scope, place)
  }
}
