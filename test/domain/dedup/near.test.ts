import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, formatInstant, HOUR_MS, make, type Signal } from '#record'
import { bandsOf, rowsFor } from '#domain/dedup/minhash'
import { NearTexts } from '#domain/dedup/near'
import { jaccard, shinglesOf } from '#domain/dedup/shingles'
import { seededRandom } from '#tool/random'

const T = Date.UTC(2021, 0, 4)
const WORDS = 'the of gme amc moon short squeeze hold buy sell call put earnings beat miss guidance cut raise bank rate fed crash rally dip'.split(' ')

const post = (key: string, text: string, hour = 0, source = 'reddit/wsb', parents: string[] = []): Signal => {
  const at = formatInstant(T + hour * HOUR_MS)
  return make('signal', { at, known_at: at, source, by: 'test/0', parents, type: 'post', key, facts: { text } })
}
const reading = (of: Signal, subject: string): Signal => {
  const { at, known_at, source, key, id } = of
  return make('signal', { at, known_at, source, by: 'test/0', parents: [id], type: 'mention', key: `${key}#${subject}`, subject })
}

/** The likeness of two texts of plain words, by sets of strings: shares nothing with what is tested. */
function likenessOf(a: string, b: string): number {
  const setOf = (text: string): Set<string> => {
    const words = text.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean)
    return new Set([...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)])
  }
  const left = setOf(a), right = setOf(b)
  const shared = [...left].filter((one) => right.has(one)).length
  return shared / (left.size + right.size - shared)
}
const words = (least: number, most: number) => fc.array(fc.constantFrom(...WORDS), { minLength: least, maxLength: most }).map((list) => list.join(' '))

test('likeness is that of the sets of words and pairs', () => {
  fc.assert(fc.property(words(4, 30), words(4, 30), (a, b) => {
    const left = shinglesOf(a), right = shinglesOf(b)
    assert.ok(left && right)
    assert.ok(Math.abs(jaccard(left, right) - likenessOf(a, b)) < 1e-12)
  }))
})

test('case, punctuation, emoji, links, names called and a retweet by hand do not count; words do', () => {
  const plain = shinglesOf('buy the dip now 2')
  assert.deepEqual(shinglesOf('RT @someone: BUY the... dip, now! 2 \u{1F680} https://t.co/abc'), plain)
  assert.notDeepEqual(shinglesOf('buy the dip now 3'), plain)
  assert.equal(shinglesOf('to the moon'), undefined)
  assert.equal(shinglesOf('買入股票')?.length, 7)
})

test('no echo is less like its first than the threshold', () => {
  fc.assert(fc.property(fc.array(words(4, 12), { minLength: 2, maxLength: 30 }), fc.constantFrom(0.3, 0.5, 0.8, 1), (texts, threshold) => {
    const near = new NearTexts(threshold, DAY_MS)
    const byId = new Map<string, string>()
    texts.forEach((text, i) => {
      const signal = post(`k${i}`, text)
      const echo = near.text(signal)
      if (echo !== undefined) {
        const likeness = likenessOf(text, byId.get(echo.first.id) ?? '')
        assert.ok(likeness >= threshold)
        assert.ok(Math.abs(likeness - echo.likeness) < 1e-12)
      } else byId.set(signal.id, text)
    })
  }))
})

test('of pairs at the threshold or above hardly any is missed, by trial', () => {
  const random = seededRandom('1', 'near')
  const word = (): string => WORDS[random.integer(WORDS.length)] ?? ''
  for (const threshold of [0.5, 0.7, 0.8, 0.9]) {
    let pairs = 0, found = 0
    for (let trial = 0; trial < 4000 && pairs < 1200; trial++) {
      const first = Array.from({ length: 20 + random.integer(60) }, () => `${word()}${random.integer(40)}`)
      const changes = 1 + random.integer(9)
      const other = [...first]
      for (let change = 0; change < changes; change++) other[random.integer(other.length)] = `${word()}${random.integer(40)}`
      if (likenessOf(first.join(' '), other.join(' ')) < threshold) continue
      pairs++
      const near = new NearTexts(threshold, DAY_MS)
      near.text(post('a', first.join(' ')))
      if (near.text(post('b', other.join(' '))) !== undefined) found++
    }
    assert.ok(pairs > 200, `${threshold}: ${pairs} pairs`)
    assert.ok(found / pairs > 0.995, `${threshold}: found ${found} of ${pairs}`)
  }
})

