import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decayed } from '#domain/conviction/decay'

const weight = fc.double({ min: 0, max: 1e6, noNaN: true })
const ageMs = fc.integer({ min: 0, max: 1e11 })
const halfLifeMs = fc.integer({ min: 1, max: 1e11 })
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) + 1e-300

test('half is left after one half-life, a quarter after two', () => {
  assert.ok(near(decayed(1, 6, 6), 0.5))
  assert.ok(near(decayed(8, 12, 6), 2))
})

test('no age leaves the weight as it is, exactly, and so does an event to come', () => {
  fc.assert(fc.property(weight, ageMs, halfLifeMs, (w, age, halfLife) => {
    assert.equal(decayed(w, 0, halfLife), w)
    assert.equal(decayed(w, -age, halfLife), w)
  }))
})

test('it never grows with age', () => {
  fc.assert(fc.property(weight, ageMs, ageMs, halfLifeMs, (w, a, b, halfLife) => {
    assert.ok(decayed(w, Math.max(a, b), halfLife) <= decayed(w, Math.min(a, b), halfLife))
  }))
})

test('a longer half-life never leaves less', () => {
  fc.assert(fc.property(weight, ageMs, halfLifeMs, halfLifeMs, (w, age, a, b) => {
    assert.ok(decayed(w, age, Math.max(a, b)) >= decayed(w, age, Math.min(a, b)))
  }))
})

test('ageing in two steps is ageing once', () => {
  const few = fc.integer({ min: 0, max: 20 })
  fc.assert(fc.property(weight, few, few, halfLifeMs, (w, a, b, halfLife) => {
    const [first, second] = [a * halfLife, b * halfLife]
    assert.ok(near(decayed(decayed(w, first, halfLife), second, halfLife), decayed(w, first + second, halfLife)))
  }))
})
