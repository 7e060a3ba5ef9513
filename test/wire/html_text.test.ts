import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeEntities, textOfHtml } from '#wire/html_text'

test('what a reader sees', () => {
  assert.equal(textOfHtml('<p>Hi&nbsp;you &amp; <b>me</b></p><p>two<br/>lines</p>'), 'Hi you & me\n\ntwo\nlines')
  assert.equal(textOfHtml('a<script>if (1 < 2) alert("</b>")</script>b<style>p{}</style>c<!-- d -->e'), 'abce')
  assert.equal(textOfHtml('<ul><li>x<li>y</ul>'), 'x\ny')
  assert.equal(textOfHtml('1 < 2 & 3 > 2, caf&eacute; &#x1F600; &bogus;'), '1 < 2 & 3 > 2, café \u{1f600} &bogus;')
  assert.equal(textOfHtml('plain  text\r\n\r\n\r\n\r\nzero\u200bwidth'), 'plain text\n\nzerowidth')
  assert.equal(textOfHtml('it\x92s \x96 \x81&#150;'), 'it\u2019s \u2013 \u2013')
  assert.equal(textOfHtml('<a href="x>y">link</a> <img alt="no text">'), 'link')
})

test('an element that is never closed ends the text, and one that is empty does not', () => {
  assert.equal(textOfHtml('a<svg/>b<script>c'), 'ab')
})

test('entities in text without tags', () => {
  assert.equal(decodeEntities('a &eacute; &#233; &#xE9; &amp;lt; <b>'), 'a é é é &lt; <b>')
  assert.equal(decodeEntities('?a=1&copy=2 &nosuch; & &;'), '?a=1&copy=2 &nosuch; & &;')
})

test('no HTML makes it throw, and no nesting makes it slow', () => {
  fc.assert(fc.property(fc.string(), (html) => void textOfHtml(html)))
  const odd = fc.array(fc.constantFrom('<', '>', '</', '<p', '<script', '</script>', '&', '&amp', ';', '<!--', '-->', '<![CDATA[', ']]>', '"', '=', 'x', '/'), { maxLength: 40 })
  fc.assert(fc.property(odd, (parts) => void textOfHtml(parts.join(''))))
  const deep = `${'<i>'.repeat(300_000)}x${'</b>'.repeat(300_000)}`
  assert.equal(textOfHtml(deep), 'x')
})
