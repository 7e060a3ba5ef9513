/** DeepAR and the Temporal Fusion Transformer: their slopes, the models that serve them, what they learn, and what they may not see. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { onnxInference } from '#adapter/onnx/lazy'
import { studentT, serve } from '#domain/forecast/neural/serve'
import { fit } from '#domain/forecast/neural/fit'
import { servingModel, tftGiven, trainingInputs, trainingModel, type NeuralMethod, type Spec } from '#domain/forecast/neural/model'
import { KNOWN, reachOf, STATIC, Window } from '#domain/forecast/neural/window'
import { startOf } from '#domain/neural/graph'
import { stepInputs, warmState } from '#domain/neural/training'
import { encodeModel } from '#domain/onnx/encode'
import { interpret, type Doubles } from '#domain/onnx/interpret'
import type { OnnxModel, Tensor } from '#domain/onnx/model'
import { seededRandom } from '#tool/random'

const open = (model: OnnxModel) => onnxInference.open({ name: model.name, bytes: encodeModel(model), sha256: 'own' })
const drawOf = (purpose: string): (() => number) => {
  const random = seededRandom('1', purpose)
  return () => random.next()
}
const small = (method: NeuralMethod): Spec => ({ method, context: 6, horizon: 4, season: 3, hidden: 4, heads: 2 })
const METHODS: readonly NeuralMethod[] = ['deepar', 'tft']

/** A season of three on a slow slope, with noise. */
function wave(length: number, draw: () => number): Float64Array {
  const size = 1 + 50 * draw()
  return Float64Array.from({ length }, (_, t) => size * ([0, 3, 1][t % 3] ?? 0) + 0.02 * size * t + size * 0.3 * (draw() - 0.5))
}
const doubles = (tensors: { readonly [name: string]: Tensor }): { [name: string]: Doubles } =>
  Object.fromEntries(Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data, Number) }]))

