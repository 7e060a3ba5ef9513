/** How alike two texts are, by several measures of the field: each between 0 (nothing shared) and 1 (the same). */

/** Lower case without marks of accent; what is neither letter nor digit separates. Letters and digits of one word stay together. */
export function tokensOf(text: string): readonly string[] {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Runs of three characters of a word with its bounds: `_ab`, `abc`, `bc_`. */
export function trigramsOf(tokens: readonly string[]): ReadonlySet<string> {
  const grams = new Set<string>()
  for (const token of tokens) {
    const framed = `_${token}_`
    for (let i = 0; i + 3 <= framed.length; i++) grams.add(framed.slice(i, i + 3))
  }
  return grams
}

export function jaccardOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 && b.size === 0) return 0
  let shared = 0
  for (const one of a) if (b.has(one)) shared++
  return shared / (a.size + b.size - shared)
}

/** What part of the smaller set the larger one holds. */
export function containedOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a]
  if (small.size === 0) return 0
  let shared = 0
  for (const one of small) if (large.has(one)) shared++
  return shared / small.size
}

const PREFIX_WEIGHT = 0.1, PREFIX_MOST = 4

/**
 * Jaro-Winkler (Winkler, "String comparator metrics and enhanced decision rules in the Fellegi-Sunter model of record linkage", 1990):
 * characters shared within reach and their transpositions, raised where the beginnings agree.
 */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return a === '' ? 0 : 1
  if (a === '' || b === '') return 0
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const takenA = new Uint8Array(a.length), takenB = new Uint8Array(b.length)
  let shared = 0
  for (let i = 0; i < a.length; i++) {
    for (let k = Math.max(0, i - reach); k <= Math.min(b.length - 1, i + reach); k++) {
      if (takenB[k] === 1 || a.charCodeAt(i) !== b.charCodeAt(k)) continue
      takenA[i] = takenB[k] = 1
      shared++
      break
    }
  }
  if (shared === 0) return 0
  let out = 0
  for (let i = 0, k = 0; i < a.length; i++) {
    if (takenA[i] === 0) continue
    while (takenB[k] === 0) k++
    if (a.charCodeAt(i) !== b.charCodeAt(k)) out++
    k++
  }
  const jaro = (shared / a.length + shared / b.length + (shared - out / 2) / shared) / 3
  let prefix = 0
  while (prefix < PREFIX_MOST && prefix < a.length && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix++
  return jaro + prefix * PREFIX_WEIGHT * (1 - jaro)
}

/** The mean of each token's best likeness, of the shorter side (Monge and Elkan, KDD 1996), so that order and additions cost little. */
export function mongeElkan(a: readonly string[], b: readonly string[]): number {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a]
  if (few.length === 0) return 0
  let sum = 0
  for (const token of few) {
    let best = 0
    for (const other of many) {
      best = Math.max(best, jaroWinkler(token, other))
      if (best === 1) break
    }
    sum += best
  }
  return sum / few.length
}

/**
 * Edits that make one text of the other (insert, delete, replace, swap of neighbours: Damerau's distance in its restricted form), as a share of the
 * longer one, taken from 1.
 */
export function editLikeness(a: string, b: string): number {
  if (a === b) return a === '' ? 0 : 1
  const longest = Math.max(a.length, b.length)
  let before = new Uint16Array(b.length + 1), last = Uint16Array.from({ length: b.length + 1 }, (_, k) => k), row = new Uint16Array(b.length + 1)
  for (let i = 1; i <= a.length; i++) {
    row[0] = i
    for (let k = 1; k <= b.length; k++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(k - 1)
      let least = Math.min((last[k] ?? 0) + 1, (row[k - 1] ?? 0) + 1, (last[k - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && k > 1 && a.charCodeAt(i - 1) === b.charCodeAt(k - 2) && a.charCodeAt(i - 2) === b.charCodeAt(k - 1)) {
        least = Math.min(least, (before[k - 2] ?? 0) + 1)
      }
      row[k] = least
    }
    [before, last, row] = [last, row, before]
  }
  return 1 - (last[b.length] ?? 0) / longest
}
