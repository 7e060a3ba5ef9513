/**
 * Columns of a Parquet file (https://parquet.apache.org/docs/file-format) as exact text: decimals digit by digit, 64-bit numbers as
 * they are, floats by their shortest text, times of any unit in ISO 8601. The library would make doubles and dates of them, so the types
 * that it converts are taken off the schema first, and the plain values are read here.
 */
import { DAY_MS, formatInstant, type Millis } from '#record'
import { Failure } from '#port/failure'
import { readEpoch } from './dates.ts'
import { exactDecimal } from './json_exact.ts'

/** So many rows and unpacked bytes are read; more than that is a bomb, or wants to be split. */
const MOST_ROWS = 2 ** 25
const MOST_BYTES = 2 ** 30

type Unit = 'MILLIS' | 'MICROS' | 'NANOS'
/** How a plain value becomes text. */
type Kind =
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'time'; readonly unit: Unit; readonly utc: boolean }
  | { readonly kind: 'day' } | { readonly kind: 'float' } | { readonly kind: 'plain' }

export interface TextColumn {
  readonly name: string
  /** Empty where the file has none. */
  text(row: number): string
  /** Of a time that the file places, whatever its unit; undefined of all else. */
  instant(row: number): Millis | undefined
}

export interface TextTable {
  readonly length: number
  readonly columns: readonly TextColumn[]
}

export const isParquet = (bytes: Buffer): boolean => bytes.length > 12 && bytes.subarray(0, 4).toString('latin1') === 'PAR1'

