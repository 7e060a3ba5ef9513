/** Distinguished encoding rules (ITU-T X.690): values of ASN.1 as bytes, each in one way only; and their reader, which takes no other. */
import type { Millis } from '#record'

export const TAG = {
  boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, enumerated: 0x0a, utf8: 0x0c, utcTime: 0x17, time: 0x18, sequence: 0x30, set: 0x31,
} as const

const CONTEXT = 0x80, CONSTRUCTED = 0x20

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.of(bytes)
  const digits = Buffer.from(evenHex(bytes.toString(16)), 'hex')
  return Buffer.concat([Buffer.of(0x80 | digits.length), digits])
}

const evenHex = (hex: string): string => (hex.length % 2 === 0 ? hex : `0${hex}`)

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(TAG.sequence, ...parts)
/** A value under a number that its context gives it, around other values or in their place. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Buffer => der(CONTEXT | CONSTRUCTED | number, ...parts)
export const implicit = (number: number, content: Uint8Array): Buffer => der(CONTEXT | number, content)

/** Not below zero. */
export function integer(value: bigint): Buffer {
  const bytes = Buffer.from(evenHex(value.toString(16)), 'hex')
  // The first bit is the sign.
  return der(TAG.integer, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.of(0)] : []), bytes)
}

export const boolean = (value: boolean): Buffer => der(TAG.boolean, Buffer.of(value ? 0xff : 0))
export const octets = (content: Uint8Array): Buffer => der(TAG.octets, content)
export const utf8 = (text: string): Buffer => der(TAG.utf8, Buffer.from(text))
export const bits = (content: Uint8Array, unused = 0): Buffer => der(TAG.bits, Buffer.of(unused), content)

/** `1.2.840.10045.4.3.2`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return der(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

function base128(value: number): number[] {
  const digits = [value % 128]
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(0x80 | left % 128)
  return digits
}

/** To the second; in the shorter form until the end of 2049, as RFC 5280 (4.1.2.5) has it. */
export function time(ms: Millis): Buffer {
  const digits = new Date(ms).toISOString().replace(/\..*$/, '').replace(/\D/g, '')
  return ms < Date.UTC(2050, 0) ? der(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`)) : der(TAG.time, Buffer.from(`${digits}Z`))
}

export interface Value {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly whole: Buffer
}

/** The value that these bytes are, to the last; undefined where they are none. */
export function readDer(bytes: Buffer): Value | undefined {
  const values = valuesIn(bytes)
  return values?.length === 1 ? values[0] : undefined
}

/** The values that stand one behind the other; undefined where a length is not as it must be. */
export function valuesIn(bytes: Buffer): readonly Value[] | undefined {
  const values: Value[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0, first = bytes[at + 1], more = first === undefined || first < 0x80 ? 0 : first & 0x7f
    if (first === undefined || first === 0x80 || more > 4 || at + 2 + more > bytes.length) return undefined
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
    if (more > 0 && (length < 0x80 || bytes[at + 2] === 0)) return undefined
    const from = at + 2 + more, end = from + length
    if (end > bytes.length) return undefined
    values.push({ tag, content: bytes.subarray(from, end), whole: bytes.subarray(at, end) })
    at = end
  }
  return values
}

/** Undefined where the value is no time. */
export function timeIn({ tag, content }: Value): Millis | undefined {
  const text = content.toString('latin1')
  if (tag !== TAG.utcTime && tag !== TAG.time) return undefined
  const full = tag === TAG.time ? text : `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? []
  if (year === undefined) return undefined
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`)
  return Number.isNaN(ms) ? undefined : ms
}

/** Undefined where the value is no integer, or below zero. */
export const integerIn = ({ tag, content }: Value): bigint | undefined =>
  tag === TAG.integer && content.length > 0 && (content[0] ?? 0) < 0x80 ? BigInt(`0x${content.toString('hex')}`) : undefined
