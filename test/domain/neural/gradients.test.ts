/** Derivatives against differences, in doubles; and the runtime against the interpreter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { onnxInference } from '#adapter/onnx/lazy'
import { encodeModel } from '#domain/onnx/encode'
import { interpret, type Doubles } from '#domain/onnx/interpret'
import { float32, type OnnxModel } from '#domain/onnx/model'
import { Graph, startOf, type Value } from '#domain/neural/graph'
import { lstm } from '#domain/neural/lstm'
import { operationsOn, type Operations } from '#domain/neural/operations'
import { sizeOf, type Shape } from '#domain/neural/shape'
import { seededRandom } from '#tool/random'

type Built = (g: Graph, ops: Operations, a: Value, b: Value) => Value

/** A sum of all results, each weighed differently, so that no slope hides behind another. */
function lossOf(g: Graph, ops: Operations, made: Value): Value {
  const weights = Float64Array.from({ length: sizeOf(made.shape) }, (_, i) => 0.3 + ((i * 7) % 5) / 4)
  return ops.sum(ops.mul(made, g.constant(made.shape, weights)), [...made.shape.keys()])
}

function modelOf(shapes: readonly [Shape, Shape], build: Built): { readonly model: OnnxModel; readonly size: number } {
  const g = new Graph(), ops = operationsOn(g)
  const [a, b] = [g.parameter('a', shapes[0], { at: 0 }), g.parameter('b', shapes[1], { at: 0 })]
  // Both take part, whether the operation takes one or two.
  const loss = ops.add(lossOf(g, ops, build(g, ops, a, b)), ops.mul(g.scalar(0.1), ops.add(lossOf(g, ops, a), lossOf(g, ops, b))))
  const slope = g.slopeOfTheta(loss, ops.plain.add)
  return { model: g.model('slopes', { loss, slope }), size: g.size }
}
const lossAt = (model: OnnxModel, theta: Float64Array): Doubles => {
  const { loss } = interpret(model, { theta: { shape: [theta.length], data: theta } })
  assert.ok(loss !== undefined)
  return loss
}

function checkSlopes(model: OnnxModel, theta: Float64Array, within = 1e-6): void {
  const { slope } = interpret(model, { theta: { shape: [theta.length], data: theta } })
  assert.ok(slope !== undefined)
  for (let i = 0; i < theta.length; i++) {
    const step = 1e-5, up = theta.slice(), down = theta.slice()
    up[i] = (up[i] ?? 0) + step
    down[i] = (down[i] ?? 0) - step
    const difference = ((lossAt(model, up).data[0] ?? NaN) - (lossAt(model, down).data[0] ?? NaN)) / (2 * step)
    assert.ok(Math.abs(difference - (slope.data[i] ?? NaN)) <= within * (1 + Math.abs(difference)), `${i}: ${difference}, ${slope.data[i]}`)
  }
}

async function checkRuntime(model: OnnxModel, theta: Float64Array, within = 2e-5): Promise<void> {
  const rounded = Float32Array.from(theta)
  const session = await onnxInference.open({ name: 'slopes', bytes: encodeModel(model), sha256: 'own' })
  const said = await session.run({ theta: float32([theta.length], rounded) })
  await session.close()
  const wanted = interpret(model, { theta: { shape: [theta.length], data: Float64Array.from(rounded) } })
  for (const [name, { data, shape }] of Object.entries(wanted)) {
    const other = said[name]
    assert.ok(other !== undefined)
    assert.deepEqual([...other.shape], [...shape])
    const largest = data.reduce((high, value) => Math.max(high, Math.abs(value)), 1)
    data.forEach((value, i) => assert.ok(Math.abs(value - Number(other.data[i])) <= within * largest, `${name} ${i}: ${value}, ${other.data[i]}`))
  }
}

const positive = (ops: Operations, g: Graph, value: Value): Value => ops.add(ops.mul(value, value), g.scalar(0.5))

