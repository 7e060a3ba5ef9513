/** Forecasters that others learned, as ONNX: paths are their makers', spreads are those of the series' own past, and what has another signature is refused by name. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathsOf, servedMethod, type Run } from '#domain/forecast/served'
import { forecasterOf } from '#domain/forecast/methods'
import { encodeModel } from '#domain/onnx/encode'
import { float32, type OnnxModel } from '#domain/onnx/model'

const root = join(import.meta.dirname, '../..'), theirs = join(root, 'test/wire/onnx/steps.onnx')
const home = mkdtempSync(join(tmpdir(), 'vanta-steps-')), taken = join(home, 'steps')
after(() => rmSync(home, { recursive: true }))
const said = JSON.parse(readFileSync(join(root, 'test/wire/onnx/steps.json'), 'utf8')) as { readonly series: readonly number[][]; readonly paths: readonly number[][] }

const run = (tool: string, words: readonly string[], input = ''): { readonly status: number | null; readonly out: string; readonly err: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', tool), ...words], { cwd: home, encoding: 'utf8', input })
  return { status, out: stdout, err: stderr }
}
const take = (file: string, to = taken) => run('vanta-train', ['import', '--forecast', '--in', file, '-o', to])
const rows = said.series.flatMap((values, s) => values.map((value) => `${JSON.stringify({ s, value })}\n`)).join('')

test('paths are those that its maker says, of each series; the spread is calibrated, and a series too short has a path of its own', () => {
  const { status, err, out } = take(theirs)
  assert.equal(status, 0, err)
  assert.match(out, /"context":12,"horizon":4/)
  const short = `${[5, 6, 5, 6].map((value) => JSON.stringify({ s: 'short', value })).join('\n')}\n`
  const served = run('vanta-forecast', ['--model', taken, '--horizon', '4', '--season', '6', '--key', 's'], rows + short)
  assert.deepEqual([served.status, served.err], [0, ''])
  const lines = served.out.trim().split('\n').map((line): { s: unknown; step: number; method: string; mean: number; quantiles: { [level: string]: number } } => JSON.parse(line))
  assert.equal(lines.length, 4 * (said.series.length + 1))
  for (const { s, step, method, mean, quantiles } of lines) {
    if (s === 'short') {
      assert.equal(method, 'naive')
      continue
    }
    const wanted = said.paths[Number(s)]?.[step - 1] ?? NaN
    assert.ok(Math.abs(mean - wanted) < 1e-4 * (1 + Math.abs(wanted)), `${s} ${step}: ${mean}, ${wanted}`)
    const levels = Object.values(quantiles)
    assert.ok(method === 'onnx' && levels.length === 9 && levels.every((level, i) => level >= (levels[i - 1] ?? -Infinity)) && (levels[0] ?? 0) < (levels[8] ?? 0))
  }
})

test('fewer steps than it knows are served, more are not; changed bytes are not loaded', () => {
  assert.equal(take(theirs).status, 0)
  const words = ['--model', taken, '--season', '6', '--key', 's', '--grouped']
  const two = run('vanta-forecast', [...words, '--horizon', '2'], rows)
  assert.deepEqual([two.status, two.out.trim().split('\n').length], [0, 2 * said.series.length])
  const more = run('vanta-forecast', [...words, '--horizon', '5'], rows)
  assert.equal(more.status, 2)
  assert.match(more.err, /knows 4 steps, not 5/)
  const bytes = readFileSync(`${taken}.onnx`)
  bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1
  writeFileSync(`${taken}.onnx`, bytes)
  const changed = run('vanta-forecast', [...words, '--horizon', '2'], rows)
  assert.equal(changed.status, 78)
  assert.match(changed.err, /its SHA-256 is/)
})

type Places = OnnxModel['inputs']
const linear = (inputs: Places, outputs: Places): OnnxModel => ({
  name: 'steps', inputs, outputs, constants: { w: float32([2, 3], [1, 1, 1, 0, 0, 0]) }, nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
})
const x = (shape: readonly (number | string)[]): Places => [{ name: 'x', type: 'float32', shape }]
const y = (shape: readonly (number | string)[]): Places => [{ name: 'y', type: 'float32', shape }]

for (const [what, model, why] of [
  ['one series at a time', linear(x([1, 2]), y([1, 3])), /1 series at a time/],
  ['any number of values', linear(x(['rows', 'values']), y(['rows', 3])), /series by so many values of each; it takes x: float32 \[any, any\]/],
  ['an output of three places', { ...linear(x(['rows', 2]), y(['rows', 3, 1])), nodes: [
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['z'] }, { op: 'Unsqueeze', inputs: ['z', 'axes'], outputs: ['y'] },
  ], constants: { ...linear([], []).constants, axes: { type: 'int64', shape: [1], data: BigInt64Array.of(2n) } } }, /series by steps; it puts out y: float32 \[any, 3, 1\]/],
  ['no numbers', { ...linear(x(['rows', 2]), y(['rows', 3])), nodes: [
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['z'] }, { op: 'Sub', inputs: ['z', 'z'], outputs: ['o'] }, { op: 'Div', inputs: ['o', 'o'], outputs: ['y'] },
  ] }, /says what is no number/],
] as const satisfies readonly (readonly [string, OnnxModel, RegExp])[]) {
  test(`a file of ${what} is refused, and nothing is written`, () => {
    const file = join(home, 'bad.onnx'), to = join(home, 'refused')
    writeFileSync(file, encodeModel(model))
    const { status, err } = take(file, to)
    assert.equal(status, 65, err)
    assert.match(err, why)
    assert.ok(!existsSync(`${to}.json`) && !existsSync(`${to}.onnx`))
  })
}

test('what is no ONNX file, and a classifier, are refused', () => {
  writeFileSync(join(home, 'words.onnx'), 'no model')
  for (const file of [join(home, 'words.onnx'), join(root, 'test/wire/onnx/iris.onnx')]) assert.equal(take(file, join(home, 'none')).status, 65)
})

test('it is asked of the values before each origin alone, in one run for all', async () => {
  const asked: number[][] = []
  const repeat: Run = async ({ x: given }) => {
    const values = Array.from(given?.data ?? [], Number)
    asked.push(values)
    return { y: float32([values.length / 3, 2], Array.from({ length: (values.length / 3) * 2 }, (_, i) => values[Math.floor(i / 2) * 3 + 2] ?? NaN)) }
  }
  const terms = { context: 3, input: 'x', numbers: 'float32', output: 'y' } as const, values = Float64Array.from({ length: 40 }, (_, t) => t % 7)
  assert.deepEqual((await pathsOf(repeat, terms, values, [3, 8])).map((path) => [...path]), [[2, 2], [0, 0]])
  assert.deepEqual(asked, [[0, 1, 2, 5, 6, 0]])
  // What repeats the last value is the naive method, spread and all.
  const naive = forecasterOf({ name: 'onnx', fit: () => ({ paths: (h, origins, horizon) => origins.map((o) => new Float64Array(horizon).fill(h.values[o - 1] ?? NaN)) }) })
  const question = { horizon: 2, season: 1, seed: 1 }
  assert.deepEqual(await forecasterOf(servedMethod(repeat, { ...terms, horizon: 2 })).forecast({ values }, question), await naive.forecast({ values }, question))
})

test('what is said of classes is refused of a forecaster', () => {
  for (const words of [['--features', 'a,b'], ['--classes', 'no,yes'], ['--target', 'x'], ['--onnx']]) {
    const { status, err } = run('vanta-train', ['import', '--forecast', '--in', theirs, '-o', join(home, 'never'), ...words])
    assert.equal(status, 2)
    assert.match(err, new RegExp(`${words[0] ?? ''}: not of a forecaster`))
  }
  assert.ok(!existsSync(join(home, 'never.json')))
})
