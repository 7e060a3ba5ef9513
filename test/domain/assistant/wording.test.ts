import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stated } from '#domain/assistant/answer'
import { checkedWording } from '#domain/assistant/wording'

const CITED = '[aaaaaaaaaaaa]'
const standsFor = (text: string, said: string): boolean =>
  'wording' in checkedWording(`${said} ${CITED}`, [stated(text, [{ record: 'a'.repeat(40) }])])

test('a figure keeps its sign in a model\'s words: a loss is worded as no gain, nor a gain as a loss', () => {
  const loss = 'vault core made -12.00 USD', gain = 'log-odds +0.5000, fee 1.25'
  assert.ok(standsFor(loss, 'core made -12.00 USD'))
  assert.ok(standsFor(loss, 'core made \u221212.00 USD'))
  assert.ok(!standsFor(loss, 'core made 12.00 USD'))
  assert.ok(!standsFor(loss, 'core made +12.00 USD'))
  assert.ok(standsFor(gain, 'log-odds +0.5000'))
  assert.ok(standsFor(gain, 'log-odds 0.5000'))
  assert.ok(!standsFor(gain, 'log-odds -0.5000'))
  assert.ok(!standsFor(gain, 'log-odds \u22120.5000'))
  assert.ok(!standsFor(gain, 'a fee of -1.25'))
})

test('a hyphen in a date or a name is no sign', () => {
  assert.ok(standsFor('closed 2020-12-04 in slot a-7', 'closed 2020-12-04 in slot a-7'))
})
