/** What happens to prices and shares, and what is told of it. */
import { DAY_MS, formatInstant, make, millisOf, type Vanta } from '#record'
import type { Random } from '#port/random'
import type { Count } from './line.ts'
import { SUBJECTS } from './terms.ts'
import type { Venue } from './venue.ts'

export const START_MS = millisOf('2021-01-15T14:30:00.000Z')
/** The next session: the day on which shares are split and dividends earned and paid. */
const NEXT_DAY = '2021-01-19'
/** Midnight in New York: from then on shares are the new ones, by whatever clock. */
export const NEXT_DAY_MS = millisOf('2021-01-19T05:00:00.000Z')
export const NEXT_OPEN_MS = millisOf('2021-01-19T14:31:00.000Z')
const DIVIDEND_CENTS = 50, SPLIT = 'ticker:A'

interface Halt {
  readonly subject: string
  readonly fromMs: number
  readonly untilMs: number
  /** Whether it is said from the beginning when it ends. */
  readonly isKnown: boolean
}

export class Market {
  readonly #venue: Venue
  readonly #chance: Random
  readonly #count: Count
  readonly #announced: readonly Vanta[]
  readonly #halts: Halt[] = []
  #isMorning = false

  constructor(venue: Venue, chance: Random, count: Count) {
    this.#venue = venue
    this.#chance = chance
    this.#count = count
    this.#announced = [
      action('split', SPLIT, { ratio: '2:1' }), action('dividend', 'ticker:C', { form: 'cash', cash: '0.50', payable_date: NEXT_DAY }),
    ]
  }

  /** Prices drift, and now and then leap; trading in one or another is halted, and resumes. */
  pass(nowMs: number, isQuiet: boolean): void {
    for (const [subject, price] of this.#venue.priceCents) {
      const leaps = !isQuiet && this.#chance.next() < 0.03
      if (leaps) this.#count('gap')
      this.#venue.priceCents.set(subject, Math.max(100, price + Math.floor(price * (this.#chance.next() - 0.5) * (leaps ? 0.4 : 0.02))))
    }
    for (const { subject, untilMs } of this.#halts) if (untilMs <= nowMs) this.#venue.halted.delete(subject)
    if (isQuiet || this.#chance.next() > 0.04) return
    const subject = SUBJECTS[this.#chance.integer(SUBJECTS.length)] ?? 'ticker:A'
    if (this.#venue.halted.has(subject)) return
    this.#venue.halted.add(subject)
    this.#halts.push({ subject, fromMs: nowMs, untilMs: nowMs + 30_000 + this.#chance.integer(240_000), isKnown: this.#chance.next() < 0.5 })
    this.#count('halt')
  }

  resume(): void {
    this.#venue.halted.clear()
    this.#halts.splice(0)
  }

  night(nowMs: number): void {
    this.#venue.split(SPLIT, 2, nowMs)
    this.#venue.pay('ticker:C', DIVIDEND_CENTS)
    this.#count('split')
    this.#count('dividend')
    this.#isMorning = true
  }

  /** In the morning everybody knows; the evening before, whoever listened. Halts are told whenever somebody listens. */
  signals(nowMs: number, isDeaf: boolean): Vanta[] {
    const told = this.#isMorning || this.#chance.next() < 0.3 ? this.#announced : []
    const heard = told.filter((signal) => !isDeaf || signal.kind !== 'signal' || signal.type !== 'split')
    return [...heard, ...this.#halts.flatMap((halt) => haltSignals(halt, nowMs))]
  }

  isHaltKnown(subject: string, atMs: number): boolean {
    return this.#halts.some((halt) => halt.subject === subject && halt.fromMs <= atMs && atMs < halt.untilMs)
  }

  isSilent(): boolean {
    const silent = this.#chance.next() < 0.03
    if (silent) this.#count('silence')
    return silent
  }
}

function haltSignals({ subject, fromMs, untilMs, isKnown }: Halt, nowMs: number): Vanta[] {
  const at = formatInstant(fromMs), until = formatInstant(untilMs)
  const one = (known_at: string, facts: { readonly [name: string]: string }): Vanta => make('signal', {
    at, known_at, source: 'simulate/halts', by: 'simulate/1', type: 'halt', key: `simulate:halt:${subject}:${at}`, subject, facts,
  })
  return isKnown ? [one(at, { resumes_trading: until })] : nowMs < untilMs ? [one(at, {})] : [one(at, {}), one(until, { resumes_trading: until })]
}

const action = (type: string, subject: string, facts: { readonly [name: string]: string }): Vanta => make('signal', {
  at: `${NEXT_DAY}T14:30:00.000Z`, known_at: formatInstant(START_MS), source: 'simulate/corporate_actions', by: 'simulate/1',
  type, key: `simulate:${type}:${subject}`, subject, facts: { ...facts, day: NEXT_DAY },
})

/** Daily bars of the days before, of which the last is not complete: dear ones, so that who takes them for today's is found out. */
export function barsOf(volumes: ReadonlyMap<string, number>, prices: ReadonlyMap<string, number>): Vanta[] {
  return [2, 1, 0].flatMap((daysAgo) => [...volumes].map(([subject, volume]) => {
    const atMs = millisOf('2021-01-14T14:30:00.000Z') - daysAgo * DAY_MS, price = (((prices.get(subject) ?? 100) * 2) / 100).toFixed(2)
    return make('bar', {
      at: formatInstant(atMs), known_at: formatInstant(atMs + DAY_MS / 4), source: 'simulate', by: 'simulate/1', subject, span: '1d',
      open: price, high: price, low: price, close: price, volume: String(volume), basis: 'as_traded',
    })
  }))
}
