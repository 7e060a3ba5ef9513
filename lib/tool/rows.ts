/** Lines into rows: JSON objects of any kind, handed to a row tool one by one. */
import { BadRow, type Row, type RowStage } from './define.ts'
import type { Line } from './lines.ts'
import type { Rejects } from './reject.ts'

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Hand on one line; what is no row, or none that the tool can use, is put aside. */
export function handRow(stage: RowStage, line: Line, source: string, rejects: Rejects, emit: (line: string) => void): void | Promise<void> {
  const value = rejects.parse(line, source)
  if (value === undefined) return
  const aside = (fault: string): undefined => rejects.add({ place: `${source}:${line.number}`, fault, line: line.text })
  if (!isRow(value)) return aside('not a JSON object')
  const settle = (error: unknown): undefined => {
    if (!(error instanceof BadRow)) throw error
    return aside(error.message)
  }
  try {
    const busy = stage.each(value, line.text, emit)
    if (busy instanceof Promise) return busy.catch(settle)
  } catch (error) {
    return settle(error)
  }
}
