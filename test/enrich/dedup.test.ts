import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, DAY_MS, formatInstant, HOUR_MS, make, type Signal, type Vanta } from '#record'
import type { FilterWorld, Stage } from '#tool'
import dedup from '../../src/enrich/dedup.ts'

const T = Date.UTC(2021, 0, 4)
const said: string[] = []
const world: FilterWorld = {
  clock: { now: () => T },
  log: { debug() {}, info: (message) => void said.push(message), warn() {}, error() {} },
  random: () => assert.fail('no chance in this'),
  by: 'vanta-dedup/test',
  past: () => [], store: { read: () => undefined },
}
function opened(window = 7 * DAY_MS, near?: number): Stage<Signal> {
  const stage = dedup.open({ window, near, remember: false }, world)
  assert.ok(!(stage instanceof Promise))
  return stage
}
/** What `each` decides on a parsed line. */
function kept(stage: Stage<Signal>, signal: Signal): boolean {
  let count = 0
  void stage.each(signal, () => count++)
  return count === 1
}

interface Draft {
  readonly hour?: number
  readonly key: string
  readonly subject?: string
  readonly fingerprint?: string
  readonly facts?: { [name: string]: unknown }
}
const signal = ({ hour = 0, ...rest }: Draft): Signal =>
  make('signal', { at: formatInstant(T), known_at: formatInstant(T + hour * HOUR_MS), source: 'made/up', by: 'test/0', type: 'mention', ...rest })

test('the same record passes once', () => {
  const stage = opened()
  assert.deepEqual([1, 2, 3].map(() => kept(stage, signal({ key: 'a' }))), [true, false, false])
  assert.ok(kept(stage, signal({ key: 'b' })))
  void stage.end?.(() => undefined)
  assert.deepEqual(said, ['dropped 2 signals heard before and 0 re-posts'])
})

test('the same text about the same subject passes under its first key only, restated or not', () => {
  const stage = opened()
  const text = { fingerprint: 'f', subject: 'ticker:AAA' }
  assert.ok(kept(stage, signal({ key: 'a', ...text })))
  assert.ok(!kept(stage, signal({ key: 'b', ...text })))
  assert.ok(kept(stage, signal({ key: 'a', ...text, facts: { restated: true } })))
  assert.ok(!kept(stage, signal({ key: 'b', ...text, facts: { restated: true } })))
  assert.ok(kept(stage, signal({ key: 'b', fingerprint: 'f', subject: 'ticker:BBB' })))
  assert.ok(kept(stage, signal({ key: 'c', fingerprint: 'f' })))
  assert.ok(!kept(stage, signal({ key: 'd', fingerprint: 'f' })))
})

test('what was heard within the window is remembered, what is older than two is not', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 20 }), (gaps) => {
    const stage = opened(DAY_MS)
    let hour = 0
    let heard = -Infinity
    for (const gap of gaps) {
      hour += gap
      const passed = kept(stage, signal({ hour, key: 'a' }))
      if (hour - heard < 24) assert.ok(!passed)
      if (hour - heard >= 48) assert.ok(passed)
      heard = hour
      kept(stage, signal({ hour, key: `other ${hour}` }))
    }
  }))
})

/** JSON text of a record in many guises, all of which say the same. */
const GUISES: readonly ((signal: Signal) => string)[] = [
  (one) => JSON.stringify(one),
  (one) => JSON.stringify(one).replaceAll('":', '" :'),
  (one) => JSON.stringify(one, undefined, 1).replaceAll('\n', ''),
  (one) => ` ${JSON.stringify(one)} `,
  (one) => JSON.stringify(one).replace('"fingerprint"', '"\\u0066ingerprint"'),
  (one) => JSON.stringify(one).replace('"key"', '"k\\u0065y"'),
  (one) => JSON.stringify(Object.assign({ id: one.id }, one)),
  (one) => JSON.stringify(Object.fromEntries(Object.entries(one).reverse())),
  (one) => JSON.stringify(one).replace(/}$/, ',"x\\"fingerprint":"g","key ":"z","x":"key"}'),
  ({ facts, ...one }) => JSON.stringify({ ...one, first: { nested: [] } }).replace('"first"', `"facts":${JSON.stringify(facts)},"first"`),
  ({ facts, fingerprint, key, ...one }) => JSON.stringify({ ...one, facts, fingerprint, key }),
  ({ subject, ...one }) => JSON.stringify(one).replace(/}$/, subject === undefined ? '}' : `, "subject":${JSON.stringify(subject)}}`),
  (one) => JSON.stringify({ ...one, known_at: one.known_at.replace('.000Z', 'Z') }),
]
const lookAlike: fc.Arbitrary<{ [name: string]: unknown }> = fc.constantFrom(
  {}, { fingerprint: 'g', key: 'b', subject: 'ticker:BBB' }, { deep: [{ id: 'x', known_at: 'y' }, ['}', '{"fingerprint":"f"']] },
  { text: ',"fingerprint":"g","key":"b"' }, { text: 'ends in a backslash \\' }, { text: '\\","fingerprint":"g' }, { 'fingerprint":"g': 1 },
  { how: 'monkey' },
  { subject: { key: 'b' } }, { text: 'a\nb\t\u0001\ud800' }, { 'x"fingerprint': 'g' }, { n: [1e21, -0.5, null, true] }, { text: '🚀 to the 🌙' },
)
const draft = fc.record({
  hour: fc.integer({ min: 0, max: 200 }),
  key: fc.constantFrom('a', 'b', 'c', 'a"quote', 'back\\slash'),
  subject: fc.option(fc.constantFrom('ticker:AAA', 'ticker:BBB', 'ticker:\u00e9', 'person:"x"'), { nil: undefined }),
  fingerprint: fc.option(fc.constantFrom('f', 'g', 'f"', '1 f'), { nil: undefined }),
  facts: lookAlike,
})
const lines = fc.array(fc.tuple(draft, fc.constantFrom(...GUISES)), { maxLength: 40 }).map((all) =>
  all.map(([{ subject, fingerprint, ...rest }, guise]) =>
    guise(signal({ ...rest, ...(subject !== undefined && { subject }), ...(fingerprint !== undefined && { fingerprint }) }))))

