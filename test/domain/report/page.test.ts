import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { make, type Attribution, type Json, type Vanta } from '#record'
import { toNumber } from '#domain/money/decimal'
import { openWorths, type Material } from '#domain/report/figures'
import { gather } from '#domain/report/gather'
import { reportOf, type Report } from '#domain/report/page'
import { resultAt, tripsOf } from '#domain/report/trips'
import { bytesOf, gathered, season } from './season.ts'

const made = season({ from: '2020-11-25', days: 54 })
const audit = { size: made.records.length, rootHex: '5f'.repeat(32) }
const material = (part: Partial<Material> = {}): Material =>
  ({ gathered: gathered(made.records), pnl: made.pnl, summary: made.summary, audit, ...part })
const report = (part: Partial<Material> = {}, topTrades = 30): Report => reportOf(material(part), { title: undefined, topTrades })
const nothing: Material = { gathered: gather(bytesOf('')), pnl: {}, summary: {}, audit: undefined }

const SECTIONS = ['curve', 'certainty', 'calibration', 'convictions', 'trades', 'sources', 'costs', 'refusals', 'verify']
const wordsOf = (page: string): string =>
  page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ').replace(/&#39;/g, "'").replace(/&amp;/g, '&').replace(/\s+/g, ' ')

/** Tags with their attribute names, strictly read; fails on a `<` that opens none. */
function skeletonOf(page: string): string[] {
  const body = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
  const tag = /<(!doctype html|\/?[a-z][a-z0-9]*(?: [a-zA-Z-]+(?:="[^"<>]*")?)*\/?)>/g
  const tags = [...body.matchAll(tag)]
  assert.equal(tags.length, body.split('<').length - 1, 'a "<" that opens no tag')
  assert.equal(tags.length, body.split('>').length - 1, 'a ">" that closes none')
  return tags.map((match) => (match[1] ?? '').replace(/="[^"]*"/g, ''))
}

test('every section is there, and the figures are those given', () => {
  const { page } = report()
  for (const id of SECTIONS) assert.ok(page.includes(`<section id="${id}">`), id)
  const words = wordsOf(page)
  assert.match(words, /From 25 November 2020 to 17 January 2021, \$100,000\.00 became \$[\d,]+\.\d\d: /)
  assert.ok(words.includes('base rate 51.2%, n = 161, 95%: 46% to 61%'))
  assert.ok(words.includes('not distinguishable from chance. A model needs 0.75 before it goes live.'))
  assert.ok(words.includes(`${String(made.pnl.trades)} closed trades`))
  assert.ok(words.includes('1204 readings (26.3 %) of 61 subjects had no prices here'))
  assert.ok(words.includes('A replay of history, on paper'))
  assert.ok(words.includes('it agrees with the executor\u2019s ledger to the cent'))
  assert.ok(page.includes(audit.rootHex) && page.includes('vanta-audit verify') && page.includes('--format tree'))
})

const judged: Material['summary'] = {
  ...made.summary, id: 'f'.repeat(40),
  intervals: [
    { figure: 'return', low: -0.02, high: 0.31, level: 0.95, n: 54, block: 2 }, { figure: 'sharpe', low: -1.2, high: 4, level: 0.95, n: 54, block: 2 },
    { figure: 'win_rate', low: 0.2, high: 0.7, level: 0.95, n: 12, block: 1 }, { figure: 'tea', low: 0, high: 1, level: 0.95, n: 2, block: 1 },
  ],
  significance: { sharpe_per_day: 0.101, days: 54, skewness: -0.4, kurtosis: 5.2, probabilistic_sharpe: 0.768, minimum_track_record: 270.2 },
  trials: { runs: 31, head: 'a'.repeat(40), trials: 12, variance: 0.01, expected_largest: 0.163, deflated_sharpe: 0.331 },
  calibration: {
    n: 90, unjudged: 7, said: 0.56, happened: 0.48, brier: 0.251, error: 0.09,
    bins: [{ low: 0.52, high: 0.54, count: 60, said: 0.53, happened: 0.5 }, { low: 0.6, high: 0.62, count: 30, said: 0.61, happened: 0.44 }],
  },
  at_costs: [{ multiple: '1', return: 0.03, fees: '12.00', fills: 4 }, { multiple: '4', return: -0.02, fees: '48.00', fills: 4 }],
  regimes: [{ by: 'volatility', level: 'high', days: 9, return: -0.01, benchmark_return: 0.02, sharpe: null }],
  leakcheck: { cuts: 50, decisions: 900, leaks: 0, planted_caught: true, planted_at_cut: 2 },
  assumptions: [{ name: 'feePerShare', value: '0.005', why: 'the dearest of the usual plans' }],
}

test('how sure it is, what was tried, what conviction meant, costs and leaks are told in words too', () => {
  const { page } = report({ summary: judged }), words = wordsOf(page)
  for (const told of [
    'Return', '\u22122.0% to +31.0%', '54 days', 'Sharpe ratio of a year', '20% to 70%', '12 trades', 'Sharpe ratio of one day', 'kurtosis 5.2 where a normal one has 3',
    '76.8% probability that it is above zero', 'At this rate it takes 271 days to be 95% sure that it is above zero; there are 54.',
    '33.1% and above what luck would show', 'The registry of runs knows 12 trials on these prices, of which the best would show about 0.163 without any skill.',
    'they said 56.0% and 48.0% came true. On the whole they promised too much. 7 others reach beyond the prices.', 'The Brier score is 0.251',
    'Most were said with 52% to 54%.', '4\u00d7', '\u22122.0%', 'Rough, 9 days', 'cut at 50 random moments: of 900 decisions none changed by a byte.', 'caught at cut 2',
    'fee per share', 'the dearest of the usual plans',
  ]) assert.ok(words.includes(told), told)
  assert.ok(!words.includes('tea'))
  assert.ok(page.includes('Said 61.0%, happened 44.0% of 30 times (95%: '))
  const leaking = { ...judged, leakcheck: { cuts: 50, decisions: 900, leaks: 3, first_leak: 'fill 12', planted_caught: false } }
  assert.match(wordsOf(report({ summary: leaking }).page), /3 decisions changed with what came after. Nothing here can be believed. The first: fill 12\..*planted and not caught/)
  assert.match(wordsOf(report({ summary: { ...judged, trials: { trials: 1, deflated_sharpe: 0.768 } } }).page), /the only trial that the registry of runs knows/)
})

test('each table of the attribution adds up to the same sum', () => {
  const row = (profit: string, group: { readonly [name: string]: string }): Attribution => make('attribution', {
    at: '2021-01-17T00:00:00.000Z', known_at: '2021-01-17T00:00:00.000Z', source: 'pnl', by: 'test/1', group, currency: 'USD', profit, realised: profit,
    unrealised: '0.00', dividends: '0.00', interest: '0.00', fees: '0.00', adjustments: '0.00', fills: 1,
  })
  const shared = { vault: 'core', persona: 'athena', band: 'low' }
  const attribution = [
    row('10.01', { ...shared, subject: 'ticker:GME', model: 'chatter', source: 'reddit', signal: 'a'.repeat(40) }),
    row('-3.02', { ...shared, subject: 'ticker:GME', model: 'insider', source: 'sec', signal: 'b'.repeat(40) }),
    row('-0.50', { ...shared, band: 'none', persona: 'none', subject: 'none', model: 'none', source: 'none', signal: 'none' }),
  ]
  const words = wordsOf(report({ attribution }).page)
  for (const told of [
    'By subject GME +$6.99 no position \u2212$0.50', 'By model chatter +$10.01 no position \u2212$0.50 insider \u2212$3.02', 'By vault core +$6.49',
    'By persona athena +$6.99', `By raw signal ${'a'.repeat(12)} +$10.01`,
  ]) assert.ok(words.includes(told), told)
})

test('tags are balanced', () => {
  const open: string[] = []
  for (const tag of [...skeletonOf(report().page), ...skeletonOf(report({ summary: judged }).page)]) {
    const [name = ''] = tag.split(' ')
    if (/^(meta|!doctype)$/.test(name) || tag.endsWith('/')) continue
    if (!name.startsWith('/')) open.push(name)
    else assert.equal(open.pop(), name.slice(1))
  }
  assert.deepEqual(open, [])
})

test('nothing comes from outside, and only the page\'s own script may run', () => {
  const { page } = report()
  assert.doesNotMatch(page, /\b(src|srcset|data|action|poster)="|https?:|url\(|@import|<link|<img|<iframe/)
  assert.deepEqual([...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1]), SECTIONS.map((id) => `#${id}`))
  assert.match(page, /Content-Security-Policy" content="default-src 'none'; [^"]*script-src 'sha256-[\w+/=]+'/)
})

test('the same record gives the same bytes', () => {
  assert.equal(report().page, report().page)
})

test('--top-trades bounds the list, the rest is said to be there', () => {
  const few = report({}, 3).page
  assert.equal(few.split('<li class="trade ').length - 1, 3)
  assert.match(wordsOf(few), /The 3 largest results, gains and losses alike/)
  assert.equal(report({}, 0).page.split('<li class="trade ').length - 1, 0)
})

test('each trade names the records it rests on', () => {
  const { page } = report({}, 1)
  const list = page.slice(page.indexOf('<ol class="trades">'), page.indexOf('</ol>'))
  const ids = new Set(made.records.map(({ id }) => id.slice(0, 12)))
  const named = [...list.matchAll(/<code class="id">([0-9a-f]+)<\/code>/g)].map((match) => match[1] ?? '')
  assert.ok(named.length >= 6, `${named.length} ids`)
  for (const id of named) assert.ok(ids.has(id), id)
})

test('results so far and results closed add up to the change in equity', () => {
  const { gathered: { fills }, pnl } = material()
  const trips = tripsOf(fills)
  const worths = openWorths(material(), trips)
  const sum = trips.reduce((total, trip) => total + (trip.result ?? resultAt(trip, worths.get(trip.subject) ?? 0n)), 0n)
  assert.ok(worths.size > 0)
  assert.ok(Math.abs(toNumber(sum) - (Number(pnl.equity_end) - Number(pnl.equity_start))) < trips.length * 0.05, String(toNumber(sum)))
})

test('what is not known is said to be so, section by section', () => {
  const { page, sentences } = reportOf(nothing, { title: undefined, topTrades: 30 })
  const words = wordsOf(page)
  for (const id of SECTIONS) assert.ok(page.includes(`<section id="${id}">`), id)
  for (const text of ['No benchmark is in the record', 'holds no conviction', 'holds no fill', 'does not tell', 'Nothing was declined', 'no audit checkpoint', 'fewer than two daily closes']) {
    assert.ok(words.includes(text), text)
  }
  assert.ok(words.split('not known').length > 8)
  assert.doesNotMatch(words, /NaN|undefined|Infinity|null/)
  assert.doesNotMatch(words, /[$+\u2212]\s?0\.0|\b0\.0%/)
  assert.ok(sentences.lede.every(({ records }) => records.length === 0))
})

test('without the summary of a back-test the books and the fills speak', () => {
  const { page, figures } = report({ summary: {} })
  const words = wordsOf(page)
  assert.equal(figures.return, made.pnl.return)
  assert.equal(figures.precision, undefined)
  assert.match(words, /No benchmark is in the record/)
  assert.match(words, /Precision@5 not known/)
  assert.match(words, /survivors flatter a result/)
})

test('without any memory the log alone speaks', () => {
  const whole = report().figures, alone = report({ summary: {}, pnl: {} }).figures
  assert.equal(alone.trades, whole.trades)
  assert.equal(alone.equityEnd, whole.equityEnd)
  assert.equal(alone.fees, whole.fees)
  assert.ok(Math.abs((alone.meanTradeReturn ?? 0) - (whole.meanTradeReturn ?? 1)) < 1e-5)
  assert.equal(alone.return, undefined, 'where the start is not known, neither is the return')
})

test('a benchmark without a path is told in words', () => {
  const { benchmark_curve: _, ...summary } = made.summary
  assert.match(wordsOf(report({ summary }).page), /SPY made [+\u2212][\d.]+%; its path is not in the record/)
})

test('days before and after the span are no part of the curve', () => {
  const summary = { ...made.summary, from: '2020-12-01T00:00:00.000Z', to: '2020-12-31T23:59:59.999Z' }
  const { equity, invested } = report({ summary }).figures
  assert.deepEqual([equity[0]?.day, equity.at(-1)?.day], ['2020-12-01', '2020-12-31'])
  assert.equal(invested.length, equity.length)
})

/** The season with every free text replaced. */
function told(text: string): Material {
  const records = made.records.slice(0, 900).map((record): Vanta => {
    switch (record.kind) {
      case 'conviction':
        return { ...record, subject: `ticker:${record.subject.slice(7)}${text}`, horizon: text, reason_vector: record.reason_vector.map((reason) => ({ ...reason, term: text })) }
      case 'allocation':
        return { ...record, reason: text, band: text }
      case 'fill':
        return { ...record, subject: `ticker:${record.subject.slice(7)}${text}`, band: text, currency: text }
      case 'refusal':
        return { ...record, code: text, subject: `ticker:${record.subject.slice(7)}${text}`, detail: text }
      case 'control':
        return { ...record, source: text, by: text, ...{ facts: { world: text } } }
      default:
        return record
    }
  })
  const shares = { [text]: { profit: '1.00', fills: 1 } }
  const pnl: { [field: string]: Json } = { ...made.pnl, by_subject: shares, by_band: shares, by_maker: shares }
  const summary: { [field: string]: Json } = { ...made.summary, benchmark: text, best_subject: text, currency: text, notes: [text], precision_horizon: text }
  return { gathered: gathered(records), pnl, summary, audit }
}

test('text out of a record is never markup: hostile text leaves the structure of the page as it is', () => {
  const benign = skeletonOf(reportOf(told('x'), { title: 'x', topTrades: 5 }).page)
  const hostile = fc.oneof(
    fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=y>', "' onmouseover='z", '</title></style><svg/onload=1>', '&lt;b&gt;', ']]>', '-->', '</code></pre>', '\u2028</script>', '${x}', '$&'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== ''),
  )
  fc.assert(fc.property(hostile, (text) => {
    assert.deepEqual(skeletonOf(reportOf(told(text), { title: text, topTrades: 5 }).page), benign)
  }), { numRuns: 20 })
})
