/** A benchmark's closes with dividends, from a bar file that has `date` and `adj_close`. */
import type { Folder } from '#port/folder'
import { openCsv, textOf } from '#wire/csv/rows'
import { BENCHMARK_BARS } from './data_folder.ts'

export interface BenchmarkDay {
  readonly day: string
  readonly value: number
}

/** Days up to the last of the span, from the first there is; empty where the folder has no benchmark file. */
export function readBenchmark(data: string, toDay: string, files: Pick<Folder, 'read' | 'list'>): readonly BenchmarkDay[] {
  const name = files.list(`${data}/bars`).find((file) => BENCHMARK_BARS.test(file))
  const bytes = name === undefined ? undefined : files.read(`${data}/bars/${name}`)
  if (bytes === undefined) return []
  return [...openCsv(textOf(bytes), `${data}/bars/${name}`).rows()]
    .map((row) => ({ day: row.cell('date'), value: Number(row.cell('adj_close')) }))
    .filter(({ day, value }) => day <= toDay && value > 0)
}

/** Those of a span, with the last one before it in front. */
export function within(days: readonly BenchmarkDay[], fromDay: string): readonly BenchmarkDay[] {
  const first = days.findIndex(({ day }) => day >= fromDay)
  return first === -1 ? [] : days.slice(Math.max(0, first - 1))
}
