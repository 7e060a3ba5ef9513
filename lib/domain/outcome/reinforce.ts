/**
 * How far each voice is to be believed, learned online from what became of what it said: exponential weights over specialists that sleep while they
 * have nothing to say (Freund, Schapire, Singer and Warmuth, "Using and combining predictors that specialize", STOC 1997). For each
 * voice there are several specialists, who take its log-odds times a trust of 0 .. 1; the trust that has done best comes to the fore. With log
 * loss and a rate of one, the mixture loses against any specialist no more than the logarithm of one over that one's first weight.
 */
import { logistic, type Outcome } from '#record'

/** Trusts that are tried, with the weight that each has before anything is known: cautious, so that one who is new has to earn it. */
export const TRUSTS = [0, 0.25, 0.5, 0.75, 1] as const
const CAUTIOUS: readonly number[] = [0.3, 0.3, 0.2, 0.12, 0.08]
/** No statement is so sure that it could lose everything. */
const SUREST = 4
/** A weight may become as small as it likes, but not nothing. */
const LEAST = 1e-280

export interface Voice {
  /** By trust; they add up to what the voice's specialists weigh together. */
  readonly weights: number[]
  n: number
  /** Losses so far of each trust, and of the mixture while the voice was awake. */
  readonly losses: number[]
  mixtureLoss: number
}

export interface KeptVoices {
  readonly [horizon: string]: { readonly [who: string]: Voice }
}

export interface Reliability {
  readonly who: string
  readonly horizon: string
  readonly n: number
  /** Mean trust by weight, 0 .. 1. */
  readonly reliability: number
  /** What the mixture lost more than the best trust of this voice, in nats, while it was awake; never above `bound`. */
  readonly regret: number
  readonly bound: number
}

export class Reinforcement {
  /** By horizon, then by voice: horizons are learned apart. */
  readonly #voices = new Map<string, Map<string, Voice>>()
  /** Voices kept of one horizon; the longest silent go first. */
  readonly #most: number

  constructor(most = 100_000) {
    this.#most = most
  }

  /**
   * Learn from an outcome; they have to come in the order in which they became known. Outcomes that overlap are one experience told several times: each
   * counts for as much as its horizon has room for.
   */
  learn({ horizon, move, voices: said }: Outcome): void {
    if (move === 0) return
    const share = 1 / (Number.parseInt(horizon, 10) || 1)
    let voices = this.#voices.get(horizon)
    if (voices === undefined) this.#voices.set(horizon, (voices = new Map()))
    const awake = said.map(({ who, rise }) => ({ who, voice: take(voices, who), rise: Math.max(-SUREST, Math.min(SUREST, rise)) }))
    let whole = 0, mixed = 0
    for (const { voice, rise } of awake) voice.weights.forEach((weight, i) => {
      whole += weight
      mixed += weight * truthOf(move, rise * (TRUSTS[i] ?? 0))
    })
    if (whole === 0) return
    const mixture = mixed / whole
    for (const { voice, rise } of awake) {
      voice.n++
      voice.mixtureLoss -= share * Math.log(mixture)
      voice.weights.forEach((weight, i) => {
        const truth = truthOf(move, rise * (TRUSTS[i] ?? 0))
        voice.losses[i] = (voice.losses[i] ?? 0) - share * Math.log(truth)
        // The awake share their own weight anew; whoever sleeps keeps his.
        voice.weights[i] = weight * power(truth / mixture, share)
      })
    }
    // With shares below one the weights of the awake do not quite add up to what they were: that would be a gift or a theft.
    let after = 0
    for (const { voice } of awake) for (const weight of voice.weights) after += weight
    for (const { voice } of awake) voice.weights.forEach((weight, i) => void (voice.weights[i] = Math.max(LEAST, (weight * whole) / after)))
    while (voices.size > this.#most) {
      const [longest] = voices.keys()
      if (longest === undefined) break
      voices.delete(longest)
    }
  }

  /** All that was learned, as plain JSON, to go on from. */
  kept(): KeptVoices {
    return Object.fromEntries([...this.#voices].map(([horizon, voices]) => [horizon, Object.fromEntries(voices)]))
  }

  /** Throws RangeError on what {@link kept} did not write. */
  static from(kept: KeptVoices, most?: number): Reinforcement {
    const reinforcement = new Reinforcement(most)
    for (const [horizon, voices] of Object.entries(kept)) {
      for (const [who, { weights, n, losses, mixtureLoss }] of Object.entries(voices)) {
        const whole = weights.length === TRUSTS.length && losses.length === TRUSTS.length && weights.every((weight) => weight > 0)
        if (!whole) throw new RangeError(`${who}, ${horizon}: expected ${TRUSTS.length} weights above 0 and as many losses`)
        const known = reinforcement.#voices.get(horizon) ?? new Map<string, Voice>()
        known.set(who, { weights: [...weights], n, losses: [...losses], mixtureLoss })
        reinforcement.#voices.set(horizon, known)
      }
    }
    return reinforcement
  }

  /** By voice and horizon. */
  all(): readonly Reliability[] {
    return [...this.#voices].flatMap(([horizon, voices]) => [...voices].map(([who, { weights, n, losses, mixtureLoss }]): Reliability => {
      const whole = weights.reduce((sum, weight) => sum + weight, 0)
      const mean = weights.reduce((sum, weight, i) => sum + weight * (TRUSTS[i] ?? 0), 0) / whole
      const best = losses.reduce((least, loss, i) => (loss < (losses[least] ?? 0) ? i : least), 0)
      const bound = -Math.log(CAUTIOUS[best] ?? 1) + Math.log(Math.max(1, voices.size))
      return { who, horizon, n, reliability: mean, regret: mixtureLoss - (losses[best] ?? 0), bound }
    })).sort((a, b) => (a.who === b.who ? (a.horizon < b.horizon ? -1 : 1) : a.who < b.who ? -1 : 1))
  }
}

/** What one who is new is trusted. */
export const FIRST_TRUST = CAUTIOUS.reduce((sum, weight, i) => sum + weight * (TRUSTS[i] ?? 0), 0)

function take(voices: Map<string, Voice>, who: string): Voice {
  const voice = voices.get(who) ?? { weights: [...CAUTIOUS], n: 0, losses: TRUSTS.map(() => 0), mixtureLoss: 0 }
  voices.delete(who)
  voices.set(who, voice)
  return voice
}

/** The probability that was given to what happened. */
const truthOf = (move: number, rise: number): number => (move > 0 ? logistic(rise) : logistic(-rise))

/** To the power of `share`; Math.exp and Math.log alone, which every engine has alike. */
const power = (base: number, share: number): number => (share === 1 ? base : Math.exp(share * Math.log(base)))
