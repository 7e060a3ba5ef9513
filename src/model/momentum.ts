import { filter, Failure } from '#tool'
import { millisOf } from '#record'
import { MomentumBeliefs, STYLES, type Style } from '#domain/forecast/momentum'

export default filter({
  name: 'vanta-momentum',
  summary: 'Say of each subject whether what it did over a year is likely to go on, as beliefs.',
  about: [
    'Reads daily bars and says `belief` records that vanta-synthesize stacks: of series (what has risen over a year, by itself) and across series (the best',
    'and the worst fifth of the year less its last month, of 20 subjects and more). How far either is believed follows from the stream itself: on one date in',
    'each horizon all calls are noted, entered at the next open and left at the close of the horizon; the share of rises beside what was to be expected',
    'anyway, drawn towards nothing and less a standard error, is the probability (`p_up`). So it stays at a half, and nothing is said, for a year and twelve',
    'horizons, and wherever no skill shows. A belief is said when its bucket changes, again once a horizon, and a last time with nothing to say.',
  ].join(' '),
  options: {
    style: { kind: 'list', default: 'series,cross', help: 'momentum of each series, across series, or both' },
    horizon: { kind: 'text', default: '20d', help: 'sessions over which a belief is meant to hold' },
  },
  reads: ['signal', 'bar', 'price', 'control'],
  examples: ['vanta-bars --from samples/season/bars/etf_daily_2020-09_2021-02.csv.gz | vanta-momentum --horizon 5d | grep -c bar'],
  open({ style, horizon }, { by }) {
    const sessions = Number(/^(\d{1,3})d$/.exec(horizon)?.[1] ?? 0)
    if (sessions < 1) throw new Failure('usage', `--horizon: expected sessions such as 20d, got "${horizon}"`)
    const wrong = style.find((one) => !STYLES.some((known) => known === one))
    if (wrong !== undefined || style.length === 0) throw new Failure('usage', `--style: expected ${STYLES.join(' or ')}, got "${wrong ?? ''}"`)
    const beliefs = new MomentumBeliefs({ by, styles: STYLES.filter((one: Style) => style.includes(one)), horizon: sessions })
    return {
      each(record, emit) {
        for (const belief of beliefs.until(millisOf(record.known_at))) emit(belief)
        if (record.kind === 'bar' && record.span === '1d') beliefs.bar(record)
        emit(record)
      },
      end(emit) {
        for (const belief of beliefs.close()) emit(belief)
      },
    }
  },
})
