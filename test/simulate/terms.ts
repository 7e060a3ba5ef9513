/** Under which limits a simulated day is traded, drawn from its seed: once as plain numbers, for the laws, and once as settings. */
import type { Json } from '#record'
import type { Random } from '#port/random'
import { vaultSettings } from '#domain/vault/vault'

export const SUBJECTS = ['ticker:A', 'ticker:B', 'ticker:C', 'ticker:D'], VAULTS = ['core', 'spare', 'idle']
export const SECTORS: { readonly [subject: string]: string } = { 'ticker:A': 'fish', 'ticker:B': 'fish', 'ticker:C': 'meat', 'ticker:D': 'meat' }
export const CAPITAL_CENTS = 1_000_000

/** Percent of the equity. */
export interface BookLimits {
  readonly position: number
  readonly gross: number
  readonly net: number
}
export interface Limits extends BookLimits {
  readonly sector: number
  readonly source: number
  readonly turnover: number
  /** Percent of the average daily volume. */
  readonly liquidity: number
  readonly openOrders: number
  /** Percent below; undefined where there is no such stop. */
  readonly loss: number | undefined
  readonly trailing: number | undefined
  readonly timeMs: number | undefined
}
export interface DayTerms {
  readonly vaults: ReadonlyMap<string, Limits>
  readonly book: BookLimits | undefined
  /** Average daily volume by subject; empty where no bars pass. */
  readonly volumes: ReadonlyMap<string, number>
}

export function dayTerms(chance: Random): DayTerms {
  const one = <T>(...of: readonly T[]): T => of[chance.integer(of.length)] as T
  const vaults = new Map(VAULTS.map((vault) => {
    // Where an allocator is at work no cap of a vault binds, so that its sizes are known beforehand.
    const tight = (...percents: readonly number[]): number => (vault === 'spare' ? one(...percents) : 100)
    return [vault, {
      position: 10, sector: tight(100, 13), source: tight(100, 13), gross: tight(100, 20), net: tight(100, 15), turnover: one(1000, 1000, 40),
      liquidity: 5, openOrders: one(50, 50, 2), loss: one(undefined, 4, 12), trailing: one(undefined, 3, 9), timeMs: one(undefined, undefined, 600_000),
    }]
  }))
  const book = one(undefined, { position: 6, gross: 15, net: 100 }, { position: 100, gross: 100, net: 12 })
  const volumes = chance.next() < 0.5 ? new Map<string, number>() : new Map(SUBJECTS.map((subject) => [subject, 200 + chance.integer(2000)]))
  return { vaults, book, volumes }
}

const percent = (value: number): string => (value / 100).toFixed(2)

export function settingsFor(limits: Limits): { readonly [name: string]: Json } {
  const { position, sector, source, gross, net, turnover, liquidity, openOrders, loss, trailing, timeMs } = limits
  const base = vaultSettings({ cash: BigInt(CAPITAL_CENTS), currency: 'USD', method: 'banded' })
  return {
    ...base,
    caps: {
      ...base.caps, position: percent(position), sector: percent(sector), source: percent(source), gross: percent(gross), net: percent(net),
      turnover: percent(turnover), liquidity: percent(liquidity), open_orders: openOrders,
    },
    stops: {
      loss: loss === undefined ? null : percent(loss), trailing: trailing === undefined ? null : percent(trailing),
      time: timeMs === undefined ? null : `${timeMs / 60_000}m`, cooldown: '2m',
    },
  }
}

export const bookFor = ({ position, gross, net }: BookLimits): { readonly [cap: string]: Json } =>
  ({ position: percent(position), gross: percent(gross), net: percent(net) })
