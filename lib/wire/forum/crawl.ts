/**
 * The way through a board: its list of threads, the threads that changed, each from the page where it was left. Addresses are taken
 * from the board's own lists and page turners, and only where they stay on its origin; nothing else that a page names is asked for.
 */
import { formatInstant, identify, type Json, type Vanta } from '#record'
import { Failure } from '#port/failure'
import type { Answer } from '#port/outside'
import { pageOf } from './payload.ts'
import type { ForumPage } from './page.ts'
import { withoutSession, type Thread } from './threads.ts'

/** What the crawl asks of the world. */
export interface Visit {
  get(url: string): Promise<Answer>
  /** Keep the answer, and its records. */
  read(answer: Answer): AsyncIterable<Vanta>
  save(state: Json): Promise<void>
}

export interface Bounds {
  /** Threads that are looked into in one round. */
  readonly threads: number
  /** Pages of the list, and of each thread. */
  readonly pages: number
}

/** Where a thread was left: the last page of it that was read, and how many replies the list told of then. */
interface Left {
  readonly page: string
  readonly replies: string
}

/** Threads, and records without a provable time, that are remembered from round to round. */
const MOST_THREADS = 2000, MOST_SAID = 5000

/** One round of the board at `start`, which is a list of threads or one thread. A thread that fails is told at the end, after the others. */
export async function* crawl(start: string, state: Json | undefined, visit: Visit, bounds: Bounds): AsyncIterable<Vanta> {
  const memory = new BoardMemory(state)
  const seen = new Set<string>()
  let threadsLeft = bounds.threads
  let failure: Failure | undefined

  async function* look(address: string): AsyncGenerator<Vanta, ForumPage> {
    seen.add(address)
    const answer = await visit.get(address)
    const { url, bytes, headers, heardMs } = answer
    const page = pageOf({ name: url, url, bytes, heardMs, contentType: headers['content-type'] })
    for await (const record of visit.read(answer)) if (memory.isNew(record)) yield record
    return page
  }

  /** Pages of one thread from `address` on, until one brings no post that the others did not. */
  async function* walk(address: string, first: ForumPage | undefined, done: (last: string, whole: boolean) => void): AsyncGenerator<Vanta> {
    const posts = new Set<string>()
    let at = address, page = first
    for (let n = 1; ; n++) {
      page ??= yield* look(at)
      const before = posts.size
      for (const { id } of page.posts) posts.add(id)
      const next = nextOf(page, seen)
      const isLast = next === undefined || posts.size === before
      done(at, isLast)
      await visit.save(memory.state())
      if (isLast || n >= bounds.pages) return
      at = next
      page = undefined
    }
  }

  let address: string | undefined = memory.left(start)?.page ?? withoutFragment(start)
  for (let n = 1; address !== undefined && n <= bounds.pages; n++) {
    const at: string = address
    const page: ForumPage = yield* look(at)
    if (page.posts.length > 0) {
      yield* walk(at, page, (last) => memory.leave(start, { page: last, replies: '' }))
      break
    }
    let visited = 0
    for (const thread of page.threads) {
      const link = sameOrigin(thread.href, page)
      if (link === undefined || memory.isUnchanged(thread) || seen.has(link) || threadsLeft === 0) continue
      threadsLeft--
      visited++
      try {
        yield* walk(memory.left(thread.id)?.page ?? link, undefined, (page, whole) => {
          memory.leave(thread.id, { page, replies: whole ? (thread.replies ?? '') : '' })
        })
      } catch (error) {
        if (!(error instanceof Failure) || (error.exit !== 'data' && error.exit !== 'upstream')) throw error
        failure ??= error
      }
    }
    await visit.save(memory.state())
    address = visited > 0 && threadsLeft > 0 ? nextOf(page, seen) : undefined
  }
  if (failure !== undefined) throw failure
}

function nextOf(page: ForumPage, seen: ReadonlySet<string>): string | undefined {
  for (const href of page.next) {
    const address = sameOrigin(href, page)
    if (address !== undefined && !seen.has(address)) return address
  }
  return undefined
}

/** Where a link of a page leads, without fragment and session; undefined where that is off the page's origin. */
export function sameOrigin(href: string, { base, address }: Pick<ForumPage, 'base' | 'address'>): string | undefined {
  try {
    const page = new URL(address ?? '')
    const target = new URL(withoutSession(href), base === undefined ? page : new URL(base, page))
    return target.origin === page.origin && target.username === '' && target.password === '' ? withoutFragment(target.href) : undefined
  } catch {
    return undefined
  }
}

const withoutFragment = (address: string): string => address.replace(/#.*$/, '')

class BoardMemory {
  readonly #threads: Map<string, Left>
  readonly #said: Set<string>

  constructor(state: Json | undefined) {
    const { threads, said } = fieldsOf(state)
    this.#threads = new Map(Object.entries(fieldsOf(threads)).flatMap(([id, left]) => {
      const { page, replies } = fieldsOf(left)
      return typeof page === 'string' && typeof replies === 'string' ? [[id, { page, replies }]] : []
    }))
    this.#said = new Set(Array.isArray(said) ? said.filter((each) => typeof each === 'string') : [])
  }

  left(thread: string): Left | undefined {
    return this.#threads.get(thread)
  }

  leave(thread: string, left: Left): void {
    this.#threads.delete(thread)
    this.#threads.set(thread, left)
  }

  /** A list that tells no replies tells no change either: its threads are looked at each time. */
  isUnchanged({ id, replies }: Thread): boolean {
    return replies !== undefined && this.#threads.get(id)?.replies === replies
  }

  /** Records whose time cannot be proven are as of now each time: they are new where they say something else than before. */
  isNew(record: Vanta): boolean {
    if (record.kind !== 'signal' || record.facts?.['at_is'] !== 'heard') return true
    const { stated_time: _, ...facts } = record.facts
    const said = identify({ ...record, at: formatInstant(0), facts }).slice(0, 16)
    // Said again, it counts as the latest: what a board goes on showing must not be forgotten for it.
    const isKnown = this.#said.delete(said)
    this.#said.add(said)
    return !isKnown
  }

  state(): Json {
    const threads = [...this.#threads].slice(-MOST_THREADS).map(([id, left]) => [id, { ...left }] as const)
    return { threads: Object.fromEntries(threads), said: [...this.#said].slice(-MOST_SAID) }
  }
}

const fieldsOf = (value: Json | undefined): { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}
