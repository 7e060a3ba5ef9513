import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { REDACTED, Redaction } from '#domain/secrets/redaction'

function inAddress(value: string): string {
  const address = new URL('http://x/')
  address.search = value
  return address.search.slice(1)
}
const forms = (value: string): string[] => [
  value, encodeURIComponent(value), new URLSearchParams({ x: value }).toString().slice(2), inAddress(value),
  Buffer.from(value).toString('base64'), JSON.stringify(value).slice(1, -1),
].filter((form) => form.length >= 4)

test('no form of a secret is shown, wherever it stands and whatever else is hidden', () => {
  fc.assert(fc.property(fc.array(fc.string({ minLength: 4, unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), fc.string(), (values, around) => {
    const redaction = new Redaction()
    redaction.hide(Object.fromEntries(values.map((value, i) => [`k${i}`, value])))
    for (const value of values) {
      for (const form of forms(value)) {
        const shown = redaction.of(`${around}${form}${around}`)
        assert.ok(!shown.includes(form), `${form} in ${shown}`)
        const bytes = Buffer.concat([Buffer.of(0xff, 0xc3), Buffer.from(form), Buffer.of(0xfe)]), hidden = redaction.ofBytes(bytes)
        assert.ok(!hidden.includes(form))
        assert.deepEqual([hidden.subarray(0, 2), hidden.subarray(-1)], [bytes.subarray(0, 2), bytes.subarray(-1)])
      }
    }
  }))
})

test('the longest goes first, places of files stay, and what is short is no secret', () => {
  const redaction = new Redaction()
  redaction.hide({ key: 'hunter2', more: 'hunter2-and-more', redis_ca: '/etc/ca.pem', namespace: 'desk', short: 'abc' })
  assert.equal(redaction.of('a hunter2-and-more b hunter2 c /etc/ca.pem desk abc'), `a ${REDACTED} b ${REDACTED} c /etc/ca.pem desk abc`)
  assert.equal(new Redaction().of('hunter2'), 'hunter2')
  const bytes = Buffer.from('nothing here')
  assert.equal(redaction.ofBytes(bytes), bytes)
})
