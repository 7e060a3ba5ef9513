/**
 * A folder of recorded history: `reddit/`, `insider/` and `bars/` with files named by what they hold. Any file may be absent.
 * The names and what is known of them stand here, once.
 */

/** One sort of history: which collector reads it, and which file names are it. */
export interface Holding {
  /** What it is, for messages. */
  readonly what: string
  readonly folder: string
  readonly pattern: RegExp
  readonly collector: string
}

/** What `--source` names, in the order in which facts of the same moment are said: a post before its score. */
export const HOLDINGS: { readonly [source: string]: readonly Holding[] } = {
  reddit: [
    { what: 'hot posts of r/wallstreetbets', folder: 'reddit', pattern: /^wsb_hot_posts.*\.ndjson(\.gz)?$/, collector: 'vanta-reddit' },
    { what: 'submissions of four stock subreddits', folder: 'reddit', pattern: /^stock_subs_submissions.*\.ndjson(\.gz)?$/, collector: 'vanta-reddit' },
    { what: 'their hourly scores', folder: 'reddit', pattern: /^wsb_hot_snapshots.*\.csv(\.gz)?$/, collector: 'vanta-reddit' },
  ],
  comments: [{ what: 'comments under the hot posts', folder: 'reddit', pattern: /^wsb_hot_top_comments.*\.ndjson(\.gz)?$/, collector: 'vanta-reddit' }],
  insider: [
    { what: 'purchases by chief officers', folder: 'insider', pattern: /^openinsider_.*\.csv(\.gz)?$/, collector: 'vanta-sec' },
    { what: 'Form 4 transactions of large companies', folder: 'insider', pattern: /^form4_finnhub.*\.csv(\.gz)?$/, collector: 'vanta-sec' },
  ],
}

/** Daily bars in order of preference: a ticker is read from the first file that has it. */
export const DAILY_BARS: readonly RegExp[] = [
  /^daily_us.*\.csv(\.gz)?$/, /^daily_insider_smallcaps.*\.csv(\.gz)?$/, /^spy_daily_adj.*\.csv(\.gz)?$/,
  /^daily_delisted.*\.csv(\.gz)?$/, /^etf_daily.*\.csv(\.gz)?$/, /^daily_finnhub.*\.csv(\.gz)?$/,
]
/** Finer bars, as traded: brought to the basis of the daily ones. */
export const INTRADAY_BARS: readonly RegExp[] = [/^hourly.*\.csv(\.gz)?$/]

/** The benchmark with dividends: `date`, `adj_close`. */
export const BENCHMARK_BARS = /^spy_daily_adj.*\.csv(\.gz)?$/
