import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { columns, fitting, folded } from '#domain/report/columns'

const cell = fc.stringMatching(/^[a-z]{0,12}$/)
const rows = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 6 }).map((all): readonly (readonly string[])[] => all)

test('a table stays whole where there is room or no terminal, and is no wider than one otherwise, while there are columns to spare', () => {
  fc.assert(fc.property(rows, fc.integer({ min: 1, max: 60 }), (table, width) => {
    const right = new Set([1, 3]), whole = columns(table, right)
    assert.deepEqual(fitting(table, right, undefined, [3, 1]), whole)
    const fit = fitting(table, right, width, [3, 1])
    const least = columns(table.map((row) => [row[0] ?? '', row[2] ?? '']), new Set())
    const widest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length))
    if (widest(whole) <= width) assert.deepEqual(fit, whole)
    else assert.ok(widest(fit) <= width || fit.join('\n') === least.join('\n'))
  }))
})

test('a folded line keeps every word in its order, and no line is wider than the terminal where words are not', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 30 })
  fc.assert(fc.property(words, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 24, max: 100 }), (all, indent, width) => {
    const line = ' '.repeat(indent) + all.join(' '), lines = folded(line, width)
    assert.deepEqual(lines.flatMap((one) => one.trim().split(' ')), all)
    assert.ok(lines.every((one) => one.length <= width))
    if (line.length <= width) assert.deepEqual(lines, [line])
    assert.deepEqual(folded(line, undefined), [line])
  }))
})
