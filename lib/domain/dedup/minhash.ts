/**
 * Finding sets that may share much without comparing all: minwise hashing (Broder, "On the resemblance and containment of
 * documents", 1997) in bands (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4). It is approximate both ways,
 * so whatever it finds is to be compared, and a few of the weakest likenesses are never found.
 */

const HASHES = 128
/** Chance with which a pair just at the threshold is found. */
const FOUND = 0.995

/** Fixed for all time: bands made by one process are looked up by the next. */
const XORS = new Uint32Array(HASHES), FACTORS = new Uint32Array(HASHES)
for (let i = 0, state = 0x9e3779b9; i < HASHES; i++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  XORS[i] = state
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  FACTORS[i] = (state ^ (state >>> 15)) | 1
}

/** Most rows a band may have for pairs at the threshold still to be found. */
export function rowsFor(threshold: number): number {
  let rows = 1
  for (let more = 2; more <= 8; more++) {
    let alike = 1, missed = 1
    for (let row = 0; row < more; row++) alike *= threshold
    for (let band = 0; band < Math.floor(HASHES / more); band++) missed *= 1 - alike
    if (1 - missed < FOUND) break
    rows = more
  }
  return rows
}

/** The bands of a set: each a number that two sets share with the chance that their likeness gives it. */
export function bandsOf(shingles: Uint32Array, rows: number): Uint32Array {
  const least = new Uint32Array(HASHES).fill(0xffffffff)
  for (const shingle of shingles) {
    for (let i = 0; i < HASHES; i++) {
      let hash = Math.imul(shingle ^ (XORS[i] ?? 0), FACTORS[i] ?? 1)
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
      hash = (hash ^ (hash >>> 12)) >>> 0
      if (hash < (least[i] ?? 0)) least[i] = hash
    }
  }
  const bands = new Uint32Array(Math.floor(HASHES / rows))
  for (let band = 0; band < bands.length; band++) {
    let mix = Math.imul(band + 1, 0x9e3779b1)
    for (let row = 0; row < rows; row++) mix = Math.imul((mix ^ (least[band * rows + row] ?? 0)) >>> 0, 0x01000193) ^ (mix >>> 13)
    bands[band] = mix >>> 0
  }
  return bands
}
