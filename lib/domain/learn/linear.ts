/**
 * Logistic regression over few or many sparse features with a ridge, one weight vector a class (softmax): fitted by L-BFGS with a
 * backtracking line search (Nocedal and Wright, "Numerical Optimization", 2nd ed., algorithms 7.4 and 3.1). The loss is convex, so
 * there is one answer, whatever the start; no chance is involved.
 */

/** One text or row: places of features and their values, places ascending and each at most once. */
export interface SparseRow {
  readonly places: ArrayLike<number>
  readonly values: ArrayLike<number>
}

export interface LinearTerms {
  /** Added to the mean loss: half of it times the squared weights; intercepts go free. */
  readonly ridge: number
  readonly iterations: number
  /** Ends where no derivative is larger. */
  readonly tolerance: number
}
const LINEAR: LinearTerms = { ridge: 1e-4, iterations: 200, tolerance: 1e-6 }

export interface Linear {
  readonly classes: number
  readonly features: number
  /** `weights[c * features + place]`. */
  readonly weights: Float64Array
  readonly intercepts: Float64Array
}

/** `labels` are 0 .. classes - 1; `shares` weigh rows (default: alike). */
export function fitLinear(
  rows: readonly SparseRow[], labels: ArrayLike<number>, { classes, features }: { readonly classes: number; readonly features: number },
  terms: Partial<LinearTerms> = {}, shares?: ArrayLike<number>,
): Linear {
  const { ridge, iterations, tolerance } = { ...LINEAR, ...terms }
  const width = classes * features
  const theta = new Float64Array(width + classes)
  const lossAt = (at: Float64Array, slope: Float64Array): number => lossOf(rows, labels, at, slope, classes, features, ridge, shares)
  minimise(lossAt, theta, iterations, tolerance)
  return { classes, features, weights: theta.slice(0, width), intercepts: theta.slice(width) }
}

/** The probability of each class. */
export function linearShares(model: Linear, row: SparseRow): Float64Array {
  const scores = new Float64Array(model.classes)
  scoreRow(model.weights, model.intercepts, 0, row, model.features, scores)
  return softmax(scores)
}

function scoreRow(weights: Float64Array, intercepts: Float64Array, from: number, { places, values }: SparseRow, features: number, scores: Float64Array): void {
  for (let c = 0; c < scores.length; c++) {
    let sum = intercepts[from + c] ?? 0
    for (let i = 0; i < places.length; i++) sum += (weights[c * features + (places[i] ?? 0)] ?? 0) * (values[i] ?? 0)
    scores[c] = sum
  }
}

/** In place. */
function softmax(scores: Float64Array): Float64Array {
  let most = -Infinity, sum = 0
  for (const score of scores) if (score > most) most = score
  for (let c = 0; c < scores.length; c++) sum += scores[c] = Math.exp((scores[c] ?? 0) - most)
  for (let c = 0; c < scores.length; c++) scores[c] = (scores[c] ?? 0) / sum
  return scores
}

function lossOf(
  rows: readonly SparseRow[], labels: ArrayLike<number>, theta: Float64Array, slope: Float64Array, classes: number, features: number, ridge: number,
  shares: ArrayLike<number> | undefined,
): number {
  const width = classes * features
  slope.fill(0)
  const scores = new Float64Array(classes)
  let loss = 0, mass = 0
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]
    if (row === undefined) continue
    const share = shares?.[r] ?? 1
    mass += share
    scoreRow(theta, theta, width, row, features, scores)
    softmax(scores)
    const truth = labels[r] ?? 0
    loss -= share * Math.log(Math.max(scores[truth] ?? 0, 1e-300))
    for (let c = 0; c < classes; c++) {
      const miss = share * ((scores[c] ?? 0) - (c === truth ? 1 : 0))
      slope[width + c] = (slope[width + c] ?? 0) + miss
      for (let i = 0; i < row.places.length; i++) {
        const at = c * features + (row.places[i] ?? 0)
        slope[at] = (slope[at] ?? 0) + miss * (row.values[i] ?? 0)
      }
    }
  }
  let squares = 0
  for (let i = 0; i < theta.length; i++) {
    const weight = theta[i] ?? 0
    slope[i] = (slope[i] ?? 0) / mass + (i < width ? ridge * weight : 0)
    if (i < width) squares += weight * weight
  }
  return loss / mass + (ridge / 2) * squares
}

/** Pairs of steps and changes of slope that the direction is made of. */
const MEMORY = 10
const ARMIJO = 1e-4

/** Move `at` to where `loss` is least; `loss` fills in the slope. */
export function minimise(loss: (at: Float64Array, slope: Float64Array) => number, at: Float64Array, iterations: number, tolerance: number): void {
  const size = at.length
  let slope = new Float64Array(size), nextSlope = new Float64Array(size)
  const next = new Float64Array(size)
  const steps: Float64Array[] = [], turns: Float64Array[] = [], curvatures: number[] = []
  let value = loss(at, slope)
  for (let k = 0; k < iterations && slope.some((each) => Math.abs(each) > tolerance); k++) {
    let direction = directionOf(slope, steps, turns, curvatures)
    let descent = dot(direction, slope)
    if (descent >= 0) {
      direction = slope.map((each) => -each)
      descent = dot(direction, slope)
    }
    let stride = k === 0 ? Math.min(1, 1 / Math.sqrt(-descent)) : 1
    let found = value
    for (let tries = 0; ; tries++) {
      for (let i = 0; i < size; i++) next[i] = (at[i] ?? 0) + stride * (direction[i] ?? 0)
      found = loss(next, nextSlope)
      if (found <= value + ARMIJO * stride * descent) break
      if (tries === 40) return
      stride /= 2
    }
    const step = new Float64Array(size), turn = new Float64Array(size)
    for (let i = 0; i < size; i++) {
      step[i] = (next[i] ?? 0) - (at[i] ?? 0)
      turn[i] = (nextSlope[i] ?? 0) - (slope[i] ?? 0)
    }
    const curvature = dot(step, turn)
    if (curvature > 1e-12) {
      steps.push(step)
      turns.push(turn)
      curvatures.push(curvature)
      if (steps.length > MEMORY) {
        steps.shift()
        turns.shift()
        curvatures.shift()
      }
    }
    at.set(next)
    value = found;
    [slope, nextSlope] = [nextSlope, slope]
  }
}

/** Minus the inverse Hessian, as far as the last steps tell of it, times the slope. */
function directionOf(slope: Float64Array, steps: readonly Float64Array[], turns: readonly Float64Array[], curvatures: readonly number[]): Float64Array {
  const direction = slope.map((each) => -each)
  const shares = new Float64Array(steps.length)
  for (let k = steps.length - 1; k >= 0; k--) {
    const step = steps[k], turn = turns[k]
    if (step === undefined || turn === undefined) continue
    const share = dot(step, direction) / (curvatures[k] ?? 1)
    shares[k] = share
    add(direction, turn, -share)
  }
  const last = turns.at(-1)
  if (last !== undefined) {
    const scale = (curvatures.at(-1) ?? 1) / dot(last, last)
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] ?? 0) * scale
  }
  for (let k = 0; k < steps.length; k++) {
    const step = steps[k], turn = turns[k]
    if (step === undefined || turn === undefined) continue
    add(direction, step, (shares[k] ?? 0) - dot(turn, direction) / (curvatures[k] ?? 1))
  }
  return direction
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

function add(to: Float64Array, from: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] ?? 0) + times * (from[i] ?? 0)
}
