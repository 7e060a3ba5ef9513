/** Forecasts of a trained model: quantiles of every step, in the units of the series. */
import { float32 } from '../../onnx/model.ts'
import { LEVELS, type Attribution } from '../forecaster.ts'
import { AS_TOLD, valueAt, type Places } from './calibrate.ts'
import { deeparBatch, READ, readDrawn } from './deepar.ts'
import type { Running } from './fit.ts'
import { tftGiven, type Spec, type Tensors } from './model.ts'
import { SEEN } from './tft.ts'
import { KNOWN, STATIC, type Window } from './window.ts'

/** Per step of the horizon. */
export interface Distribution {
  readonly mean: number
  /** One for each of {@link LEVELS}, never falling. */
  readonly quantiles: readonly number[]
  readonly why?: Attribution
}

export interface ServeTerms {
  /** Paths that DeepAR draws of each series. */
  readonly paths: number
  /** Windows that are run together. */
  readonly together: number
  /** Say what each step rests on: the Temporal Fusion Transformer can. */
  readonly why: boolean
  /** Which places of what the model says are told. */
  readonly places: Places
}
const SERVE: ServeTerms = { paths: 200, together: 16, why: false, places: AS_TOLD }

/** One list of steps a window. `draw` is uniform in [0, 1) and used by DeepAR alone. */
export async function serve(
  model: Running, spec: Spec, windows: readonly Window[], draw: () => number, given: Partial<ServeTerms> = {},
): Promise<Distribution[][]> {
  const terms = { ...SERVE, ...given }, all: Distribution[][] = []
  for (let from = 0; from < windows.length; from += terms.together) {
    const some = windows.slice(from, from + terms.together)
    all.push(...await (spec.method === 'tft' ? serveTft(model, spec, some, terms.why) : serveDeepar(model, spec, some, draw, terms.paths)))
  }
  return terms.places === AS_TOLD ? all : all.map((steps) => steps.map((step) => replaced(step, terms.places)))
}

/** The mean goes where the median goes. */
function replaced({ mean, quantiles, ...rest }: Distribution, places: Places): Distribution {
  const told = places.map((place) => valueAt(quantiles, place)), middle = LEVELS.indexOf(0.5)
  return { ...rest, mean: mean + (told[middle] ?? 0) - (quantiles[middle] ?? 0), quantiles: told }
}

const numbers = (said: Tensors, name: string): Float32Array => {
  const tensor = said[name]
  if (!(tensor?.data instanceof Float32Array)) throw new RangeError(`the model gives no ${name}`)
  return tensor.data
}

async function serveTft(model: Running, spec: Spec, windows: readonly Window[], why: boolean): Promise<Distribution[][]> {
  const said = await model.run(tftGiven(spec, windows), why ? ['quantiles', 'attention', 'past_weights', 'future_weights'] : ['quantiles'])
  const quantiles = numbers(said, 'quantiles'), count = LEVELS.length
  return windows.map((window, w) => Array.from({ length: spec.horizon }, (_, t) => {
    const at = (w * spec.horizon + t) * count
    const told = [...quantiles.subarray(at, at + count)].sort((a, b) => a - b)
    const mean = told.reduce((sum, value) => sum + value, 0) / count, place = window.origin + t
    const step = { mean: window.value(mean, place), quantiles: told.map((value) => window.value(value, place)) }
    return why ? { ...step, why: attributionOf(said, spec, w, t) } : step
  }))
}

/** Most places that are told. */
const LOOKED = 5

function attributionOf(said: Tensors, { context, horizon }: Spec, w: number, t: number): Attribution {
  const steps = context + horizon, past = numbers(said, 'past_weights'), ahead = numbers(said, 'future_weights')
  const variables = [...SEEN, ...KNOWN], attention = numbers(said, 'attention').subarray((w * horizon + t) * steps, (w * horizon + t + 1) * steps)
  const mean = (v: number): number => {
    let sum = 0
    for (let step = 0; step < context; step++) sum += past[(w * context + step) * variables.length + v] ?? 0
    return sum / context
  }
  const looked = [...attention].map((share, place) => ({ back: context + t - place, share: four(share) })).filter(({ back }) => back >= 0)
  return {
    past: Object.fromEntries(variables.map((name, v) => [name, four(mean(v))])),
    ahead: Object.fromEntries(KNOWN.map((name, v) => [name, four(ahead[(w * horizon + t) * KNOWN.length + v] ?? 0)])),
    looked: looked.sort((a, b) => b.share - a.share || a.back - b.back).slice(0, LOOKED),
  }
}

