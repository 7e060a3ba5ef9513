import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelledPairsOf, rowsOf } from '#wire/resolve/rows'

test('CSV and JSON lines are the same rows', () => {
  const expected = [{ number: 1, fields: { id: '1', name: 'Ann, Smith' } }, { number: 2, fields: { id: '2', name: '' } }]
  assert.deepEqual(rowsOf(Buffer.from('id,name\n1,"Ann, Smith"\n2,\n'), 'x'), expected)
  assert.deepEqual(rowsOf(Buffer.from('{"id":1,"name":"Ann, Smith"}\n\n{"id":"2","name":""}\n'), 'x').map(({ fields }) => fields), expected.map(({ fields }) => fields))
})

test('a bad line is named', () => {
  assert.throws(() => rowsOf(Buffer.from('a,b\n1\n'), 'x.csv'), /x\.csv:2: expected 2 cells, got 1/)
  assert.throws(() => rowsOf(Buffer.from('{"a":1}\n{"a":\n'), 'x'), /x:2: expected a JSON object/)
  assert.throws(() => rowsOf(Buffer.from('{"a":{"b":1}}\n'), 'x'), /x:1: field "a": expected a text or number/)
  assert.throws(() => labelledPairsOf(Buffer.from('{"left":{},"right":{},"match":2}\n'), 'x'), /x:1: field "match": expected 0 or 1/)
  assert.throws(() => labelledPairsOf(Buffer.from('{"left":{},"match":1}\n'), 'x'), /x:1: right: expected an object/)
})
