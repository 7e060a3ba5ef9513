import type { Random } from '#port/random'

/**
 * The sfc32 generator (Chris Doty-Humphrey's Small Fast Chaotic PRNG, PractRand), seeded from the text of the seed and the
 * purpose by FNV-1a, so that every purpose draws from a stream of its own.
 */
export function seededRandom(seed: string, purpose: string): Random {
  let a = fnv1a(`a:${seed}:${purpose}`), b = fnv1a(`b:${seed}:${purpose}`), c = fnv1a(`c:${seed}:${purpose}`), counter = 1
  function draw(): number {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum | 0
    return sum >>> 0
  }
  for (let i = 0; i < 15; i++) draw()
  return {
    next: () => draw() / 4294967296,
    integer: (below) => Math.floor((draw() / 4294967296) * below),
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash | 0
}
