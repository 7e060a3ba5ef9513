/** The smallest writer of Parquet that a test needs: flat columns, one row group, PLAIN pages, plain or gzip. */
import { gzipSync } from 'node:zlib'

type Value = number | bigint | string | Buffer | null
export interface Column {
  readonly name: string
  readonly type: 'INT32' | 'INT64' | 'INT96' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY' | 'FIXED'
  readonly values: readonly Value[]
  /** Converted type by number (parquet.thrift): 0 UTF8, 5 DECIMAL, 6 DATE, 9 TIMESTAMP_MILLIS, 10 TIMESTAMP_MICROS. */
  readonly converted?: number
  readonly scale?: number
  readonly precision?: number
  readonly length?: number
  /** Logical timestamp: unit, and whether it is UTC. */
  readonly timestamp?: readonly ['MILLIS' | 'MICROS' | 'NANOS', boolean]
}

const TYPES = { INT32: 1, INT64: 2, INT96: 3, FLOAT: 4, DOUBLE: 5, BYTE_ARRAY: 6, FIXED: 7 } as const
const UNITS = { MILLIS: 1, MICROS: 2, NANOS: 3 } as const

/** Thrift's compact protocol. */
class Thrift {
  readonly bytes: number[] = []
  varint(value: bigint): this {
    for (let rest = value; ; rest >>= 7n) {
      if (rest < 128n) {
        this.bytes.push(Number(rest))
        return this
      }
      this.bytes.push(Number(rest & 127n) | 128)
    }
  }
  zigzag(value: number | bigint): this {
    const wide = BigInt(value)
    return this.varint(wide < 0n ? -wide * 2n - 1n : wide * 2n)
  }
  binary(text: string): this {
    const utf8 = Buffer.from(text)
    this.varint(BigInt(utf8.length))
    this.bytes.push(...utf8)
    return this
  }
  list(type: number, items: readonly ((out: Thrift) => void)[]): this {
    this.bytes.push((Math.min(items.length, 15) << 4) | type)
    if (items.length >= 15) this.varint(BigInt(items.length))
    for (const item of items) item(this)
    return this
  }
  /** Fields by id, in order: [id, type, writer]. */
  struct(fields: readonly (readonly [id: number, type: number, write: (out: Thrift) => void] | undefined)[]): this {
    let last = 0
    for (const field of fields) {
      if (field === undefined) continue
      const [id, type, write] = field
      this.bytes.push(((id - last) << 4) | type)
      write(this)
      last = id
    }
    this.bytes.push(0)
    return this
  }
}
const TRUE = 1, FALSE = 2, I32 = 5, I64 = 6, BINARY = 8, LIST = 9, STRUCT = 12
const i32 = (id: number, value: number | undefined): readonly [number, number, (out: Thrift) => void] | undefined =>
  value === undefined ? undefined : [id, I32, (out) => out.zigzag(value)]
const i64 = (id: number, value: number): readonly [number, number, (out: Thrift) => void] => [id, I64, (out) => out.zigzag(value)]

function plain({ type, values }: Column): Buffer {
  return Buffer.concat(values.filter((value) => value !== null).map((value) => {
    const word = Buffer.alloc(type === 'INT32' || type === 'FLOAT' ? 4 : 8)
    switch (type) {
      case 'INT32': word.writeInt32LE(Number(value)); return word
      case 'INT64': word.writeBigInt64LE(BigInt(value as bigint)); return word
      case 'FLOAT': word.writeFloatLE(Number(value)); return word
      case 'DOUBLE': word.writeDoubleLE(Number(value)); return word
      case 'INT96': case 'FIXED': return value as Buffer
      case 'BYTE_ARRAY': {
        const bytes = Buffer.from(value as string)
        const length = Buffer.alloc(4)
        length.writeUInt32LE(bytes.length)
        return Buffer.concat([length, bytes])
      }
    }
  }))
}

/** Definition levels of an optional column: one bit a value, as one bit-packed run, with its length before. */
function levels(values: readonly Value[]): Buffer {
  const groups = Math.ceil(values.length / 8)
  const bits = Buffer.alloc(groups)
  values.forEach((value, i) => {
    if (value !== null) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7))
  })
  const run = Buffer.concat([Buffer.from(new Thrift().varint(BigInt(groups * 2 + 1)).bytes), bits])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(run.length)
  return Buffer.concat([length, run])
}

export function parquetFile(columns: readonly Column[], gzip = false): Buffer {
  const rows = columns[0]?.values.length ?? 0
  const parts: Buffer[] = [Buffer.from('PAR1')]
  let at = 4
  const chunks = columns.map((column) => {
    const body = Buffer.concat([levels(column.values), plain(column)])
    const packed = gzip ? gzipSync(body) : body
    const header = Buffer.from(new Thrift().struct([
      i32(1, 0), i32(2, body.length), i32(3, packed.length), [5, STRUCT, (out) => out.struct([i32(1, rows), i32(2, 0), i32(3, 3), i32(4, 3)])],
    ]).bytes)
    const offset = at
    parts.push(header, packed)
    at += header.length + packed.length
    return { column, offset, unpacked: header.length + body.length, packed: header.length + packed.length }
  })
  const element = (column: Column) => (out: Thrift): Thrift => out.struct([
    i32(1, TYPES[column.type]), i32(2, column.length), i32(3, 1), [4, BINARY, (to) => to.binary(column.name)], i32(6, column.converted), i32(7, column.scale), i32(8, column.precision),
    column.timestamp === undefined ? undefined : [10, STRUCT, (logical) => logical.struct([[8, STRUCT, (stamp) => stamp.struct([
      [1, column.timestamp?.[1] === true ? TRUE : FALSE, () => undefined],
      [2, STRUCT, (unit) => unit.struct([[UNITS[column.timestamp?.[0] ?? 'MILLIS'], STRUCT, (none) => none.struct([])]])],
    ])]])],
  ])
  const footer = Buffer.from(new Thrift().struct([
    i32(1, 1),
    [2, LIST, (out) => out.list(STRUCT, [(root) => root.struct([[4, BINARY, (to) => to.binary('schema')], i32(5, columns.length)]), ...columns.map(element)])],
    i64(3, rows),
    [4, LIST, (out) => out.list(STRUCT, [(group) => group.struct([
      [1, LIST, (list) => list.list(STRUCT, chunks.map(({ column, offset, unpacked, packed }) => (chunk: Thrift) => chunk.struct([
        i64(2, offset),
        [3, STRUCT, (meta) => meta.struct([
          i32(1, TYPES[column.type]), [2, LIST, (to) => to.list(I32, [(e) => e.zigzag(0), (e) => e.zigzag(3)])], [3, LIST, (to) => to.list(BINARY, [(e) => e.binary(column.name)])],
          i32(4, gzip ? 2 : 0), i64(5, rows), i64(6, unpacked), i64(7, packed), i64(9, offset),
        ])],
      ])))],
      i64(2, chunks.reduce((sum, { unpacked }) => sum + unpacked, 0)), i64(3, rows),
    ])])],
  ]).bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Buffer.concat([...parts, footer, length, Buffer.from('PAR1')])
}
