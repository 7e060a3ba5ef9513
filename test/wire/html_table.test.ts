import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { htmlRows, tableUnder } from '#wire/html_table'

const texts = (html: string): string[][] => htmlRows(html).map((row) => row.map(({ text }) => text))

test('cells as a reader sees them, their links beside', () => {
  assert.deepEqual(htmlRows('<table><TR><th>A&amp;B<td> x&nbsp; <b>y</b><br>z<a href="/a?b=1&amp;c=2">l</a><script>no</script></table>'), [[
    { text: 'A&B', links: [] }, { text: 'x y zl', links: ['/a?b=1&c=2'] },
  ]])
})

test('rows left open end with the next; tables within cells are their own', () => {
  assert.deepEqual(texts('<tr><td>1<td>2<tr><td>3</td></tr>'), [['1', '2'], ['3']])
  assert.deepEqual(texts('<tr><td>a<table><tr><td>b</td></tr></table>c</td><td>d</td></tr>'), [['b'], ['ac', 'd']])
})

test('a table is found by its titles and ends where rows have other cells', () => {
  const rows = htmlRows('<tr><td>x</td></tr><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr><tr><td>end</td></tr><tr><td>3</td><td>4</td></tr>')
  assert.deepEqual(tableUnder(rows, ['A'])?.rows.map((row) => row.map(({ text }) => text)), [['1', '2']])
  assert.equal(tableUnder(rows, ['B']), undefined)
})

test('any text is read, and none costs more than its length', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('<tr>', '<td>', '</td>', '</tr>', '<a href="x">', '<script>', '&amp;', 'x', '<!--', '"', '<'), { maxLength: 60 }), (parts) => {
    for (const row of htmlRows(parts.join(''))) assert.ok(row.length > 0)
  }))
  assert.equal(htmlRows('<tr><td>'.repeat(100_000)).length, 100_000)
  assert.equal(htmlRows('<table><tr><td>'.repeat(100_000)).length, 64, 'deeper tables are not looked into')
})
