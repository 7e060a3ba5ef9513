/** The closed logs that a log goes on from, as an appender asks them: which records stand there already, and where. */
import { leafHash } from '../merkle.ts'
import type { Logs } from '../logs.ts'
import { partsOf, type Part } from '../whole.ts'
import type { IndexedLine } from './line_index.ts'
import { IndexFault } from './pages.ts'
import { openIndex, type OpenIndex } from './store.ts'

export class OlderLogs {
  readonly #parts: readonly Part[]
  #open: OpenIndex | undefined
  /** Asked for last, and not found: an appender asks about each record more than once. */
  #absent = ''
  /** Lines of all of them. */
  readonly size: number

  constructor(logs: Logs) {
    const parts = partsOf(logs).parts.filter(({ last }) => last !== undefined)
    this.#parts = parts
    this.size = parts.at(-1)?.to ?? 0
  }

  /** Where a record stands, its line counted from 1 through all logs, and the hash of the line. */
  find(id: string): { readonly line: number; readonly leaf: string } | undefined {
    if (this.#parts.length === 0 || id === this.#absent) return undefined
    const found = this.#asked(id)
    if (found !== undefined) return { line: found.line + 1, leaf: leafHash(found.bytes) }
    this.#absent = id
    return undefined
  }

  #asked(id: string): IndexedLine | undefined {
    try {
      return (this.#open ??= openIndex(this.#parts)).index.find(id)
    } catch (error) {
      if (!(error instanceof IndexFault)) throw error
      this.close()
      return (this.#open = openIndex(this.#parts, {}, new Set(this.#parts))).index.find(id)
    }
  }

  close(): void {
    this.#open?.close()
    this.#open = undefined
  }
}
