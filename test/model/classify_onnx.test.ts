/** Classifiers that others learned, as ONNX: they are served as their makers ask them, and what is none is refused by name before anything is written. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeModel } from '#domain/onnx/encode'
import { float32, type OnnxModel } from '#domain/onnx/model'

const root = join(import.meta.dirname, '../..'), theirs = join(root, 'test/wire/onnx')
const home = mkdtempSync(join(tmpdir(), 'vanta-onnx-'))
after(() => rmSync(home, { recursive: true }))

interface Said {
  readonly classes: readonly string[]
  readonly rows: readonly (readonly (number | null)[])[]
  readonly probabilities: readonly (readonly number[])[]
}
const said = JSON.parse(readFileSync(join(theirs, 'said.json'), 'utf8')) as { readonly fields: readonly string[]; readonly iris: Said; readonly trees: Said }

const run = (tool: string, words: readonly string[], input = ''): { readonly status: number | null; readonly stdout: string; readonly stderr: string } => {
  const env = { ...process.env, VANTA_HOME: home }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', tool), ...words], { cwd: home, encoding: 'utf8', input, env })
  return { status, stdout, stderr }
}
const imported = (file: string, fields: readonly string[], classes: readonly string[], name = 'taken') =>
  run('vanta-train', ['import', '--in', file, '--features', fields.join(','), '--classes', classes.join(','), '-o', join(home, name)])

for (const model of ['iris', 'trees'] as const) {
  test(`${model}: probabilities are those that its maker says, holes and all`, () => {
    const { classes, rows, probabilities } = said[model]
    const { status, stderr } = imported(join(theirs, `${model}.onnx`), said.fields, classes, model)
    assert.equal(status, 0, stderr)
    const lines = rows.map((row) => JSON.stringify(Object.fromEntries(said.fields.map((name, f) => [name, row[f]]))))
    const { status: served, stdout, stderr: why } = run('vanta-classify', ['--model', join(home, model)], lines.join('\n'))
    assert.equal(served, 0, why)
    const ours = stdout.trim().split('\n').map((line) => (JSON.parse(line) as { probability: { [name: string]: number } }).probability)
    assert.equal(ours.length, rows.length)
    probabilities.forEach((shares, row) => shares.forEach((share, k) => {
      const mine = ours[row]?.[classes[k] ?? ''] ?? NaN
      assert.ok(Math.abs(mine - share) < 1e-6, `row ${row}, ${classes[k]}: ${mine} and ${share}`)
    }))
  })
}

test('a hole that the model cannot take makes a bad row, and the others are served', () => {
  imported(join(theirs, 'iris.onnx'), said.fields, said.iris.classes)
  const { status, stdout, stderr } = run('vanta-classify', ['--model', join(home, 'taken')],
    '{"sepal_length":5,"sepal_width":3,"petal_length":1}\n{"sepal_length":5,"sepal_width":3,"petal_length":1,"petal_width":0.2}\n')
  assert.equal(status, 65)
  assert.equal(stdout.trim().split('\n').length, 1)
  assert.match(stderr, /no probabilities \(missing: petal_width\)/)
})

const scores = (shape: readonly (number | string)[] = ['rows', 2], inputs: OnnxModel['inputs'] = [{ name: 'x', type: 'float32', shape: ['rows', 2] }]): OnnxModel => ({
  name: 'scores', inputs, outputs: [{ name: 'y', type: 'float32', shape }], constants: { w: float32([2, 2], [1, 0, 0, 1]) },
  nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
})
const written = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(home, name), bytes)
  return join(home, name)
}

test('what is no classifier of that signature is refused with its reason, and nothing is written', () => {
  const four = said.fields, three = said.iris.classes, iris = join(theirs, 'iris.onnx'), bytes = readFileSync(iris)
  const twoInputs = scores(['rows', 2], [{ name: 'x', type: 'float32', shape: ['rows', 2] }, { name: 'z', type: 'float32', shape: ['rows', 2] }])
  const later = Uint8Array.from(encodeModel(scores()))
  // The version of the operators stands last in the bytes: one that nobody has published.
  later[later.length - 1] = 99
  for (const [file, fields, classes, status, why] of [
    [iris, four.slice(1), three, 65, /its input "X" has 4 fields, not 3/],
    [iris, four, three.slice(1), 65, /its output "probabilities" has 3 classes, not 2/],
    [iris, [...four.slice(0, 3), 'sepal_length'], three, 2, /--features: a name twice/],
    [iris, four, [], 2, /--classes/],
    [join(theirs, 'zipmap.onnx'), four, three, 65, /output_probability: no tensor.*zipmap=False/],
    [written('torn.onnx', bytes.subarray(0, 400)), four, three, 65, /torn\.onnx: no model that the runtime takes/],
    [written('rows.onnx', Buffer.from('a,b\n1,2\n')), four, three, 65, /rows\.onnx: no model that the runtime takes/],
    [written('scores.onnx', encodeModel(scores())), ['a', 'b'], ['no', 'yes'], 65, /says 0, 0 of a row of zeros: no probabilities of 2 classes/],
    [written('two.onnx', encodeModel(twoInputs)), ['a', 'b'], ['no', 'yes'], 65, /expected one input of numbers, rows by fields; it takes x: float32 \[any, 2\]; z: float32/],
    [written('fixed.onnx', encodeModel(scores([8, 2], [{ name: 'x', type: 'float32', shape: [8, 2] }]))), ['a', 'b'], ['no', 'yes'], 65, /has 8 rows at a time/],
    [written('later.onnx', later), ['a', 'b'], ['no', 'yes'], 65, /later\.onnx: no model that the runtime takes.*99/],
    [join(home, 'none.onnx'), four, three, 2, /none\.onnx/],
  ] as const) {
    const answer = imported(file, fields, classes, 'refused')
    assert.equal(answer.status, status, `${file}: ${answer.stderr}`)
    assert.match(answer.stderr, why)
    assert.ok(!existsSync(join(home, 'refused.json')) && !existsSync(join(home, 'refused.onnx')))
  }
})

test('a file that was changed, or is gone, is not loaded', () => {
  imported(join(theirs, 'iris.onnx'), said.fields, said.iris.classes, 'changed')
  const path = join(home, 'changed.onnx'), bytes = readFileSync(path)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
  writeFileSync(path, bytes)
  const { status, stderr } = run('vanta-classify', ['--model', join(home, 'changed')], '{}\n')
  assert.equal(status, 78)
  assert.match(stderr, /changed\.onnx: its SHA-256 is [0-9a-f]{64}, its card says [0-9a-f]{64}: not loaded/)
  const listed = (): { readonly status: number | null; readonly stdout: string } => run('vanta-train', ['list', '--models', home])
  assert.equal(listed().status, 1)
  assert.match(listed().stdout, /changed\.onnx: its SHA-256 is/)
  rmSync(path)
  assert.match(listed().stdout, /"no such file: [^"]*changed\.onnx"/)
  const gone = run('vanta-classify', ['--model', join(home, 'changed')], '{}\n')
  assert.equal(gone.status, 2)
  assert.match(gone.stderr, /changed\.onnx/)
})
