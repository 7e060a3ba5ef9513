/** A sample of `npm run tamper`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkUntouched, tamper } from './tamper.ts'

test('a log that nobody touched is intact, and is cosigned', checkUntouched)

test('whatever is changed, wherever, by whomever, is noticed, and its place named', () => {
  for (let seed = 1; seed <= 1200; seed++) {
    const trial = tamper(seed)
    assert.ok(trial.by !== 'nobody' && trial.isNamed, `seed ${seed}: ${JSON.stringify(trial)}`)
  }
})
