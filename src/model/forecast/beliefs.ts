import { BadRow, type Row, type RowStage } from '#tool'
import { check, DAY_MS, millisOf } from '#record'
import { beliefsOf, type PriceForecast } from '#domain/forecast/beliefs'
import type { Forecaster } from '#domain/forecast/forecaster'

interface Closes {
  readonly logs: number[]
  readonly knownMs: number[]
  readonly ids: string[]
  basis: string
}

/** Fewer sessions have no past to be judged on. */
const SESSIONS_LEAST = 120
/** A subject silent for longer is not spoken of. */
const SILENCE_MS = 7 * DAY_MS

interface Terms {
  readonly horizon: number
  readonly season: number
  readonly by: string
}

/** Every record back; at the end a belief of each subject of daily bars, as far as the forecaster has shown itself on them. */
export function beliefStage(forecaster: Forecaster, { horizon, season, by }: Terms): RowStage {
  const held = new Map<string, Closes>()
  return {
    each(row: Row, line, emit) {
      emit(line)
      if (row['kind'] !== 'bar' || row['span'] !== '1d') return
      const checked = check(row)
      if ('fault' in checked) throw new BadRow(`field "${checked.fault.path}": ${checked.fault.message}`)
      if (checked.record.kind !== 'bar') return
      const { subject, basis, id, close, known_at } = checked.record
      let closes = held.get(subject)
      // Prices of two bases are two series: the later counts.
      if (closes === undefined || closes.basis !== basis) held.set(subject, (closes = { logs: [], knownMs: [], ids: [], basis }))
      if (!(Number(close) > 0)) return
      closes.logs.push(Math.log(Number(close)))
      closes.knownMs.push(millisOf(known_at))
      closes.ids.push(id)
    },
    async end(emit) {
      const latestMs = [...held.values()].reduce((latest, { knownMs }) => Math.max(latest, knownMs[knownMs.length - 1] ?? 0), 0)
      const all: PriceForecast[] = []
      for (const [subject, { logs, knownMs, ids }] of held) {
        if (logs.length < SESSIONS_LEAST || latestMs - (knownMs[knownMs.length - 1] ?? 0) > SILENCE_MS) continue
        const values = Float64Array.from(logs), times = Float64Array.from(knownMs)
        const forecast = await forecaster.forecast({ values, timesMs: times }, { horizon, season, seed: 1, apart: horizon })
        all.push({ subject, values, knownMs: times, parents: [ids[0] ?? '', ids[ids.length - 1] ?? ''], forecast })
      }
      for (const belief of beliefsOf(all, { by, horizon })) emit(JSON.stringify(belief))
    },
  }
}
