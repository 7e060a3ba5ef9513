import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { formatInstant } from '#record'
import type { Common } from './common.ts'
import { Failure } from '#port/failure'
import type { Line } from './lines.ts'

/** A line that is no record: where it stood, what was wrong, the line itself. */
export interface Bad {
  readonly place: string
  readonly fault: string
  readonly line: string
}

/** Bad lines are named on stderr and kept, `{at, tool, place, fault, line}` each, so that none is lost in silence. */
export class Rejects {
  readonly #tool: string
  readonly #path: string
  readonly #policy: Common['onError']
  readonly #say: (text: string) => void
  #count = 0
  /** What comes was put aside before. */
  hushed = false
  /** Told of every bad line too. */
  also: ((bad: Bad) => void) | undefined

  constructor(tool: string, home: string, common: Common, say: (text: string) => void) {
    this.#tool = tool
    this.#path = common.rejectFile ?? join(home, 'logs', 'rejects', `${tool.replaceAll(' ', '-')}.ndjson`)
    this.#policy = common.onError
    this.#say = say
  }

  get count(): number {
    return this.#count
  }

  /** 65 where lines were kept aside; skipping was asked for, so it is a success. */
  get failed(): boolean {
    return this.#count > 0 && this.#policy !== 'skip'
  }

  add(bad: Bad): undefined {
    if (this.hushed) return
    const { place, fault, line } = bad
    this.#count++
    this.also?.(bad)
    const excerpt = line.length > 80 ? `${line.slice(0, 80)}...` : line
    if (this.#count <= 10) this.#say(`${this.#tool}: ${place}: ${fault}\n  ${excerpt}\n`)
    if (this.#policy === 'fail') throw new Failure('data', `stopped at the first bad line (--on-error fail)`)
    if (this.#policy === 'reject') this.#keep({ at: formatInstant(Date.now()), tool: this.#tool, place, fault, line })
  }

  /** The JSON value of a line, or undefined where it is bad and was put aside. */
  parse({ number, text, fault }: Line, source: string): unknown {
    const bad = (why: string): undefined => this.add({ place: `${source}:${number}`, fault: why, line: text })
    if (fault !== undefined) return bad(fault)
    try {
      return JSON.parse(text)
    } catch (error) {
      return bad(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #keep(entry: object): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      appendFileSync(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
    } catch (error) {
      throw new Failure('output', `cannot keep a bad line in ${this.#path}: ${error instanceof Error ? error.message : String(error)}`, error)
    }
  }

  /** Say how it ended. */
  sum(): void {
    if (this.#count === 0) return
    const lines = `${this.#count} bad line${this.#count === 1 ? '' : 's'}`
    this.#say(`${this.#tool}: ${lines} ${this.#policy === 'skip' ? 'skipped' : `kept in ${this.#path}`}\n`)
  }
}
