import { sha256Of } from '#record/sha256'
import { Failure, Stopped } from '#port/failure'
import type { Answer, Kept, Outside, Request } from '#port/outside'
import type { Credentials } from '#port/secrets'
import type { OpenExchange } from '#port/exchange'
import type { Store } from '#port/store'
import { memoryStore } from './store.ts'

/** An outside that is held in memory: what a service answers, what was kept, what was waited for. */
export interface MemoryOutside extends Outside {
  /** Every request, in order. */
  readonly asked: Request[]
  /** Payloads by content id. */
  readonly payloads: Map<string, Buffer>
  readonly index: Kept[]
  /** Every pause, in milliseconds. */
  readonly pauses: number[]
}

export interface MemoryService {
  /** Answers a request; one it does not know is a Failure `upstream`. */
  answer?(request: Request): Omit<Partial<Answer>, 'bytes'> & { readonly bytes: Buffer | string }
  readonly secrets?: Credentials
  readonly store?: Store
  /** Answers questions to exchanges; without it there are none. */
  readonly exchange?: OpenExchange
  /** So many pauses until the run is asked to stop. */
  readonly stopAfterPauses?: number
}

const noExchange: OpenExchange = (id) => Promise.reject(new Failure('upstream', `${id}: there is no exchange`))

/** The simulated twin of the world's outside. */
export function memoryOutside({ answer, secrets, exchange = noExchange, store = memoryStore(), stopAfterPauses = 1 }: MemoryService = {}): MemoryOutside {
  const asked: Request[] = [], index: Kept[] = [], pauses: number[] = []
  const payloads = new Map<string, Buffer>()
  const stop = new AbortController()
  return {
    asked, payloads, index, pauses, store,
    signal: stop.signal,
    http: () => ({
      async get(request) {
        asked.push(request)
        if (answer === undefined) throw new Failure('upstream', `${request.url}: there is no service`)
        const { bytes, ...rest } = answer(request)
        return { status: 200, url: request.url, headers: {}, heardMs: 0, validators: {}, ...rest, bytes: Buffer.from(bytes) }
      },
      async *stream(request) {
        yield (await this.get(request)).bytes
      },
      async *socket(request) {
        yield { bytes: (await this.get(request)).bytes, heardMs: 0, send: () => undefined, beat: () => undefined, close: () => undefined }
      },
    }),
    exchange,
    secrets: async () => (secrets === undefined ? undefined : { place: 'secrets', secrets }),
    archive: {
      keep(bytes, about) {
        const raw = sha256Of(bytes).slice(0, 40)
        payloads.set(raw, Buffer.from(bytes))
        index.push({ raw, ...about, bytes: bytes.length })
        return raw
      },
      read: (raw) => payloads.get(raw),
      kept: (tool) => index.filter((kept) => kept.tool === tool),
    },
    flushed: async () => undefined,
    async pause(ms) {
      pauses.push(ms)
      if (pauses.length < stopAfterPauses) return
      stop.abort()
      throw new Stopped()
    },
  }
}
