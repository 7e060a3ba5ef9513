/** A step of training in one run, against Adam written out in doubles. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onnxInference } from '#adapter/onnx/lazy'
import { encodeModel } from '#domain/onnx/encode'
import { interpret } from '#domain/onnx/interpret'
import { float32 } from '#domain/onnx/model'
import { freshState, stepInputs, trainingOf, warmState, type Training, type TrainingState } from '#domain/neural/training'
import { seededRandom } from '#tool/random'

/** Squares of x·w + b - y, for rows of two. */
const regressionWith = (decay: number): Training => trainingOf('regression', (g, ops) => {
  const x = g.input('x', [4, 2]), y = g.input('y', [4, 1])
  const off = ops.sub(ops.add(ops.matmul(x, g.parameter('w', [2, 1], { within: 1 })), g.parameter('b', [1], { at: 0 })), y)
  return ops.mean(ops.mul(off, off), [0, 1])
}, { clip: 1, decay })
const regression = regressionWith(0.1)

const X = [[1, 2], [0, 1], [-1, 3], [2, -1]], Y = [1, 2, -3, 4]
const data = { x: float32([4, 2], X.flat()), y: float32([4, 1], Y) }

test('three steps are three steps of Adam, clipped, with decay', () => {
  let state: TrainingState = { ...warmState(Float32Array.from([0.5, -0.25, 0.125])) }
  const theta = [...state.theta], first = [0, 0, 0], second = [0, 0, 0]
  for (let step = 1; step <= 3; step++) {
    const inputs = Object.fromEntries(Object.entries({ ...stepInputs(state, 0.1, regression.terms), ...data })
      .map(([name, { shape, data: values }]) => [name, { shape, data: Float64Array.from(values, Number) }]))
    const said = interpret(regression.model, inputs)
    const slope = [0, 0, 0]
    X.forEach(([a = 0, b = 0], i) => {
      const off = a * (theta[0] ?? 0) + b * (theta[1] ?? 0) + (theta[2] ?? 0) - (Y[i] ?? 0)
      for (const [k, by] of [a, b, 1].entries()) slope[k] = (slope[k] ?? 0) + (off * by) / 2
    })
    const length = Math.sqrt(slope.reduce((sum, value) => sum + value * value, 0))
    slope.forEach((value, k) => {
      const clipped = value / Math.max(1, length)
      first[k] = 0.9 * (first[k] ?? 0) + 0.1 * clipped
      second[k] = 0.999 * (second[k] ?? 0) + 0.001 * clipped * clipped
      const grown = [1 - 0.9 ** step, 1 - 0.999 ** step]
      const move = (first[k] ?? 0) / (grown[0] ?? 1) / (Math.sqrt((second[k] ?? 0) / (grown[1] ?? 1)) + 1e-8)
      theta[k] = (theta[k] ?? 0) - 0.1 * (move + 0.1 * (theta[k] ?? 0))
    })
    said['theta_next']?.data.forEach((value, k) => assert.ok(Math.abs(value - (theta[k] ?? 0)) < 1e-6, `${step}, ${k}: ${value}, ${theta[k]}`))
    const packed = (name: string): Float32Array => Float32Array.from(said[name]?.data ?? [])
    state = { theta: packed('theta_next'), first: packed('first_next'), second: packed('second_next'), steps: step }
  }
})

test('many steps find the answer, the same one from the same seed', async () => {
  const regression = regressionWith(0), truth = [2, -1, 0.5]
  const data = { x: float32([4, 2], X.flat()), y: float32([4, 1], X.map(([a = 0, b = 0]) => 2 * a - b + 0.5)) }
  const session = await onnxInference.open({ name: 'regression', bytes: encodeModel(regression.model), sha256: 'own' })
  const learn = async (): Promise<readonly [number, TrainingState]> => {
    const random = seededRandom('7', 'start')
    let state = freshState(regression, () => random.next()), loss = NaN
    for (let steps = 1; steps <= 400; steps++) {
      const said = await session.run({ ...stepInputs(state, 0.05, regression.terms), ...data })
      const taken = (name: string): Float32Array => Float32Array.from(said[name]?.data ?? [], Number)
      state = { theta: taken('theta_next'), first: taken('first_next'), second: taken('second_next'), steps }
      loss = Number(said['loss']?.data[0])
    }
    return [loss, state]
  }
  const [loss, one] = await learn(), [, other] = await learn()
  await session.close()
  assert.ok(loss < 1e-3, String(loss))
  truth.forEach((value, k) => assert.ok(Math.abs(value - (one.theta[k] ?? NaN)) < 0.05, `${k}: ${one.theta[k]}`))
  assert.deepEqual(one, other)
})
