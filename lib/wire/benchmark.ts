/** A benchmark's closes with dividends, from a bar file that has `date` and `adj_close`. */
import type { Folder } from '#port/folder'
import { openCsv, textOf } from '#wire/csv/rows'
import { BENCHMARK_BARS } from './data_folder.ts'

export interface BenchmarkDay {
  readonly day: string
  readonly close: number
}

/** Days of the span with the last one before it in front; empty where the folder has no benchmark file. */
export function readBenchmark(data: string, fromDay: string, toDay: string, files: Pick<Folder, 'read' | 'list'>): readonly BenchmarkDay[] {
  const name = files.list(`${data}/bars`).find((file) => BENCHMARK_BARS.test(file))
  const bytes = name === undefined ? undefined : files.read(`${data}/bars/${name}`)
  if (bytes === undefined) return []
  const days = [...openCsv(textOf(bytes), `${data}/bars/${name}`).rows()]
    .map((row) => ({ day: row.cell('date'), close: Number(row.cell('adj_close')) }))
    .filter(({ day, close }) => day <= toDay && close > 0)
  const first = days.findIndex(({ day }) => day >= fromDay)
  return first === -1 ? [] : days.slice(Math.max(0, first - 1))
}
