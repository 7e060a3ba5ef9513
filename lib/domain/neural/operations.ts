/** Operations on tensors with their derivatives, written into a graph. Shapes broadcast. */
import type { Attribute } from '../onnx/model.ts'
import type { Graph, Value } from './graph.ts'
import { broadcast, lastOf, reduced, replaced, same, sizeOf, stretched, type Shape } from './shape.ts'

const EPSILON = 1e-5

export type Operations = ReturnType<typeof operationsOn>

export function operationsOn(g: Graph) {
  const axisOf = (axis: number): { readonly axis: Attribute } => ({ axis: { int: axis } })

  function elementwise(op: string, a: Value, b: Value): Value {
    return g.emit(op, [a, b], broadcast(a.shape, b.shape))
  }
  const plain = {
    add: (a: Value, b: Value): Value => elementwise('Add', a, b),
    sub: (a: Value, b: Value): Value => elementwise('Sub', a, b),
    mul: (a: Value, b: Value): Value => elementwise('Mul', a, b),
    div: (a: Value, b: Value): Value => elementwise('Div', a, b),
    of: (op: string, a: Value): Value => g.emit(op, [a], a.shape),
    sum: (a: Value, axes: readonly number[], keep: boolean): Value =>
      (axes.length === 0 ? a : g.emit('ReduceSum', [a, g.whole(axes)], reduced(a.shape, axes, keep), { keepdims: { int: keep ? 1 : 0 } })),
    reshape: (a: Value, shape: Shape, free?: number): Value => (same(a.shape, shape) && free === undefined ? a
      : g.emit('Reshape', [a, g.whole(free === undefined || g.training ? shape : replaced(shape, free, -1))], shape)),
    transpose: (a: Value, order: readonly number[]): Value => (order.every((axis, i) => axis === i) ? a
      : g.emit('Transpose', [a], order.map((axis) => a.shape[axis] ?? 1), { perm: { ints: order } })),
    concat: (all: readonly Value[], axis: number): Value => {
      const [first] = all
      if (first === undefined) throw new RangeError('nothing to put together')
      if (all.length === 1) return first
      return g.emit('Concat', all, replaced(first.shape, axis, all.reduce((length, { shape }) => length + (shape[axis] ?? 1), 0)), axisOf(axis))
    },
    split: (a: Value, axis: number, sizes: readonly number[]): readonly Value[] => (sizes.length === 1 ? [a]
      : g.emitAll('Split', [a, g.whole(sizes)], sizes.map((length) => replaced(a.shape, axis, length)), axisOf(axis))),
    matmul: (a: Value, b: Value): Value => {
      if (lastOf(a.shape) !== b.shape.at(-2)) throw new RangeError(`[${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not multiply`)
      return g.emit('MatMul', [a, b], [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), a.shape.at(-2) ?? 1, lastOf(b.shape)])
    },
  }
  /** The last two axes change places. */
  function swapped(a: Value): Value {
    const rank = a.shape.length
    return plain.transpose(a, [...a.shape.keys()].map((i) => (i >= rank - 2 ? 2 * rank - 3 - i : i)))
  }

  /** A slope summed over the axes along which the value was repeated. */
  function unbroadcast(slope: Value, shape: Shape): Value {
    if (same(slope.shape, shape)) return slope
    return plain.reshape(plain.sum(slope, stretched(shape, slope.shape), true), shape)
  }
  const zerosLike = (shape: Shape): Value => g.emit('Expand', [g.scalar(0), g.whole(shape)], shape)

  function binary(value: Value, a: Value, b: Value, slopes: (slope: Value) => readonly [Value, Value]): Value {
    g.differentiable([value], [a, b], ([slope]) => {
      if (slope === undefined) return []
      const [byA, byB] = slopes(slope)
      return [unbroadcast(byA, a.shape), unbroadcast(byB, b.shape)]
    })
    return value
  }
  function unary(value: Value, a: Value, slopeOf: (slope: Value) => Value): Value {
    g.differentiable([value], [a], ([slope]) => (slope === undefined ? [] : [slopeOf(slope)]))
    return value
  }

  const add = (a: Value, b: Value): Value => binary(plain.add(a, b), a, b, (slope) => [slope, slope])
  const sub = (a: Value, b: Value): Value => binary(plain.sub(a, b), a, b, (slope) => [slope, plain.of('Neg', slope)])
  const mul = (a: Value, b: Value): Value => binary(plain.mul(a, b), a, b, (slope) => [plain.mul(slope, b), plain.mul(slope, a)])
  function div(a: Value, b: Value): Value {
    const quotient = plain.div(a, b)
    return binary(quotient, a, b, (slope) => {
      const byA = plain.div(slope, b)
      return [byA, plain.of('Neg', plain.mul(byA, quotient))]
    })
  }
  /** 1 where a > b, else 0: a step, with no slope. */
  const above = (a: Value, b: Value): Value => g.emit('Cast', [elementwise('Greater', a, b)], broadcast(a.shape, b.shape), { to: { int: 1 } })
  /** The larger; where they are equal, the slope is b's. */
  const max = (a: Value, b: Value): Value => binary(elementwise('Max', a, b), a, b, (slope) => {
    const chosen = plain.mul(slope, above(a, b))
    return [chosen, plain.sub(slope, chosen)]
  })
  const neg = (a: Value): Value => unary(plain.of('Neg', a), a, (slope) => plain.of('Neg', slope))
  function sigmoid(a: Value): Value {
    const y = plain.of('Sigmoid', a)
    return unary(y, a, (slope) => plain.mul(slope, plain.mul(y, plain.sub(g.scalar(1), y))))
  }
  function tanh(a: Value): Value {
    const y = plain.of('Tanh', a)
    return unary(y, a, (slope) => plain.mul(slope, plain.sub(g.scalar(1), plain.mul(y, y))))
  }
  function exp(a: Value): Value {
    const y = plain.of('Exp', a)
    return unary(y, a, (slope) => plain.mul(slope, y))
  }
  const log = (a: Value): Value => unary(plain.of('Log', a), a, (slope) => plain.div(slope, a))
  function sqrt(a: Value): Value {
    const y = plain.of('Sqrt', a)
    return unary(y, a, (slope) => plain.div(slope, plain.add(y, y)))
  }
  /** log(1 + exp a). */
  const softplus = (a: Value): Value => unary(plain.of('Softplus', a), a, (slope) => plain.mul(slope, plain.of('Sigmoid', a)))
  /** a above 0, exp(a) - 1 below. */
  function elu(a: Value): Value {
    const y = plain.of('Elu', a)
    return unary(y, a, (slope) => {
      const zero = g.scalar(0)
      return plain.mul(slope, plain.add(g.emit('Min', [y, zero], y.shape), g.scalar(1)))
    })
  }
  /** Over the last axis. */
  function softmax(a: Value): Value {
    const y = g.emit('Softmax', [a], a.shape, axisOf(-1))
    return unary(y, a, (slope) => plain.mul(y, plain.sub(slope, plain.sum(plain.mul(slope, y), [a.shape.length - 1], true))))
  }

  function sum(a: Value, axes: readonly number[], keep = false): Value {
    return unary(plain.sum(a, axes, keep), a, (slope) =>
      g.emit('Expand', [plain.reshape(slope, reduced(a.shape, axes, true)), g.whole(a.shape)], a.shape))
  }
  const mean = (a: Value, axes: readonly number[], keep = false): Value => {
    const count = axes.reduce((product, axis) => product * (a.shape[axis] ?? 1), 1)
    return mul(sum(a, axes, keep), g.scalar(1 / count))
  }
  /** `free`: the axis whose length follows from the others, and may be any when the model is served. */
  function reshape(a: Value, shape: Shape, free?: number): Value {
    if (sizeOf(a.shape) !== sizeOf(shape)) throw new RangeError(`[${a.shape.join(', ')}] is not [${shape.join(', ')}]`)
    const value = plain.reshape(a, shape, free)
    return value === a ? a : unary(value, a, (slope) => plain.reshape(slope, a.shape))
  }
  function transpose(a: Value, order: readonly number[]): Value {
    const value = plain.transpose(a, order)
    return value === a ? a : unary(value, a, (slope) => plain.transpose(slope, order.map((_, i) => order.indexOf(i))))
  }
  function concat(all: readonly Value[], axis: number): Value {
    const value = plain.concat(all, axis)
    if (all.length === 1) return value
    const sizes = all.map(({ shape }) => shape[axis] ?? 1)
    g.differentiable([value], all, ([slope]) => (slope === undefined ? [] : plain.split(slope, axis, sizes)))
    return value
  }
  function split(a: Value, axis: number, sizes: readonly number[]): readonly Value[] {
    const parts = plain.split(a, axis, sizes)
    if (sizes.length === 1) return parts
    g.differentiable(parts, [a], (slopes) => [plain.concat(parts.map(({ shape }, i) => slopes[i] ?? zerosLike(shape)), axis)])
    return parts
  }
  function matmul(a: Value, b: Value): Value {
    return binary(plain.matmul(a, b), a, b, (slope) => [plain.matmul(slope, swapped(b)), weightSlope(a, b, slope)])
  }
  /** One large product where a matrix served many rows, instead of many and their sum. */
  function weightSlope(a: Value, b: Value, slope: Value): Value {
    if (b.shape.length > 2 || a.shape.length <= 2) return plain.matmul(swapped(a), slope)
    const inner = lastOf(a.shape), rows = sizeOf(a.shape) / inner
    return plain.matmul(swapped(plain.reshape(a, [rows, inner])), plain.reshape(slope, [rows, lastOf(slope.shape)]))
  }

  /** Every last axis to mean 0 and variance 1, then stretched and moved (Ba, Kiros and Hinton, arXiv 1607.06450). */
  function layerNorm(a: Value, gain: Value, bias: Value): Value {
    const axis = a.shape.length - 1, one = replaced(a.shape, axis, 1), attributes = { axis: { int: -1 }, epsilon: { float: EPSILON } }
    if (!g.training) return g.emit('LayerNormalization', [a, gain, bias], a.shape, attributes)
    const [y, middle, steepness] = g.emitAll('LayerNormalization', [a, gain, bias], [a.shape, one, one], attributes)
    if (y === undefined || middle === undefined || steepness === undefined) throw new RangeError('LayerNormalization gives three')
    g.differentiable([y], [a, gain, bias], ([slope]) => {
      if (slope === undefined) return []
      const standard = plain.mul(plain.sub(a, middle), steepness)
      const inner = plain.mul(slope, gain), share = g.scalar(1 / lastOf(a.shape))
      const mid = (value: Value): Value => plain.mul(plain.sum(value, [axis], true), share)
      const along = plain.mul(standard, mid(plain.mul(inner, standard)))
      return [
        plain.mul(steepness, plain.sub(plain.sub(inner, mid(inner)), along)),
        unbroadcast(plain.mul(slope, standard), gain.shape), unbroadcast(slope, bias.shape),
      ]
    })
    return y
  }

  /**
   * log of the gamma function for arguments above 0: Stirling's series after five steps of the recurrence, within 1e-7, the digits of its
   * constants (NIST Digital Library of Mathematical Functions, 5.11.1 and 5.5.1); ONNX has no such operation.
   */
  function logGamma(a: Value): Value {
    let product = a
    for (let k = 1; k < SHIFT; k++) product = mul(product, add(a, g.scalar(k)))
    const z = add(a, g.scalar(SHIFT)), inverse = div(g.scalar(1), z), square = mul(inverse, inverse)
    const series = mul(inverse, add(g.scalar(1 / 12), mul(square, add(g.scalar(-1 / 360), mul(square, g.scalar(1 / 1260))))))
    return sub(add(add(sub(mul(sub(z, g.scalar(0.5)), log(z)), z), g.scalar(HALF_LOG_TAU)), series), log(product))
  }

  return { plain, add, sub, mul, div, above, max, neg, sigmoid, tanh, exp, log, sqrt, softplus, elu, softmax, sum, mean, reshape, transpose,
    concat, split, matmul, layerNorm, logGamma, zerosLike, swapped }
}

const SHIFT = 5
const HALF_LOG_TAU = 0.9189385332046727
