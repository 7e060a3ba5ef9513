/** The Turing Change Point Dataset (van den Burg & Williams 2020, arXiv 2003.06222), default settings: cover and F1 as TCPDBench has them. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Changes } from '#domain/anomaly/changes'
import { coverOf, f1Of } from './lib/tcpd_score.ts'
import type { Part, Score } from '../../scripts/reason/score.ts'
import { csvOf, textOf } from './lib/shared.ts'

interface TcpdSeries {
  readonly name: string
  readonly n_obs: number
  readonly series: readonly { readonly raw: readonly (number | null)[] }[]
}

export function tcpdChanges({ n_obs: n, series }: TcpdSeries): number[] {
  const changes = new Changes(series.length, { history: true })
  // What is missing goes on as it was.
  const last = new Float64Array(series.length)
  for (let i = 0; i < n; i++) {
    series.forEach(({ raw }, d) => (last[d] = raw[i] ?? last[d] ?? 0))
    changes.see(last)
  }
  return changes.changes()
}

async function measure(data: string): Promise<readonly Score[]> {
  const folder = join(data, 'bench', 'tcpd')
  const annotations = JSON.parse(textOf(join(folder, 'annotations.json'))) as Record<string, Record<string, number[]>>
  const published = csvOf(join(folder, 'published_default_scores.csv')).rows
  const publishedOf = (method: string, names: readonly string[], column: number): number => {
    const rows = published.filter(([name = '', by]) => by === method && names.includes(name))
    return rows.reduce((sum, row) => sum + Number(row[column]), 0) / rows.length
  }
  const scored = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'annotations.json').sort().flatMap((file) => {
    const series = JSON.parse(textOf(join(folder, file))) as TcpdSeries
    const truth = Object.values(annotations[series.name] ?? {})
    // uk_coal_employ is left out of the published means: not every method ran on it.
    if (truth.length === 0 || series.series.length > 1 || series.name === 'uk_coal_employ') return []
    const found = tcpdChanges(series)
    return [{ name: series.name, f1: f1Of(truth, found), cover: coverOf(truth, found, series.n_obs), found }]
  })
  if (process.env['BENCH_DETAIL'] !== undefined) for (const { name, f1, cover, found } of scored) console.log(name.padEnd(20), f1.toFixed(3), cover.toFixed(3), found.join(' '))
  const names = scored.map(({ name }) => name), mean = (of: 'f1' | 'cover'): number => scored.reduce((sum, row) => sum + row[of], 0) / scored.length
  const score = (metric: string, ours: number, column: number): Score => ({
    part: 'anomaly changepoint', set: `TCPD, ${scored.length} series of one dimension`, split: 'default settings', rows: scored.length, metric, ours,
    rivals: ['bocpd', 'pelt', 'binseg', 'zero'].map((name) => ({ name, value: publishedOf(name, names, column), how: 'published' })),
  })
  return [score('cover', mean('cover'), 3), score('F1', mean('f1'), 2)]
}

export default { name: 'tcpd', needs: ['bench/tcpd/annotations.json'], measure } satisfies Part