for (const method of METHODS) {
  const spec = small(method)

  test(`${method}: the slope along any direction is that of differences; one step in the runtime is that of the interpreter`, async () => {
    const draw = drawOf(method), training = trainingModel(spec, 2), series = wave(80, draw)
    const windows = [new Window(series, 40, spec), new Window(series, 57, spec)], given = trainingInputs(spec, windows)
    // Away from where heads start, so that nothing hides behind a zero.
    const theta = startOf(training.parameters, draw).map((value) => value + 0.4 * (draw() - 0.5))
    const inputs = { ...stepInputs(warmState(theta), 1, { ...training.terms }), ...given }
    const graph: OnnxModel = training.model
    const lossAt = (at: Float64Array): number =>
      interpret(graph, { ...doubles(inputs), theta: { shape: [at.length], data: at } })['loss']?.data[0] ?? NaN
    // Of a first step, the first moment is a tenth of the slope, clipped to length 1 alike in all directions.
    const moment = interpret(graph, doubles(inputs))['first_next']?.data ?? assert.fail()
    const length = Math.sqrt(moment.reduce((sum, value) => sum + 100 * value * value, 0))
    const along = Float64Array.from(theta, () => draw() - 0.5), step = 1e-5
    const moved = (by: number): Float64Array => Float64Array.from(theta, (value, i) => value + by * (along[i] ?? 0))
    const slope = (lossAt(moved(step)) - lossAt(moved(-step))) / (2 * step)
    const said = moment.reduce((sum, value, i) => sum + 10 * value * (along[i] ?? 0), 0)
    if (length < 0.999) assert.ok(Math.abs(slope - said) < 1e-5 * (1 + Math.abs(slope)), `${slope}, ${said}`)
    else {
      const steepest = lossAt(Float64Array.from(theta, (value, i) => value + step * 10 * (moment[i] ?? 0))) - lossAt(Float64Array.from(theta, (value, i) => value - step * 10 * (moment[i] ?? 0)))
      assert.ok(Math.abs(slope / (steepest / (2 * step)) - said) < 1e-4 * (1 + Math.abs(said)), `clipped: ${slope}, ${said}`)
    }
    const session = await open(graph), ran = await session.run(inputs)
    await session.close()
    for (const [name, { data }] of Object.entries(interpret(graph, doubles(inputs)))) {
      if (name === 'theta_next') continue // Adam's first step is a sign: of a slope next to nothing it is chance.
      data.forEach((value, i) => assert.ok(Math.abs(value - Number(ran[name]?.data[i])) < 1e-4 * (1 + Math.abs(value)), `${name} ${i}`))
    }
  })

  test(`${method}: what is served is what was trained, and what the interpreter says`, async () => {
    const draw = drawOf('serve'), training = trainingModel(spec, 2), theta = startOf(training.parameters, draw).map((value) => value + 0.4 * (draw() - 0.5))
    const served = servingModel(spec, theta), series = wave(80, draw), windows = [new Window(series, 40, spec), new Window(series, 57, spec), new Window(series, 60, spec)]
    assert.ok(served.nodes.some(({ op }) => op === 'LSTM'))
    if (method === 'tft') {
      const session = await open(served), given = tftGiven(spec, windows), said = await session.run(given)
      await session.close()
      const wanted = interpret(served, doubles(given))
      for (const [name, { data, shape }] of Object.entries(wanted)) {
        assert.deepEqual([...said[name]?.shape ?? []], [...shape])
        data.forEach((value, i) => assert.ok(Math.abs(value - Number(said[name]?.data[i])) < 1e-5 * (1 + Math.abs(value)), `${name} ${i}`))
      }
      const attention = wanted['attention']?.data ?? assert.fail(), steps = spec.context + spec.horizon
      for (let row = 0; row < attention.length / steps; row++) {
        const looks = attention.subarray(row * steps, (row + 1) * steps), ahead = row % spec.horizon
        assert.ok(Math.abs(looks.reduce((sum, value) => sum + value, 0) - 1) < 1e-9)
        assert.ok(looks.subarray(spec.context + ahead + 1).every((value) => value === 0), 'a step looks at none behind it')
      }
      // The loss of the training graph, from the answers of the served one.
      const { truth, ...rest } = trainingInputs(spec, windows.slice(0, 2))
      assert.ok(truth !== undefined)
      const loss = interpret(training.model, doubles({ ...stepInputs(warmState(theta), 0, training.terms), ...rest, truth }))['loss']?.data[0] ?? NaN
      const quantiles = interpret(served, doubles(rest))['quantiles']?.data ?? assert.fail()
      let sum = 0
      quantiles.forEach((value, i) => {
        const off = Number(truth.data[Math.floor(i / 9)]) - value, level = (i % 9 + 1) / 10
        sum += Math.max(level * off, (level - 1) * off)
      })
      assert.ok(Math.abs(sum / quantiles.length - loss) < 1e-6, `${sum / quantiles.length}, ${loss}`)
    }
  })

  test(`${method}: a little training beats none on series it has not met, by the same seed to the same bytes; it goes on from where it was`, async () => {
    const draw = drawOf('learn'), series = Array.from({ length: 8 }, () => wave(90, draw)), unseen = Array.from({ length: 6 }, () => wave(90, draw))
    const learn = (steps: number, warm?: Float32Array) =>
      fit(series, spec, { open, draw: drawOf('fit'), ...(warm === undefined ? {} : { warm }) }, { steps, batch: 8, rate: 0.01, judged: 16 })
    const one = await learn(80), other = await learn(80)
    assert.deepEqual(one, other)
    assert.ok(one.before !== undefined && one.after !== undefined && one.after < one.before, `${one.before}, ${one.after}`)
    const more = await learn(20, one.theta)
    assert.ok(more.before !== undefined && Math.abs(more.before - one.after) < 1e-6)
    const session = await open(servingModel(spec, one.theta))
    const said = await serve(session, spec, unseen.map((values) => new Window(values, 80, spec)), drawOf('paths'), { together: 4 })
    const again = await serve(session, spec, unseen.map((values) => new Window(values.slice(0, 80), 80, spec)), drawOf('paths'), { together: 4 })
    await session.close()
    assert.deepEqual(said, again, 'what comes after the origin is not seen')
    let ours = 0, season = 0
    unseen.forEach((values, s) => said[s]?.forEach(({ quantiles }, t) => {
      assert.deepEqual(quantiles, [...quantiles].sort((a, b) => a - b))
      const scale = new Window(values, 80, spec).scale
      ours += Math.abs((values[80 + t] ?? NaN) - (quantiles[4] ?? NaN)) / scale
      season += Math.abs((values[80 + t] ?? NaN) - (values[77 + (t % 3)] ?? NaN)) / scale
    }))
    assert.ok(ours < season, `${ours}, ${season}`)
  })

  test(`${method}: shifted and stretched series are forecast shifted and stretched`, async () => {
    const draw = drawOf('shift'), training = trainingModel(spec, 2), theta = startOf(training.parameters, draw)
    const session = await open(servingModel(spec, theta)), series = wave(60, draw)
    const [plain] = await serve(session, spec, [new Window(series, 60, spec)], drawOf('paths'))
    const [moved] = await serve(session, spec, [new Window(series.map((value) => 1000 + 8 * value), 60, spec)], drawOf('paths'))
    await session.close()
    plain?.forEach(({ quantiles }, t) => quantiles.forEach((value, k) => {
      const wanted = 1000 + 8 * value
      assert.ok(Math.abs(wanted - (moved?.[t]?.quantiles[k] ?? NaN)) < 1e-3 * 8 * new Window(series, 60, spec).scale, `${wanted}, ${moved?.[t]?.quantiles[k]}`)
    }))
  })
}

