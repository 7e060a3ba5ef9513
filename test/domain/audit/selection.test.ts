import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryLogs } from '#adapter/memory/logs'
import { LINES } from '#domain/audit/files'
import { selectedLines } from '#domain/audit/selection'
import { formatInstant, lineOf, make, parseInstant, type Kind, type Vanta } from '#record'

const DAY = 86_400_000, START = parseInstant('2021-01-01T00:00:00.000Z') ?? 0
const VAULTS = ['core', 'fast'], SUBJECTS = ['ticker:GME', 'ticker:AMC', 'crypto:BTC']

const draft = fc.record({
  n: fc.nat(1_000_000), day: fc.integer({ min: 0, max: 9 }), which: fc.nat(4),
  vault: fc.constantFrom(...VAULTS), subject: fc.constantFrom(...SUBJECTS),
})
const record = draft
  .map(({ n, day, which, vault, subject }): Vanta => {
    const at = formatInstant(START + day * DAY + (n % 2)), envelope = { at, known_at: at, source: 'test', by: 'test/1' }
    switch (which) {
      case 0: return make('warning', { ...envelope, vault, subject, code: 'PDT', detail: `w${n}` })
      case 1: return make('refusal', { ...envelope, vault, subject, code: 'KILL', detail: `r${n}` })
      case 2: return make('signal', { ...envelope, type: 'post', key: `k${n}`, mentions: [{ subject, polarity: 0, how: 'cashtag' }] })
      case 3: return make('link', { ...envelope, from: subject, to: 'ticker:SPY', relation: 'owns', probability: 1, reason: `l${n}` })
      default: return make('control', { ...envelope, type: `note ${n}` })
    }
  })

const maybe = <T>(values: readonly T[]): fc.Arbitrary<readonly T[] | undefined> => fc.option(fc.subarray([...values]), { nil: undefined })
const moment = fc.option(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.nat(1)).map(([day, ms]) => START + day * DAY + ms), { nil: undefined })

test('the lines that are meant are those that every named condition holds of, as they stand', () => {
  const kinds = ['warning', 'refusal', 'signal', 'link', 'control'] satisfies Kind[]
  const asked = fc.record({ fromMs: moment, toMs: moment, kinds: maybe(kinds), vaults: maybe(VAULTS), subjects: maybe([...SUBJECTS, 'ticker:SPY']) })
  fc.assert(fc.property(fc.array(record, { maxLength: 30 }), asked, (records, selection) => {
    const { fromMs, toMs, kinds: some, vaults, subjects } = selection
    const logs = memoryLogs(), lines = records.map((one, nth) => (nth % 3 === 0 ? JSON.stringify({ odd: 'é', ...one }) : lineOf(one)))
    logs.files.set(LINES, Buffer.from(['no record', ...lines].map((line) => `${line}\n`).join('')))
    const found = [...selectedLines(logs.open(LINES), selection)]
    const expected = lines.flatMap((text, nth) => {
      const fields: { [name: string]: unknown } = JSON.parse(text), ms = Date.parse(String(fields['known_at']))
      const mentions = (fields['mentions'] ?? []) as { subject: string }[]
      const about = [fields['subject'], fields['from'], fields['to'], ...mentions.map(({ subject }) => subject)]
      const holds = ms >= (fromMs ?? -Infinity) && ms <= (toMs ?? Infinity) && (some === undefined || some.some((kind) => kind === fields['kind'])) &&
        (vaults === undefined || vaults.some((vault) => vault === fields['vault'])) &&
        (subjects === undefined || subjects.some((subject) => about.includes(subject)))
      return holds ? [{ line: nth + 1, text }] : []
    })
    assert.deepEqual(found.map(({ line, text }) => ({ line, text })), expected)
  }), { numRuns: 300 })
})
