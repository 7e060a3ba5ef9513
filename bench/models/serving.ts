/**
 * How long a served model takes, one series at a time: what it is told is gathered, it is run, and its quantiles are in units of the series. Times are
 * of the clock on the wall, and of the processor, because a machine may have other work. Also what the served models say less what an interpreter in doubles does.
 */
import { onnxInference } from '#adapter/onnx/lazy'
import { servingModel, tftGiven, trainingModel, type NeuralMethod } from '#domain/forecast/neural/model'
import { serve } from '#domain/forecast/neural/serve'
import { specOf } from '#domain/forecast/neural/together'
import { Window } from '#domain/forecast/neural/window'
import { startOf } from '#domain/neural/graph'
import { encodeModel } from '#domain/onnx/encode'
import { interpret } from '#domain/onnx/interpret'
import { seededRandom } from '#tool/random'
import type { Part, Score } from '../../scripts/reason/score.ts'

const RUNS = 3000, WARMING = 1000, TARGET_MS = 2
const QUESTIONS = [{ horizon: 5, season: 1, what: 'daily prices' }, { horizon: 10, season: 24, what: 'hours' }]

export default {
  name: 'serving',
  needs: [],
  timed: true,
  async measure(_, { quick }) {
    const runs = quick ? RUNS / 10 : RUNS
    const scores: Score[] = []
    const random = seededRandom('1', 'serving'), draw = (): number => random.next()
    const values = Float64Array.from({ length: 1200 }, (_, t) => 100 + (t % 24) + 5 * draw())
    for (const { horizon, season, what } of QUESTIONS) for (const method of ['tft', 'deepar'] as const satisfies readonly NeuralMethod[]) {
      const spec = specOf(method, { horizon, season }), served = servingModel(spec, startOf(trainingModel(spec, 2).parameters, draw))
      const session = await onnxInference.open({ name: method, bytes: encodeModel(served), sha256: 'own' })
      const tookMs: number[] = [], busyMs: number[] = []
      for (let run = 0; run < runs + WARMING; run++) {
        const startMs = performance.now(), before = process.cpuUsage()
        await serve(session, spec, [new Window(values, 400 + (run % 700), spec)], draw, { paths: 100 })
        const { user, system } = process.cpuUsage(before)
        if (run < WARMING) continue
        tookMs.push(performance.now() - startMs)
        busyMs.push((user + system) / 1000)
      }
      const said = { part: `serve ${method}`, set: `${what}, ${horizon} steps`, split: method === 'tft' ? 'one series' : 'one series, 100 paths', rows: runs }
      for (const [name, all] of [['ms', tookMs], ['ms of processor', busyMs]] as const) {
        const sorted = [...all].sort((a, b) => a - b), at = (share: number): number => sorted[Math.floor(share * runs)] ?? NaN
        for (const [share, place] of [[0.5, 'median'], [0.99, '99th percentile']] as const) {
          scores.push({ ...said, metric: `${name}, ${place}`, ours: at(share), rivals: [{ name: 'target', value: TARGET_MS, how: 'published' }] })
        }
      }
      if (method === 'tft') {
        const given = tftGiven(spec, [new Window(values, 900, spec)]), runtime = (await session.run(given, ['quantiles']))['quantiles']
        const doubles = Object.fromEntries(Object.entries(given).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data, Number) }]))
        const off = interpret(served, doubles)['quantiles']?.data.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(runtime?.data[i]))), 0)
        scores.push({ ...said, rows: horizon * 9, metric: 'largest distance from doubles', ours: off ?? NaN, rivals: [] })
      }
      await session.close()
    }
    return scores
  },
} satisfies Part
