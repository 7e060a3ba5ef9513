/** What a check of a node came to. */
import type { Paint } from '../paint.ts'
import { folded } from '../../report/columns.ts'

export type Level = 'ok' | 'warn' | 'fail'

export interface Finding {
  /** `disk`, `audit log`, `memory` ... */
  readonly check: string
  readonly level: Level
  readonly detail: string
  /** What to do about it; null where nothing is to be done. */
  readonly remedy: string | null
  /** It failed because of how the node is set up, not because of what became of its record. */
  readonly misconfigured: boolean
}

export const ok = (check: string, detail: string): Finding => ({ check, level: 'ok', detail, remedy: null, misconfigured: false })
export const warn = (check: string, detail: string, remedy: string): Finding => ({ check, level: 'warn', detail, remedy, misconfigured: false })
export const fail = (check: string, detail: string, remedy: string): Finding => ({ check, level: 'fail', detail, remedy, misconfigured: false })
export const wrongSetting = (check: string, detail: string, remedy: string): Finding => ({ check, level: 'fail', detail, remedy, misconfigured: true })

/** How it all ended: warnings are no failures, and whoever is set up wrongly is told that first. */
export function conclusionOf(findings: readonly Finding[]): 'done' | 'negative' | 'config' {
  const failed = findings.filter(({ level }) => level === 'fail')
  return failed.some(({ misconfigured }) => misconfigured) ? 'config' : failed.length > 0 ? 'negative' : 'done'
}

const STYLES = { ok: 'good', warn: 'doubtful', fail: 'bad' } as const

/** A line for each, and below it what to do. */
export function findingLines(findings: readonly Finding[], width: number | undefined, paint: Paint): readonly string[] {
  const names = Math.max(0, ...findings.map(({ check }) => check.length))
  return findings.flatMap(({ check, level, detail, remedy }) => {
    const [first = '', ...rest] = folded(`${level.padEnd(4)}  ${check.padEnd(names)}  ${detail}`, width)
    const toDo = remedy === null ? [] : folded(`      ${' '.repeat(names)}  ${remedy}`, width)
    return [`${paint(STYLES[level], first.slice(0, 4))}${first.slice(4)}`, ...rest, ...toDo]
  })
}
