/**
 * What an ONNX model of ours means, reckoned in doubles from the definitions of its operators (https://onnx.ai/onnx/operators/), one number after
 * another: slow, and the judge of the fast.
 */
import { broadcast, lastOf, reduced, sizeOf, stridesOf, type Shape } from '../neural/shape.ts'
import type { Attribute, OnnxModel, OnnxNode } from './model.ts'

export interface Doubles {
  readonly shape: Shape
  readonly data: Float64Array
}
type Attributes = NonNullable<OnnxNode['attributes']>

/** All outputs. Throws RangeError where the model uses what is not known here, or a value that nothing makes. */
export function interpret({ constants, nodes, outputs }: OnnxModel, inputs: { readonly [name: string]: Doubles }): { readonly [name: string]: Doubles } {
  const known = new Map<string, Doubles>(Object.entries(inputs))
  for (const [name, { shape, data }] of Object.entries(constants)) known.set(name, { shape, data: Float64Array.from(data, Number) })
  const valueOf = (name: string): Doubles => {
    const value = known.get(name)
    if (value === undefined) throw new RangeError(`nothing makes "${name}"`)
    return value
  }
  for (const node of nodes) {
    const made = reckon(node.op, node.inputs.map((name) => (name === '' ? NONE : valueOf(name))), node.attributes ?? {}, node.outputs.length)
    node.outputs.forEach((name, i) => {
      const value = made[i]
      if (value !== undefined) known.set(name, value)
    })
  }
  return Object.fromEntries(outputs.map(({ name }) => [name, valueOf(name)]))
}

const NONE: Doubles = { shape: [0], data: new Float64Array(0) }

const tanhOf = (x: number): number => {
  const small = x * x
  // The difference of exponentials loses the digits of what is next to nothing.
  if (small < 1e-6) return x * (1 - small / 3 + (2 * small * small) / 15)
  const e = Math.exp(-2 * Math.abs(x))
  return Math.sign(x) * ((1 - e) / (1 + e))
}
const sigmoidOf = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))
/** log(1 + y) (Goldberg, "What every computer scientist should know about floating-point arithmetic", theorem 4). */
const logOfOneAnd = (y: number): number => (1 + y === 1 ? y : (y * Math.log(1 + y)) / (1 + y - 1))

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Identity: (x) => x, Cast: (x) => x, Neg: (x) => -x, Exp: Math.exp, Log: Math.log, Sqrt: Math.sqrt, Tanh: tanhOf, Sigmoid: sigmoidOf,
  Softplus: (x) => Math.max(x, 0) + logOfOneAnd(Math.exp(-Math.abs(x))), Elu: (x) => (x > 0 ? x : Math.exp(x) - 1),
}
const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = {
  Add: (x, y) => x + y, Sub: (x, y) => x - y, Mul: (x, y) => x * y, Div: (x, y) => x / y, Max: Math.max, Min: Math.min,
  Greater: (x, y) => (x > y ? 1 : 0),
}

function reckon(op: string, given: readonly Doubles[], attributes: Attributes, results: number): readonly Doubles[] {
  const [a = NONE, b = NONE, c = NONE] = given
  const one = UNARY[op], two = BINARY[op]
  if (one !== undefined) return [{ shape: a.shape, data: a.data.map(one) }]
  if (two !== undefined) return [pairwise(a, b, two)]
  switch (op) {
    case 'ReduceSum': return [summed(a, [...b.data], intOf(attributes, 'keepdims', 1) === 1)]
    case 'Reshape': return [{ shape: reshaped(a, [...b.data]), data: a.data }]
    case 'Squeeze': return [{ shape: reduced(a.shape, [...b.data], false), data: a.data }]
    case 'Expand': return [pairwise(a, { shape: [...b.data], data: new Float64Array(sizeOf([...b.data])) }, (x) => x)]
    case 'Transpose': return [transposed(a, intsOf(attributes, 'perm'))]
    case 'Concat': return [joined(given, intOf(attributes, 'axis', 0))]
    case 'Split': return parted(a, intOf(attributes, 'axis', 0), [...b.data])
    case 'MatMul': return [product(a, b)]
    case 'Softmax': return [softmaxOf(a)]
    case 'LayerNormalization': return normalised(a, b, c, floatOf(attributes, 'epsilon', 1e-5)).slice(0, results)
    case 'LSTM': return recurrent(given, intOf(attributes, 'hidden_size', 0))
    default: throw new RangeError(`operator ${op} is not known here`)
  }
}