test('a window tells nothing of what lies at or behind its origin, nor further back than its reach', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(fc.property(fc.array(value, { minLength: 60, maxLength: 90 }), fc.array(value, { minLength: 10, maxLength: 10 }), fc.integer({ min: 1, max: 5 }), (past, future, season) => {
    const spec: Spec = { ...small('tft'), season }
    const told = (values: readonly number[], origin: number): Float32Array => {
      const window = new Window(Float64Array.from(values), origin, spec), into = new Float32Array(10 * KNOWN.length + STATIC.length)
      for (let t = 0; t < 10; t++) window.known(origin - spec.context + t, into, t * KNOWN.length)
      window.statics(into, 10 * KNOWN.length)
      return into
    }
    const plain = told(past, past.length)
    assert.deepEqual(told([...past, ...future], past.length), plain)
    const reach = reachOf(spec), cut = past.slice(-reach)
    assert.deepEqual(told(cut, cut.length), plain)
  }))
})

test('series that do not move, jump, or are a single value are told in finite numbers', () => {
  for (const values of [[5, 5, 5, 5, 5, 5], [0, 0, 0, 0], [7], [1e-300, 1e300, -1e300], [-3, -3, -3, -3, 8]]) {
    const window = new Window(Float64Array.from(values), values.length, small('deepar')), into = new Float32Array(STATIC.length + KNOWN.length)
    window.statics(into, 0)
    window.known(values.length + 2, into, STATIC.length)
    assert.ok(window.scale > 0 && into.every(Number.isFinite), `${values.join()}: ${window.scale}, ${into.join()}`)
  }
})

test('draws of Student t have its quartiles and its spread', () => {
  const draw = drawOf('t')
  // Quantiles 0.75 and 0.9 of t with 5 degrees of freedom: 0.7267, 1.4759.
  const values = Float64Array.from({ length: 40_000 }, () => studentT(5, draw)).sort()
  const at = (q: number): number => values[Math.floor(q * values.length)] ?? NaN
  assert.ok(Math.abs(at(0.75) - 0.7267) < 0.03 && Math.abs(at(0.9) - 1.4759) < 0.05 && Math.abs(at(0.5)) < 0.03, `${at(0.75)}, ${at(0.9)}`)
})
