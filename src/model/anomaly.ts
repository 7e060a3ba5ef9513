import type { Json } from '#record'
import { BadRow, Failure, rows, type Row } from '#tool'
import { setMember } from '#record/member'
import { detectorOf, METHODS, type Detector } from '#domain/anomaly/detector'
import { Changes } from '#domain/anomaly/changes'
import { IsolationForest } from '#domain/anomaly/isolation_forest'
import { figure } from '#domain/anomaly/standing'
import { fieldOf, isMissing, momentOf, numbersOf } from '#domain/anomaly/reading'

/** A series: its detector, how many values it has, and its changes, where they are asked for. */
interface Series {
  readonly detector: Detector
  readonly dimensions: number
  readonly changes: Changes | undefined
}

export default rows({
  name: 'vanta-anomaly',
  summary: 'Score how unusual each value of a series is, from what came before it.',
  about: [
    'Each row comes back as it was, with `anomaly_score` from 0 to 1 and `why`. Scores follow from the rows before alone, in one pass, in bounded memory',
    'a series. That of a single method is a rarity on the series\' own past: 0.5 is what happens once in ten thousand records. That of the ensemble weighs',
    'rarity by size: above 0.5 alarms did best on made-up series. An anomaly that goes on is told at its onset: for a hundred records what is no stronger',
    'counts for a quarter.\n',
    'zscore: distance from the rolling median, or from what is usual at this time of day or week where that has been the better guess, in median absolute',
    'deviations.\n',
    'iforest: an isolation forest over the z-scores of the value and of the step to it, and mean and spread of the last eight; its trees are renewed as the',
    'window slides.\n',
    'changepoint: how improbable the value is to the run that it stands in, by the posterior over run lengths (Adams & MacKay 2007) of levels, trends, and',
    'both with values that follow the value before.\n',
    'ensemble: the mean rarity by all three, the step alone, and how new the stretch of values is; times how far that stretch is from any seen.\n',
    'Records of Vanta need no --time and no --key: they are told apart by kind, type and subject, and timed by `at`; those that lack the value pass by. Any',
    'other row that lacks it is bad; one whose value is null, "" or "NaN" comes back with the score null.',
  ].join(' '),
  options: {
    method: { kind: 'choice', choices: METHODS, default: 'ensemble', help: 'what judges' },
    value: { kind: 'list', default: 'value', help: 'field of the value: a number, its text, or an array of them; `facts.n` reaches inside; several: a,b' },
    time: { kind: 'text', default: 'timestamp', help: 'field of the time, for what is usual by day and week; rows without it do without' },
    key: { kind: 'text', help: 'field that tells series apart (default: all rows are one series)' },
    window: { kind: 'integer', default: '1000', help: 'values that medians are taken of' },
    season: { kind: 'integer', help: 'records in a cycle (default: the day and the week of the clock)' },
    mostSeries: {
      kind: 'integer', default: '1000',
      help: 'series remembered (a long one takes up to 2 MB, with iforest 15); beyond it the one not heard of for longest is forgotten',
    },
    jsonChanges: {
      kind: 'flag',
      help: 'as the last line {"changes":[i,...]}: where new segments begin, in rows of the series from 0; by series where there is a --key',
    },
    batch: {
      kind: 'flag',
      help: 'with iforest: hold all rows and score each by the forest of the paper, grown on all of them; not causal',
    },
  },
  examples: [
    {
      run: 'seq 200 | jq -c \'{timestamp: (. * 300), value: (if . == 150 then 90 else . % 7 end)}\' | ' +
        'vanta-anomaly --method zscore | jq -s \'max_by(.anomaly_score).value\'',
      note: 'the one value that is out of line',
    },
    {
      run: 'seq 100 | jq -c \'{value: [(. % 3), (if . > 60 then 9 + . % 2 else . % 2 end)]}\' | ' +
        'vanta-anomaly --method changepoint --json-changes | tail -1',
      note: 'where a new segment begins, of two values at once',
    },
    {
      run: 'vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-31 | vanta-anomaly --method zscore --value close | tail -1',
      note: 'closing prices of every ticker',
    },
  ],
  open({ method, value, time, key, window, season, mostSeries, jsonChanges, batch }, { random, log }) {
    const least = (name: string, number: number | undefined, from: number): void => {
      if (number !== undefined && number < from) throw new Failure('usage', `--${name}: expected ${from} or more, got ${number}`)
    }
    least('window', window, 10)
    least('season', season, 2)
    least('most-series', mostSeries, 1)
    if (batch && method !== 'iforest') throw new Failure('usage', '--batch goes with --method iforest')
    if (batch && jsonChanges) throw new Failure('usage', '--batch finds no changes')
    const heard = new Map<string, Series>(), held: Held[] = [], absent = new Map<string, number>(), warned = new Set<string>()
    const warnOnce = (text: string): void => {
      if (!warned.has(text)) log.warn(text)
      warned.add(text)
    }
    const named = value.join(','), [only = 'value'] = value
    const valueOf = (row: Row): Json | undefined => {
      if (value.length === 1) return fieldOf(row, only)
      const parts = value.map((field) => fieldOf(row, field))
      return parts.includes(undefined) ? undefined : (parts as Json[])
    }
    const seriesOf = (name: string, dimensions: number): Series => {
      const known = heard.get(name)
      if (known !== undefined && known.dimensions !== dimensions) {
        throw new BadRow(`field "${named}": ${dimensions} values, where the series has had ${known.dimensions}`)
      }
      const series = known ?? {
        detector: detectorOf(method, { dimensions, window, season, draw: random(`trees:${name}`).next }),
        dimensions,
        changes: jsonChanges ? new Changes(dimensions, { history: true }) : undefined,
      }
      if (known === undefined && series.changes !== undefined) {
        for (let i = absent.get(name) ?? 0; i > 0; i--) series.changes.skip()
        absent.delete(name)
      }
      // The map is in the order of last hearing.
      if (known !== undefined && heard.size > 1) heard.delete(name)
      heard.set(name, series)
      if (heard.size > mostSeries) {
        heard.delete(heard.keys().next().value ?? name)
        warnOnce(`more than ${mostSeries} series: those not heard of for longest are forgotten (--most-series)`)
      }
      return series
    }
    const timeOf = (row: Row): number | undefined => {
      const said = fieldOf(row, time) ?? (isOurs(row) ? row['at'] : undefined)
      const atMs = momentOf(said)
      if (atMs === undefined && said !== undefined) warnOnce(`field "${time}": some times are not understood: what is usual by day and week is left out there`)
      return atMs
    }
    return {
      each(row, line, emit) {
        const said = valueOf(row)
        if (said === undefined && isOurs(row)) return emit(line)
        if (isMissing(said)) {
          const name = nameOf(row, key), series = heard.get(name)
          if (series !== undefined) series.changes?.skip()
          else if (jsonChanges) absent.set(name, (absent.get(name) ?? 0) + 1)
          return emit(told(line, null, 'no value'))
        }
        const read = numbersOf(said)
        if ('fault' in read) throw new BadRow(`field "${named}": ${read.fault}`)
        const name = nameOf(row, key), { detector, changes } = seriesOf(name, read.numbers.length)
        if (batch) return void held.push({ name, line, numbers: read.numbers })
        const score = detector.see(read.numbers, timeOf(row))
        changes?.see(read.numbers)
        emit(told(line, score, detector.why()))
      },
      end(emit) {
        if (batch) scoreAll(held, (name) => random(`trees:${name}`).next, emit)
        if (!jsonChanges) return
        const found = [...heard].map(([name, { changes }]) => [name, changes?.changes() ?? []] as const)
        emit(JSON.stringify({ changes: key === undefined && found.length <= 1 ? (found[0]?.[1] ?? []) : Object.fromEntries(found) }))
      },
    }
  },
})