function intOf(attributes: Attributes, name: string, otherwise: number): number {
  const value: Attribute | undefined = attributes[name]
  return value !== undefined && 'int' in value ? value.int : otherwise
}
function floatOf(attributes: Attributes, name: string, otherwise: number): number {
  const value: Attribute | undefined = attributes[name]
  return value !== undefined && 'float' in value ? value.float : otherwise
}
function intsOf(attributes: Attributes, name: string): readonly number[] {
  const value: Attribute | undefined = attributes[name]
  if (value === undefined || !('ints' in value)) throw new RangeError(`attribute ${name} is missing`)
  return value.ints
}

/** For every place of `shape` in order, `visit` is told where the same place lies in a tensor of those strides. */
function walk(shape: Shape, strides: readonly number[], visit: (place: number, at: number) => void): void {
  const size = sizeOf(shape), counter = new Array<number>(shape.length).fill(0)
  let at = 0
  for (let place = 0; place < size; place++) {
    visit(place, at)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0, next = (counter[axis] ?? 0) + 1
      at += stride
      if (next < (shape[axis] ?? 1)) {
        counter[axis] = next
        break
      }
      at -= stride * next
      counter[axis] = 0
    }
  }
}

/** Strides of a tensor where it is read as one of shape `to`: axes along which it repeats stand still. */
function stretchedStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from), missing = to.length - from.length
  return to.map((_, i) => (i < missing || from[i - missing] === 1 ? 0 : strides[i - missing] ?? 0))
}

function pairwise(a: Doubles, b: Doubles, f: (x: number, y: number) => number): Doubles {
  const shape = broadcast(a.shape, b.shape), data = new Float64Array(sizeOf(shape)), other = new Float64Array(data.length)
  walk(shape, stretchedStrides(b.shape, shape), (place, at) => (other[place] = b.data[at] ?? NaN))
  walk(shape, stretchedStrides(a.shape, shape), (place, at) => (data[place] = f(a.data[at] ?? NaN, other[place] ?? NaN)))
  return { shape, data }
}

function summed(a: Doubles, axes: readonly number[], keep: boolean): Doubles {
  const kept = reduced(a.shape, axes, true), data = new Float64Array(sizeOf(kept))
  walk(a.shape, stretchedStrides(kept, a.shape), (place, at) => (data[at] = (data[at] ?? 0) + (a.data[place] ?? NaN)))
  return { shape: keep ? kept : reduced(a.shape, axes, false), data }
}

function reshaped(a: Doubles, wanted: readonly number[]): number[] {
  const shape = wanted.map((length, i) => (length === 0 ? a.shape[i] ?? 0 : length))
  const rest = shape.filter((length) => length !== -1).reduce((size, length) => size * length, 1)
  return shape.map((length) => (length === -1 ? a.data.length / rest : length))
}

function transposed(a: Doubles, order: readonly number[]): Doubles {
  const strides = stridesOf(a.shape), shape = order.map((axis) => a.shape[axis] ?? 1), data = new Float64Array(a.data.length)
  walk(shape, order.map((axis) => strides[axis] ?? 0), (place, at) => (data[place] = a.data[at] ?? NaN))
  return { shape, data }
}

/** How long the runs are that lie together along and behind an axis. */
const runOf = (shape: Shape, axis: number): number => sizeOf(shape.slice(axis))

function joined(all: readonly Doubles[], axis: number): Doubles {
  const [first = NONE] = all
  const place = axis < 0 ? axis + first.shape.length : axis
  const shape = first.shape.map((length, i) => (i === place ? all.reduce((sum, one) => sum + (one.shape[place] ?? 0), 0) : length))
  const data = new Float64Array(sizeOf(shape)), run = runOf(shape, place)
  let from = 0
  for (const one of all) {
    const own = runOf(one.shape, place)
    for (let i = 0; i * own < one.data.length; i++) data.set(one.data.subarray(i * own, (i + 1) * own), i * run + from)
    from += own
  }
  return { shape, data }
}

function parted(a: Doubles, axis: number, sizes: readonly number[]): readonly Doubles[] {
  const run = runOf(a.shape, axis)
  let from = 0
  return sizes.map((length) => {
    const shape = a.shape.map((old, i) => (i === axis ? length : old)), data = new Float64Array(sizeOf(shape)), own = runOf(shape, axis)
    for (let i = 0; i * own < data.length; i++) data.set(a.data.subarray(i * run + from, i * run + from + own), i * own)
    from += own
    return { shape, data }
  })
}

