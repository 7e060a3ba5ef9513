/** Learning over many series at once: windows by chance, steps of Adam, and the parameters that did best on what was kept back. */
import type { OnnxModel } from '../../onnx/model.ts'
import { freshState, stepInputs, warmState, type Training, type TrainingState } from '../../neural/training.ts'
import { trainingInputs, trainingModel, type Spec, type Tensors } from './model.ts'
import { reachOf, Window } from './window.ts'

/** A model that runs. */
export interface Running {
  run(inputs: Tensors, outputs?: readonly string[]): Promise<Tensors>
  close(): Promise<void>
}
/** Whatever runs models. */
export type OpenModel = (model: OnnxModel) => Promise<Running>

export interface FitTerms {
  readonly steps: number
  readonly batch: number
  /** Highest rate; it rises at first and falls to nothing. */
  readonly rate: number
  /** Windows that are judged, at most; none: the last parameters are taken. */
  readonly judged: number
}
export const FIT: FitTerms = { steps: 400, batch: 32, rate: 4e-3, judged: 256 }

export interface Fitted {
  readonly theta: Float32Array
  readonly steps: number
  /** Loss on the windows kept back (the last horizon of each series): untrained, and of the parameters taken. Undefined where none could be kept. */
  readonly before: number | undefined
  readonly after: number | undefined
  /** Windows that were trained on. */
  readonly windows: number
  /** Those that were kept back to choose by, and the later ones that nothing was chosen by; each with what came true behind its origin. */
  readonly kept: readonly Window[]
  readonly later: readonly Window[]
}

export interface Fitting {
  readonly open: OpenModel
  /** Uniform in [0, 1). */
  readonly draw: () => number
  /** Parameters to go on from. */
  readonly warm?: Float32Array | undefined
  readonly progress?: (step: number, steps: number, loss: number) => void
}

const WARMING = 0.08
const JUDGE_EVERY = 40
/** Least steps of a series before an origin. */
const LEAST_PAST = 4
/** No series is long enough to learn from. */
export class TooShort extends RangeError {}

/** Share of a series that is kept back, and how many windows a horizon of it begins. */
const KEPT = 0.1
export const OVERLAP = 2

/** Throws TooShort where no series is long enough to learn from, RangeError where the loss is no number. */
export async function fit(series: readonly Float64Array[], spec: Spec, fitting: Fitting, given: Partial<FitTerms> = {}): Promise<Fitted> {
  const { open, draw, warm, progress } = fitting, terms = { ...FIT, ...given }
  const training = trainingModel(spec, terms.batch)
  const { kept, later } = terms.judged > 0 ? keptBack(series, spec, terms.judged, draw) : { kept: [], later: [] }
  const pick = picker(series, spec, kept.length > 0, draw)
  const step = await open(training.model), judge = await open(lossOnly(training))
  try {
    let state: TrainingState = warm === undefined ? freshState(training, draw) : warmState(warm)
    if (state.theta.length !== training.size) throw new RangeError(`these parameters are ${state.theta.length}, the model has ${training.size}`)
    const before = await judged(judge, state, spec, kept, terms.batch)
    let best = state.theta, after = before
    for (let n = 1; n <= terms.steps; n++) {
      const windows = Array.from({ length: terms.batch }, pick)
      const said = await step.run({ ...stepInputs(state, rateAt(n, terms), training.terms), ...trainingInputs(spec, windows) })
      state = { theta: floats(said, 'theta_next'), first: floats(said, 'first_next'), second: floats(said, 'second_next'), steps: n }
      const loss = floats(said, 'loss')[0] ?? NaN
      if (!Number.isFinite(loss)) throw new RangeError(`the loss of step ${n} is ${loss}`)
      progress?.(n, terms.steps, loss)
      if (kept.length > 0 && (n % JUDGE_EVERY === 0 || n === terms.steps) && n > terms.steps / 4) {
        const now = await judged(judge, state, spec, kept, terms.batch)
        if (after === undefined || (now !== undefined && now < after)) {
          best = state.theta
          after = now
        }
      }
    }
    return { theta: kept.length > 0 ? best : state.theta, steps: terms.steps, before, after, windows: terms.steps * terms.batch, kept, later }
  } finally {
    await step.close()
    await judge.close()
  }
}

const floats = (said: Tensors, name: string): Float32Array => {
  const tensor = said[name]
  if (!(tensor?.data instanceof Float32Array)) throw new RangeError(`the model gives no ${name}`)
  return tensor.data
}

