/** The features that Vanta has by itself, in the form in which users add their own (memory/features.json). */
import { readDefinitions, type Definitions } from './definition.ts'

const VIEWS = {
  mentions: {
    kind: 'signal', where: { type: 'mention' }, key: ['key'], values: { polarity: 'polarity', magnitude: 'magnitude' },
  },
  insider_trades: {
    kind: 'signal', where: { type: 'insider_trade' }, key: ['key'],
    values: { polarity: 'polarity', magnitude: 'magnitude', value_usd: 'facts.value_usd' },
  },
  bars_daily: {
    kind: 'bar', where: { span: '1d' }, key: ['basis'],
    values: { open: 'open', high: 'high', low: 'low', close: 'close', volume: 'volume' },
  },
  bars_hourly: { kind: 'bar', where: { span: '1h' }, key: ['basis'], values: { high: 'high', low: 'low', close: 'close', volume: 'volume' } },
  prices: { kind: 'price', key: ['type', 'span', 'basis'], values: { price: 'price' } },
  beliefs: { kind: 'belief', key: ['maker', 'horizon'], values: { log_odds: 'log_odds', rise: { path: 'direction', words: { up: 1, down: -1 } } } },
  convictions: {
    kind: 'conviction', key: ['horizon'],
    values: { score: 'conviction_score', log_odds: 'log_odds', rise: { path: 'direction', words: { up: 1, down: -1 } } },
  },
  outcomes: { kind: 'outcome', key: ['direction', 'horizon', 'entered_at'], values: { move: 'move', hit: 'hit' } },
  momentum: {
    kind: 'bar', where: { span: '1d' }, derived: 'momentum',
    values: { month: 'month', quarter: 'quarter', year: 'year', year_less_month: 'yearLessMonth', volatility: 'volatility', year_score: 'yearScore' },
  },
  links: { kind: 'link', entity: 'from', key: ['to', 'relation'], values: { probability: 'probability' } },
} as const

const FEATURES = {
  mentions_1h: { view: 'mentions', value: 'polarity', aggregate: 'count', window: '1h' },
  mentions_1d: { view: 'mentions', value: 'polarity', aggregate: 'count', window: '1d' },
  mentions_7d: { view: 'mentions', value: 'polarity', aggregate: 'count', window: '7d' },
  mention_polarity: { view: 'mentions', value: 'polarity', aggregate: 'last', ttl: '2d' },
  mention_polarity_1d: { view: 'mentions', value: 'polarity', aggregate: 'mean', window: '1d' },
  mention_polarity_7d: { view: 'mentions', value: 'polarity', aggregate: 'mean', window: '7d' },
  mention_polarity_std_7d: { view: 'mentions', value: 'polarity', aggregate: 'std', window: '7d' },
  mention_magnitude_1d: { view: 'mentions', value: 'magnitude', aggregate: 'sum', window: '1d' },
  mention_magnitude_max_7d: { view: 'mentions', value: 'magnitude', aggregate: 'max', window: '7d' },
  insider_trades_30d: { view: 'insider_trades', value: 'polarity', aggregate: 'count', window: '30d' },
  insider_polarity_30d: { view: 'insider_trades', value: 'polarity', aggregate: 'mean', window: '30d' },
  insider_value_usd_30d: { view: 'insider_trades', value: 'value_usd', aggregate: 'sum', window: '30d' },
  insider_magnitude_max_90d: { view: 'insider_trades', value: 'magnitude', aggregate: 'max', window: '90d' },
  price: { view: 'prices', value: 'price', aggregate: 'last', ttl: '5d' },
  close: { view: 'bars_daily', value: 'close', aggregate: 'last', ttl: '5d' },
  close_mean_28d: { view: 'bars_daily', value: 'close', aggregate: 'mean', window: '28d' },
  close_std_28d: { view: 'bars_daily', value: 'close', aggregate: 'std', window: '28d' },
  high_28d: { view: 'bars_daily', value: 'high', aggregate: 'max', window: '28d' },
  low_28d: { view: 'bars_daily', value: 'low', aggregate: 'min', window: '28d' },
  volume_mean_28d: { view: 'bars_daily', value: 'volume', aggregate: 'mean', window: '28d' },
  close_1h: { view: 'bars_hourly', value: 'close', aggregate: 'last', ttl: '4d' },
  volume_1d: { view: 'bars_hourly', value: 'volume', aggregate: 'sum', window: '1d' },
  belief_log_odds: { view: 'beliefs', value: 'log_odds', aggregate: 'last', ttl: '20d' },
  beliefs_7d: { view: 'beliefs', value: 'log_odds', aggregate: 'count', window: '7d' },
  conviction_score: { view: 'convictions', value: 'score', aggregate: 'last', ttl: '7d' },
  conviction_rise: { view: 'convictions', value: 'rise', aggregate: 'last', ttl: '7d' },
  conviction_log_odds_mean_7d: { view: 'convictions', value: 'log_odds', aggregate: 'mean', window: '7d' },
  hit_rate_90d: { view: 'outcomes', value: 'hit', aggregate: 'mean', window: '90d' },
  move_mean_90d: { view: 'outcomes', value: 'move', aggregate: 'mean', window: '90d' },
  momentum_month: { view: 'momentum', value: 'month', aggregate: 'last', ttl: '5d' },
  momentum_quarter: { view: 'momentum', value: 'quarter', aggregate: 'last', ttl: '5d' },
  momentum_year_less_month: { view: 'momentum', value: 'year_less_month', aggregate: 'last', ttl: '5d' },
  momentum_volatility: { view: 'momentum', value: 'volatility', aggregate: 'last', ttl: '5d' },
  momentum_year_score: { view: 'momentum', value: 'year_score', aggregate: 'last', ttl: '5d' },
  links_90d: { view: 'links', value: 'probability', aggregate: 'count', window: '90d' },
} as const

let read: Definitions | undefined

export const standardDefinitions = (): Definitions => (read ??= readDefinitions({ views: VIEWS, features: FEATURES }))
