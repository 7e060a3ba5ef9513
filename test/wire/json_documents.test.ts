import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonDocuments, linesBetween } from '#wire/json_documents'
import { jsonOfPython } from '#wire/python_literal'

const found = (text: string): unknown => [...jsonDocuments(text)].map(({ text: each, line }) => [line, each])

test('NDJSON, pretty-printed documents, and lines between them', () => {
  assert.deepEqual(found('{"a":1}\n{"b":"}\\"{"}\n\n[1,2]\n'), [[1, '{"a":1}'], [2, '{"b":"}\\"{"}'], [4, '[1,2]']])
  const log = 'Key: x\nDecoded Message:\n{\n  "a": [\n  1 ]\n}\n-----\nKey: y\n{"b": 2}'
  assert.deepEqual(found(log), [[3, '{\n  "a": [\n  1 ]\n}'], [9, '{"b": 2}']])
  assert.deepEqual(linesBetween(log, [...jsonDocuments(log)]), [1, 2, 7, 8])
  assert.deepEqual(found('{"a":1}\n{"b":'), [[1, '{"a":1}'], [2, '{"b":']], 'cut off')
  assert.deepEqual(found('none {"a":1}'), [])
})

test('every line of NDJSON is a document, whatever its strings hold', () => {
  fc.assert(fc.property(fc.array(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null))), { minLength: 1 }), (rows) => {
    const text = rows.map((row) => JSON.stringify(row)).join('\n'), documents = [...jsonDocuments(text)]
    assert.deepEqual(documents.map((each) => JSON.parse(each.text) as unknown), rows.map((row) => JSON.parse(JSON.stringify(row)) as unknown))
    assert.deepEqual(documents.map(({ line }) => line), rows.map((_, i) => i + 1))
    assert.deepEqual(linesBetween(text, documents), [])
  }))
})

test("Python's repr", () => {
  const of = (literal: string): unknown => JSON.parse(jsonOfPython(literal))
  assert.deepEqual(of(
    "{'a': 'x', 'b': [1, 2.50, -3e-05], 'c': None, 'd': True, 'e': False, 'f': nan}",
  ), { a: 'x', b: [1, 2.5, -0.00003], c: null, d: true, e: false, f: null })
  assert.deepEqual(of(
    `{'q': "it's", 'r': 'say "x"', 's': 'back\\\\slash \\x41 \\u00e9 \\n', 'None': 'True'}`,
  ), { q: "it's", r: 'say "x"', s: 'back\\slash A é \n', None: 'True' })
  assert.throws(() => of("{'a': __import__('os')}"), SyntaxError)
})