/** The graph of a step, of which only the loss is wanted: a runtime leaves out the rest. */
function lossOnly({ model }: Training): OnnxModel {
  const outputs = model.outputs.filter(({ name }) => name === 'loss')
  const wanted = new Set(outputs.map(({ name }) => name))
  const nodes = [...model.nodes].reverse().filter((node) => {
    if (!node.outputs.some((name) => wanted.has(name))) return false
    for (const name of node.inputs) wanted.add(name)
    return true
  }).reverse()
  return { ...model, outputs, nodes, inputs: model.inputs.filter(({ name }) => wanted.has(name)),
    constants: Object.fromEntries(Object.entries(model.constants).filter(([name]) => wanted.has(name))) }
}

/** Rising, then falling as a cosine would, by a parabola either side of the middle. */
function rateAt(step: number, { steps, rate }: FitTerms): number {
  const warming = Math.max(1, WARMING * steps)
  if (step <= warming) return (rate * step) / warming
  const left = 1 - (step - warming) / (steps - warming + 1)
  return rate * (left < 0.5 ? 2 * left * left : 1 - 2 * (1 - left) * (1 - left))
}

/** Windows all over the last part of every series, as many of each, of as many series as are wanted. Of one each, every other is a later one. */
function keptBack(
  series: readonly Float64Array[], spec: Spec, most: number, draw: () => number,
): { readonly kept: readonly Window[]; readonly later: readonly Window[] } {
  const able = series.filter((values) => backOf(values, spec) > 0).map((values) => ({ values, by: draw() })).sort((a, b) => a.by - b.by).slice(0, most)
  const share = Math.max(1, Math.round(most / Math.max(1, able.length)))
  const kept: Window[] = [], later: Window[] = []
  able.forEach(({ values }, s) => {
    const room = backOf(values, spec) - spec.horizon, count = Math.min(share, 1 + Math.floor((room * OVERLAP) / spec.horizon))
    for (let k = 0; k < count; k++) {
      const window = new Window(values, values.length - spec.horizon - Math.floor(((k + draw()) / count) * room), spec)
      ;((count === 1 ? s % 2 === 1 : k < Math.floor(count / 2)) ? later : kept).push(window)
    }
  })
  return { kept, later }
}

/** How much of a series is kept back: a horizon at least, where that leaves enough to learn from, else nothing. */
function backOf(values: Float64Array, spec: Spec): number {
  const { horizon } = spec
  return values.length < 2 * horizon + leastPast(spec) ? 0 : Math.max(horizon, Math.floor(KEPT * values.length))
}

const leastPast = ({ season }: Spec): number => Math.max(LEAST_PAST, 2 * season)

/** Windows by chance: a series the likelier the longer it is, by the root of its length; origins alike. */
function picker(series: readonly Float64Array[], spec: Spec, keeps: boolean, draw: () => number): () => Window {
  const usable = series.map((values) => ({ values, from: leastPast(spec), until: values.length - (keeps ? backOf(values, spec) : 0) - spec.horizon }))
    .filter(({ from, until }) => until >= from)
  if (usable.length === 0) {
    throw new TooShort(`no series is long enough: a horizon of ${spec.horizon} and seasons of ${spec.season} need ${leastPast(spec) + spec.horizon} values`)
  }
  const ends: number[] = []
  for (const { from, until } of usable) ends.push((ends.at(-1) ?? 0) + Math.sqrt(until - from + 1))
  const total = ends.at(-1) ?? 0
  return () => {
    const point = draw() * total
    let low = 0, high = ends.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) > point) high = middle
      else low = middle + 1
    }
    const { values, from, until } = usable[low] ?? usable[0] ?? { values: new Float64Array(0), from: 0, until: 0 }
    const origin = from + Math.floor(draw() * (until - from + 1)), cut = Math.max(0, origin - reachOf(spec))
    return cut === 0 ? new Window(values, origin, spec) : new Window(values.subarray(cut), origin - cut, spec)
  }
}

async function judged(judge: Running, { theta }: TrainingState, spec: Spec, kept: readonly Window[], batch: number): Promise<number | undefined> {
  if (kept.length === 0) return undefined
  let sum = 0, rounds = 0
  for (let from = 0; from < kept.length; from += batch) {
    // The last batch is filled up from the beginning.
    const windows = Array.from({ length: batch }, (_, i) => kept[(from + i) % kept.length]).filter((window) => window !== undefined)
    const said = await judge.run({ theta: { type: 'float32', shape: [theta.length], data: theta }, ...trainingInputs(spec, windows) })
    sum += floats(said, 'loss')[0] ?? NaN
    rounds++
  }
  return sum / rounds
}
