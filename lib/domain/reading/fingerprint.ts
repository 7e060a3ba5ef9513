/** Re-posts of one text, told by a hash of its letters and digits. */

/** Shorter texts repeat by chance. */
const LEAST_WORDS = 4

/**
 * 16 hex digits, equal for texts that differ only in case, punctuation, emoji and space. Two 32-bit sums after FNV-1a
 * (http://www.isthe.com/chongo/tech/comp/fnv/) with different primes: not for adversaries. Undefined under four words.
 */
export function fingerprintOf(...parts: readonly string[]): string | undefined {
  let words = 0, a = 0x811c9dc5, b = 0x9747b28c
  for (const text of parts) {
    let inside = false
    for (let i = 0; i < text.length; i++) {
      const code = folded(text.charCodeAt(i))
      if (code === 0) {
        inside = false
        continue
      }
      if (!inside) {
        inside = true
        words++
        a = Math.imul(a ^ 32, 0x01000193)
        b = Math.imul(b + 32, 0x85ebca6b)
      }
      a = Math.imul(a ^ code, 0x01000193)
      b = Math.imul((b ^ code) + (a >>> 15), 0x85ebca6b)
    }
  }
  return words < LEAST_WORDS ? undefined : hex(a) + hex(b)
}

/** A letter in lower case, a digit, or 0 for anything that is neither; beyond ASCII only whole scripts' letters are kept. */
function folded(code: number): number {
  if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) return code
  if (code >= 65 && code <= 90) return code + 32
  return code >= 0xc0 && code < 0x2000 ? code : 0
}

const hex = (sum: number): string => (sum >>> 0).toString(16).padStart(8, '0')
