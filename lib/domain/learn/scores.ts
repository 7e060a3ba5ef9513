/** How good predictions were: each score by the formula of its source, none of them silent about what it had too little of. */

/** Probability that a positive outscores a negative, ties by half (Mann-Whitney). Undefined without both. */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number | undefined {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))
  let positives = 0, ranks = 0
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && scores[order[to] ?? 0] === scores[order[from] ?? 0]) to++
    const rank = (from + 1 + to) / 2
    for (let k = from; k < to; k++) if (labels[order[k] ?? 0] === 1) {
      positives++
      ranks += rank
    }
    from = to
  }
  const negatives = order.length - positives
  return positives === 0 || negatives === 0 ? undefined : (ranks - (positives * (positives + 1)) / 2) / (positives * negatives)
}

export interface Counts {
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
}

export function countsAt(scores: ArrayLike<number>, labels: ArrayLike<number>, threshold: number): Counts {
  let truePositives = 0, falsePositives = 0, falseNegatives = 0
  for (let i = 0; i < scores.length; i++) {
    const said = (scores[i] ?? 0) >= threshold, is = labels[i] === 1
    if (said && is) truePositives++
    else if (said) falsePositives++
    else if (is) falseNegatives++
  }
  return { truePositives, falsePositives, falseNegatives }
}

/** 0 where nothing was found. */
export const precisionOf = ({ truePositives: t, falsePositives: f }: Counts): number => (t + f === 0 ? 0 : t / (t + f))
export const recallOf = ({ truePositives: t, falseNegatives: f }: Counts): number => (t + f === 0 ? 0 : t / (t + f))
export const f1Of = ({ truePositives: t, falsePositives: p, falseNegatives: n }: Counts): number => (t === 0 ? 0 : (2 * t) / (2 * t + p + n))

/** The mean F1 of all classes, each as large as the other: what a constant answer cannot win. */
export function macroF1(said: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number {
  let sum = 0
  for (let c = 0; c < classes; c++) {
    let truePositives = 0, falsePositives = 0, falseNegatives = 0
    for (let i = 0; i < truth.length; i++) {
      if (said[i] === c && truth[i] === c) truePositives++
      else if (said[i] === c) falsePositives++
      else if (truth[i] === c) falseNegatives++
    }
    sum += f1Of({ truePositives, falsePositives, falseNegatives })
  }
  return sum / classes
}

export function accuracyOf(said: ArrayLike<number>, truth: ArrayLike<number>): number {
  let hits = 0
  for (let i = 0; i < truth.length; i++) if (said[i] === truth[i]) hits++
  return hits / truth.length
}

/** The score of 0 .. 1 with the best F1, and that F1: to be chosen on one set and judged on another. */
export function bestThreshold(scores: ArrayLike<number>, labels: ArrayLike<number>): { readonly threshold: number; readonly f1: number } {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
  let positives = 0
  for (let i = 0; i < labels.length; i++) if (labels[i] === 1) positives++
  let found = 0, best = { threshold: Infinity, f1: 0 }
  for (let k = 0; k < order.length; k++) {
    if (labels[order[k] ?? 0] === 1) found++
    const score = scores[order[k] ?? 0] ?? 0, after = scores[order[k + 1] ?? -1]
    if (after === score) continue
    const f1 = (2 * found) / (k + 1 + positives)
    if (f1 > best.f1) best = { threshold: after === undefined ? score : score + (after - score) / 2, f1 }
  }
  return best
}

/** Mean squared distance of probability and outcome (Brier, Monthly Weather Review 78, 1950). */
export function brierOf(probabilities: ArrayLike<number>, outcomes: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < outcomes.length; i++) sum += ((probabilities[i] ?? 0) - (outcomes[i] ?? 0)) * ((probabilities[i] ?? 0) - (outcomes[i] ?? 0))
  return sum / outcomes.length
}

export function logLossOf(probabilities: ArrayLike<number>, outcomes: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < outcomes.length; i++) {
    const p = outcomes[i] === 1 ? (probabilities[i] ?? 0) : 1 - (probabilities[i] ?? 0)
    sum -= Math.log(Math.max(p, 1e-15))
  }
  return sum / outcomes.length
}

export interface ReliabilityBin {
  readonly low: number
  readonly high: number
  readonly count: number
  /** Mean probability said and share that came true. */
  readonly said: number
  readonly happened: number
}

/** Bins of equal width over 0 .. 1, the empty ones left out. */
export function reliability(probabilities: ArrayLike<number>, outcomes: ArrayLike<number>, bins = 10): readonly ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ count: 0, said: 0, happened: 0 }))
  for (let i = 0; i < outcomes.length; i++) {
    const p = probabilities[i] ?? 0
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.floor(p * bins)))]
    if (bin === undefined) continue
    bin.count++
    bin.said += p
    bin.happened += outcomes[i] ?? 0
  }
  return sums.flatMap(({ count, said, happened }, b) =>
    count === 0 ? [] : [{ low: b / bins, high: (b + 1) / bins, count, said: said / count, happened: happened / count }])
}

/** Expected calibration error: the mean gap of said and happened over the bins, by how many fell in each (Naeini et al., AAAI 2015). */
export function calibrationError(probabilities: ArrayLike<number>, outcomes: ArrayLike<number>, bins = 10): number {
  return reliability(probabilities, outcomes, bins).reduce((sum, { count, said, happened }) => sum + (count / outcomes.length) * Math.abs(said - happened), 0)
}
