/**
 * What texts say by their figures: which way something went, whether that is good of it ("profit fell", "costs fell", "the loss
 * narrowed"), and which of two amounts is the earlier ("EUR 13.1 mn, compared to EUR 8.7 mn"). Lists of our own.
 */
import type { Lexeme } from '../lexeme.ts'

const listOf = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))
const UP = listOf(`
  rise rises rose risen rising increase increases increased increasing grow grows grew grown growing growth climb climbs climbed climbing jump jumps jumped
  jumping surge surges surged surging soar soars soared gain gains gained gaining up higher improve improves improved improving improvement widen widens
  widened widening expand expands expanded expanding double doubled doubles triple tripled exceed exceeded exceeds raise raises raised raising boost boosts
  boosted accelerate accelerated strengthen strengthened advance advanced advances rally rallies rallied rebound rebounded recover recovered top tops topped
  beat beats hike hiked hikes`)
const DOWN = listOf(`
  fall falls fell fallen falling decrease decreases decreased decreasing decline declines declined declining drop drops dropped dropping slip slips slipped
  slide slides slid sink sinks sank sunk plunge plunges plunged tumble tumbles tumbled shrink shrinks shrank shrunk narrow narrows narrowed narrowing down
  lower lowered lowers cut cuts cutting reduce reduces reduced reducing reduction weaken weakened weaker contract contracted halve halved miss misses missed
  ease eased eases dip dips dipped trim trims trimmed slump slumps slumped dive dives dived lose loses lost slash slashes slashed`)
const GOOD = listOf(`
  profit profits sales sale revenue revenues turnover income earnings ebit ebitda ebita eps order orders dividend dividends share shares stock margin margins
  demand deliveries backlog cash price prices traffic volume volumes bookings result results outlook guidance forecast estimates expectations production
  market capacity rating target customers subscribers users profitability efficiency return returns surplus index futures`)
const BAD = listOf(`
  loss losses cost costs expense expenses debt debts unemployment layoffs charges charge provision provisions deficit liabilities impairment writedown
  risk risks claims taxes tax delay delays churn complaints volatility inventories burn`)
const BEFORE = listOf('from against versus vs compared year-earlier earlier corresponding than')

/** Words that a direction reaches, to either side. */
const REACH = 7
/** Up of what is good, up of what is bad, down of good, down of bad, an amount above the earlier one (a loss counts below zero), one below it. */
export const FIGURES = 6

/** How often each is said, in `counts`; only of lexemes from `from` to before `to`, which are one sentence. */
export function countFigures(lexemes: readonly Lexeme[], from: number, to: number, counts: Float64Array): void {
  for (let i = from; i < to; i++) {
    const { lower, kind } = lexemes[i] ?? NONE
    if (kind !== 'word') continue
    const up = UP.has(lower)
    if (!up && !DOWN.has(lower)) continue
    const noun = nearest(lexemes, i, from, to)
    if (noun === 0) continue
    add(counts, (up ? 0 : 2) + (noun > 0 ? 0 : 1))
  }
  compareAmounts(lexemes, from, to, counts)
}

const NONE = { lower: '', kind: 'word' } as const
const add = (counts: Float64Array, at: number): void => {
  counts[at] = (counts[at] ?? 0) + 1
}

/** 1 where the nearest noun is one of which more is good, -1 where less is; of two equally near the one before counts. 0 where there is none. */
function nearest(lexemes: readonly Lexeme[], i: number, from: number, to: number): number {
  for (let far = 1; far <= REACH; far++) {
    for (const at of [i - far, i + far]) {
      if (at < from || at >= to) continue
      const lower = lexemes[at]?.lower ?? ''
      if (BAD.has(lower)) return -1
      if (GOOD.has(lower)) return 1
    }
  }
  return 0
}

const AMOUNT = /^\$?(\d[\d,]*(?:\.\d+)?)[a-z]{0,3}$/
/** `EUR17 .9` as agencies' texts have it. */
const JOINED = /^(?:eur|euro|usd|gbp|sek|nok|dkk)(\d+)$/
/** Amounts further apart are of different things. */
const LIKE = 8

/** The first amount after the last noun, and the first after a word of comparison, where they are of one order of magnitude. */
function compareAmounts(lexemes: readonly Lexeme[], from: number, to: number, counts: Float64Array): void {
  let now: number | undefined, compared = false, sign = 1, fresh = true
  for (let i = from; i < to; i++) {
    const lexeme = lexemes[i] ?? NONE
    const amount = amountOf(lexeme, lexemes[i + 1])
    if (amount !== undefined) {
      if (!compared && fresh) {
        now = sign * amount
        fresh = false
      } else if (compared && now !== undefined && amount < LIKE * Math.abs(now) && Math.abs(now) < LIKE * amount) {
        const then = sign * amount
        if (then !== now) add(counts, now > then ? 4 : 5)
        return
      }
    } else if (BEFORE.has(lexeme.lower)) compared = now !== undefined
    else if (BAD.has(lexeme.lower) || GOOD.has(lexeme.lower)) {
      sign = BAD.has(lexeme.lower) ? -1 : 1
      if (!compared) fresh = true
    }
  }
}

function amountOf({ lower, kind }: Pick<Lexeme, 'lower' | 'kind'>, next: Lexeme | undefined): number | undefined {
  if (kind === 'word') {
    const whole = JOINED.exec(lower)?.[1]
    return whole === undefined ? undefined : Number(next?.kind === 'number' && /^\d+$/.test(next.lower) ? `${whole}.${next.lower}` : whole) || undefined
  }
  const digits = kind === 'number' ? AMOUNT.exec(lower)?.[1] : undefined
  if (digits === undefined) return undefined
  const amount = Number(digits.replaceAll(',', ''))
  const year = digits.length === 4 && amount >= 1980 && amount < 2040
  return year || amount === 0 ? undefined : amount
}
