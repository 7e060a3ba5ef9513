/** Any recorded payload of an exchange, told by what it holds, as what was said in it: the one way in for both collectors of exchanges. */
import { Failure } from '#port/failure'
import type { Payload } from '#port/payload'
import { decode } from '../text.ts'
import { framesOf, NoFrames } from './frames.ts'
import type { PayloadTerms, SaidAt, Venue } from './said.ts'
import { tableRows } from './tables.ts'
import { anyVenue } from './venues.ts'


const UNKNOWN = 'no message of an exchange that is known'

/** Payloads one after another: one connection, whose messages may count on earlier ones. */
export class ExchangePayloads {
  readonly #terms: PayloadTerms
  readonly #venue: Venue

  /** `more` venues than those that every collector reads. */
  constructor(terms: PayloadTerms, ...more: readonly Venue[]) {
    this.#terms = terms
    this.#venue = anyVenue(...more)
  }

  /** Throws Failure `data` where nothing in it is known, or it is broken as a whole. */
  *read({ name, bytes, contentType, url }: Payload): Generator<SaidAt> {
    const plain = plainBytes(bytes, contentType)
    const start = plain.toString('latin1', 0, 1000).trimStart()
    if (start === '') throw new Failure('data', `${name}: nothing in it`)
    if (start.startsWith('<')) throw new Failure('data', `${name}: a page or XML, where messages of an exchange were expected`)
    if (start[0] !== '{' && start[0] !== '[') {
      const rows = tableRows(plain.toString('utf8'), { ...this.#terms, name })
      if (rows !== undefined) {
        yield* rows
        return
      }
    }
    try {
      yield* this.#frames(plain, name, url)
    } catch (error) {
      // What neither is JSON nor has a message in any line may still be text of somebody else's.
      throw error instanceof NoFrames && start[0] !== '{' && start[0] !== '[' ? new UnknownPayload(name) : error
    }
  }

  *#frames(bytes: Buffer, name: string, url: string | undefined): Generator<SaidAt> {
    const { symbol } = this.#terms
    /** What was no message, until one is: of a payload of somebody else's nothing is said but that. */
    const before: SaidAt[] = []
    let known = false
    for (const frame of framesOf(bytes, name)) {
      const { place } = frame
      const all = 'why' in frame ? undefined : this.#venue.read(frame.message, { symbol, url: frame.url ?? url })
      if (all === undefined) {
        const heard = { place, why: 'why' in frame ? frame.why : UNKNOWN }
        if (known) yield heard
        else if (before.length < MOST_BEFORE) before.push(heard)
        else throw new UnknownPayload(name)
        continue
      }
      if (!known) yield* before
      known = true
      if (all.length === 0) yield { place, why: 'an empty list' }
      for (const said of all) {
        if (said.type === 'error' && place === WHOLE) throw new Failure('data', `${name}: the exchange refuses: ${said.what}`)
        yield { place, said, localMs: 'why' in frame ? undefined : frame.localMs }
      }
    }
    if (!known) throw new UnknownPayload(name)
  }
}

/** So much that is no message may stand before the first one that is. */
const MOST_BEFORE = 10_000

/** Nothing in the payload is of an exchange that is known: it may be somebody else's. */
export class UnknownPayload extends Failure {
  constructor(name: string) {
    super('data', `${name}: ${UNKNOWN}`)
  }
}

/** The place of a payload that is one message. */
const WHOLE = 'the whole'

/** Bytes as UTF-8 without a mark. Nearly all payloads are that already, and large. */
function plainBytes(bytes: Buffer, contentType: string | undefined): Buffer {
  const first = bytes[0] ?? 0
  return first >= 0x80 || first === 0 || bytes[1] === 0 ? Buffer.from(decode(bytes, contentType).text) : bytes
}
