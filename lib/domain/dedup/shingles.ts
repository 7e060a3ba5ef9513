/** A text as the set of its words and pairs of neighbouring words: what is shared by texts that say nearly the same. */

/** Shorter texts repeat by chance. */
const LEAST_WORDS = 4
/** Words beyond are not looked at: who pads a copy with a book has to pad its beginning. */
const MOST_WORDS = 1000

/**
 * Hashes of words and word pairs, ascending, each once; undefined under four words. Case, punctuation, emoji and spaces do not
 * count, nor do links, `@names` and a leading `RT`; a character of a script without spaces is a word of its own.
 */
export function shinglesOf(...parts: readonly string[]): Uint32Array | undefined {
  const words: number[] = []
  for (const part of parts) addWords(part, words)
  if (words.length < LEAST_WORDS) return undefined
  const all = new Set<number>()
  let before = 0
  for (const word of words) {
    all.add(word)
    if (before !== 0) all.add(mixed(Math.imul(before, 0x85ebca6b) ^ word))
    before = word
  }
  return Uint32Array.from(all).sort()
}

const MENTION = 64, HASH = 0x811c9dc5

function addWords(text: string, words: number[]): void {
  let hash = HASH, length = 0, skipped = false
  const end = (): void => {
    if (length > 0 && !skipped && words.length < MOST_WORDS) words.push(mixed(hash))
    hash = HASH
    length = 0
    skipped = false
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (length === 0 && isLinkAt(text, i, code)) {
      while (i < text.length && text.charCodeAt(i) > 32) i++
      continue
    }
    const letter = folded(code)
    if (letter === 0) {
      end()
      skipped = code === MENTION
    } else if (letter >= 0x2e80) {
      end()
      hash = Math.imul(hash ^ letter, 0x01000193)
      length = 1
      end()
    } else {
      hash = Math.imul(hash ^ letter, 0x01000193)
      length++
      // Retweets by hand begin so.
      if (length === 2 && words.length === 0 && /^rt[\s:]$/i.test(text.slice(i - 1, i + 2))) skipped = true
    }
  }
  end()
}

const isLinkAt = (text: string, i: number, code: number): boolean => (code === 104 || code === 72) && /^https?:\/\//i.test(text.slice(i, i + 8))

/** A letter in lower case, a digit, or 0 for what is neither; the general punctuation and symbols are neither. */
function folded(code: number): number {
  if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) return code
  if (code >= 65 && code <= 90) return code + 32
  if (code < 0xc0 || (code >= 0x2000 && code < 0x2e80) || (code >= 0x3000 && code < 0x3040)) return 0
  return code >= 0xd800 && code < 0xf900 ? 0 : code
}

/** The finish of MurmurHash3 (public domain, by Austin Appleby), never 0. */
function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35)
  return ((whole ^ (whole >>> 16)) >>> 0) || 1
}

/** How much of two sets is shared: the size of their intersection over that of their union. Both ascending, each value once. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  let i = 0, k = 0, shared = 0
  while (i < a.length && k < b.length) {
    const left = a[i] ?? 0, right = b[k] ?? 0
    if (left === right) shared++
    if (left <= right) i++
    if (right <= left) k++
  }
  const union = a.length + b.length - shared
  return union === 0 ? 0 : shared / union
}
