/** Cells of one column as the pages of a Parquet file have them (https://parquet.apache.org/docs/file-format/data-pages/encodings). */
import type { Column } from './parquet_write.ts'
import { varint } from './thrift.ts'

/** The encoding of what says which rows have a value. */
export const RLE = 3

export interface Chunk {
  /** Values that are numbered, plain. */
  readonly dictionary?: { readonly values: Uint8Array; readonly count: number } | undefined
  /** Which rows have a value; undefined where a column has one in each. */
  readonly levels?: Uint8Array
  /** Of the rows that have one: plain, or their numbers. */
  readonly values: Uint8Array
  readonly nulls: number
  /** The least and the greatest, plain; undefined where they are not told. */
  readonly least?: Buffer | undefined
  readonly most?: Buffer | undefined
}

/** Rows from one up to another. */
export function chunkOf(column: Column, from: number, to: number): Chunk {
  switch (column.kind) {
    case 'words': return { ...wordsChunk(column.cells.slice(from, to)), nulls: 0 }
    case 'texts': {
      const cells = column.cells.slice(from, to), words = cells.filter((cell) => cell !== null)
      return { ...wordsChunk(words), levels: bitmapLevels(cells.length, (row) => cells[row] !== null), nulls: cells.length - words.length }
    }
    case 'moments': return { ...longChunk(column.cells.subarray(from, to)), nulls: 0 }
    case 'wholes': {
      const { defined, levels } = definedIn(column.cells.subarray(from, to))
      return { ...longChunk(defined), levels, nulls: to - from - defined.length }
    }
    case 'numbers': {
      const { defined, levels } = definedIn(column.cells.subarray(from, to))
      return { ...wideChunk(bytesOf(defined)), levels, nulls: to - from - defined.length, ...boundsOf(defined, doubleBytes) }
    }
  }
}

/** Longer texts are not told as the least or the greatest. */
const LONGEST_BOUND = 64

type Values = Pick<Chunk, 'dictionary' | 'values' | 'least' | 'most'>

function wordsChunk(words: readonly string[]): Values {
  const codeOf = new Map<string, number>(), codes = new Uint32Array(words.length)
  let isFew = true
  for (let i = 0; i < codes.length && isFew; i++) {
    const word = words[i] ?? ''
    let code = codeOf.get(word)
    if (code === undefined) codeOf.set(word, code = codeOf.size)
    codes[i] = code
    isFew = paysOff(codeOf.size, i + 1)
  }
  if (!isFew || words.length === 0) return { values: plainWords(words) }
  const different = [...codeOf.keys()], ordered = different.map((word) => Buffer.from(word)).sort(Buffer.compare)
  const least = ordered[0], most = ordered[ordered.length - 1], isTold = (least?.length ?? 0) <= LONGEST_BOUND && (most?.length ?? 0) <= LONGEST_BOUND
  const dictionary = { values: plainWords(different), count: different.length }
  return { dictionary, values: packed(codes, different.length), ...(isTold && { least, most }) }
}

function plainWords(words: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(words.reduce((sum, word) => sum + 4 + Buffer.byteLength(word), 0))
  let at = 0
  for (const word of words) {
    const written = bytes.write(word, at + 4)
    bytes.writeUInt32LE(written, at)
    at += 4 + written
  }
  return bytes
}

/** Whole numbers as 64 bits. */
function longChunk(cells: Float64Array): Values {
  const halves = new Int32Array(cells.length * 2)
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] ?? 0, high = Math.floor(cell / 2 ** 32)
    halves[2 * i] = cell - high * 2 ** 32
    halves[2 * i + 1] = high
  }
  return { ...wideChunk(bytesOf(halves)), ...boundsOf(cells, longBytes) }
}

