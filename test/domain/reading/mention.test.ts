import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readText } from '#domain/reading/mention'

/** Text → the subjects expected and how each was recognised. All texts are made up. */
const GOLDEN: readonly (readonly [string, { readonly [symbol: string]: string }])[] = [
  ['$GME to the moon', { GME: 'cashtag' }],
  ['picked up some $gme today', { GME: 'cashtag' }],
  ['$F and $T are boring', { F: 'cashtag', T: 'cashtag' }],
  ['I paid $5 for lunch and $100K for the car', {}],
  ['$NOTLISTEDX is not a thing', {}],
  ['$BRK.B is the boomer pick', { 'BRK-B': 'cashtag' }],
  ['$BRK-B is the boomer pick', { 'BRK-B': 'cashtag' }],
  ['PLTR calls are printing', { PLTR: 'symbol' }],
  ["GME's short interest is silly", { GME: 'symbol' }],
  ['thoughts on NIO/XPEV?', { NIO: 'symbol', XPEV: 'symbol' }],
  ['(NASDAQ:TSLA)', { TSLA: 'symbol' }],
  ['holding AMD, NVDA and MU', { AMD: 'symbol', NVDA: 'symbol', MU: 'symbol' }],
  ['Beside others, pltr and gme in lower case are left alone', {}],
  ['pltr and gme where nothing is in upper case', { PLTR: 'symbol', GME: 'symbol' }],
  ['$PLTR and gme', { PLTR: 'cashtag' }],
  ['pltr up', {}],
  ['what a day for it all, on to the moon', {}],
  ['Ke$T of the century', {}],
  ['$AAPL $TSLA $T…', { AAPL: 'cashtag', TSLA: 'cashtag' }],
  ['RT @someone: nothing here', {}],
  ['AAPL GOOG BAC SPY CAT are moving', { AAPL: 'symbol', GOOG: 'symbol', BAC: 'symbol', SPY: 'symbol', CAT: 'symbol' }],
  ['Google is $GOOG', { GOOG: 'cashtag' }],
  ['Clean Energy Fuels beat', { CLNE: 'name' }],
  ['A DD on why I am ALL IN', {}],
  ['My YOLO update: the CEO resigned, IT is down, EV sales UP', {}],
  ['GM is what I say in the morning', {}],
  ['$GM makes cars', { GM: 'cashtag' }],
  ['General Motors makes cars', { GM: 'name' }],
  ['F in the chat', {}],
  ['Ford makes trucks', { F: 'name' }],
  ['cannot afford to ford this river', {}],
  ['Tesla is a car company', { TSLA: 'name' }],
  ["tesla's cars", { TSLA: 'name' }],
  ['Gamestop closes a store', { GME: 'name' }],
  ['Palantir and BlackBerry', { PLTR: 'name', BB: 'name' }],
  ["Macy's has a parade", { M: 'name' }],
  ['I ate an apple', {}],
  ['Apple sells phones', { AAPL: 'name' }],
  ['Advanced Micro Devices beat', { AMD: 'name' }],
  ['Virgin Galactic flew', { SPCE: 'name' }],
  ['Facebook and FB are one', { META: 'symbol' }],
  ['$FB is now another letter', { META: 'cashtag' }],
  ['GME TO THE MOON', { GME: 'symbol' }],
  ['HOLD THE LINE AND BUY MORE YOU CASH HEAVY APES', {}],
  ['EVERYONE LOVES SPY PUTS NOW', {}],
  ['SPY puts for next week', { SPY: 'symbol' }],
  ['EVERYONE LOVES $SPY PUTS NOW', { SPY: 'cashtag' }],
  ['see https://example.com/GME/PLTR for more', {}],
  ['[link](https://example.com/AMD) by u/TSLA in r/NIO', {}],
  ['SP500 and B2B and Q3 are no symbols', {}],
  ['AT&T and S&P', {}],
  ['🚀🚀GME🚀🚀', { GME: 'symbol' }],
  ['', {}],
]

test('golden texts', () => {
  for (const [title, expected] of GOLDEN) {
    const found = Object.fromEntries(readText({ title }).mentions.map(({ subject, how }) => [subject.slice('ticker:'.length), how]))
    assert.deepEqual(found, expected, title)
  }
})

