/**
 * Structures in Thrift's compact protocol, as far as the metadata of Parquet files needs it
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 */
export interface Thrift {
  /** How the protocol numbers the type. */
  readonly type: number
  readonly bytes: Buffer
}

const I32 = 5, I64 = 6, BINARY = 8, LIST = 9, STRUCT = 12
const NOTHING = Buffer.alloc(0)

/** Seven bits a byte, the least first; of a whole number from 0 to 2^53. */
export function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return Buffer.from([...bytes, left])
}

const zigzag = (value: number): Buffer => varint(value < 0 ? -2 * value - 1 : 2 * value)

export const i32 = (value: number): Thrift => ({ type: I32, bytes: zigzag(value) })
export const i64 = (value: number): Thrift => ({ type: I64, bytes: zigzag(value) })
/** A field that is true. */
export const yes: Thrift = { type: 1, bytes: NOTHING }

export function binary(content: Uint8Array | string): Thrift {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return { type: BINARY, bytes: Buffer.concat([varint(bytes.length), bytes]) }
}

/** Items of one type; structures, where there are none. */
export function list(items: readonly Thrift[]): Thrift {
  const type = items[0]?.type ?? STRUCT
  const head = items.length < 15 ? Buffer.from([(items.length << 4) | type]) : Buffer.concat([Buffer.from([0xf0 | type]), varint(items.length)])
  return { type: LIST, bytes: Buffer.concat([head, ...items.map(({ bytes }) => bytes)]) }
}

/** Fields by number, ascending, each at most 15 more than the one before; those that are undefined are left out. */
export function struct(fields: readonly (readonly [id: number, value: Thrift | undefined])[]): Thrift {
  const parts: Uint8Array[] = []
  let before = 0
  for (const [id, value] of fields) {
    if (value === undefined) continue
    parts.push(Buffer.from([((id - before) << 4) | value.type]), value.bytes)
    before = id
  }
  return { type: STRUCT, bytes: Buffer.concat([...parts, Buffer.from([0])]) }
}
