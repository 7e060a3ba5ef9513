/** A sample of `npm run simulate`; a seed that ever failed is listed here for good. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BUGS, simulate } from './run.ts'

/**
 * 39, 3469: what a run had written, but not made durable before it failed, was built upon by the next. 752: an intent of a run that ended was
 * called never sent. 1405, 2404: what the account held beside the vaults was not durable in time. 8370: absence was measured from the beginning
 * of the moment, not from the sending.
 */
const ONCE_FAILED = [39, 534, 752, 1405, 2404, 3469, 8370]

test('whatever is lost, late, doubled, torn or cut off: the laws hold', async () => {
  for (const seed of [...ONCE_FAILED, ...Array.from({ length: 120 }, (_, i) => i + 1)]) {
    const { violations } = await simulate(seed)
    assert.deepEqual(violations, [], `seed ${seed}`)
  }
})

test('a seed reproduces exactly', async () => {
  for (const seed of [2, 7, 39]) assert.deepEqual(await simulate(seed), await simulate(seed))
})

/** Needs an order that shows late just when it is looked for: rare, so that the search begins close to the first such seed. */
const FROM: { readonly [bug: string]: number } = { 'absence is believed at once': 35 }

for (const bug of BUGS) {
  test(`a deliberate bug is caught: ${bug}`, async () => {
    const from = FROM[bug] ?? 1
    for (let seed = from; seed < from + 60; seed++) if ((await simulate(seed, bug)).violations.length > 0) return
    assert.fail('not caught in 60 seeds')
  })
}
