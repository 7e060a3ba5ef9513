/**
 * One step of training as one run of a model: forward, backward, the slope clipped by its length, and Adam with decoupled decay (Kingma and Ba,
 * arXiv 1412.6980; Loshchilov and Hutter, arXiv 1711.05101). Parameters and the moments of their slopes go in and come out.
 */
import { float32, type OnnxModel, type Tensor } from '../onnx/model.ts'
import { Graph, startOf, type Parameter, type Value } from './graph.ts'
import { operationsOn, type Operations } from './operations.ts'

export interface AdamTerms {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Longest slope. */
  readonly clip: number
  /** Share of every parameter that goes away in a step, by the rate. */
  readonly decay: number
}
const ADAM: AdamTerms = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1, decay: 0 }

export interface Training {
  /** Inputs: those of the loss, and theta, first, second, rate, fresh1, fresh2. Outputs: loss, theta_next, first_next, second_next. */
  readonly model: OnnxModel
  readonly parameters: readonly Parameter[]
  readonly size: number
  readonly terms: AdamTerms
}

/** The training graph of a loss, a single number. */
export function trainingOf(name: string, lossOf: (g: Graph, ops: Operations) => Value, terms: Partial<AdamTerms> = {}): Training {
  const adam = { ...ADAM, ...terms }, g = new Graph(), ops = operationsOn(g), { plain } = ops
  const loss = lossOf(g, ops)
  const slope = g.slopeOfTheta(loss, plain.add), shape = [g.size]
  const theta: Value = { name: 'theta', shape }
  const first = g.input('first', shape), second = g.input('second', shape)
  const rate = g.input('rate', []), fresh1 = g.input('fresh1', []), fresh2 = g.input('fresh2', [])
  const length = plain.of('Sqrt', plain.sum(plain.mul(slope, slope), [0], false))
  const clipped = plain.mul(slope, plain.div(g.scalar(adam.clip), g.emit('Max', [length, g.scalar(adam.clip)], [])))
  const blend = (old: Value, fresh: Value, keep: number): Value => plain.add(plain.mul(old, g.scalar(keep)), plain.mul(fresh, g.scalar(1 - keep)))
  const firstNext = blend(first, clipped, adam.beta1), secondNext = blend(second, plain.mul(clipped, clipped), adam.beta2)
  const step = plain.div(plain.mul(firstNext, fresh1), plain.add(plain.of('Sqrt', plain.mul(secondNext, fresh2)), g.scalar(adam.epsilon)))
  const whole = adam.decay === 0 ? step : plain.add(step, plain.mul(theta, g.scalar(adam.decay)))
  const next = plain.sub(theta, plain.mul(whole, rate))
  const model = g.model(name, { loss, theta_next: next, first_next: firstNext, second_next: secondNext })
  return { model, parameters: g.parameters, size: g.size, terms: adam }
}

/** What goes from step to step. */
export interface TrainingState {
  readonly theta: Float32Array
  readonly first: Float32Array
  readonly second: Float32Array
  readonly steps: number
}

export const freshState = ({ parameters, size }: Training, draw: () => number): TrainingState =>
  ({ theta: startOf(parameters, draw), first: new Float32Array(size), second: new Float32Array(size), steps: 0 })

/** Parameters that have learned before, with an optimiser that has not. */
export const warmState = (theta: Float32Array): TrainingState =>
  ({ theta, first: new Float32Array(theta.length), second: new Float32Array(theta.length), steps: 0 })

/** Inputs of the next step, but for the data. */
export function stepInputs({ theta, first, second, steps }: TrainingState, rate: number, { beta1, beta2 }: AdamTerms): { readonly [name: string]: Tensor } {
  const fresh = (beta: number): Tensor => float32([], [1 / (1 - powerOf(beta, steps + 1))])
  const packed = (data: Float32Array): Tensor => ({ type: 'float32', shape: [data.length], data })
  return { theta: packed(theta), first: packed(first), second: packed(second), rate: float32([], [rate]), fresh1: fresh(beta1), fresh2: fresh(beta2) }
}

const powerOf = (base: number, exponent: number): number => Math.exp(exponent * Math.log(base))
