import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escaped, html, verbatim } from '#domain/report/markup'

const decoded = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name] ?? '')

test('escaped text holds no sign of markup, and decodes to what it was', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
    const safe = escaped(text)
    assert.doesNotMatch(safe, /[<>"']/)
    assert.doesNotMatch(safe, /&(?!(amp|lt|gt|quot|#39);)/)
    if (!/[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/u.test(text)) assert.equal(decoded(safe), text)
  }))
})

test('what no text may hold is replaced: controls and halves of surrogate pairs; marks that turn the text around go', () => {
  assert.equal(escaped('a\u0000b\ud800c\udc00d'), 'a\ufffdb\ufffdc\ufffdd')
  assert.equal(escaped('GME\u202egnihtemos\u2069'), 'GMEgnihtemos')
  assert.equal(escaped('\ud83d\ude80 to the moon'), '\ud83d\ude80 to the moon')
})

test('a template escapes what is put in, but not another template', () => {
  const inner = html`<b>${'<i>'}</b>`
  assert.equal(html`<p title="${'"'}">${inner}${[inner, 'x']}${3}</p>`.text, '<p title="&quot;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>x3</p>')
  assert.equal(html`${verbatim('<hr>')}`.text, '<hr>')
})

test('nothing leaves no trace, and neither do line breaks of the template; those of the text stay', () => {
  assert.equal(html`<p>${undefined}${null}${false}</p>`.text, '<p></p>')
  assert.equal(html`
    <ul>
      <li>${'a\n  b'}</li>
    </ul>`.text, '<ul><li>a\n  b</li></ul>')
})

test('a number that is none is refused', () => {
  assert.throws(() => html`${NaN}`, RangeError)
  assert.throws(() => html`${Infinity}`, RangeError)
})