test('bands agree with the chance that the likeness gives', () => {
  assert.deepEqual([0.5, 0.8, 0.9, 1].map(rowsFor), [3, 6, 8, 8])
  const random = seededRandom('1', 'bands')
  let bands = 0, alike = 0
  for (let trial = 0; trial < 300; trial++) {
    const shared = Array.from({ length: 30 }, () => random.integer(2 ** 31))
    const setOf = (own: number): Uint32Array => Uint32Array.from([...shared, ...Array.from({ length: own }, () => random.integer(2 ** 31))]).sort()
    const left = bandsOf(setOf(15), 2), right = bandsOf(setOf(15), 2)
    left.forEach((band, i) => {
      bands++
      if (band === right[i]) alike++
    })
  }
  // 30 of 60 are shared: two rows agree with a chance of a quarter.
  assert.ok(Math.abs(alike / bands - 0.25) < 0.02, `${alike / bands}`)
})

test('the first is told, whoever it was, and the count goes on; a text restated under its own key is no echo', () => {
  const near = new NearTexts(0.8, DAY_MS)
  const text = 'they are going to raise the guidance again next week, and everybody should watch it closely'
  const first = post('a', text, 0, 'x/search')
  assert.equal(near.text(first), undefined)
  const [second, third] = [near.text(post('b', `${text}!!`, 1)), near.text(post('c', text.replace('watch', 'see'), 2, 'telegram/pumps'))]
  assert.deepEqual([second?.first.id, third?.first.id, third?.first.source], [first.id, first.id, 'x/search'])
  assert.equal(third?.first.times, 3)
  assert.equal(near.text(post('b', `${text} .`, 3))?.first.times, 3)
  assert.equal(near.text(post('a', `${text}?`, 3)), undefined)
})

test('a reading of an echo is news only where its subject is', () => {
  const near = new NearTexts(0.7, DAY_MS)
  const first = post('a', 'this one will go to the moon next week, all in on it: AAA')
  const echo = post('b', 'this one will go to the moon next week, all in on it: BBB', 1)
  near.text(first)
  assert.ok(near.reading(reading(first, 'ticker:AAA')))
  assert.ok(near.reading(reading(first, 'ticker:AAA')), 'restated')
  assert.ok(near.text(echo))
  assert.ok(!near.reading(reading(echo, 'ticker:AAA')))
  assert.ok(near.reading(reading(echo, 'ticker:BBB')))
  assert.ok(!near.reading(reading(echo, 'ticker:BBB')))
  assert.ok(near.reading(reading(post('c', 'unheard of'), 'ticker:AAA')))
})

test('what was said within a window is remembered; what is older than two is not, and memory ends', () => {
  const text = 'a text that will be said again and again, we shall see when'
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 15 }), (gaps) => {
    const near = new NearTexts(0.8, DAY_MS)
    let hour = 0, last = -Infinity
    gaps.forEach((gap, i) => {
      hour += gap
      const echo = near.text(post(`k${i}`, text, hour))
      if (hour - last < 24) assert.ok(echo)
      if (hour - last >= 48) assert.equal(echo, undefined)
      last = hour
    })
  }))
  const near = new NearTexts(0.8, HOUR_MS)
  let most = 0
  for (let i = 0; i < 3000; i++) {
    near.text(post(`k${i}`, `number ${i} of so many texts ${i * 7} ${i * 11} ${i * 13}`, i / 100))
    most = Math.max(most, near.size)
  }
  assert.ok(most <= 201, `${most}`)
})