interface Held {
  readonly name: string
  readonly line: string
  readonly numbers: Float64Array
}

/** Each row by the forest of its series, in the order they came. */
function scoreAll(held: readonly Held[], drawOf: (name: string) => () => number, emit: (line: string) => void): void {
  const scores = new Float64Array(held.length), places = new Map<string, number[]>()
  held.forEach(({ name }, i) => {
    const ours = places.get(name)
    if (ours === undefined) places.set(name, [i])
    else ours.push(i)
  })
  for (const [name, ours] of places) {
    const dimensions = held[ours[0] ?? 0]?.numbers.length ?? 1, values = new Float64Array(ours.length * dimensions)
    ours.forEach((place, row) => values.set(held[place]?.numbers ?? [], row * dimensions))
    const rows = { values, dimensions }
    new IsolationForest(rows, drawOf(name)).scores(rows).forEach((score, row) => (scores[ours[row] ?? 0] = score))
  }
  held.forEach(({ line }, i) => {
    const score = Math.round((scores[i] ?? 0) * 1e6) / 1e6
    emit(told(line, score, `isolation ${figure(score)} (0.5 is plain)`))
  })
}

const told = (line: string, score: number | null, why: string): string =>
  setMember(setMember(line, 'anomaly_score', String(score)), 'why', JSON.stringify(why))

/** A record of Vanta's own. */
const isOurs = (row: Row): boolean => typeof row['kind'] === 'string' && typeof row['known_at'] === 'string' && typeof row['id'] === 'string'

/** Which series the row is of. */
function nameOf(row: Row, key: string | undefined): string {
  if (key !== undefined) {
    const name = fieldOf(row, key)
    if (typeof name === 'string') return name
    if (name === undefined || name === null) throw new BadRow(`field "${key}": missing, it tells the series apart`)
    return JSON.stringify(name)
  }
  return isOurs(row) ? ['kind', 'type', 'subject', 'span', 'basis'].flatMap((field) => row[field] ?? []).join(' ') : ''
}
