/**
 * From convictions to target fractions of a vault's equity. One allocator per vault keeps the latest conviction of each
 * subject until it expires or is restated, and its own last targets; it never looks at fills, so the records flow one way.
 */
import { DAY_MS, formatInstant, make, millisOf, logistic, type Allocation, type Bar, type Conviction, type Direction, type Millis, type Price } from '#record'
import { personaLogOdds, PERSONAS, type PersonaLogOdds, type PersonaName } from '../conviction/personas.ts'
import { formatFixed, mulDown } from '../money/decimal.ts'
import { fixedOf, type Fixed } from '../money/money.ts'
import type { Temper } from './overlay.ts'
import { PERSONA, PLAIN } from './persona.ts'
import { areWithin, bandOf, blended, least, sized, type Sizable, type Sized } from './sizing.ts'
import type { Vault } from './vault.ts'

interface Claim extends Sizable {
  readonly id: string
  readonly rank: number
  readonly expiresMs: Millis
  /** What each persona makes of it, in log-odds of its direction. */
  readonly personas: PersonaLogOdds
}
interface Heard {
  readonly claim: Claim
  readonly knownMs: Millis
}
/** What the vault last asked for in one subject; the fraction is above zero. */
interface Target {
  readonly allocationId: string
  readonly direction: Direction
  readonly fraction: Fixed
  readonly band: string
  readonly maker: string
}
interface Wish {
  readonly claim: Claim
  readonly band: string
  readonly fraction: Fixed
}
/** What surrounds an allocator: the vault's temper at a moment, and what belongs together. */
export interface Circumstances {
  readonly temperAt?: (nowMs: Millis) => Temper
  readonly sectorOf?: (subject: string) => string
}

/** Current targets by subject, as `autotrade_queue.json` keeps them. */
export type QueueState = { readonly [subject: string]: { readonly [field: string]: string | number } }

/** An exit is to be carried out whenever that becomes possible. */
const EXIT_TTL_MS = 30 * DAY_MS
const UNRANKED = Number.MAX_SAFE_INTEGER

export class Allocator {
  #vault: Vault
  readonly #by: string
  #heard: Heard[] = []
  readonly #claims = new Map<string, Claim>()
  readonly #targets = new Map<string, Target>()
  /** When a price of the subject last became known, as written. */
  readonly #pricedAt = new Map<string, string>()
  readonly #priceTtlMs: Millis | undefined

  readonly #around: Circumstances
  readonly #sectorOf: (subject: string) => string
  /** Of the moment that is decided on. */
  #temper: Temper = PLAIN_TEMPER

  /** With `priceTtlMs`, only subjects with a price no older than that are entered: others would take up places in vain. */
  constructor(vault: Vault, by: string, priceTtlMs?: Millis, around: Circumstances = {}) {
    this.#vault = vault
    this.#by = by
    this.#priceTtlMs = priceTtlMs
    this.#around = around
    this.#sectorOf = around.sectorOf ?? (() => 'unknown')
  }

  /** Its settings were changed: they count from the next decision on. */
  renew(vault: Vault): void {
    this.#vault = vault
  }

