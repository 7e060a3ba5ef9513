import assert from 'node:assert/strict'
import { test } from 'node:test'
import { intentOf } from '#domain/assistant/intent'

const spanIn = (question: string): readonly (string | undefined)[] => {
  const intent = intentOf(question, { nowMs: Date.UTC(2021, 0, 10, 12), vaults: ['core'], before: undefined })
  return intent === undefined || !('from' in intent || 'to' in intent) ? [] : [intent.from, intent.to]
}
const START = '2021-01-05T00:00:00.000Z', END = '2021-01-05T23:59:59.999Z'

test('before a day and after it leave the day out; since, until and on have it; the day before is one day', () => {
  assert.deepEqual(spanIn('what did we buy before 2021-01-05'), [undefined, '2021-01-04T23:59:59.999Z'])
  assert.deepEqual(spanIn('what did we buy after 2021-01-05'), ['2021-01-06T00:00:00.000Z', undefined])
  assert.deepEqual(spanIn('what did we buy since 2021-01-05'), [START, undefined])
  assert.deepEqual(spanIn('what did we buy until 2021-01-05'), [undefined, END])
  assert.deepEqual(spanIn('what did we buy on 2021-01-05'), [START, END])
  assert.deepEqual(spanIn('how did core do the day before 2021-01-05'), ['2021-01-04T00:00:00.000Z', '2021-01-04T23:59:59.999Z'])
  assert.deepEqual(spanIn('how did core do the day after 2021-01-05'), ['2021-01-06T00:00:00.000Z', '2021-01-06T23:59:59.999Z'])
  assert.deepEqual(spanIn('what did we buy from 2021-01-04 to 2021-01-05'), ['2021-01-04T00:00:00.000Z', END])
})