/** The columns that are wanted and there. Throws Failure `data` where the file cannot be read. */
export async function readParquet(bytes: Buffer, name: string, wanted: (column: string) => boolean): Promise<TextTable> {
  try {
    return await read(bytes, wanted)
  } catch (error) {
    throw new Failure('data', `${name}: no Parquet file that can be read: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

async function read(bytes: Buffer, wanted: (column: string) => boolean): Promise<TextTable> {
  const { parquetMetadata, parquetRead } = await import('hyparquet')
  const { compressors } = await import('hyparquet-compressors')
  const whole = new Uint8Array(bytes).buffer
  const metadata = parquetMetadata(whole)
  const unpacked = metadata.row_groups.reduce((sum, group) => sum + Number(group.total_byte_size), 0)
  if (metadata.num_rows > MOST_ROWS || unpacked > MOST_BYTES) throw new RangeError(`${metadata.num_rows} rows of ${unpacked} bytes are too many`)
  const kinds = new Map<string, Kind>()
  let within = 0
  const schema = metadata.schema.map((element, i) => {
    const isPart = within > 0
    // Elements stand in the order of a walk down the tree.
    if (i > 0) within += (element.num_children ?? 0) - (isPart ? 1 : 0)
    if (i === 0 || isPart || !wanted(element.name)) return element
    if (element.type === undefined) throw new RangeError(`column "${element.name}" is a list or has fields; such are not read`)
    const kind = kindOf(element)
    kinds.set(element.name, kind)
    if (kind.kind === 'plain' || kind.kind === 'float') return element
    const { converted_type: _converted, logical_type: _logical, ...plain } = element
    return plain
  })
  const length = Number(metadata.num_rows), cells = new Map([...kinds.keys()].map((name): [string, unknown[]] => [name, new Array<unknown>(length)]))
  if (kinds.size > 0) {
    await parquetRead({
      file: { byteLength: whole.byteLength, slice: (from, to) => whole.slice(from, to) },
      metadata: { ...metadata, schema }, columns: [...kinds.keys()], compressors, utf8: false,
      // INT96 counts nanoseconds, and has no other reading.
      parsers: { timestampFromNanoseconds: (nanos) => nanos },
      onChunk({ columnName, columnData, rowStart }) {
        const of = cells.get(columnName)
        if (of !== undefined) for (let i = 0; i < columnData.length; i++) of[rowStart + i] = columnData[i]
      },
    })
  }
  const columns = [...kinds].map(([name, kind]): TextColumn => {
    const of = cells.get(name) ?? []
    return { name, text: (row) => textOf(of[row], kind), instant: (row) => (kind.kind === 'time' && kind.utc ? instantOf(of[row], kind.unit) : undefined) }
  })
  return { length, columns }
}

interface Element {
  readonly type?: string
  readonly converted_type?: string
  readonly scale?: number
  readonly logical_type?: { readonly type: string; readonly unit?: Unit; readonly isAdjustedToUTC?: boolean; readonly scale?: number }
}

function kindOf({ type, converted_type: converted, scale, logical_type: logical }: Element): Kind {
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return { kind: 'decimal', scale: scale ?? logical?.scale ?? 0 }
  if (logical?.type === 'TIMESTAMP') return { kind: 'time', unit: logical.unit ?? 'MILLIS', utc: logical.isAdjustedToUTC !== false }
  if (converted === 'TIMESTAMP_MILLIS') return { kind: 'time', unit: 'MILLIS', utc: true }
  if (converted === 'TIMESTAMP_MICROS') return { kind: 'time', unit: 'MICROS', utc: true }
  if (type === 'INT96') return { kind: 'time', unit: 'NANOS', utc: true }
  if (converted === 'DATE' || logical?.type === 'DATE') return { kind: 'day' }
  return type === 'FLOAT' ? { kind: 'float' } : { kind: 'plain' }
}

/** Empty for null, NaN, the infinities and whatever is no single value. */
function textOf(value: unknown, kind: Kind): string {
  if (value === null || value === undefined) return ''
  switch (kind.kind) {
    case 'decimal': return decimalText(value, kind.scale)
    case 'time': return timeText(value, kind.unit, kind.utc)
    case 'day': return typeof value === 'number' && Math.abs(value) < 100_000 ? formatInstant(value * DAY_MS).slice(0, 10) : ''
    case 'float': return typeof value === 'number' ? shortestFloat(value) : ''
    case 'plain': return plainText(value)
  }
}

function plainText(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return exactDecimal(String(value)) ?? ''
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : ''
}

/** Unscaled whole numbers: 32 or 64 bits, or big-endian two's complement of any length. */
function decimalText(value: unknown, scale: number): string {
  const whole = typeof value === 'number' ? BigInt(value) : typeof value === 'bigint' ? value : undefined
  const unscaled = value instanceof Uint8Array ? signed(value) : whole
  if (unscaled === undefined || scale < 0 || scale > 76) return ''
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return unscaled < 0n ? `-${text}` : text
}

function signed(bytes: Uint8Array): bigint | undefined {
  if (bytes.length === 0 || bytes.length > 32) return undefined
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  return (bytes[0] ?? 0) >= 128 ? value - (1n << BigInt(bytes.length * 8)) : value
}

const PER_MS: Readonly<Record<Unit, bigint>> = { MILLIS: 1n, MICROS: 1000n, NANOS: 1_000_000n }

/** `2021-01-04T14:30:00Z`; without the Z where the file says that it means some local clock. */
function timeText(value: unknown, unit: Unit, utc: boolean): string {
  const ms = instantOf(value, unit)
  return ms === undefined ? '' : isoText(ms, utc)
}

function instantOf(value: unknown, unit: Unit): Millis | undefined {
  if (typeof value !== 'bigint') return undefined
  const ms = Number(unit === 'MILLIS' ? value : value / PER_MS[unit])
  return Math.abs(ms) > 4e12 ? undefined : ms
}

const isoText = (ms: number, utc: boolean): string => `${formatInstant(ms).replace(/(\.000)?Z$/, '')}${utc ? 'Z' : ''}`

/** Digits since 1970, of any unit, as `2021-01-04T14:30:00Z`; other text as it is. */
export function momentText(text: string): string {
  const ms = readEpoch(text)
  return ms === undefined ? text : isoText(ms, true)
}

/** The shortest decimal that is this very 32-bit float: 1.1, not 1.10000002384. */
function shortestFloat(value: number): string {
  for (let digits = 6; digits <= 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return exactDecimal(String(Number(text))) ?? ''
  }
  return exactDecimal(String(value)) ?? ''
}
