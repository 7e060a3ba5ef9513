import { filter } from '#tool'
import { Readings } from '#domain/reading/readings'

export default filter({
  name: 'vanta-normalize',
  summary: 'Turn what sources say into readings: subject, polarity and magnitude, each with its parents.',
  about: [
    'Posts, comments, tweets and messages become one "mention" for each security or coin they speak of, by cashtag, symbol or name, articles one',
    '"coverage", with the language and what else is named; polarity is P(bullish) - P(bearish) of the sentences that name it, by a model. A snapshot',
    'says its mentions again once their magnitude (log-scaled votes and comments) has moved noticeably. Forms 4 and 5 become one "insider_trade" of',
    'what was bought or sold on the open market, forms 13F a "holding_change" for each position that differs from the quarter before (said once a later',
    'record shows the filing to be whole), trades of congress a "member_trade". Sweeps, blocks and unusual volume of options: "option_flow"; puts for',
    'each call and skew: "option_tilt"; short sales: "short_pressure"; prints off exchange: "dark_print" and "dark_tilt"; coins to and from exchanges:',
    '"exchange_flow"; made or destroyed: "supply_change"; funding: "funding_pressure"; books: "book_pressure"; figures that surprise:',
    '"macro_surprise"; dates to come: "market_event"; halts: "trading_halt". Where a figure needs a scale it is its own past: magnitude is log2(1 + value',
    '/ usual) or standard deviations, absent or unsaid until there is a past. Every record passes, its readings follow; a later reading of the same key',
    'supersedes the earlier.',
  ].join(' '),
  options: {
    restate: { kind: 'number', default: '0.2', help: 'say mentions again when their magnitude moved by more than this fraction' },
    forget: { kind: 'duration', default: '5d', help: 'forget texts not heard of for so long, by the time of the stream' },
  },
  reads: ['signal'],
  examples: ['vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | vanta-normalize | head -3'],
  open({ restate, forget }, { by }) {
    const readings = new Readings({ by, restate, forgetMs: forget })
    return {
      each(signal, emit) {
        // Read before passing on: what is emitted is given away.
        const found = readings.of(signal)
        emit(signal)
        for (const reading of found) emit(reading)
      },
      end(emit) {
        for (const reading of readings.end()) emit(reading)
      },
    }
  },
})
