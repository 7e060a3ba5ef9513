/**
 * Vectors of things from the company they keep: skip-gram with negative sampling (Mikolov et al., "Distributed representations of words
 * and phrases", NIPS 2013). Words in sentences, or nodes on walks through a graph (Grover and Leskovec, "node2vec", KDD 2016).
 */

export interface SkipgramTerms {
  readonly dimensions: number
  /** How far away company may be; each time as near as chance says. */
  readonly window: number
  readonly negatives: number
  readonly epochs: number
  readonly rate: number
  /** Things that are more than this share of all are left out at random, the more the more frequent (0: none). */
  readonly sample: number
}
const SKIPGRAM: SkipgramTerms = { dimensions: 64, window: 5, negatives: 5, epochs: 3, rate: 0.025, sample: 0 }

const NOISE_SLOTS = 1 << 20
const SIGMOID_SLOTS = 1024, SIGMOID_MOST = 6

/**
 * One vector a thing, `vectors[thing * dimensions + d]`. `sequences` name things by number, 0 .. things - 1; `next` draws uniform numbers in
 * [0, 1), and the same draws give the same vectors.
 */
export function skipgram(sequences: readonly Int32Array[], things: number, next: () => number, terms: Partial<SkipgramTerms> = {}): Float32Array {
  return skipgramFrom(sequences, things, next, terms).vectors
}

/** Things as they are met, and as company of others: to go on from. */
export interface Company {
  readonly vectors: Float32Array
  readonly company: Float32Array
}

/** The same, going on from `before`, in which things have the numbers that they have now; those that are new come behind. */
export function skipgramFrom(
  sequences: readonly Int32Array[], things: number, next: () => number, terms: Partial<SkipgramTerms> = {}, before?: Company,
): Company {
  const { dimensions, window, negatives, epochs, rate, sample } = { ...SKIPGRAM, ...terms }
  const counts = new Float64Array(things)
  let total = 0
  for (const sequence of sequences) for (const thing of sequence) {
    counts[thing] = (counts[thing] ?? 0) + 1
    total++
  }
  const noise = noiseOf(counts)
  const sigmoid = Float32Array.from({ length: SIGMOID_SLOTS }, (_, i) => 1 / (1 + Math.exp(-((i + 0.5) / SIGMOID_SLOTS * 2 - 1) * SIGMOID_MOST)))
  const known = before?.vectors.length ?? 0
  const vectors = Float32Array.from({ length: things * dimensions }, (_, i) => (i < known ? before?.vectors[i] ?? 0 : (next() - 0.5) / dimensions))
  const company = new Float32Array(things * dimensions)
  company.set(before?.company ?? [])
  const step = new Float32Array(dimensions)
  const steps = total * epochs
  let done = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const whole of sequences) {
      const sequence = sample > 0 ? whole.filter((thing) => keeps(counts[thing] ?? 0, total * sample, next)) : whole
      const pace = rate * Math.max(1 - done / steps, 1e-4)
      done += whole.length
      for (let at = 0; at < sequence.length; at++) {
        const reach = 1 + Math.floor(next() * window)
        const centre = (sequence[at] ?? 0) * dimensions
        for (let other = Math.max(0, at - reach); other <= Math.min(sequence.length - 1, at + reach); other++) {
          if (other === at) continue
          step.fill(0)
          for (let draw = 0; draw <= negatives; draw++) {
            const near = sequence[other] ?? 0
            const thing = draw === 0 ? near : noise[Math.floor(next() * NOISE_SLOTS)] ?? 0
            if (draw > 0 && thing === near) continue
            const base = thing * dimensions
            let dot = 0
            for (let d = 0; d < dimensions; d++) dot += (vectors[centre + d] ?? 0) * (company[base + d] ?? 0)
            const slot = Math.floor(((dot + SIGMOID_MOST) * SIGMOID_SLOTS) / (2 * SIGMOID_MOST))
            const p = slot < 0 ? 0 : slot >= SIGMOID_SLOTS ? 1 : sigmoid[slot] ?? 0.5
            const miss = ((draw === 0 ? 1 : 0) - p) * pace
            for (let d = 0; d < dimensions; d++) {
              const own = company[base + d] ?? 0
              step[d] = (step[d] ?? 0) + miss * own
              company[base + d] = own + miss * (vectors[centre + d] ?? 0)
            }
          }
          for (let d = 0; d < dimensions; d++) vectors[centre + d] = (vectors[centre + d] ?? 0) + (step[d] ?? 0)
        }
      }
    }
  }
  return { vectors, company }
}

/** Things by the power 3/4 of their counts. */
function noiseOf(counts: Float64Array): Int32Array {
  const weights = counts.map((count) => Math.sqrt(count * Math.sqrt(count)))
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const noise = new Int32Array(NOISE_SLOTS)
  let thing = 0, passed = (weights[0] ?? 0) / all
  for (let slot = 0; slot < NOISE_SLOTS; slot++) {
    noise[slot] = thing
    while ((slot + 1) / NOISE_SLOTS > passed && thing < counts.length - 1) passed += (weights[++thing] ?? 0) / all
  }
  return noise
}

function keeps(count: number, frequent: number, next: () => number): boolean {
  const ratio = frequent / count
  return ratio >= 1 || next() < Math.sqrt(ratio) + ratio
}