  hearPrice({ subject, known_at }: Bar | Price): void {
    if (this.#priceTtlMs !== undefined) this.#pricedAt.set(subject, known_at)
  }

  hear(conviction: Conviction): void {
    const { id, subject, direction, conviction_score: score, log_odds: logOdds, rank = UNRANKED } = conviction
    const expiresMs = millisOf(conviction.at) + conviction.ttl * 1000
    const maker = conviction.contributing_models.join('+') || 'unknown'
    const evidence = new Set(conviction.reason_vector.flatMap((reason) => reason.evidence)).size
    const claim = { id, subject, direction, score, logOdds, rank, maker, evidence, expiresMs, personas: personaLogOdds(conviction) }
    this.#heard.push({ claim, knownMs: millisOf(conviction.known_at) })
  }

  /** Whether convictions wait for a moment of decision. */
  get waiting(): boolean {
    return this.#heard.length > 0
  }

  /** Decide: allocations for every subject whose target changes, exits first. Convictions known only later wait. */
  decide(nowMs: Millis): Allocation[] {
    const later: Heard[] = []
    for (const heard of this.#heard) {
      if (heard.knownMs <= nowMs) this.#claims.set(heard.claim.subject, heard.claim)
      else later.push(heard)
    }
    this.#heard = later
    for (const claim of this.#claims.values()) if (claim.expiresMs <= nowMs) this.#claims.delete(claim.subject)
    if (this.#vault.state === 'halted') return []
    this.#temper = this.#around.temperAt?.(nowMs) ?? PLAIN_TEMPER
    const wishes = this.#settled(this.#wishes(nowMs))
    const wanted = new Set(wishes.map((wish) => wish.claim.subject))
    const exits: Allocation[] = []
    for (const [subject, target] of this.#targets) if (!wanted.has(subject)) exits.push(this.#leave(subject, target, nowMs))
    const changes: Allocation[] = []
    for (const wish of wishes) {
      const held = this.#targets.get(wish.claim.subject)
      if (held?.fraction !== wish.fraction || held.direction !== wish.claim.direction) changes.push(this.#take(wish, held, nowMs))
    }
    return [...exits, ...changes]
  }

  /** Targets of the vault's own temper, and of another's slice where one has it. */
  #wishes(nowMs: Millis): Wish[] {
    const { persona, flip } = this.#temper
    const own = this.#sizedAs(persona, nowMs)
    const all = flip === undefined ? own : blended(own, this.#sizedAs(flip.persona, nowMs), flip.slice)
    return all.map(({ claim, band, fraction }) => ({ claim, band: band.name, fraction }))
  }

  #sizedAs(name: PersonaName | undefined, nowMs: Millis): Sized<Claim>[] {
    if (this.#vault.state !== 'active') return []
    const persona = name === undefined ? PLAIN : PERSONA[name]
    const { caps, leverage } = this.#vault
    const gross = name === undefined ? caps.gross : least(caps.gross, leverage[name])
    return sized(this.#eligible(name, nowMs), { vault: this.#vault, persona, gross, sectorOf: this.#sectorOf })
  }

  /** Claims that a band takes, strongest first; at equal strength a held one stays before a new one. */
  #eligible(persona: PersonaName | undefined, nowMs: Millis): Claim[] {
    const lowest = this.#vault.bands[0]?.from ?? 1
    const seen = [...this.#claims.values()].map((claim) => (persona === undefined ? claim : asSaidBy(persona, claim)))
    const permitted = seen.filter((claim) => claim.score >= lowest && this.#permits(claim) && this.#tradable(claim, nowMs))
    const held = (claim: Claim): number => (this.#targets.has(claim.subject) ? 0 : 1)
    const byName = (a: Claim, b: Claim): number => (a.subject < b.subject ? -1 : 1)
    permitted.sort((a, b) => b.score - a.score || held(a) - held(b) || a.rank - b.rank || byName(a, b))
    return permitted.slice(0, this.#vault.caps.openPositions)
  }

  /** What is held stays: the absence of a price is no reason to leave. */
  #tradable({ subject }: Claim, nowMs: Millis): boolean {
    if (this.#priceTtlMs === undefined || this.#targets.has(subject)) return true
    const pricedAt = this.#pricedAt.get(subject)
    if (pricedAt === undefined) return false
    const ageMs = nowMs - millisOf(pricedAt)
    return ageMs >= 0 && ageMs <= this.#priceTtlMs
  }

  #permits(claim: Claim): boolean {
    return claim.direction === 'up' || this.#vault.allowShort
  }

  /** Keep held targets where the change is too small to be worth a trade, unless keeping them would break a cap. */
  #settled(wishes: readonly Wish[]): readonly Wish[] {
    const kept = wishes.map((wish) => {
      const held = this.#targets.get(wish.claim.subject)
      return held === undefined || this.#worthwhile(held, wish) ? wish : { ...wish, fraction: held.fraction, band: held.band }
    })
    if (this.#isWithin(kept)) return kept
    const smaller = kept.map((keep, i) => {
      const wish = wishes[i] ?? keep
      return wish.fraction < keep.fraction ? wish : keep
    })
    return this.#isWithin(smaller) ? smaller : wishes
  }

  #isWithin(wishes: readonly Wish[]): boolean {
    const { persona, flip } = this.#temper
    const plain = persona === undefined && flip === undefined
    // What a persona may hold in all is part of its wishes; of two at once, the larger ceiling.
    const ceilings = [persona, flip?.persona].flatMap((name) => (name === undefined ? [] : [this.#vault.leverage[name]]))
    const ceiling = plain || persona === undefined ? this.#vault.caps.gross : ceilings.reduce((most, one) => (one > most ? one : most), 0n)
    return areWithin(wishes, { vault: this.#vault, gross: least(this.#vault.caps.gross, ceiling), sectorOf: this.#sectorOf })
  }

  #worthwhile(held: Target, wish: Wish): boolean {
    if (held.direction !== wish.claim.direction || held.fraction > this.#vault.caps.position) return true
    const change = held.fraction > wish.fraction ? held.fraction - wish.fraction : wish.fraction - held.fraction
    const { relative, absolute } = this.#vault.minChange
    return change > 0n && (change >= absolute || change >= mulDown(held.fraction, relative))
  }

  #take({ claim, band, fraction }: Wish, held: Target | undefined, nowMs: Millis): Allocation {
    const reason = held === undefined ? 'entry' : 'resize'
    const allocation = this.#allocation([claim.id], claim, { fraction, band, reason, expiresMs: claim.expiresMs }, nowMs)
    const { subject, direction, maker } = claim
    this.#targets.set(subject, { allocationId: allocation.id, direction, fraction, band, maker })
    return allocation
  }

  #leave(subject: string, target: Target, nowMs: Millis): Allocation {
    const claim = this.#claims.get(subject)
    const parents = claim === undefined ? [target.allocationId] : [target.allocationId, claim.id]
    const size = { fraction: 0n, band: target.band, reason: this.#reasonToLeave(claim), expiresMs: nowMs + EXIT_TTL_MS }
    this.#targets.delete(subject)
    return this.#allocation(parents, { subject, direction: target.direction, maker: target.maker }, size, nowMs)
  }

  #reasonToLeave(claim: Claim | undefined): string {
    if (claim === undefined) return 'expired'
    if (!this.#permits(claim)) return 'direction'
    if (this.#vault.state !== 'active') return this.#vault.state
    if (this.#temper.persona !== undefined || this.#temper.flip !== undefined) return 'persona'
    return bandOf(this.#vault, claim.score) === undefined ? 'below_band' : 'cap'
  }

  #allocation(
    parents: string[],
    about: { readonly subject: string; readonly direction: Direction; readonly maker: string },
    size: { readonly fraction: Fixed; readonly band: string; readonly reason: string; readonly expiresMs: Millis },
    nowMs: Millis,
  ): Allocation {
    const now = formatInstant(nowMs)
    return make('allocation', {
      parents, at: now, known_at: now, source: `vault/${this.#vault.name}`, by: this.#by, vault: this.#vault.name,
      subject: about.subject, direction: about.direction, fraction: formatFixed(size.fraction), band: size.band, reason: size.reason,
      maker: about.maker, expires_at: formatInstant(size.expiresMs), ...this.#persona(),
    })
  }

  /** Whose temper it was, such as `athena` or `athena+0.1 ares`. */
  #persona(): { persona?: string } {
    const { persona, flip } = this.#temper
    if (persona === undefined && flip === undefined) return {}
    const parts = [persona ?? 'plain', ...(flip === undefined ? [] : [`${formatFixed(flip.slice)} ${flip.persona}`])]
    return { persona: parts.join('+') }
  }

  /** Targets and the convictions they rest on, by subject, in alphabetical order. */
  toState(): QueueState {
    const state: { [subject: string]: { [field: string]: string | number } } = {}
    for (const subject of [...this.#targets.keys()].sort()) {
      const target = this.#targets.get(subject)
      if (target === undefined) continue
      const claim = this.#claims.get(subject)
      state[subject] = {
        fraction: formatFixed(target.fraction), direction: target.direction, band: target.band, maker: target.maker,
        allocation_id: target.allocationId,
        ...(claim !== undefined && {
          conviction_id: claim.id, conviction_score: claim.score, log_odds: claim.logOdds, claim_direction: claim.direction, evidence: claim.evidence,
          expires_at: formatInstant(claim.expiresMs), ...claim.personas,
        }),
      }
    }
    return state
  }

  /** Continue from an earlier run's targets. Throws RangeError on a value that is none of ours. */
  restore(state: QueueState): void {
    for (const [subject, entry] of Object.entries(state)) {
      const direction = entry.direction === 'down' ? 'down' : 'up'
      const maker = String(entry.maker), band = String(entry.band), allocationId = String(entry.allocation_id)
      this.#targets.set(subject, { allocationId, direction, fraction: fixedOf(String(entry.fraction)), band, maker })
      if (typeof entry.conviction_id !== 'string') continue
      const logOdds = Number(entry.log_odds), own = personaLogOdds({ log_odds: logOdds })
      const personas = Object.fromEntries(PERSONAS.map((name) => [name, Number(entry[name] ?? own[name])])) as { [name in PersonaName]: number }
      this.#claims.set(subject, {
        id: entry.conviction_id, subject, direction: entry.claim_direction === 'down' ? 'down' : 'up',
        score: Number(entry.conviction_score), logOdds, evidence: Number(entry.evidence ?? 0),
        rank: UNRANKED, maker, expiresMs: millisOf(String(entry.expires_at)), personas,
      })
    }
  }
}

const PLAIN_TEMPER: Temper = { persona: undefined, flip: undefined }

/** The claim as a persona would make it: of the other direction where its log-odds are below zero. */
function asSaidBy(persona: PersonaName, claim: Claim): Claim {
  const logOdds = claim.personas[persona]
  const direction = logOdds >= 0 ? claim.direction : claim.direction === 'up' ? 'down' : 'up'
  return { ...claim, direction, logOdds: Math.abs(logOdds), score: logistic(Math.abs(logOdds)) }
}
