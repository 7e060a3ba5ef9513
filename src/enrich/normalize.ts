import type { Signal } from '#record'
import { filter } from '#tool'
import { Chatter } from '#domain/reading/chatter'
import { insiderTrade } from '#domain/reading/insider_trade'

export default filter({
  name: 'vanta-normalize',
  summary: 'Turn what sources say into readings: subject, polarity and magnitude, each with its parents.',
  about:
    'Posts, comments, tweets and messages become one "mention" for each security or coin they speak of, by cashtag, symbol or name, articles one ' +
    '"coverage", with the language and what else is named; polarity is P(bullish) - P(bearish) of the sentences that name it, by a model. A snapshot ' +
    'says its mentions again once their magnitude (log-scaled votes and comments) has moved noticeably. Forms 4 and 5 become one ' +
    '"insider_trade" of what was bought or sold on the open market. Every record passes, its readings follow; a later reading ' +
    'of the same key supersedes the earlier.',
  options: {
    restate: { kind: 'number', default: '0.2', help: 'say mentions again when their magnitude moved by more than this fraction' },
    forget: { kind: 'duration', default: '5d', help: 'forget texts not heard of for so long, by the time of the stream' },
  },
  reads: ['signal'],
  examples: ['vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | vanta-normalize | head -3'],
  open({ restate, forget }, { by }) {
    const chatter = new Chatter({ by, restate, forgetMs: forget })
    return {
      each(signal, emit) {
        // Read before passing on: what is emitted is given away.
        const readings = readingsOf(signal, chatter, by)
        emit(signal)
        for (const reading of readings) emit(reading)
      },
    }
  },
})

function readingsOf(signal: Signal, chatter: Chatter, by: string): readonly Signal[] {
  switch (signal.type) {
    case 'post':
    case 'comment':
    case 'tweet':
    case 'message':
    case 'edit':
    case 'article':
      return chatter.text(signal)
    case 'snapshot':
      return chatter.snapshot(signal)
    case 'form4':
    case 'form5': {
      const trade = insiderTrade(signal, by)
      return trade === undefined ? [] : [trade]
    }
    default:
      return []
  }
}