/** Values of 64 bits, plain or numbered. */
function wideChunk(plain: Uint8Array): Values {
  const bits = new Int32Array(plain.buffer, plain.byteOffset, plain.length / 4), length = bits.length / 2
  const most = 1 << Math.max(0, 31 - Math.clz32(length / FEW)), slots = new Int32Array(most * 2).fill(-1), shift = Math.clz32(most * 2 - 1)
  const firsts = new Int32Array(most), codes = new Uint32Array(length)
  let count = 0
  for (let i = 0; i < length; i++) {
    const low = bits[2 * i] ?? 0, high = bits[2 * i + 1] ?? 0
    let slot = Math.imul(Math.imul(low, 0x9e3779b1) ^ high, 0x85ebca6b) >>> shift, code = slots[slot] ?? -1
    while (code >= 0 && (bits[2 * (firsts[code] ?? 0)] !== low || bits[2 * (firsts[code] ?? 0) + 1] !== high)) {
      slot = (slot + 1) % slots.length
      code = slots[slot] ?? -1
    }
    if (code < 0) {
      if (count === most || !paysOff(count + 1, i + 1)) return { values: plain }
      slots[slot] = code = count
      firsts[count++] = i
    }
    codes[i] = code
  }
  if (count === 0) return { values: plain }
  const values = new Int32Array(count * 2)
  for (let code = 0; code < count; code++) {
    values[2 * code] = bits[2 * (firsts[code] ?? 0)] ?? 0
    values[2 * code + 1] = bits[2 * (firsts[code] ?? 0) + 1] ?? 0
  }
  return { dictionary: { values: bytesOf(values), count }, values: packed(codes, count) }
}

/** A value in so many rows at most may be another than those before; told early, because looking takes time. */
const FEW = 3, EARLY = 16_384
const paysOff = (different: number, rows: number): boolean => rows < EARLY || different * FEW <= rows

/** Which values there are, and which rows have one. */
function definedIn(cells: Float64Array): { readonly defined: Float64Array; readonly levels: Uint8Array } {
  let missing = 0
  for (let i = 0; i < cells.length; i++) if (Number.isNaN(cells[i])) missing++
  if (missing === 0) return { defined: cells, levels: allLevels(cells.length) }
  const defined = new Float64Array(cells.length - missing)
  let at = 0
  for (const cell of cells) if (!Number.isNaN(cell)) defined[at++] = cell
  return { defined, levels: bitmapLevels(cells.length, (row) => !Number.isNaN(cells[row])) }
}

/** One run of rows that all have a value. */
const allLevels = (rows: number): Uint8Array => withLength([varint(rows * 2), Buffer.from([1])])

function bitmapLevels(rows: number, isDefined: (row: number) => boolean): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(rows / 8))
  for (let row = 0; row < rows; row++) if (isDefined(row)) bitmap[row >> 3] = (bitmap[row >> 3] ?? 0) | (1 << (row & 7))
  return withLength([varint(bitmap.length * 2 + 1), bitmap])
}

function withLength(parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts), head = Buffer.alloc(4)
  head.writeUInt32LE(content.length)
  return Buffer.concat([head, content])
}

/** Numbers below `count`, each in as few bits as the greatest needs, in one run of groups of eight. */
function packed(codes: Uint32Array, count: number): Uint8Array {
  const width = Math.max(1, 32 - Math.clz32(count - 1)), groups = Math.ceil(codes.length / 8), run = varint(groups * 2 + 1)
  const bytes = new Uint8Array(1 + run.length + groups * width)
  bytes[0] = width
  bytes.set(run, 1)
  let at = 1 + run.length, held = 0, bits = 0
  for (const code of codes) {
    held |= code << bits
    for (bits += width; bits >= 8; bits -= 8) {
      bytes[at++] = held
      held >>>= 8
    }
  }
  if (bits > 0) bytes[at] = held
  return bytes
}

function boundsOf(cells: Float64Array, bytesOfOne: (value: number, isLeast: boolean) => Buffer): Partial<Values> {
  if (cells.length === 0) return {}
  let least = Infinity, most = -Infinity
  for (const cell of cells) {
    if (cell < least) least = cell
    if (cell > most) most = cell
  }
  return { least: bytesOfOne(least, true), most: bytesOfOne(most, false) }
}

/** A least that is zero is written as -0, a greatest as 0, because readers may tell the two apart. */
function doubleBytes(value: number, isLeast: boolean): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value === 0 ? (isLeast ? -0 : 0) : value)
  return bytes
}

function longBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes
}

const bytesOf = (numbers: Float64Array | Int32Array): Uint8Array => new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