test('each subject once, in order of first mention, by its strongest proof', () => {
  const { mentions } = readText({ title: 'Gamestop and AMD', text: 'GME again. $GME at last.' })
  assert.deepEqual(mentions.map(({ subject, how }) => [subject, how]), [['ticker:GME', 'cashtag'], ['ticker:AMD', 'symbol']])
})

const polarityIn = (symbol: string, text: Parameters<typeof readText>[0]): number => {
  const mention = readText(text).mentions.find(({ subject }) => subject === `ticker:${symbol}`)
  assert.ok(mention, `${symbol} not found`)
  return mention.polarity
}

test('symbols stand for what they were on the day', () => {
  const of = (title: string, day: string): string[] => readText({ title, day }).mentions.map(({ subject }) => subject)
  assert.deepEqual(of('$FB and $META', '2015-01-02'), ['ticker:META'])
  assert.deepEqual(of('$META is a fund', '2021-08-02'), [])
  assert.deepEqual(of('Twitter and TWTR', '2023-01-03'), [])
  assert.deepEqual(of('Twitter', '2015-01-02'), ['ticker:TWTR'])
  assert.deepEqual(of('Facebook', '2015-01-02'), ['ticker:META'])
})

test('polarity is of the sentences that name the subject', () => {
  const text = { title: 'Two trades', text: 'PLTR is undervalued and bullish. NIO is a fraud and will crash.' }
  assert.ok(polarityIn('PLTR', text) > 0.3)
  assert.ok(polarityIn('NIO', text) < -0.3)
})

test('where those hold no opinion, the whole text counts for less', () => {
  const whole = polarityIn('GME', { title: 'GME', text: 'Extremely bullish.' })
  const named = polarityIn('GME', { title: 'GME extremely bullish' })
  assert.ok(whole > 0 && whole < named, `${whole} < ${named}`)
})

test('direction of common phrases', () => {
  const up = ['GME calls', 'long GME', 'GME to the moon', 'GME 🚀🚀🚀', 'GME 50c 1/15', 'GME is not a scam', 'buy the dip on GME']
  const down = ['GME puts', 'short GME', 'GME will crash', 'GME 📉', 'GME 20p 1/15', 'GME is not undervalued', 'bagholder of GME', 'bought puts on GME']
  for (const title of up) assert.ok(polarityIn('GME', { title }) > 0, title)
  for (const title of down) assert.ok(polarityIn('GME', { title }) < 0, title)
  assert.equal(polarityIn('GME', { title: 'GME' }), 0)
})

test('flair moves the polarity its way', () => {
  const title = 'GME account'
  assert.ok(polarityIn('GME', { title, flair: 'Gain' }) > 0)
  assert.ok(polarityIn('GME', { title, flair: 'Loss' }) < 0)
})

test('a rocket more says more, up to three in a row', () => {
  const by = [1, 2, 3, 4, 50].map((n) => polarityIn('GME', { title: `GME ${'🚀'.repeat(n)}` }))
  assert.ok(by[0]! < by[1]! && by[1]! < by[2]!)
  assert.equal(by[2], by[3])
  assert.equal(by[3], by[4])
})

test('law: any text reads, polarity stays within -1 and 1, and reading again says the same', () => {
  const pieces = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('$GME', 'PLTR', 'not', 'bullish', '🚀', '. ', 'puts', 'Tesla', '\n')))
  fc.assert(fc.property(pieces, pieces, (title, text) => {
    const given = { title: title.join(' '), text: text.join(' ') }
    const read = readText(given)
    for (const { polarity, subject } of read.mentions) {
      assert.ok(polarity >= -1 && polarity <= 1)
      assert.match(subject, /^ticker:[A-Z]+(-[A-Z])?$/)
    }
    assert.deepEqual(readText(given), read)
  }))
})

test('re-posts share a fingerprint, other texts do not', () => {
  const of = (title: string, text = ''): string | undefined => readText({ title, text }).fingerprint
  const first = of('Why GME will squeeze', 'Read this now')
  assert.match(first ?? '', /^[0-9a-f]{16}$/)
  assert.equal(of('WHY gme WILL squeeze $GME'), of('why GME will squeeze: $GME!!'))
  assert.equal(of('Why GME will squeeze', 'read... this, now 🚀'), first)
  assert.notEqual(of('Why GME will squeeze', 'Read this later'), first)
  assert.equal(of('GME again'), undefined, 'short texts repeat by chance')
})
