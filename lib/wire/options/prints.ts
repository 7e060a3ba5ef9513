/** Prints as signals, and the blocks and sweeps among them. */
import { formatInstant, type Millis, type Signal } from '#record'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import { aggressor, blockSort, isIntermarket, isVoid, sweepsAmong, SWEEP_GAP_MS, SWEEP_WINDOW_MS, type SweepPrint } from '#domain/market/sweep'
import { optionCondition } from '#domain/market/option_condition'
import type { Print } from './found.ts'
import { contractFacts } from './standing.ts'
import { happened, type Facts } from '../signal.ts'

/** A tape may tell a print so long after it happened: until then a run may still grow. */
const SETTLE_MS = 5000
/** So many prints are held at most; the oldest are judged first. */
const MOST_HELD = 2_000_000

interface Held extends SweepPrint {
  readonly print: Print
  readonly premium: bigint | undefined
}

/** Holds prints until all of a sweep has been heard: it is said once no later print can belong to it. */
export class PrintDesk {
  readonly #by: string
  #held = new Map<string, Held>()

  constructor(by: string) {
    this.#by = by
  }

  /** The print, and the block it is, if it is one. */
  *add(print: Print): Generator<Signal> {
    const side = aggressor(Number(print.price), numberOf(print.bid), numberOf(print.ask))
    const premium = premiumOf(print)
    const signal = this.#print(print, side, premium)
    yield signal
    const { id } = signal
    if (isVoid(print.conditions) || this.#held.has(id)) return
    const { exchange, atMs, order, contracts, conditions, contract } = print
    this.#held.set(id, { id, contract: contract.symbol, exchange, atMs, order, side, contracts, conditions, print, premium })
    if (this.#held.size >= MOST_HELD) yield* this.sweeps(Infinity)
    const sort = blockSort(contracts, premium === undefined ? undefined : Number(formatFixed(premium)), conditions)
    if (sort !== undefined) yield this.#block(print, signal, side, premium, sort)
  }

  /** The sweeps among the prints held, but for those that may still grow at `heardMs`. */
  *sweeps(heardMs: Millis): Generator<Signal> {
    for (const run of sweepsAmong(this.#held.values())) {
      const first = run[0], last = run.at(-1)
      if (first === undefined || last === undefined || first.atMs + SWEEP_WINDOW_MS + SETTLE_MS > heardMs) continue
      yield this.#sweep(run, first, last)
    }
    this.#held = new Map()
  }

  #print(print: Print, side: string | undefined, premium: bigint | undefined): Signal {
    const { contract, price, contracts, exchange, conditions, bid, ask, facts } = print
    return this.#signal('option_print', print.key, print, print.atMs, print.knownMs, [], {
      ...contractFacts(contract), price, contracts, exchange,
      conditions: conditions.length > 0 ? [...conditions] : undefined,
      condition_names: names(conditions),
      bid, ask, side, premium: premium === undefined ? print.premium : formatFixed(premium),
      intermarket_sweep: isIntermarket({ conditions }) ? true : undefined,
      cancelled: isVoid(conditions) ? true : undefined,
      ...facts,
    })
  }

  #block(print: Print, { id }: Signal, side: string | undefined, premium: bigint | undefined, sort: string): Signal {
    const { contract, price, contracts, exchange } = print
    return this.#signal('block', print.key, print, print.atMs, print.knownMs, [id], {
      ...contractFacts(contract), price, contracts, exchange, side, premium: premium === undefined ? undefined : formatFixed(premium), sort,
    })
  }

  #sweep(run: readonly Held[], first: Held, last: Held): Signal {
    const { contract } = first.print
    const contracts = run.reduce((sum, held) => sum + held.contracts, 0)
    const premiums = run.map(({ premium }) => premium)
    const prices = run.map(({ print }) => print.price).sort((a, b) => Number(a) - Number(b))
    const knownMs = Math.max(...run.map(({ print }) => print.knownMs))
    const key = `${first.print.service}:${contract.symbol}:${first.atMs}`
    return this.#signal('sweep', key, first.print, last.atMs, knownMs, run.map(({ id }) => id), {
      ...contractFacts(contract), side: first.side, contracts, prints: run.length,
      exchanges: [...new Set(run.flatMap(({ exchange }) => exchange ?? []))].sort(),
      price_low: prices[0], price_high: prices.at(-1),
      premium: premiums.every((premium) => premium !== undefined) ? formatFixed(premiums.reduce((sum, premium) => sum + premium, 0n)) : undefined,
      intermarket_prints: run.filter(isIntermarket).length,
      from: formatInstant(first.atMs), span_ms: last.atMs - first.atMs, rule: { gap_ms: SWEEP_GAP_MS, window_ms: SWEEP_WINDOW_MS },
    })
  }

  #signal(type: string, key: string, { service, subject }: Print, atMs: Millis, knownMs: Millis, parents: string[], facts: Facts): Signal {
    return happened({
      atMs, knownMs, source: `${service}/option_prints`, parents,
      type, key, subject, facts,
    }, this.#by)
  }
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

/** Price x contracts x multiplier, exactly; as stated where the multiplier is not known. */
function premiumOf({ price, contracts, contract, premium }: Print): bigint | undefined {
  if (premium !== undefined) return parseFixed(premium)
  const fixed = parseFixed(price)
  return fixed === undefined || contract.multiplier === undefined ? undefined : fixed * BigInt(contracts) * BigInt(contract.multiplier)
}

function names(conditions: readonly string[]): string[] | undefined {
  const known = conditions.flatMap((code) => optionCondition(code)?.name ?? [])
  return known.length === 0 || known.every((name, i) => name === conditions[i]) ? undefined : known
}
