/** The two neural forecasters as one thing: what is trained, what is served, and what either is given. */
import { float32, type OnnxModel, type Tensor } from '../../onnx/model.ts'
import { Graph } from '../../neural/graph.ts'
import { operationsOn } from '../../neural/operations.ts'
import { trainingOf, type Training } from '../../neural/training.ts'
import { LEVELS } from '../forecaster.ts'
import { blank, deepar, deeparBatch, READ, surpriseOf } from './deepar.ts'
import { pinballOf, SEEN, tft, tftBatch, tftInputs, truthOf } from './tft.ts'
import { KNOWN, STATIC, type Window, type WindowTerms } from './window.ts'

export type NeuralMethod = 'deepar' | 'tft'

/** All that the shape of a model follows from. */
export interface Spec extends WindowTerms {
  readonly method: NeuralMethod
  readonly hidden: number
  readonly heads: number
}

export type Tensors = { readonly [name: string]: Tensor }

const DECAY = 1e-3

/** One step over a batch of windows; the loss is in units of the windows. */
export function trainingModel(spec: Spec, batch: number): Training {
  const { method, horizon, context } = spec
  if (method === 'tft') {
    return trainingOf('tft', (g, ops) => {
      const inputs = tftInputs(g, spec, batch)
      return pinballOf(g, ops, tft(g, ops, inputs, spec).quantiles, g.input('truth', [batch, horizon, 1]))
    }, { decay: DECAY })
  }
  return trainingOf('deepar', (g, ops) => {
    const steps = context + horizon
    const said = deepar(g, ops, g.input('read', [steps, batch, READ.length]), spec, blank(g, batch, spec.hidden))
    // What lies before the origin only tunes the memory: the level and scale of the window rest on it.
    const counts = g.constant([steps, 1, 1], Float32Array.from({ length: steps }, (_, t) => (t < context ? 0 : steps / horizon)))
    return surpriseOf(g, ops, said, g.input('truth', [steps, batch, 1]), counts)
  }, { decay: DECAY })
}

/** Inputs of {@link trainingModel}, but for the optimiser's. */
export function trainingInputs(spec: Spec, windows: readonly Window[]): Tensors {
  const { method, horizon, context } = spec, count = windows.length
  if (method === 'tft') return { ...tftGiven(spec, windows), truth: float32([count, horizon, 1], truthOf(windows, horizon)) }
  const { read, truth } = deeparBatch(windows, spec, horizon), steps = context + horizon
  return { read: float32([steps, count, READ.length], read), truth: float32([steps, count, 1], truth) }
}

export function tftGiven(spec: Spec, windows: readonly Window[]): Tensors {
  const { seen, known, fixed } = tftBatch(windows, spec), count = windows.length, { context, horizon } = spec
  return {
    seen: float32([count, context, SEEN.length], seen), known: float32([count, context + horizon, KNOWN.length], known),
    fixed: float32([count, STATIC.length], fixed),
  }
}

/**
 * The model that is served, to as many windows as one likes. TFT: `seen`, `known`, `fixed` → `quantiles`, `attention`, `past_weights`,
 * `future_weights`. DeepAR, any number of steps: `read`, `hidden`, `cell` → `location`, `scale`, `freedom`, `hidden_next`, `cell_next`.
 */
export function servingModel(spec: Spec, theta: Float32Array, metadata: { readonly [key: string]: string } = {}): OnnxModel {
  const g = new Graph(theta), ops = operationsOn(g), { context, horizon, hidden, method } = spec
  const stated = { ...metadata, method, context: String(context), horizon: String(horizon), season: String(spec.season) }
  let model: OnnxModel
  if (method === 'tft') {
    const { quantiles, attention, pastWeights, futureWeights } = tft(g, ops, tftInputs(g, spec, 2), spec), batch = { 0: 'batch' }
    const outputs = { quantiles, attention, past_weights: pastWeights, future_weights: futureWeights }
    const words = { quantiles: batch, attention: batch, past_weights: batch, future_weights: batch }
    model = g.model('tft', outputs, { ...stated, quantiles: LEVELS.join() }, words)
  } else {
    const each = { 0: 'time', 1: 'batch' }, last = { 1: 'batch' }, shape = [1, 3, hidden]
    const from = { hidden: g.input('hidden', shape, last), cell: g.input('cell', shape, last) }
    const { location, scale, freedom, memory } = deepar(g, ops, g.input('read', [2, 3, READ.length], each), spec, from)
    const outputs = { location, scale, freedom, hidden_next: memory.hidden, cell_next: memory.cell }
    model = g.model('deepar', outputs, stated, { location: each, scale: each, freedom: each, hidden_next: last, cell_next: last })
  }
  if (g.size !== theta.length) throw new RangeError(`a ${method} of this shape has ${g.size} parameters, not ${theta.length}`)
  return model
}