/** Shapes of one or two values, and what is made of them. */
const OPERATIONS: { readonly [name: string]: readonly [Shape, Shape, Built] } = {
  add: [[2, 3], [3], (_, ops, a, b) => ops.add(a, b)],
  sub: [[2, 1, 3], [4, 1], (_, ops, a, b) => ops.sub(a, b)],
  mul: [[2, 3], [2, 1], (_, ops, a, b) => ops.mul(a, b)],
  'mul of one with itself': [[2, 3], [1], (_, ops, a) => ops.mul(a, a)],
  div: [[2, 3], [3], (g, ops, a, b) => ops.div(a, positive(ops, g, b))],
  max: [[2, 3], [3], (_, ops, a, b) => ops.max(a, b)],
  neg: [[3], [1], (_, ops, a) => ops.neg(a)],
  sigmoid: [[3], [1], (_, ops, a) => ops.sigmoid(a)],
  tanh: [[3], [1], (_, ops, a) => ops.tanh(a)],
  exp: [[3], [1], (_, ops, a) => ops.exp(a)],
  log: [[3], [1], (g, ops, a) => ops.log(positive(ops, g, a))],
  sqrt: [[3], [1], (g, ops, a) => ops.sqrt(positive(ops, g, a))],
  softplus: [[3], [1], (_, ops, a) => ops.softplus(a)],
  elu: [[6], [1], (_, ops, a) => ops.elu(a)],
  softmax: [[2, 4], [1], (_, ops, a) => ops.softmax(a)],
  sum: [[2, 3, 2], [1], (_, ops, a) => ops.sum(a, [0, 2])],
  mean: [[2, 3, 2], [1], (_, ops, a) => ops.mean(a, [1], true)],
  reshape: [[2, 3], [1], (_, ops, a) => ops.mul(ops.reshape(a, [3, 2], 0), ops.reshape(a, [3, 2]))],
  transpose: [[2, 3, 4], [1], (_, ops, a) => ops.transpose(a, [2, 0, 1])],
  concat: [[2, 3], [2, 2], (_, ops, a, b) => ops.concat([a, b, a], 1)],
  'split, one part unused': [[2, 6], [1], (_, ops, a) => ops.mul(ops.split(a, 1, [2, 2, 2])[0] ?? a, ops.split(a, 1, [2, 2, 2])[2] ?? a)],
  matmul: [[2, 3], [3, 4], (_, ops, a, b) => ops.matmul(a, b)],
  'matmul of a stack with a matrix': [[2, 2, 3], [3, 2], (_, ops, a, b) => ops.matmul(a, b)],
  'matmul of stacks': [[2, 1, 2, 3], [3, 3, 2], (_, ops, a, b) => ops.matmul(a, b)],
  layerNorm: [[3, 4], [8], (_, ops, a, b) => ops.layerNorm(a, ops.split(b, 0, [4, 4])[0] ?? b, ops.split(b, 0, [4, 4])[1] ?? b)],
  logGamma: [[4], [1], (g, ops, a) => ops.logGamma(positive(ops, g, a))],
  'a value that many take': [[3], [3], (_, ops, a, b) => {
    const shared = ops.mul(a, b)
    return ops.add(ops.tanh(shared), ops.mul(ops.sigmoid(shared), ops.mul(a, b)))
  }],
}

const theta = (size: number): fc.Arbitrary<Float64Array> =>
  fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: size, maxLength: size }).map((values) => Float64Array.from(values, (value, i) => value + i * 1e-3))

for (const [name, [a, b, build]] of Object.entries(OPERATIONS)) {
  test(`slopes of ${name} are those of differences, and the runtime agrees`, async () => {
    const { model, size } = modelOf([a, b], build)
    // At a corner there is no slope to compare with.
    const smooth = (at: Float64Array): boolean => (name !== 'max' && name !== 'elu') || at.every((x, i) => Math.abs(x) > 1e-3 && at.every((y, j) => i === j || Math.abs(x - y) > 1e-3))
    fc.assert(fc.property(theta(size).filter(smooth), (at) => checkSlopes(model, at)), { numRuns: 20 })
    await checkRuntime(model, Float64Array.from({ length: size }, (_, i) => ((i * 37) % 19) / 10 - 0.9))
  })
}

const TIME = 4, BATCH = 2, WIDTH = 3, HIDDEN = 2

function lstmModel(time: number, uses: (ops: Operations, parts: readonly Value[]) => Value): { readonly model: OnnxModel; readonly start: Float64Array } {
  const g = new Graph(), ops = operationsOn(g)
  const x = g.parameter('x', [time, BATCH, WIDTH], { within: 1 })
  const from = { hidden: g.parameter('h', [1, BATCH, HIDDEN], { within: 1 }), cell: g.parameter('c', [1, BATCH, HIDDEN], { within: 1 }) }
  const { all, hidden, cell } = lstm(g, ops, 'l', x, HIDDEN, from)
  const loss = lossOf(g, ops, uses(ops, [all, hidden, cell]))
  const model = g.model('lstm', { loss, slope: g.slopeOfTheta(loss, ops.plain.add) })
  const random = seededRandom('1', 'lstm')
  return { model, start: Float64Array.from(startOf(g.parameters, () => random.next())) }
}

