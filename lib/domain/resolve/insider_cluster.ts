/**
 * Several insiders of one company who buy, or sell, within a short time. Such clusters say more than lone trades (Alldredge and Blank, "Do insiders
 * cluster trades with colleagues?", Journal of Financial Research 42, 2019). Whoever trades in the same month year after year is routine
 * and says nothing (Cohen, Malloy and Pomorski, "Decoding inside information", Journal of Finance 67, 2012).
 */
import { make, millisOf, type Millis, type Signal } from '#record'

export interface ClusterTerms {
  readonly windowMs: Millis
  /** Fewest insiders of a cluster, the routine ones not counted. */
  readonly least: number
  readonly by: string
}

interface Trade {
  readonly id: string
  readonly insider: string
  readonly knownMs: Millis
  readonly routine: boolean
}

interface Side {
  trades: Trade[]
  /** The first trade's key names the cluster; a later cluster of the same company has another. */
  key: string
  said: number
}

/** Years in a row with a trade in the same month that make one routine. */
const ROUTINE_YEARS = 3
/** Months are forgotten after so many years. */
const MEMORY_YEARS = 4
/** Insiders remembered at most; the longest silent go first. */
const INSIDERS_MOST = 200_000

/** Follows insider trades as they become known. Memory is bounded by the window and by {@link INSIDERS_MOST}. */
export class InsiderClusters {
  readonly #terms: ClusterTerms
  /** By subject and direction. */
  readonly #sides = new Map<string, Side>()
  /** Months (year * 12 + month) in which an insider traded, by name; in the order of last trade. */
  readonly #months = new Map<string, number[]>()

  constructor(terms: ClusterTerms) {
    this.#terms = terms
  }

  /** The cluster that this trade makes or joins, said anew; undefined where it is no news. */
  trade(signal: Signal): Signal | undefined {
    const { subject, author, polarity = 0 } = signal
    if (subject === undefined || author === undefined || polarity === 0) return undefined
    const knownMs = millisOf(signal.known_at)
    const routine = this.#isRoutine(author, signal.at)
    const place = `${subject} ${polarity > 0 ? 'up' : 'down'}`
    const side = this.#sides.get(place) ?? { trades: [], key: signal.key, said: 0 }
    this.#sides.set(place, side)
    side.trades = side.trades.filter((trade) => knownMs - trade.knownMs <= this.#terms.windowMs)
    if (side.trades.length === 0) Object.assign(side, { key: signal.key, said: 0 })
    side.trades.push({ id: signal.id, insider: author, knownMs, routine })
    const insiders = new Set(side.trades.filter((trade) => !trade.routine).map(({ insider }) => insider))
    if (insiders.size < this.#terms.least || insiders.size <= side.said) return undefined
    side.said = insiders.size
    return this.#say(signal, side, insiders)
  }

  #say({ at, known_at, source, subject, polarity = 0 }: Signal, side: Side, insiders: ReadonlySet<string>): Signal {
    const counted = side.trades.filter((trade) => insiders.has(trade.insider))
    const routine = new Set(side.trades.filter((trade) => trade.routine).map(({ insider }) => insider)).size
    return make('signal', {
      at, known_at, source, by: this.#terms.by,
      parents: [...new Set(counted.map(({ id }) => id))],
      type: 'insider_cluster',
      key: `${side.key}#cluster`,
      ...(subject !== undefined && { subject }),
      polarity: Math.sign(polarity),
      // The first insider is counted as a trade already: what a cluster adds is the others.
      magnitude: insiders.size - 1,
      facts: { insiders: insiders.size, routine, names: [...insiders].slice(0, 20) },
    })
  }

  #isRoutine(insider: string, at: string): boolean {
    const year = Number(at.slice(0, 4)), month = Number(at.slice(5, 7)) - 1
    const now = year * 12 + month
    const known = this.#months.get(insider) ?? []
    const routine = Array.from({ length: ROUTINE_YEARS }, (_, back) => now - 12 * (back + 1)).every((past) => known.includes(past))
    const kept = known.filter((past) => now - past <= MEMORY_YEARS * 12)
    if (!kept.includes(now)) kept.push(now)
    this.#months.delete(insider)
    this.#months.set(insider, kept)
    if (this.#months.size > INSIDERS_MOST) for (const longest of this.#months.keys()) {
      this.#months.delete(longest)
      break
    }
    return routine
  }
}
