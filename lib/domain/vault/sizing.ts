/** How large: from claims on a vault, strongest first, to fractions of its equity, by its method, under a persona and within its caps. Pure. */
import type { Direction } from '#record'
import { mulDown, ONE } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'
import type { Persona } from './persona.ts'
import type { Band, Vault } from './vault.ts'

/** A conviction as far as sizing needs it. */
export interface Sizable {
  readonly subject: string
  readonly direction: Direction
  readonly score: number
  readonly logOdds: number
  /** Makers joined by "+". */
  readonly maker: string
  /** Records that it rests on. */
  readonly evidence: number
}
export interface Sized<C> {
  readonly claim: C
  readonly band: Band
  /** Above zero; `claim.direction` says which way. */
  readonly fraction: Fixed
}

export interface SizingTerms {
  readonly vault: Vault
  readonly persona: Persona
  /** Largest sum of fractions, the smaller of the vault's and the persona's. */
  readonly gross: Fixed
  readonly sectorOf: (subject: string) => string
}

/** Log-odds become whole weights of this many parts: shares of a cap are then exact. */
const WEIGHT_PARTS = 1_000_000

export const bandOf = ({ bands }: Vault, score: number): Band | undefined =>
  bands.findLast((band) => score >= band.from && (score < band.to || (band.to === 1 && score <= 1)))

/** Fractions in the order of the claims; a cap takes from the last ones first, and nothing is ever rounded up. */
export function sized<C extends Sizable>(claims: readonly C[], { vault, persona, gross, sectorOf }: SizingTerms): Sized<C>[] {
  const { caps } = vault
  const wanted = wishes(claims, vault, persona)
  const rooms = new Rooms(vault, gross)
  const found: Sized<C>[] = []
  for (const { claim, band, fraction } of wanted) {
    const granted = rooms.take(claim, sectorOf(claim.subject), least(fraction, caps.position))
    if (granted > 0n) found.push({ claim, band, fraction: granted })
  }
  return found
}

function wishes<C extends Sizable>(claims: readonly C[], vault: Vault, persona: Persona): Sized<C>[] {
  const weights = claims.map(({ logOdds }) => BigInt(Math.max(0, Math.floor(logOdds * WEIGHT_PARTS))))
  const total = weights.reduce((sum, weight) => sum + weight, 0n)
  const found: Sized<C>[] = []
  for (const [i, claim] of claims.entries()) {
    const band = bandOf(vault, claim.score)
    if (band === undefined) continue
    const share = total === 0n ? 0n : (vault.caps.gross * (weights[i] ?? 0n)) / total
    const fraction = vault.method === 'banded' ? band.fraction : vault.method === 'kelly' ? kellyFraction(claim, vault) : share
    const scaled = mulDown(fraction, persona.scale)
    if (scaled > 0n) found.push({ claim, band, fraction: scaled })
  }
  if (!persona.equal) return found
  const smallest = found.reduce((small, { fraction }) => (fraction < small ? fraction : small), found[0]?.fraction ?? 0n)
  return found.map((wish) => ({ ...wish, fraction: smallest }))
}

/**
 * Kelly's fraction for even odds, 2p - 1 (Kelly, "A New Interpretation of Information Rate", Bell System Technical Journal 35, 1956), of
 * a probability drawn towards one half by n / (n + shrink), n the records it rests on: little evidence, little stake. Of that the vault's share.
 */
export function kellyFraction({ score, evidence }: Pick<Sizable, 'score' | 'evidence'>, { kelly }: Pick<Vault, 'kelly'>): Fixed {
  const trust = evidence + kelly.shrink === 0 ? 0 : evidence / (evidence + kelly.shrink)
  const edge = (2 * score - 1) * trust
  return edge <= 0 ? 0n : mulDown(BigInt(Math.floor(edge * Number(ONE))), kelly.fraction)
}

/** What room is left under each cap. */
class Rooms {
  readonly #vault: Vault
  #gross: Fixed
  #net: Fixed = 0n
  readonly #sectors = new Map<string, Fixed>()
  readonly #sources = new Map<string, Fixed>()

  constructor(vault: Vault, gross: Fixed) {
    this.#vault = vault
    this.#gross = gross
  }

  /** As much of `wanted` as every cap has room for. */
  take({ direction, maker }: Sizable, sector: string, wanted: Fixed): Fixed {
    const { caps } = this.#vault
    const makers = [...new Set(maker.split('+'))]
    const net = direction === 'up' ? caps.net - this.#net : caps.net + this.#net
    const granted = least(
      wanted, this.#gross, net, caps.sector - (this.#sectors.get(sector) ?? 0n), ...makers.map((name) => caps.source - (this.#sources.get(name) ?? 0n)),
    )
    if (granted <= 0n) return 0n
    this.#gross -= granted
    this.#net += direction === 'up' ? granted : -granted
    this.#sectors.set(sector, (this.#sectors.get(sector) ?? 0n) + granted)
    for (const name of makers) this.#sources.set(name, (this.#sources.get(name) ?? 0n) + granted)
    return granted
  }
}

/** Whether fractions, however they came about, are within every cap. */
export function areWithin(
  fractions: readonly { readonly claim: Sizable; readonly fraction: Fixed }[], { vault: { caps }, gross, sectorOf }: Omit<SizingTerms, 'persona'>,
): boolean {
  let sum = 0n, net = 0n
  const sectors = new Map<string, Fixed>(), sources = new Map<string, Fixed>()
  const add = (sums: Map<string, Fixed>, name: string, fraction: Fixed): void => void sums.set(name, (sums.get(name) ?? 0n) + fraction)
  for (const { claim, fraction } of fractions) {
    if (fraction > caps.position) return false
    sum += fraction
    net += claim.direction === 'up' ? fraction : -fraction
    add(sectors, sectorOf(claim.subject), fraction)
    for (const maker of new Set(claim.maker.split('+'))) add(sources, maker, fraction)
  }
  if (sum > gross || net > caps.net || -net > caps.net) return false
  return [...sectors.values()].every((part) => part <= caps.sector) && [...sources.values()].every((part) => part <= caps.source)
}

/**
 * Two tempers in one vault: of each the share that it has. Fractions of both in one subject are added with their signs, each part
 * rounded down.
 */
export function blended<C extends Sizable>(base: readonly Sized<C>[], flipped: readonly Sized<C>[], slice: Fixed): Sized<C>[] {
  const bySubject = new Map<string, { readonly one: Sized<C>; signed: Fixed }>()
  const add = (all: readonly Sized<C>[], share: Fixed): void => {
    for (const one of all) {
      const part = mulDown(one.fraction, share)
      const signed = one.claim.direction === 'up' ? part : -part
      const before = bySubject.get(one.claim.subject)
      const sum = (before?.signed ?? 0n) + signed
      const sameSide = before === undefined || (sum > 0n) === (before.one.claim.direction === 'up')
      bySubject.set(one.claim.subject, { one: sameSide ? (before?.one ?? one) : one, signed: sum })
    }
  }
  add(base, ONE - slice)
  add(flipped, slice)
  return [...bySubject.values()].filter(({ signed }) => signed !== 0n).map(({ one, signed }) => ({ ...one, fraction: signed < 0n ? -signed : signed }))
}

export const least = (...values: readonly Fixed[]): Fixed => values.reduce((small, value) => (value < small ? value : small))
