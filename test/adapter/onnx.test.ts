/** The runtime behind the port: what it computes, what it refuses, and that it speaks to nobody. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { onnxInference } from '#adapter/onnx/lazy'
import { encodeModel } from '#domain/onnx/encode'
import { float32, float64, int64, type OnnxModel } from '#domain/onnx/model'
import { Failure, type Exit } from '#port/failure'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const ends = (exit: Exit, words: RegExp) => (error: unknown): boolean => error instanceof Failure && error.exit === exit && words.test(error.message)

/** y = x · 2 + [1, 2]; `twice` in doubles; `count` passes through. */
const affine: OnnxModel = {
  name: 'affine',
  inputs: [{ name: 'x', type: 'float32', shape: ['rows', 2] }, { name: 'd', type: 'float64', shape: [1] }, { name: 'n', type: 'int64', shape: [1] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['rows', 2] }, { name: 'twice', type: 'float64', shape: [1] }, { name: 'count', type: 'int64', shape: [1] }],
  constants: { two: float32([], [2]), bias: float32([2], [1, 2]) },
  nodes: [
    { op: 'Mul', inputs: ['x', 'two'], outputs: ['scaled'] },
    { op: 'Add', inputs: ['scaled', 'bias'], outputs: ['y'] },
    { op: 'Add', inputs: ['d', 'd'], outputs: ['twice'] },
    { op: 'Identity', inputs: ['n'], outputs: ['count'] },
  ],
  metadata: { purpose: 'test' },
}
const bytes = encodeModel(affine)
const given = { x: float32([2, 2], [1, 2, 3, 4]), d: float64([1], [0.1]), n: int64([1], [7]) }

test('a model of ours runs, in every type', async () => {
  const session = await onnxInference.open({ name: 'affine', bytes, sha256: createHash('sha256').update(bytes).digest('hex') })
  assert.deepEqual([session.inputs, session.outputs], [['x', 'd', 'n'], ['y', 'twice', 'count']])
  assert.deepEqual(await session.run(given), { y: float32([2, 2], [3, 6, 7, 10]), twice: float64([1], [0.2]), count: int64([1], [7]) })
  assert.deepEqual(await session.run(given, ['y']), { y: float32([2, 2], [3, 6, 7, 10]) })
  await session.close()
})

test('another hash, other bytes, and inputs that are none are refused by name', async () => {
  await assert.rejects(onnxInference.open({ name: 'models/a.onnx', bytes, sha256: '0'.repeat(64) }), ends('config', /^models\/a\.onnx: its SHA-256 is [0-9a-f]{64}, its card says 0/))
  await assert.rejects(onnxInference.open({ name: 'torn', bytes: bytes.slice(0, bytes.length - 9), sha256: 'own' }), ends('data', /^torn: /))
  await assert.rejects(onnxInference.open({ name: 'text', bytes: Buffer.from('<html>'), sha256: 'own' }), ends('data', /^text: /))
  const session = await onnxInference.open({ name: 'affine', bytes, sha256: 'own' })
  await assert.rejects(session.run({ x: given.x, d: given.d }), ends('data', /^affine: .*n/))
  await assert.rejects(session.run({ ...given, x: float32([1, 3], [1, 2, 3]) }), ends('data', /^affine: /))
  await assert.rejects(session.run({ ...given, n: float32([1], [1]) }), ends('data', /^affine: /))
  await session.close()
})

const PROGRAM = `
import { onnxInference } from '#adapter/onnx/lazy'
import { float32, float64, int64 } from '#domain/onnx/model'
import { readFileSync } from 'node:fs'
const session = await onnxInference.open({ name: 'affine', bytes: readFileSync(process.argv.at(-1)), sha256: 'own' })
const { y } = await session.run({ x: float32([1, 2], [1, 1]), d: float64([1], [1]), n: int64([1], [1]) })
await session.close()
process.stdout.write(String(y.data))
`
const canTrace = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0

test('under strace: no connection, no question to a resolver, and it ends by itself', { skip: canTrace ? false : 'strace is not installed, or may not trace' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-onnx-'))
  writeFileSync(join(folder, 'model.onnx'), bytes)
  const log = join(folder, 'trace')
  const { status, stdout, stderr } = spawnSync('strace', [
    '-f', '-qq', '-o', log, '-e', 'trace=connect,sendto,sendmsg,sendmmsg', process.execPath, '--import', 'tsx', '--input-type=module', '--eval', PROGRAM, '--', join(folder, 'model.onnx'),
  ], { cwd: root, encoding: 'utf8', env: { ...process.env, HOME: folder, ORT_DISABLE_TELEMETRY: '' } })
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '3,4', stderr: '' })
  assert.deepEqual(readFileSync(log, 'utf8').split('\n').filter((line) => /AF_INET|sin_port/.test(line)), [])
  assert.deepEqual(readdirSync(folder).sort(), ['model.onnx', 'trace'], 'nothing is kept in the home of the user')
})

test('the runtime is the version without a messenger in it', () => {
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('onnxruntime-node/package.json'))
  const stated: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  assert.ok(typeof stated === 'object' && stated !== null && 'version' in stated)
  assert.equal(stated.version, '1.27.0')
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  assert.equal(dependencies['onnxruntime-node'], '1.27.0')
  const npm = readFileSync(join(root, '.npmrc'), 'utf8').split('\n')
  assert.ok(npm.includes('ignore-scripts=true'), 'its install script would download more')
  const library = join(folder, 'bin/napi-v6', process.platform, process.arch)
  for (const name of readdirSync(library)) assert.equal(readFileSync(join(library, name)).includes('events.data.'), false, name)
})
