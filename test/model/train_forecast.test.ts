/** vanta-train forecast and all: models with cards that serve series they have not met, go on from their parents, and are refused once changed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import type { Bar } from '#record'
import { sha256Of } from '#record/sha256'
import { PriceFeatures } from '#domain/features/prices'
import { casesOf } from '#domain/forecast/direction'
import { dailyBars } from '#wire/bars/history'

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

    const explained = run('vanta-explain', ['--model', model, '--value', 'value'], other)
    if (method === 'tft') {
      const whole = run('vanta-forecast', ['--model', model, '--horizon', '3', '--season', '3', '--why'], other).out
      const parts = (text: string) => text.trim().split('\n').map((line): { step: number; median: number; why: unknown } => JSON.parse(line))
        .map(({ step, median, why }) => ({ step, median, why }))
      assert.deepEqual([explained.status, explained.err, parts(explained.out)], [0, '', parts(whole)])
    } else assert.equal(explained.status, 2, 'it says no reasons')

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

test('all: every model of the most traded tickers of a folder of bars, nothing of the day or later; listed with those that come with Vanta', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-all-')), home = join(folder, 'home'), file = join(folder, 'data/bars/daily_us_test.csv')
  mkdirSync(join(folder, 'data/bars'), { recursive: true })
  const bar = (ticker: string, t: number, volume: number): string => {
    const day = new Date(Date.UTC(2019, 0, 1) + t * 86_400_000).toISOString().slice(0, 10), close = (20 + ((t * 13) % 7) / 10 + t / 100).toFixed(2)
    return `${day},${ticker},${close},${close},${close},${close},${close},${volume}\n`
  }
  const sheet = ['date,ticker,open,high,low,close,adj_close,volume\n']
  for (const [ticker, volume] of [['BIG', 9000], ['MID', 800], ['LOW', 70]] as const) for (let t = 0; t < 450; t++) sheet.push(bar(ticker, t, volume))
  writeFileSync(file, sheet.join(''))
  const words = ['all', '--data', join(folder, 'data'), '--to', '2020-03-01', '--tickers', '2', '--years', '2', '--steps', '10', '--home', home]
  const { status, out, err } = run('vanta-train', words)
  assert.deepEqual([status, err], [0, ''])
  assert.equal(out.trim().split('\n').length, 3)
  const cardOf = (name: string) => JSON.parse(readFileSync(join(home, `models/${name}.card.json`), 'utf8'))
  for (const method of ['tft', 'deepar']) {
    const card = cardOf(`prices_${method}`)
    assert.deepEqual([card.learned_from.series, card.learned_from.rows, card.learned_from.until], [2, 2 * 425, '2020-03-01'])
    assert.match(card.made_by, /--only BIG,MID /)
  }
  const { learned_from: from, judged, made_by: by, sha256 } = cardOf('prices_direction')
  assert.deepEqual([from.series, from.until], [2, '2020-02-29T21:00:00.000Z'])
  assert.match(by, /^vanta-train direction .*--until 2020-03-01T00:00:00.000Z --only BIG,MID /)
  assert.ok(judged.rows > 0 && judged.shown.length > 0)
  const warm = run('vanta-train', [...words, '--warm'])
  assert.equal(warm.status, 0, warm.err)
  assert.equal(cardOf('prices_tft').parents.length, 1)
  assert.equal(cardOf('prices_direction').sha256, sha256, 'the same rows, the same bytes')

  const listed = run('vanta-train', ['list', '--home', home]).out.trim().split('\n').map((line): { model: string; fault: unknown } => JSON.parse(line))
  assert.deepEqual(listed.slice(0, 3).map(({ model, fault }) => [model, fault]), ['deepar', 'direction', 'tft'].map((name) => [`prices_${name}`, null]))
  assert.ok(listed.some(({ model }) => model === 'sentiment'))
  assert.match(run('vanta-train', ['list', '--table', '--home', home]).out, /^prices_direction +\d+ +2019-01-01\.\.2020-02-29 /m)

  const model = join(home, 'models/prices_direction'), bars = run('vanta-bars', ['--from', file, '--keep', 'no', '--home', home]).out
  const served = run('vanta-classify', ['--model', model, '--beliefs'], bars)
  assert.deepEqual([served.status, served.out.split('\n').filter((line) => line.includes('"bar"')).join('\n')], [0, bars.trimEnd()])
  assert.equal(run('vanta-classify', ['--model', join(home, 'models/prices_tft'), '--beliefs'], bars).status, 78)
})

test('no skew: a file of bars is learned from as the very records that vanta-bars makes of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-skew-')), file = join(folder, 'daily_us_test.csv')
  const rows = Array.from({ length: 300 }, (_, t) => ['A', 'B', 'C'].map((ticker, i) => {
    const day = new Date(Date.UTC(2019, 0, 1) + t * 86_400_000).toISOString().slice(0, 10), close = 30 + ((t * (11 + i)) % 17) / 10 + t / 90
    return `${day},${ticker},${close.toFixed(2)},${(close + 1).toFixed(2)},${(close - 1).toFixed(2)},${(close + 0.5).toFixed(4)},${1000 + ((t * 37) % 91)}\n`
  }).join(''))
  writeFileSync(file, `date,ticker,open,high,low,close,volume\n${rows.join('')}`)
  const log = { debug() {}, info() {}, warn() {}, error() {} }, payload = { name: file, bytes: readFileSync(file), heardMs: 0 }
  const learned = await dailyBars(payload, { tickers: new Set(['A', 'C']) }, { by: 'test/1', log, reject: (place, why) => assert.fail(`${place}: ${why}`) })
  const heard = run('vanta-bars', ['--from', file, '--ticker', 'A,C', '--keep', 'no']).out.trim().split('\n').map((line): Bar => JSON.parse(line))
  const features = new PriceFeatures(), told = new Map(heard.map((bar) => [`${bar.subject} ${Date.parse(bar.known_at)}`, features.add(bar)?.values]))
  const cases = casesOf(learned, 5)
  assert.ok(cases.length > 10)
  for (const { subject, knownMs, values } of cases) assert.deepEqual(values, told.get(`${subject} ${knownMs}`))
  assert.deepEqual(casesOf(heard, 5), cases)
})
