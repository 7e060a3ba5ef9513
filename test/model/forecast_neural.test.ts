/** vanta-forecast with methods that learn from all series of the input together. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'

const bin = join(dirname(fileURLToPath(import.meta.url)), '../../bin')

/** Series of one season of 4 on a slope, of two sizes, and one that is too short to be told in seasons. */
function rowsOf(scale: number): string {
  const rows: string[] = []
  for (let t = 0; t < 60; t++) {
    rows.push(JSON.stringify({ s: 'a', v: scale * ([0, 5, 2, 1][t % 4] ?? 0) + scale * 0.1 * t }), JSON.stringify({ s: 'b', v: ([3, 1, 1, 9][t % 4] ?? 0) + (t % 7) / 10 }))
  }
  for (const v of [1, 2, 1]) rows.push(JSON.stringify({ s: 'short', v }))
  return rows.map((row) => `${row}\n`).join('')
}

interface Said {
  readonly s: string
  readonly step: number
  readonly method: string
  readonly median: number
  readonly quantiles: { readonly [level: string]: number }
  readonly why?: {
    readonly past: { readonly [variable: string]: number }
    readonly ahead: { readonly [variable: string]: number }
    readonly looked: readonly { readonly back: number; readonly share: number }[]
  }
}

function forecast(words: readonly string[], input: string): { readonly status: number | null; readonly stderr: string; readonly said: readonly Said[] } {
  const { status, stdout, stderr } = spawnSync(join(bin, 'vanta-forecast'), words, { input, encoding: 'utf8' })
  return { status, stderr, said: stdout.trim().split('\n').filter((line) => line !== '').map((line): Said => JSON.parse(line)) }
}

for (const method of ['tft', 'deepar']) {
  test(`${method}: each series is answered in its own units, the same twice, and one too short by what stands in`, () => {
    const words = ['--method', method, '--horizon', '4', '--season', '4', '--key', 's', '--value', 'v']
    const one = forecast(words, rowsOf(100))
    assert.deepEqual([one.status, one.stderr], [0, ''])
    assert.deepEqual(one.said.map(({ s, step, method: by }) => `${s} ${step} ${by}`), [
      ...[1, 2, 3, 4].map((step) => `a ${step} ${method}`), ...[1, 2, 3, 4].map((step) => `b ${step} ${method}`), ...[1, 2, 3, 4].map((step) => `short ${step} naive`),
    ])
    assert.deepEqual(forecast(words, rowsOf(100)).said, one.said)
    for (const { s, step, median, quantiles } of one.said) {
      const levels = Object.values(quantiles)
      assert.deepEqual(levels, [...levels].sort((x, y) => x - y))
      const truth = s === 'a' ? 100 * ([0, 5, 2, 1][(59 + step) % 4] ?? 0) + 10 * (59 + step) : s === 'b' ? ([3, 1, 1, 9][(59 + step) % 4] ?? 0) + ((59 + step) % 7) / 10 : median
      assert.ok(Math.abs(median - truth) < (s === 'a' ? 40 : 0.8), `${s} ${step}: ${median}, ${truth}`)
    }
  })
}

test('tft --why: shares by variable and by step looked at, the same forecast beside them', () => {
  const words = ['--method', 'tft', '--horizon', '3', '--season', '4', '--key', 's', '--value', 'v']
  const plain = forecast(words, rowsOf(1)).said, told = forecast([...words, '--why'], rowsOf(1)).said
  assert.equal(told.length, 9)
  told.forEach(({ s, why, ...rest }, i) => {
    assert.deepEqual({ s, ...rest }, plain[i])
    if (s === 'short') return assert.equal(why, undefined)
    assert.ok(why !== undefined)
    for (const shares of [why.past, why.ahead]) assert.ok(Math.abs(Object.values(shares).reduce((sum, share) => sum + share, 0) - 1) < 0.002, JSON.stringify(shares))
    assert.deepEqual(Object.keys(why.past).slice(0, 3), ['value', 'change over a season', 'last change of that'])
    assert.ok(why.looked.length === 5 && why.looked.every(({ back, share }) => back >= 0 && back <= 24 + 2 && share > 0))
  })
})

test('what does not go together is refused', () => {
  assert.equal(forecast(['--method', 'deepar', '--why', '--horizon', '2'], '').status, 2)
  assert.equal(forecast(['--method', 'tft', '--grouped', '--horizon', '2'], '').status, 2)
  assert.equal(forecast(['--model', '/nowhere/model', '--horizon', '2'], '').status, 2)
  assert.deepEqual(forecast(['--method', 'deepar', '--horizon', '2'], ''), { status: 0, stderr: '', said: [] })
})
