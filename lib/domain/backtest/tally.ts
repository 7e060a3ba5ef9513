/** What a run was made of, counted as the records go by: events, decisions, and the prices its convictions are judged by. */
import { millisOf, type Millis, type Vanta } from '#record'
import type { Ranked, Sessions } from './precision.ts'

const DAILY = '1d'

export class Tally {
  /** Records that came from outside, by kind. */
  readonly heard = new Map<string, number>()
  /** Records that left the pipeline and were made in it, by kind. */
  readonly made = new Map<string, number>()
  readonly rankings: Ranked[] = []
  /** Daily sessions by subject. */
  readonly sessions = new Map<string, Sessions>()
  /** Readings by subject. */
  readonly readings = new Map<string, number>()
  events = 0

  /** A record from outside. */
  hear(record: Vanta): void {
    this.events++
    count(this.heard, record.kind)
    this.price(record)
  }

  /** Prices judge convictions also after the last decision. */
  price(record: Vanta): void {
    if (record.kind !== 'bar' || record.span !== DAILY) return
    let sessions = this.sessions.get(record.subject)
    if (sessions === undefined) this.sessions.set(record.subject, (sessions = { openMs: [], open: [], close: [] }))
    sessions.openMs.push(millisOf(record.at))
    sessions.open.push(Number(record.open))
    sessions.close.push(Number(record.close))
  }

  /** A record at the end of the pipeline. */
  leave(record: Vanta): void {
    switch (record.kind) {
      case 'bar':
      case 'price':
        return
      case 'signal':
        if (record.subject !== undefined) count(this.readings, record.subject)
        return
      case 'ranking':
        this.rankings.push({ atMs: millisOf(record.at), picks: record.ranked.map(({ subject, direction }, i) => ({ subject, direction, rank: i + 1 })) })
        break
      case 'order':
        if (record.state !== 'intended') return
        break
    }
    count(this.made, record.kind)
  }

  /** Every session open of any subject, ascending. */
  calendar(): Millis[] {
    const opens = new Set<Millis>()
    for (const { openMs } of this.sessions.values()) for (const ms of openMs) opens.add(ms)
    return [...opens].sort((a, b) => a - b)
  }

  /** Readings of subjects that have no daily prices: nothing of them could be traded or judged. */
  get readingsWithoutPrices(): { readings: number; subjects: number; share: number } {
    let readings = 0, subjects = 0, all = 0
    for (const [subject, n] of this.readings) {
      all += n
      if (this.sessions.has(subject)) continue
      readings += n
      subjects++
    }
    return { readings, subjects, share: all === 0 ? 0 : readings / all }
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