function parsed(line: string): Signal {
  const checked = check(JSON.parse(line))
  assert.ok('record' in checked && checked.record.kind === 'signal', line)
  return checked.record
}

test('a line is judged as the record in it, in every guise', () => {
  fc.assert(fc.property(lines, fc.integer({ min: 1, max: 10 }), (stream, days) => {
    const [fast, slow] = [opened(days * DAY_MS), opened(days * DAY_MS)]
    for (const line of stream) {
      const expected = kept(slow, parsed(line))
      assert.equal(fast.line?.(line) ?? kept(fast, parsed(line)), expected, line)
    }
  }), { numRuns: 500 })
})

test('a line as we write it is judged unparsed, anything else is not', () => {
  const plain = signal({ key: 'a', subject: 'ticker:AAA', fingerprint: 'f', facts: { text: 'say "fingerprint":"g" \\ \n', n: [{}] } })
  assert.equal(opened().line?.(JSON.stringify(plain)), true)
  const text = JSON.stringify(plain)
  for (const odd of ['', 'garbage', text.slice(0, -2), `${text} `, text.slice(0, 80),
    text.replace('"key":"a"', '"key":null'), text.replace('"signal"', '"price"'),
    text.replace(/"id":"./, '"id":"Z'), text.replace(/"known_at":"..../, '"known_at":"yyyy'), text.replace(/,"key":"a"/, '')]) {
    assert.equal(opened().line?.(odd), undefined, odd)
  }
})

test('--near: the text of an echo passes with word of it, its readings do not', () => {
  const stage = opened(7 * DAY_MS, 0.8)
  const out: Signal[] = []
  const heard = (one: Signal): number => {
    const before = out.length
    void stage.each(one, (record) => void (record.kind === 'signal' && out.push(record)))
    return out.length - before
  }
  const text = (key: string, words: string, hour: number): Signal => signal({ key, hour, facts: { text: words } })
  const said = (of: Signal, hour: number): Signal =>
    make('signal', { at: of.at, known_at: formatInstant(T + hour * HOUR_MS), source: 'made/up', by: 'test/0', parents: [of.id], type: 'mention', key: `${of.key}#x`, subject: 'ticker:AAA' })
  const first = text('a', 'this is the one that will make us all rich by friday, do not miss it', 0)
  const echo = text('b', 'This is the one that will make us all rich by Friday -- do not miss it!', 1)
  assert.deepEqual([heard(first), heard(said(first, 0)), heard(echo), heard(said(echo, 1))], [1, 1, 2, 0])
  const word = out.at(-1)
  assert.deepEqual([word?.type, word?.parents, word?.key], ['echo', [first.id, echo.id], 'b#echo'])
  assert.deepEqual(word?.facts, { likeness: 1, times: 2, first: { key: 'a', source: 'made/up', at: first.at } })
  assert.ok('record' in check(word))
})

test('--remember: it goes on from what reached the audit log', () => {
  const first = signal({ key: 'a', facts: { text: 'this is the one that will make us all rich by friday' } })
  const again = signal({ key: 'b', hour: 1, facts: { text: 'this is the one that will make us all rich by friday !' } })
  const stage = dedup.open({ window: DAY_MS, near: 0.8, remember: true }, { ...world, past: () => [first] })
  assert.ok(!(stage instanceof Promise))
  const out: Vanta[] = []
  void stage.each(first, (record) => void out.push(record))
  assert.equal(out.length, 0)
  void stage.each(again, (record) => void out.push(record))
  const [known] = out
  assert.ok(known?.kind === 'control' && known.type === 'known')
  assert.deepEqual([known.facts?.['ids'], out.slice(1).map(({ kind }) => kind)], [[first.id], ['signal', 'signal']])
})
