/** From page to page of Reddit's listings, and to the threads behind them. The world is handed in: nothing here asks or remembers by itself. */
import type { Json, Vanta } from '#record'
import type { Answer, Cursor, Validators } from '#port/outside'
import { fieldsOf } from '../cursor.ts'
import { pageOf, placesAfter, seenOf, seenState } from './ask.ts'

export interface Asking {
  ask(path: string, query: Readonly<Record<string, string>>, validators?: Validators): Promise<Answer>
  read(answer: Answer): AsyncIterable<Vanta>
  cursor(stream: string): Cursor
  /** Remember what was heard. */
  save(): Promise<void>
}

const LARGEST_PAGE = '100'
const LARGEST_THREAD = '500'
/** So many threads are remembered with their comment counts, for each forum. */
const THREADS = 500

export class Walk {
  readonly #asking: Asking
  /** Comment counts by post, as of this round, for each forum. */
  readonly #counts = new Map<string, Map<string, number>>()
  readonly #unsettled: (() => Promise<void>)[] = []

  constructor(asking: Asking) {
    this.#asking = asking
  }

  /**
   * Remember where the listings stand: only when the threads behind them are read too, since a listing that has not changed since is not
   * sent again.
   */
  async settle(): Promise<void> {
    await this.#asking.save()
    for (const save of this.#unsettled.splice(0)) await save()
  }

  /** The newest page, and the ones after it until one holds a post of the last round, brings nothing new, or `mostPages` are read. */
  async *listing(forum: string, order: string, mostPages: number): AsyncGenerator<Vanta> {
    const path = `/r/${encodeURIComponent(forum)}/${encodeURIComponent(order)}`
    const cursor = this.#asking.cursor(path)
    const seen = seenOf(cursor.state)
    const first = await this.#asking.ask(path, { limit: LARGEST_PAGE }, seen.validators)
    if (first.status === 304) return
    yield* this.#asking.read(first)
    const names = new Set<string>()
    let page = this.#take(forum, first, names)
    for (let pages = 1; pages < mostPages && !page.names.some((name) => seen.names.includes(name)); pages++) {
      let found = 0
      for (const after of placesAfter(page)) {
        const answer = await this.#asking.ask(path, { limit: LARGEST_PAGE, after, count: String(names.size) })
        yield* this.#asking.read(answer)
        const before = names.size
        const next = this.#take(forum, answer, names)
        found = names.size - before
        if (next.names.length === 0) continue
        page = next
        break
      }
      if (found === 0) break
    }
    this.#unsettled.push(() => cursor.save(seenState([...names], seen, first.validators)))
  }

  #take(forum: string, { bytes }: Answer, names: Set<string>): ReturnType<typeof pageOf> {
    const page = pageOf(bytes)
    for (const name of page.names) names.add(name)
    const counts = this.#counts.get(forum) ?? new Map<string, number>()
    for (const [id, count] of page.comments) counts.set(id, count)
    this.#counts.set(forum, counts)
    return page
  }

  /** The threads with most comments among the posts of this round, where there are more comments than last time. */
  async *threads(forum: string, most: number): AsyncGenerator<Vanta> {
    const cursor = this.#asking.cursor(`/r/${forum}/comments`)
    const read = new Map(Object.entries(fieldsOf(cursor.state)))
    const grown = [...this.#counts.get(forum) ?? []].filter(([id, count]) => count > Number(read.get(id) ?? 0))
    for (const [id, count] of grown.sort(([, a], [, b]) => b - a).slice(0, most)) {
      yield* this.#asking.read(await this.#asking.ask(`/r/${encodeURIComponent(forum)}/comments/${id}`, { limit: LARGEST_THREAD, sort: 'new' }))
      // Removed and set again, so that the oldest come first.
      read.delete(id)
      read.set(id, count)
      await cursor.save(Object.fromEntries([...read].slice(-THREADS).map(([post, comments]) => [post, Number(comments)])))
    }
  }
}

/** So many keys are remembered. */
const REMEMBERED = 5000

/** What was last heard of each thing: a score that has not moved and a removal already said are no news. */
export class Heard {
  readonly #gone: Set<string>
  readonly #counts = new Map<string, string>()

  constructor(state: Json | undefined) {
    this.#gone = new Set(Array.isArray(state) ? state.filter((key) => typeof key === 'string') : [])
  }

  async *news(records: AsyncIterable<Vanta>): AsyncGenerator<Vanta> {
    for await (const record of records) if (record.kind !== 'signal' || this.#isNews(record.type, record.key, record.facts)) yield record
  }

  #isNews(type: string, key: string, facts: unknown): boolean {
    if (type === 'removal') {
      if (this.#gone.has(key)) return false
      this.#gone.add(key)
    } else if (type === 'snapshot') {
      const counts = JSON.stringify(facts), before = this.#counts.get(key)
      this.#counts.delete(key)
      this.#counts.set(key, counts)
      if (this.#counts.size > REMEMBERED) this.#counts.delete(this.#counts.keys().next().value ?? '')
      return counts !== before
    }
    return true
  }

  state(): Json {
    return [...this.#gone].slice(-REMEMBERED)
  }
}