const four = (share: number): number => Math.round(share * 1e4) / 1e4

async function serveDeepar(model: Running, spec: Spec, windows: readonly Window[], draw: () => number, paths: number): Promise<Distribution[][]> {
  const { context, horizon, hidden, season } = spec, count = windows.length, rows = count * paths
  const nothing = float32([1, count, hidden], new Float32Array(count * hidden))
  const first = await model.run({ read: float32([context + 1, count, READ.length], deeparBatch(windows, spec, 1).read), hidden: nothing, cell: nothing })
  const spread = (name: string, width: number, from: number): Float32Array => {
    const values = numbers(first, name), wide = new Float32Array(rows * width)
    for (let row = 0; row < rows; row++) {
      const at = from + Math.floor(row / paths) * width
      wide.set(values.subarray(at, at + width), row * width)
    }
    return wide
  }
  let location = spread('location', 1, context * count), scale = spread('scale', 1, context * count), freedom = spread('freedom', 1, context * count)
  let memory = { hidden: spread('hidden_next', hidden, 0), cell: spread('cell_next', hidden, 0) }
  const drawn = new Float32Array(rows * horizon), read = new Float32Array(rows * READ.length)
  windows.forEach((window, w) => {
    for (let row = w * paths; row < (w + 1) * paths; row++) window.statics(read, row * READ.length + READ.length - STATIC.length)
  })
  for (let t = 0; t < horizon; t++) {
    for (let row = 0; row < rows; row++) {
      drawn[row * horizon + t] = within((location[row] ?? NaN) + (scale[row] ?? NaN) * studentT(freedom[row] ?? NaN, draw))
    }
    if (t + 1 === horizon) break
    windows.forEach((window, w) => {
      const { origin } = window, first = w * paths * READ.length
      // One function for all paths: making one for each takes longer than what it does.
      let row = w * paths
      const told = (place: number): number => (place < origin ? window.told(window.at(place), place) : drawn[row * horizon + place - origin] ?? NaN)
      window.known(origin + t + 1, read, first)
      for (; row < (w + 1) * paths; row++) {
        read.copyWithin(row * READ.length, first, first + KNOWN.length)
        readDrawn(told, origin + t + 1, season, read, row * READ.length + KNOWN.length)
      }
    })
    const shape = [1, rows, hidden]
    const said = await model.run({ read: float32([1, rows, READ.length], read), hidden: float32(shape, memory.hidden), cell: float32(shape, memory.cell) })
    ;[location, scale, freedom] = [numbers(said, 'location'), numbers(said, 'scale'), numbers(said, 'freedom')]
    memory = { hidden: numbers(said, 'hidden_next'), cell: numbers(said, 'cell_next') }
  }
  return windows.map((window, w) => Array.from({ length: horizon }, (_, t) => {
    const values = Float64Array.from({ length: paths }, (_path, path) => drawn[(w * paths + path) * horizon + t] ?? NaN).sort()
    const mean = values.reduce((sum, value) => sum + value, 0) / paths
    const place = window.origin + t
    return { mean: window.value(mean, place), quantiles: LEVELS.map((q) => window.value(quantileOf(values, q), place)) }
  }))
}

/** What is drawn may go as far as twice what is read. */
const FARTHEST = 24
const within = (value: number): number => (value > FARTHEST ? FARTHEST : value < -FARTHEST ? -FARTHEST : value)

/** Of sorted values, drawn straight between them. */
function quantileOf(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1), low = Math.floor(place), value = sorted[low] ?? NaN
  return value + (place - low) * ((sorted[low + 1] ?? value) - value)
}

/** One draw of Student's t (Bailey, "Polar generation of random variates with the t-distribution", Mathematics of Computation 62, 1994). */
export function studentT(freedom: number, draw: () => number): number {
  for (;;) {
    const u = 2 * draw() - 1, v = 2 * draw() - 1, w = u * u + v * v
    if (w > 0 && w <= 1) return u * Math.sqrt((freedom * (Math.exp((-2 / freedom) * Math.log(w)) - 1)) / w)
  }
}
