import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, make, MINUTE_MS, type Signal } from '#record'
import { evidenceOf } from '#domain/conviction/evidence'
import { botProbability } from '#domain/swarm/accounts'
import { Swarms, type Sight } from '#domain/swarm/detector'
import { reasonsOf, swarmProbability } from '#domain/swarm/verdict'
import { accountsIn } from '#wire/swarm/accounts'
import swarm from '../../../src/enrich/swarm.ts'

const T = Date.UTC(2021, 0, 4)
const MESSAGE = 'everyone I know is loading up on this one before the announcement on thursday, the float is tiny and the shorts have no way out at all'
const post = (minute: number, author: string, text: string): Signal => {
  const at = formatInstant(T + minute * MINUTE_MS)
  return make('signal', { at, known_at: at, source: 'reddit/x', by: 'test/0', type: 'post', key: `${minute} ${author}`, author, facts: { text } })
}
const see = (posts: readonly Signal[], window = DAY_MS): (Sight | undefined)[] => {
  const swarms = new Swarms(window)
  return posts.map((one) => swarms.see(one))
}
const probability = (sight: Sight | undefined): number => (sight === undefined ? 0 : swarmProbability(sight))

test('many who say the same within minutes are a swarm, the more the surer; the first passes', () => {
  const said = see(Array.from({ length: 12 }, (_, i) => post(i, `new ${i}`, `${MESSAGE}${'!'.repeat(i % 3)}`))).map(probability)
  assert.ok((said[0] ?? 1) < 0.1 && (said[11] ?? 0) > 0.95, said.join(' '))
  said.slice(2).forEach((p, i) => assert.ok(p >= (said[i + 1] ?? 0) - 1e-9))
})

test('one author who repeats himself is no swarm, nor are many who say different things, nor short words of the day', () => {
  assert.ok(see([0, 3, 50, 52, 130, 131, 290, 400].map((minute) => post(minute, 'same', MESSAGE))).map(probability).every((p) => p < 0.5))
  const various = Array.from({ length: 30 }, (_, i) => post(i, `author ${i}`, `number ${i * 7} thing ${i * 13} about ${i * 17} with ${i * 23} words of ${i * 29}`))
  assert.ok(see(various).map(probability).every((p) => p < 0.1))
  assert.ok(see(Array.from({ length: 5 }, (_, i) => post(i * 60, `author ${i}`, 'buy the dip now'))).map(probability).every((p) => p < 0.5))
})

test('a program that speaks by the clock is told from a person', () => {
  const words = (i: number): string => `update ${i * 31} ${i * 37} ${i * 41} ${i * 43} ${i * 47} ${i * 53}`
  const clock = see(Array.from({ length: 20 }, (_, i) => post(i * 15, 'clock', words(i)))).map(probability)
  const person = see([0, 3, 50, 52, 130, 131, 133, 300, 420, 421, 600, 640].map((minute, i) => post(minute, 'person', words(i)))).map(probability)
  assert.ok((clock.at(-1) ?? 0) > 0.7 && (person.at(-1) ?? 1) < 0.3, `${clock.at(-1)} ${person.at(-1)}`)
})

const streams = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 90 }), author: fc.constantFrom('a', 'b', 'c', 'd'), text: fc.constantFrom(MESSAGE, 'something else that is said here now', 'short one') }), { maxLength: 40 })
  .map((rows) => {
    let minute = 0
    return rows.map(({ gap, author, text }) => post((minute += gap), author, text))
  })

test('law: what is seen of a text does not depend on what comes later', () => {
  fc.assert(fc.property(streams, fc.nat(), (posts, at) => {
    const cut = posts.length === 0 ? 0 : at % posts.length
    assert.deepEqual(see(posts).slice(0, cut), see(posts.slice(0, cut)))
  }))
})

test('law: a probability, and reasons wherever it is likely', () => {
  fc.assert(fc.property(streams, (posts) => {
    for (const sight of see(posts)) {
      const p = probability(sight)
      assert.ok(p >= 0 && p <= 1)
      if (sight !== undefined && p >= 0.5) assert.ok(reasonsOf(sight, undefined).length > 0)
    }
  }))
})

test('what is older than two windows is forgotten', () => {
  const [, late] = see([post(0, 'a', MESSAGE), post(49 * 60, 'b', MESSAGE)])
  assert.equal(late?.copiers, 0)
})

test('in a stream readings carry the note of their text, and count for what is left', () => {
  const main = swarm.main
  assert.ok(main?.kind === 'filter')
  const stage = main.open({ window: DAY_MS, note: 0.05 } as never, {
    clock: { now: () => T }, log: { debug() {}, info() {}, warn() {}, error() {} }, random: () => assert.fail(), by: 'test/0', past: () => [], store: { read: () => undefined },
  } as never)
  assert.ok(!(stage instanceof Promise))
  const out: Signal[] = []
  const hand = (signal: Signal): void => void stage.each(signal as never, (record) => void (record.kind === 'signal' && out.push(record)))
  const posts = Array.from({ length: 9 }, (_, i) => post(i, `new ${i}`, MESSAGE))
  posts.forEach((one) => hand(one))
  const last = posts.at(-1)
  assert.ok(last)
  const reading = make('signal', { ...post(9, 'new 8', ''), parents: [last.id], type: 'mention', key: 'r', subject: 'ticker:AAA', polarity: 1, magnitude: 1 })
  const whole = evidenceOf(reading)?.strength ?? 0
  hand(reading)
  const noted = out.at(-1)
  assert.ok((noted?.swarm ?? 0) > 0.9 && (noted?.swarm_reasons ?? []).length > 0)
  assert.ok(noted && Math.abs((evidenceOf(noted)?.strength ?? 0) - whole * (1 - (noted.swarm ?? 0))) < 1e-12)
})

test('accounts: dates as Twitter and as spreadsheets write them, missing cells, and a plain bot', () => {
  const { rows } = accountsIn(Buffer.from('created_at,verified,followers_count,bot\nThu Jul 02 11:55:55 +0000 2015,False,10,1\n11/23/2015 8:28,TRUE,,0\nnonsense,,x,\n'), 'x')
  assert.deepEqual(rows.map(({ madeMs }) => madeMs), [Date.UTC(2015, 6, 2, 11, 55, 55), Date.UTC(2015, 10, 23, 8, 28), undefined])
  assert.deepEqual(rows.map(({ account }) => [account.verified, account.followers]), [[false, 10], [true, undefined], [undefined, undefined]])
  assert.deepEqual(rows.map(({ bot }) => bot), [1, 0, undefined])
  const bot = botProbability({ followers: 3, friends: 900, statuses: 20_000, ageDays: 10, defaultProfile: true, defaultImage: true, verified: false, saysBot: true, descriptionLength: 0 })
  const person = botProbability({ followers: 50_000, friends: 400, statuses: 5000, ageDays: 3000, verified: true, defaultProfile: false, defaultImage: false, saysBot: false, favourites: 3000 })
  assert.ok(bot > 0.8 && person < 0.2, `${bot} ${person}`)
})
