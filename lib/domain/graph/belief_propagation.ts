/**
 * What each of many yes-or-no questions comes to when they hang together: sum-product on a factor graph (Kschischang, Frey and Loeliger,
 * "Factor graphs and the sum-product algorithm", IEEE Transactions on Information Theory 47, 2001). Exact where the graph has no cycles; else messages
 * go round, damped, until they stand (Murphy, Weiss and Jordan, "Loopy belief propagation for approximate inference", UAI 1999).
 */

/** Two questions that tend to have one answer (`coupling` above 0) or opposite ones: log-odds that the answers agree, all else being even. */
export interface Coupling {
  readonly a: number
  readonly b: number
  readonly coupling: number
}

export interface Propagation {
  /** Log-odds of yes, of each question: all evidence in. */
  readonly logOdds: Float64Array
  /** The part of it that came from others: what a question is told, not what it says. */
  readonly told: Float64Array
  /** What goes along coupling i: `messages[2i]` from a to b, `messages[2i + 1]` from b to a. */
  readonly messages: Float64Array
  readonly rounds: number
  /** Whether messages stand still; false where they did not within the rounds allowed. */
  readonly converged: boolean
  /** The last largest change of a message. */
  readonly change: number
  /** Whether there is no cycle, so that the answer is exact. */
  readonly isTree: boolean
}

export interface PropagationTerms {
  /** Share of the old message that is kept, where there are cycles. */
  readonly damping: number
  readonly rounds: number
  readonly tolerance: number
}
const PROPAGATION: PropagationTerms = { damping: 0.3, rounds: 200, tolerance: 1e-9 }

/** `evidence` is each question's own log-odds of yes. */
export function propagate(evidence: ArrayLike<number>, couplings: readonly Coupling[], terms: Partial<PropagationTerms> = {}): Propagation {
  const { damping, rounds, tolerance } = { ...PROPAGATION, ...terms }
  const size = evidence.length
  const isTree = hasNoCycle(size, couplings)
  const keep = isTree ? 0 : damping
  // Message 2i goes along coupling i from a to b, 2i + 1 from b to a: log-odds that its sender lends its receiver.
  let messages = new Float64Array(couplings.length * 2), next = new Float64Array(couplings.length * 2)
  const told = new Float64Array(size)
  const gather = (): void => {
    told.fill(0)
    couplings.forEach(({ a, b }, i) => {
      told[b] = (told[b] ?? 0) + (messages[2 * i] ?? 0)
      told[a] = (told[a] ?? 0) + (messages[2 * i + 1] ?? 0)
    })
  }
  let round = 0, change = 0
  for (; round < rounds; round++) {
    gather()
    change = 0
    couplings.forEach(({ a, b, coupling }, i) => {
      for (const [sender, out, back] of [[a, 2 * i, 2 * i + 1], [b, 2 * i + 1, 2 * i]] as const) {
        // What the receiver itself has told the sender must not come back as news.
        const own = (evidence[sender] ?? 0) + (told[sender] ?? 0) - (messages[back] ?? 0)
        const fresh = lent(own, coupling)
        const message = keep * (messages[out] ?? 0) + (1 - keep) * fresh
        change = Math.max(change, Math.abs(message - (messages[out] ?? 0)))
        next[out] = message
      }
    });
    [messages, next] = [next, messages]
    if (change <= tolerance) break
  }
  gather()
  const logOdds = Float64Array.from({ length: size }, (_, i) => (evidence[i] ?? 0) + (told[i] ?? 0))
  return { logOdds, told, messages, rounds: Math.min(round + 1, rounds), converged: change <= tolerance, change, isTree }
}

/** Log-odds of the receiver where the sender has `own` and both agree with log-odds `coupling`: 2 atanh(tanh(own / 2) tanh(coupling / 2)). */
export function lent(own: number, coupling: number): number {
  const a = Math.abs(own), b = Math.abs(coupling)
  const least = Math.min(a, b)
  // log((1 + e^(a + b)) / (e^a + e^b)), written so that nothing overflows.
  const size = least + Math.log(1 + Math.exp(-(a + b))) - Math.log(1 + Math.exp(-Math.abs(a - b)))
  return Math.sign(own) * Math.sign(coupling) * Math.max(0, size)
}

function hasNoCycle(size: number, couplings: readonly Coupling[]): boolean {
  const above = Int32Array.from({ length: size }, (_, i) => i)
  const rootOf = (node: number): number => {
    let root = node
    while (above[root] !== root) root = above[root] ?? root
    while (above[node] !== root) [above[node], node] = [root, above[node] ?? root]
    return root
  }
  for (const { a, b } of couplings) {
    const left = rootOf(a), right = rootOf(b)
    if (left === right) return false
    above[left] = right
  }
  return true
}
