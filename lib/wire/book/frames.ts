/**
 * The messages of a payload, whatever it is kept in: one JSON document, JSON a line, or a capture whose lines say when each message was heard.
 * Lines that are known: `SECONDS: MESSAGE`, `ADDRESS -> SECONDS: ANSWER` and `ADDRESS <- SECONDS: WHAT THE CLIENT SAID` (cryptofeed),
 * `NANOSECONDS MESSAGE` (hftbacktest), `INSTANT MESSAGE` (Tardis), and objects `{"local_ns": ..., "msg": ...}`.
 */
import { parseInstant, type Millis } from '#record'
import { Failure } from '#port/failure'
import { finelyIn, secondsIn } from './moments.ts'
import { objectOf, stringOf, type Told } from './told.ts'
import { readTold } from './told_reader.ts'

export interface Frame {
  /** `line 17`, or `the whole` where the payload is one message. */
  readonly place: string
  readonly message: Told
  /** When the recording machine heard it. */
  readonly localMs: Millis | undefined
  /** The address that it is an answer of, or that the capture is of. */
  readonly url: string | undefined
}
/** A line that is no message of a service: what it is. */
export interface NoFrame {
  readonly place: string
  readonly why: string
}

/** No line of the payload is a message. */
export class NoFrames extends Failure {}

const NEWLINE = 10, BRACE = 123, BRACKET = 91
const CLIENT = 'a line of the recording client'

/** Throws Failure `data` where no line is a message. */
export function* framesOf(bytes: Buffer, name: string): Generator<Frame | NoFrame> {
  const start = inkAt(bytes, 0)
  const firstEnd = endOfLine(bytes, start)
  if ((bytes[start] === BRACE || bytes[start] === BRACKET) && !isLines(bytes, start, firstEnd, name)) {
    yield framed('the whole', readTold(bytes, start, bytes.length, name), undefined, undefined)
    return
  }
  let url: string | undefined, good = 0, bad: string | undefined
  for (let from = 0, number = 1; from < bytes.length; number++) {
    const end = endOfLine(bytes, from)
    const at = inkAt(bytes, from)
    const place = `line ${number}`
    if (at < end) {
      try {
        const line = bytes[at] === BRACE || bytes[at] === BRACKET ? undefined : headOf(bytes, at, end)
        if (line?.opens !== undefined) url = line.opens
        if (line?.why !== undefined) yield { place, why: line.why }
        else {
          yield framed(place, readTold(bytes, line?.body ?? at, end, `${name}: ${place}`), line?.localMs, line?.url ?? url)
          good++
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        bad ??= error.message
        yield { place, why: 'no JSON' }
      }
    }
    from = end + 1
  }
  if (good === 0) throw new NoFrames('data', bad ?? `${name}: neither JSON nor a capture nor a table that is known`)
}

/** Whether the payload is one message a line: then its first line is whole, and another follows. */
function isLines(bytes: Buffer, start: number, firstEnd: number, name: string): boolean {
  const next = inkAt(bytes, firstEnd)
  if (next >= bytes.length) return false
  try {
    readTold(bytes, start, firstEnd, name)
    return true
  } catch {
    // A bad first line, then, or a document that is spread over lines: the second line tells.
    try {
      readTold(bytes, next, endOfLine(bytes, next), name)
      return bytes[next] === BRACE || bytes[next] === BRACKET
    } catch {
      return false
    }
  }
}

/** A message may be wrapped with the moment at which it was heard. */
function framed(place: string, told: Told, localMs: Millis | undefined, url: string | undefined): Frame {
  const wrapper = objectOf(told)
  const local = wrapper === undefined || !('msg' in wrapper) ? undefined : (stringOf(wrapper['local_ns']) ?? stringOf(wrapper['local_ms']))
  if (wrapper === undefined || local === undefined) return { place, message: told, localMs, url }
  return { place, message: wrapper['msg'] ?? null, localMs: finelyIn(local), url: stringOf(wrapper['url']) ?? url }
}

interface Head {
  /** Where the message begins. */
  readonly body?: number
  readonly localMs?: Millis | undefined
  readonly url?: string
  /** The capture goes on with this address. */
  readonly opens?: string
  /** No message of the service. */
  readonly why?: string
}

/** What may stand before a message is not longer. */
const LONGEST_HEAD = 4096
const LONGEST_MOMENT = 32
const ADDRESS = /^(\S+) (->|<-|<->) (\d+(?:\.\d+)?)(: ?|$)/
const SECONDS = /^(\d{9,11}(?:\.\d+)?): ?/
const NANOSECONDS = /^(\d{13,19}) (?=[[{])/
const INSTANT = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (?=[[{])/

function headOf(bytes: Buffer, at: number, end: number): Head {
  const plain = SECONDS.exec(bytes.toString('latin1', at, Math.min(end, at + LONGEST_MOMENT)))
  if (plain !== null) return { body: at + plain[0].length, localMs: secondsIn(plain[1] ?? '') }
  const head = bytes.toString('latin1', at, Math.min(end, at + LONGEST_HEAD))
  const address = ADDRESS.exec(head)
  if (address !== null) {
    const [whole, url = '', arrow, seconds = ''] = address
    if (arrow === '->') return { body: at + whole.length, localMs: secondsIn(seconds), url }
    return { why: CLIENT, ...(arrow === '<->' && { opens: url }) }
  }
  const nanoseconds = NANOSECONDS.exec(head)
  if (nanoseconds !== null) return { body: at + nanoseconds[0].length, localMs: finelyIn(nanoseconds[1] ?? '') }
  const instant = INSTANT.exec(head)
  if (instant !== null) return { body: at + instant[0].length, localMs: parseInstant(instant[1] ?? '') }
  return /^configuration: [[{]/.test(head) ? { why: CLIENT } : { body: at }
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(NEWLINE, from)
  return end < 0 ? bytes.length : end
}

function inkAt(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && (bytes[at] ?? 0) <= 32) at++
  return at
}