function product(a: Doubles, b: Doubles): Doubles {
  const rows = a.shape.at(-2) ?? 1, inner = lastOf(a.shape), columns = lastOf(b.shape)
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), count = sizeOf(batch)
  const data = new Float64Array(count * rows * columns), left = new Array<number>(count).fill(0), right = [...left]
  walk(batch, stretchedStrides(a.shape.slice(0, -2), batch), (place, at) => (left[place] = at * rows * inner))
  walk(batch, stretchedStrides(b.shape.slice(0, -2), batch), (place, at) => (right[place] = at * inner * columns))
  for (let n = 0; n < count; n++) for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    let sum = 0
    for (let k = 0; k < inner; k++) sum += (a.data[(left[n] ?? 0) + i * inner + k] ?? NaN) * (b.data[(right[n] ?? 0) + k * columns + j] ?? NaN)
    data[(n * rows + i) * columns + j] = sum
  }
  return { shape: [...batch, rows, columns], data }
}

function softmaxOf({ shape, data }: Doubles): Doubles {
  const length = lastOf(shape), result = new Float64Array(data.length)
  for (let row = 0; row < data.length; row += length) {
    const values = data.subarray(row, row + length)
    const most = values.reduce((high, value) => Math.max(high, value), -Infinity)
    const exponentials = values.map((value) => Math.exp(value - most))
    const sum = exponentials.reduce((total, value) => total + value, 0)
    result.set(exponentials.map((value) => value / sum), row)
  }
  return { shape, data: result }
}

function normalised(a: Doubles, gain: Doubles, bias: Doubles, epsilon: number): readonly Doubles[] {
  const length = lastOf(a.shape), rows = a.data.length / length, shape = [...a.shape.slice(0, -1), 1]
  const data = new Float64Array(a.data.length), means = new Float64Array(rows), steepness = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const values = a.data.subarray(row * length, (row + 1) * length)
    const mean = values.reduce((sum, value) => sum + value, 0) / length
    const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / length
    means[row] = mean
    steepness[row] = 1 / Math.sqrt(variance + epsilon)
    for (let i = 0; i < length; i++) {
      data[row * length + i] = ((values[i] ?? NaN) - mean) * (steepness[row] ?? NaN) * (gain.data[i] ?? NaN) + (bias.data[i] ?? NaN)
    }
  }
  return [{ shape: a.shape, data }, { shape, data: means }, { shape, data: steepness }]
}

/** x, W, R, B, no lengths, h, c; one direction; gates i, o, f, c. */
function recurrent([x = NONE, w = NONE, r = NONE, bias = NONE, , h0 = NONE, c0 = NONE]: readonly Doubles[], hidden: number): readonly Doubles[] {
  const [time = 1, batch = 1] = x.shape, width = lastOf(x.shape)
  const h = h0.data.slice(), c = c0.data.slice(), y = new Float64Array(time * batch * hidden)
  for (let t = 0; t < time; t++) {
    for (let n = 0; n < batch; n++) {
      const before = h.slice(n * hidden, (n + 1) * hidden)
      const gate = (k: number, unit: number): number => {
        const row = k * hidden + unit
        let sum = (bias.data[row] ?? NaN) + (bias.data[4 * hidden + row] ?? NaN)
        for (let i = 0; i < width; i++) sum += (x.data[(t * batch + n) * width + i] ?? NaN) * (w.data[row * width + i] ?? NaN)
        for (let i = 0; i < hidden; i++) sum += (before[i] ?? NaN) * (r.data[row * hidden + i] ?? NaN)
        return sum
      }
      for (let unit = 0; unit < hidden; unit++) {
        const at = n * hidden + unit
        c[at] = sigmoidOf(gate(2, unit)) * (c[at] ?? NaN) + sigmoidOf(gate(0, unit)) * tanhOf(gate(3, unit))
        h[at] = sigmoidOf(gate(1, unit)) * tanhOf(c[at] ?? NaN)
      }
    }
    y.set(h, t * batch * hidden)
  }
  return [{ shape: [time, 1, batch, hidden], data: y }, { shape: [1, batch, hidden], data: h }, { shape: [1, batch, hidden], data: c }]
}
