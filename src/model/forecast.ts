import { BadRow, Failure, rows, type Row } from '#tool'
import { LEVELS, Unforecastable, type Forecast, type History } from '#domain/forecast/forecaster'
import { forecasterNamed, methodNames } from '#domain/forecast/methods'
import { NEURAL_METHODS } from '#domain/forecast/neural/together'
import { SeriesPast } from '#domain/forecast/past'
import { readStamp, stepsAfter, writeStamp, type Stamp } from '#domain/forecast/stamp'
import { beliefStage } from './forecast/beliefs.ts'
import { crowdOf } from './forecast/crowd.ts'
import { foreignOf } from './forecast/foreign.ts'

/** Fields of what is said. */
const SAID = ['step', 'method', 'mean', 'median', 'quantiles']
const HORIZON_MOST = 100_000

interface Series {
  readonly key: Row[string]
  readonly past: SeriesPast
  last: Stamp | undefined
}

export default rows({
  name: 'vanta-forecast',
  summary: 'Forecast series of numbers: what comes next, and how sure that is.',
  about: [
    'Reads rows of one or many series, oldest first, and says for each series and step ahead the mean, the median and the quantiles 0.1 to 0.9. Nothing is',
    'trained before: each series is fitted on its own past. The quantiles are calibrated on it too: the method is asked from up to 100 earlier moments',
    'after a fit on what was before them, and what it was off by is what it may be off by next. `auto` judges all methods by what they were off by there,',
    'and mixes the best; it looks for a longer season beside the given one too (a week beside a day). `ar` and `sar` regress the changes over a step, or',
    'over a season, on their own past; `damped` is exponential smoothing with a trend that fades; `snaive` is the season before again; `prophet` finds the',
    'seasons of the calendar by --time, and takes times that are regular (weekdays are). A value that is null, "" or NaN is missing: it is put on the line',
    'between its neighbours. Series that a method cannot be fitted to (too short, of one season only) are given the seasonal naive or naive path, which',
    '`method` says; fewer than three values, or half of them missing, are refused by name, and the run ends with 65.',
    '`tft` (Temporal Fusion Transformer) and `deepar` learn from all series of the input together, which takes seconds, and judge themselves on the',
    'last tenth of each; with --model they were trained before, by `vanta-train forecast`, and serve series that they have never met.',
    'An ONNX file of anyone\'s that says a path may be a --model too, once `vanta-train import --forecast` has taken it: its spread is calibrated as above.',
    'Series may be interleaved; with --grouped each is answered as soon as the next begins, and only one is held. With --beliefs it reads daily bars, hands',
    'all records on, and says a `belief` of each subject at the end: its direction counts as far as the method was right in hindsight, on dates one horizon',
    'apart and over all subjects, beside the base rate and less a standard error. Where no such skill shows, nothing is said.',
  ].join(' '),
  options: {
    method: { kind: 'choice', choices: [...methodNames, ...NEURAL_METHODS], default: 'auto', help: 'what makes the path' },
    horizon: { kind: 'integer', required: true, help: 'steps ahead' },
    season: { kind: 'integer', default: '1', help: 'steps in a season: 24 for hours of a day, 7 for days of a week, 1 for none' },
    key: { kind: 'text', help: 'the field that names the series (default: all rows are one series)' },
    time: { kind: 'text', help: 'the field that holds the time: ISO, or seconds or milliseconds since 1970' },
    value: { kind: 'text', default: 'value', help: 'the field that holds the value' },
    step: { kind: 'duration', help: 'the distance of rows in time: rows that are not there are missing values' },
    model: { kind: 'path', help: 'a model of `vanta-train forecast` or `import --forecast`, in place of --method' },
    why: { kind: 'flag', help: 'tft: say what each step rests on, by variable, and which steps before it were looked at most' },
    beliefs: { kind: 'flag', help: 'read daily bars, hand all records on, and say beliefs of their subjects at the end' },
    grouped: { kind: 'flag', help: 'the rows of a series stand together: answer each series when the next begins' },
  },
  examples: [
    'seq 1 40 | sed "s/.*/{\\"value\\":&}/" | vanta-forecast --method theta --horizon 3',
    'vanta-bars --from samples/season/bars/etf_daily_2020-09_2021-02.csv.gz | vanta-forecast --beliefs --method ar --horizon 1 | grep -c bar',
  ],
  async open({ method, horizon, season, key, time, value, step, beliefs, grouped, model, why }, world) {
    const { log, prophet } = world, question = { horizon, season, seed: 1 }
    const foreign = model === undefined ? undefined : await foreignOf(model, question, why, world)
    const crowd = foreign === undefined ? crowdOf({ method, model, why }, question, world) : undefined
    const forecaster = foreign ?? (crowd === undefined ? forecasterNamed(method, { prophet }) : undefined)
    if (crowd === undefined && forecaster === undefined) throw new Failure('usage', `no method "${method}"`)
    if (horizon < 1 || horizon > HORIZON_MOST) throw new Failure('usage', `--horizon: expected 1 to ${HORIZON_MOST}, got ${horizon}`)
    const taken = [key, time].find((field) => field !== undefined && SAID.includes(field))
    if (taken !== undefined) throw new Failure('usage', `a field "${taken}" would be overwritten: rename it first`)
    if (season < 1) throw new Failure('usage', `--season: expected 1 or more, got ${season}`)
    if (beliefs) {
      if (forecaster === undefined) throw new Failure('usage', '--beliefs: a model that learns from all series has no hindsight to be judged by')
      return beliefStage(forecaster, { horizon, season, by: world.by })
    }
    if (crowd === undefined && foreign === undefined && method === 'prophet' && time === undefined) {
      throw new Failure('usage', '--method prophet goes by times: it needs --time')
    }
    if (crowd !== undefined && grouped) throw new Failure('usage', '--grouped: a model that learns from all series has to hear all of them first')
    if (step !== undefined && time === undefined) throw new Failure('usage', '--step needs --time')
    const held = new Map<string, Series>(), answered = new Set<string>()
    let refused = 0, current: string | undefined

    async function answer(name: string, emit: (line: string) => void): Promise<void> {
      const series = held.get(name)
      if (series === undefined || forecaster === undefined) return
      held.delete(name)
      const history = historyOf(name, series)
      if (history === undefined) return
      const stepsMs = stepsOf(history)
      try {
        say(series, history, await forecaster.forecast(history, { ...question, ...(stepsMs === undefined ? {} : { stepsMs }) }), emit)
      } catch (error) {
        refuse(name, error)
      }
    }

    function refuse(name: string, error: unknown): void {
      if (!(error instanceof Unforecastable)) throw error
      refused++
      log.warn(`${called(name)} ${error.message}`)
    }

    function historyOf(name: string, { past }: Series): History | undefined {
      try {
        return past.history(season)
      } catch (error) {
        refuse(name, error)
      }
    }

    const stepsOf = ({ timesMs }: History): Float64Array | undefined => (timesMs === undefined ? undefined : stepsAfter(timesMs, horizon))

    function say(series: Series, history: History, forecast: Forecast, emit: (line: string) => void): void {
      const stepsMs = stepsOf(history)
      for (let k = 0; k < horizon; k++) emit(lineOf(series, forecast, k, stepsMs?.[k]))
    }

    /** All series at once. */
    async function answerAll(emit: (line: string) => void): Promise<void> {
      const known = [...held].flatMap(([name, series]) => {
        const history = historyOf(name, series)
        return history === undefined ? [] : [{ series, history }]
      })
      const said = await crowd?.(known.map(({ history }) => history)) ?? []
      known.forEach(({ series, history }, i) => {
        const forecast = said[i]
        if (forecast !== undefined) say(series, history, forecast, emit)
      })
    }

    function lineOf(series: Series, forecast: Forecast, k: number, ms: number | undefined): string {
      const quantiles = Object.fromEntries(LEVELS.map((level, i) => [String(level), forecast.quantiles[i]?.[k]]))
      return JSON.stringify({
        ...(key === undefined ? {} : { [key]: series.key }),
        step: k + 1,
        ...(ms === undefined || time === undefined || series.last === undefined ? {} : { [time]: writeStamp(ms, series.last.form) }),
        method: forecast.method, mean: forecast.mean[k], median: forecast.median[k], quantiles,
        ...(forecast.why === undefined ? {} : { why: forecast.why[k] }),
      })
    }

    return {
      async each(row, _, emit) {
        const name = key === undefined ? '' : JSON.stringify(row[key])
        if (name === undefined) throw new BadRow(`field "${key}" is missing`)
        const stamp = time === undefined ? undefined : readStamp(row[time])
        if (time !== undefined && stamp === undefined) throw new BadRow(`field "${time}": expected a time, got ${JSON.stringify(row[time])}`)
        const read = numberIn(row, value)
        if (grouped && current !== undefined && current !== name) {
          answered.add(current)
          await answer(current, emit)
        }
        current = name
        if (answered.has(name)) throw new BadRow(`${called(name)} goes on after another has begun: not --grouped`)
        let series = held.get(name)
        if (series === undefined) {
          series = { key: key === undefined ? undefined : row[key] ?? null, past: new SeriesPast(step), last: undefined }
          held.set(name, series)
        }
        const fault = series.past.add(read, stamp?.ms)
        if (fault !== undefined) throw new BadRow(`${called(name)}: it ${fault}`)
        series.last = stamp
      },
      async end(emit) {
        if (crowd === undefined) for (const name of [...held.keys()]) await answer(name, emit)
        else await answerAll(emit)
        if (refused > 0) throw new Failure('data', `${refused} series could not be forecast`)
      },
    }
  },
})

const called = (name: string): string => (name === '' ? 'the series' : `series ${name}`)

/** NaN where it is missing. Text that is a number is one. */
function numberIn(row: Row, field: string): number {
  const found = row[field]
  if (found === undefined) throw new BadRow(`field "${field}" is missing`)
  if (found === null || found === '' || (typeof found === 'string' && /^nan$/i.test(found))) return NaN
  const value = typeof found === 'string' && found.trim() !== '' ? Number(found) : found
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadRow(`field "${field}": expected a number, got ${JSON.stringify(found)}`)
  return value
}
