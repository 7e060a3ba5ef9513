/** vanta-train forecast and all: models with cards that serve series they have not met, go on from their parents, and are refused once changed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { sha256Of } from '#wire/models'

const bin = join(dirname(fileURLToPath(import.meta.url)), '../../bin')

function run(tool: string, words: readonly string[], input = ''): { readonly status: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(join(bin, tool), words, { input, encoding: 'utf8' })
  return { status, out: stdout, err: stderr }
}
const series = (name: string, size: number, length: number): string =>
  Array.from({ length }, (_, t) => `${name},${String(t).padStart(4, '0')},${size * ([0, 4, 1][t % 3] ?? 0) + size * 0.05 * t + ((t * 7) % 5) * size * 0.1}\n`).join('')
const rows = `s,t,v\n${series('a', 1, 80)}${series('b', 50, 70)}${series('c', 0.01, 60)}`
const QUICK = ['--horizon', '3', '--season', '3', '--key', 's', '--value', 'v', '--time', 't', '--steps', '30', '--batch', '4']

for (const method of ['tft', 'deepar']) {
  test(`${method}: trained twice it is the same to the byte; it serves another series; its card says from what it is; changed bytes are refused`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'vanta-train-')), model = join(folder, 'm'), twin = join(folder, 'twin')
    writeFileSync(join(folder, 'rows.csv'), rows)
    const words = ['forecast', '--method', method, '--in', join(folder, 'rows.csv'), ...QUICK]
    const trained = run('vanta-train', [...words, '-o', model])
    assert.deepEqual([trained.status, trained.err], [0, ''])
    assert.equal(run('vanta-train', [...words, '-o', twin]).status, 0)
    assert.ok(readFileSync(`${model}.onnx`).equals(readFileSync(`${twin}.onnx`)), 'the served model')
    const card = JSON.parse(readFileSync(`${model}.card.json`, 'utf8'))
    assert.equal(card.sha256, sha256Of(readFileSync(`${model}.json`)))
    assert.deepEqual(card.learned_from, { file: join(folder, 'rows.csv'), sha256: sha256Of(rows), series: 3, rows: 210 })
    assert.ok(card.judged.windows > 0 && card.judged.loss > 0)

    const other = Array.from({ length: 40 }, (_, t) => `${JSON.stringify({ value: 7000 + 300 * ([0, 4, 1][t % 3] ?? 0) })}\n`).join('')
    const said = run('vanta-forecast', ['--model', model, '--horizon', '2', '--season', '3'], other)
    assert.deepEqual([said.status, said.err], [0, ''])
    const medians = said.out.trim().split('\n').map((line): number => JSON.parse(line).median)
    assert.ok(medians.length === 2 && Math.abs((medians[0] ?? NaN) - 8200) < 600 && Math.abs((medians[1] ?? NaN) - 7300) < 600, medians.join())
    assert.equal(run('vanta-forecast', ['--model', model, '--horizon', '4', '--season', '3'], other).status, 2)
    assert.equal(run('vanta-forecast', ['--model', model, '--horizon', '2', '--season', '4'], other).status, 2)

    const warm = run('vanta-train', [...words, '--warm', model, '-o', join(folder, 'child')])
    assert.equal(warm.status, 0, warm.err)
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'child.card.json'), 'utf8')).parents, [card.sha256])

    const onnx = readFileSync(`${model}.onnx`)
    onnx[onnx.length - 20] = (onnx[onnx.length - 20] ?? 0) ^ 1
    writeFileSync(`${model}.onnx`, onnx)
    const changed = run('vanta-forecast', ['--model', model, '--horizon', '2', '--season', '3'], other)
    assert.equal(changed.status, 78)
    assert.match(changed.err, /its SHA-256 is/)
    writeFileSync(`${twin}.json`, readFileSync(`${twin}.json`, 'utf8').replace('"horizon":3', '"horizon":2'))
    assert.equal(run('vanta-forecast', ['--model', twin, '--horizon', '2', '--season', '3'], other).status, 78)
  })
}

test('rows outside the span, and series that are not wanted, are not learned from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-train-'))
  const learn = (input: string, name: string): string => {
    const words = ['forecast', '--in', '-', ...QUICK, '--since', '0010', '--until', '0050', '--only', 'a,b', '-o', join(folder, name)]
    const { status, err } = run('vanta-train', words, input)
    assert.equal(status, 0, err)
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')).theta
  }
  const cut = rows.split('\n').filter((line) => line.startsWith('s,') || (/^[ab],00[1-4]/.test(line))).join('\n')
  assert.equal(learn(rows, 'one'), learn(`${cut}\n`, 'other'))
})

test('all: the most traded tickers of a folder of bars, nothing of the day or later', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-all-'))
  mkdirSync(join(folder, 'data/bars'), { recursive: true })
  const bar = (ticker: string, t: number, volume: number): string => {
    const day = new Date(Date.UTC(2019, 0, 1) + t * 86_400_000).toISOString().slice(0, 10), close = (20 + ((t * 13) % 7) / 10 + t / 100).toFixed(2)
    return `${day},${ticker},${close},${close},${close},${close},${close},${volume}\n`
  }
  const sheet = ['date,ticker,open,high,low,close,adj_close,volume\n']
  for (const [ticker, volume] of [['BIG', 9000], ['MID', 800], ['LOW', 70]] as const) for (let t = 0; t < 300; t++) sheet.push(bar(ticker, t, volume))
  writeFileSync(join(folder, 'data/bars/daily_us_test.csv'), sheet.join(''))
  const words = ['all', '--data', join(folder, 'data'), '--to', '2019-10-01', '--tickers', '2', '--years', '1', '--steps', '10', '--home', join(folder, 'home')]
  const { status, out, err } = run('vanta-train', words)
  assert.deepEqual([status, err], [0, ''])
  assert.equal(out.trim().split('\n').length, 2)
  for (const method of ['tft', 'deepar']) {
    const card = JSON.parse(readFileSync(join(folder, `home/models/prices_${method}.card.json`), 'utf8'))
    assert.deepEqual([card.learned_from.series, card.learned_from.rows, card.learned_from.until], [2, 2 * 273, '2019-10-01'])
    assert.match(card.made_by, /--only BIG,MID /)
  }
  const warm = run('vanta-train', [...words, '--warm'])
  assert.equal(warm.status, 0, warm.err)
  assert.equal(JSON.parse(readFileSync(join(folder, 'home/models/prices_tft.card.json'), 'utf8')).parents.length, 1)
})
