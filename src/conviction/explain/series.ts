import { BadRow, Failure, type Row, type RowStage, type RowWorld } from '#tool'
import { Unforecastable, type Attribution } from '#domain/forecast/forecaster'
import { forecastWith } from '#domain/forecast/neural/together'
import { SeriesPast } from '#domain/forecast/past'
import { cellFor } from '#wire/fields'
import { readForecasting } from '#wire/neural_model'

/** Of each list of four-digit shares, how far from 1 their sum may be. */
const SLACK = 0.003

/**
 * What each step ahead of each series rests on, by a Temporal Fusion Transformer: how much each variable counted, of the past and of the step, and which
 * steps it looked at most; each list of shares is checked to add up to 1 before it is said.
 */
export function seriesStage(name: string, { key, value }: { readonly key: string | undefined; readonly value: string }, world: RowWorld): RowStage {
  const { spec, places, served } = readForecasting(world.folder, name)
  if (spec.method !== 'tft') throw new Failure('usage', `${name}: only the Temporal Fusion Transformer says what it rests on`)
  const held = new Map<string, { readonly named: Row[string]; readonly past: SeriesPast }>()
  return {
    each(row) {
      const named = key === undefined ? null : row[key]
      if (named === undefined) throw new BadRow(`field "${key}" is missing`)
      const is = cellFor(row, { name: value, kind: 'number' })
      if ('fault' in is) throw new BadRow(is.fault)
      const of = JSON.stringify(named), series = held.get(of) ?? { named, past: new SeriesPast() }
      held.set(of, series)
      series.past.add(typeof is.cell === 'number' ? is.cell : NaN)
    },
    async end(emit) {
      const known = [...held.values()].flatMap(({ named, past }) => {
        try {
          return [{ named, history: past.history(spec.season) }]
        } catch (error) {
          if (!(error instanceof Unforecastable)) throw error
          world.log.warn(`series ${JSON.stringify(named)} ${error.message}`)
          return []
        }
      })
      const question = { horizon: spec.horizon, season: spec.season, seed: 1 }
      const said = await forecastWith(await world.inference.open(served), { spec, places }, known.map(({ history }) => history), question, () => NaN, true)
      said.forEach(({ median, why }, s) => why?.forEach((one, k) => {
        if (!addsUp(one)) throw new Failure('data', `${name}: what step ${k + 1} rests on does not add up to 1`)
        const named = key === undefined ? {} : { [key]: known[s]?.named }
        emit(JSON.stringify({ ...named, step: k + 1, method: spec.method, median: median[k], why: sorted(one) }))
      }))
      const mute = said.filter(({ why }) => why === undefined).length
      if (mute > 0) world.log.warn(`${mute} series are too short for the model`)
    },
  }
}

const addsUp = ({ past, ahead, looked }: Attribution): boolean =>
  [past, ahead].every((shares) => Math.abs(Object.values(shares).reduce((sum, share) => sum + share, 0) - 1) <= SLACK)
  && looked.reduce((sum, { share }) => sum + share, 0) <= 1 + SLACK

/** What counted most comes first. */
function sorted({ past, ahead, looked }: Attribution): Attribution {
  const by = (shares: { readonly [variable: string]: number }): { readonly [variable: string]: number } =>
    Object.fromEntries(Object.entries(shares).sort(([, a], [, b]) => b - a))
  return { past: by(past), ahead: by(ahead), looked }
}
