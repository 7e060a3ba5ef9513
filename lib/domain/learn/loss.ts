/** What boosting lowers: losses of scores against labels, with their first and second derivatives. */
import { logistic, logit } from '#record'

/** `scores[k][row]`: what is said of a row, as many scores as the loss asks for. `mass` is the weight of each row, above 0. */
export interface Loss {
  readonly scores: number
  /** The scores that fit all rows best before anything is known of them. Throws RangeError where a label never occurs. */
  bases(labels: ArrayLike<number>, mass: Float64Array): number[]
  derive(
    scores: readonly Float64Array[], labels: ArrayLike<number>, mass: Float64Array, gradient: readonly Float64Array[], hessian: readonly Float64Array[],
  ): void
  /** Of one row. */
  of(scores: readonly Float64Array[], row: number, label: number): number
}

/** A yes or no (1 or 0), by its log-odds. */
export const LOGISTIC: Loss = {
  scores: 1,
  bases(labels, mass) {
    let all = 0, positive = 0
    for (let row = 0; row < mass.length; row++) {
      all += mass[row] ?? 0
      if (labels[row] === 1) positive += mass[row] ?? 0
    }
    if (!(positive > 0) || !(positive < all)) throw new RangeError('both labels are needed to learn the difference')
    return [logit(positive / all)]
  },
  derive([score = NONE], labels, mass, [gradient = NONE], [hessian = NONE]) {
    for (let row = 0; row < mass.length; row++) {
      const p = logistic(score[row] ?? 0)
      gradient[row] = (p - (labels[row] ?? 0)) * (mass[row] ?? 0)
      hessian[row] = p * (1 - p) * (mass[row] ?? 0)
    }
  },
  of([score = NONE], row, label) {
    const z = score[row] ?? 0
    return (z > 0 ? z + Math.log(1 + Math.exp(-z)) : Math.log(1 + Math.exp(z))) - label * z
  },
}

const NONE = new Float64Array(0)

/**
 * One of `classes` (labels 0 up), by the softmax of their scores. The second derivatives are those of the diagonal times
 * classes / (classes - 1), which makes up for what the scores have in common (Friedman, Annals of Statistics 29, 2001, algorithm 6).
 */
export function softmaxLoss(classes: number): Loss {
  const share = new Float64Array(classes)
  const factor = classes / (classes - 1)
  return {
    scores: classes,
    bases(labels, mass) {
      const sums = new Float64Array(classes)
      let all = 0
      for (let row = 0; row < mass.length; row++) {
        all += mass[row] ?? 0
        sums[labels[row] ?? 0] = (sums[labels[row] ?? 0] ?? 0) + (mass[row] ?? 0)
      }
      if (sums.some((sum) => !(sum > 0))) throw new RangeError('rows of every class are needed to learn the difference')
      return Array.from(sums, (sum) => Math.log(sum / all))
    },
    derive(scores, labels, mass, gradient, hessian) {
      for (let row = 0; row < mass.length; row++) {
        softmax(scores, row, share)
        for (let k = 0; k < classes; k++) {
          const p = share[k] ?? 0, g = gradient[k], h = hessian[k]
          if (g === undefined || h === undefined) continue
          g[row] = (p - (labels[row] === k ? 1 : 0)) * (mass[row] ?? 0)
          h[row] = factor * p * (1 - p) * (mass[row] ?? 0)
        }
      }
    },
    of(scores, row, label) {
      softmax(scores, row, share)
      return -Math.log(Math.max(share[label] ?? 0, Number.MIN_VALUE))
    },
  }
}

/** Shares of one row that add up to 1; the largest score is taken out first, so that nothing overflows. */
export function softmax(scores: readonly ArrayLike<number>[], row: number, share: Float64Array): void {
  let most = -Infinity, sum = 0
  for (const score of scores) most = Math.max(most, score[row] ?? 0)
  scores.forEach((score, k) => {
    const e = Math.exp((score[row] ?? 0) - most)
    share[k] = e
    sum += e
  })
  for (let k = 0; k < scores.length; k++) share[k] = (share[k] ?? 0) / sum
}