for (const time of [1, TIME]) {
  const USES: { readonly [name: string]: (ops: Operations, parts: readonly Value[]) => Value } = {
    'all states': (_, [all]) => all ?? assert.fail(),
    'the last cell': (_, [, , cell]) => cell ?? assert.fail(),
    'states, last state and last cell': (ops, [all, hidden, cell]) => ops.add(ops.add(all ?? assert.fail(), hidden ?? assert.fail()), cell ?? assert.fail()),
  }
  for (const [name, uses] of Object.entries(USES)) {
    test(`slopes of ${name} of an LSTM over ${time} steps`, async () => {
      const { model, start } = lstmModel(time, uses)
      checkSlopes(model, start)
      await checkRuntime(model, start)
    })
  }
}

test('an LSTM as it is trained, and as the operator that serves it, say the same', async () => {
  const random = seededRandom('2', 'lstm'), numbers = (length: number): Float64Array => Float64Array.from({ length }, () => Math.fround(2 * random.next() - 1))
  const build = (g: Graph): OnnxModel => {
    const ops = operationsOn(g), last: Shape = [1, BATCH, HIDDEN], words = { 0: 'time', 1: 'batch' }
    const from = { hidden: g.input('h', last, { 1: 'batch' }), cell: g.input('c', last, { 1: 'batch' }) }
    const { all, hidden, cell } = lstm(g, ops, 'l', g.input('x', [TIME, BATCH, WIDTH], words), HIDDEN, from)
    return g.model('lstm', { all, hidden, cell }, {}, { all: words, hidden: { 1: 'batch' }, cell: { 1: 'batch' } })
  }
  const trained = new Graph(), unrolled = build(trained)
  const parameters = Float32Array.from(numbers(trained.size))
  const operator = build(new Graph(parameters))
  assert.ok(operator.nodes.some(({ op }) => op === 'LSTM') && !unrolled.nodes.some(({ op }) => op === 'LSTM'))
  const last: Shape = [1, BATCH, HIDDEN]
  const inputs = { x: { shape: [TIME, BATCH, WIDTH], data: numbers(TIME * BATCH * WIDTH) }, h: { shape: last, data: numbers(4) }, c: { shape: last, data: numbers(4) } }
  const packed = { ...inputs, theta: { shape: [parameters.length], data: Float64Array.from(parameters) } }
  const one = interpret(unrolled, packed), other = interpret(operator, inputs)
  const session = await onnxInference.open({ name: 'lstm', bytes: encodeModel(operator), sha256: 'own' })
  const said = await session.run(Object.fromEntries(Object.entries(inputs).map(([name, { shape, data }]) => [name, float32(shape, data)])))
  // Any length of time and any batch.
  const longer = await session.run({ x: float32([7, 1, WIDTH], new Float64Array(7 * WIDTH)), h: float32([1, 1, HIDDEN], [0, 0]), c: float32([1, 1, HIDDEN], [0, 0]) })
  assert.deepEqual(longer['all']?.shape, [7, 1, HIDDEN])
  await session.close()
  for (const [name, { data }] of Object.entries(one)) {
    data.forEach((value, i) => {
      assert.ok(Math.abs(value - (other[name]?.data[i] ?? NaN)) < 1e-12, `${name}: ${value}, ${other[name]?.data[i]}`)
      assert.ok(Math.abs(value - Number(said[name]?.data[i])) < 1e-6, `${name}: ${value}, ${said[name]?.data[i]}`)
    })
  }
})

test('logGamma is the logarithm of factorials, and of half-odd ones', () => {
  const g = new Graph(), ops = operationsOn(g)
  const model = g.model('gamma', { y: ops.logGamma(g.input('x', [8])) })
  let factorial = 1, odd = Math.sqrt(Math.PI)
  const points: number[] = [], truths: number[] = []
  for (let n = 1; n <= 4; n++) {
    points.push(n, n - 0.5)
    truths.push(Math.log(factorial), Math.log(odd))
    factorial *= n
    odd *= n - 0.5
  }
  const { y } = interpret(model, { x: { shape: [8], data: Float64Array.from(points) } })
  truths.forEach((truth, i) => assert.ok(Math.abs(truth - (y?.data[i] ?? NaN)) < 1e-7, `${points[i]}: ${truth}, ${y?.data[i]}`))
})

test('what does not depend on a parameter is said, and a loss is one number', () => {
  const g = new Graph(), ops = operationsOn(g)
  const a = g.parameter('a', [2], { at: 1 })
  g.parameter('unused', [1], { at: 1 })
  assert.throws(() => g.slopeOfTheta(ops.sum(a, [0]), ops.plain.add), /does not depend on p_unused/)
  assert.throws(() => g.slopes(a, [a], ops.plain.add), /one number/)
})
