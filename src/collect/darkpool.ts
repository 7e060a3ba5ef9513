import { Failure } from '#tool'
import { feed } from '#tool/feed'
import { askDarkpool, FINRA_API, FINRA_FILES } from '#wire/darkpool/live'
import { DarkpoolParser } from '#wire/darkpool/payload'
import { dayText } from '#wire/market_day'
import { POLYGON } from '#wire/polygon'

export default feed({
  name: 'vanta-darkpool',
  summary: 'Listen to trading off the exchanges: prints by venue and condition, weekly volumes, and short sales.',
  about:
    'Prints that were reported to a FINRA facility (exchange D, Polygon\'s 4, or a facility\'s id) with their sale conditions in words, ' +
    'known when the tape told them and dated when they were executed; more than ten seconds between is late. Whole files of prints also give the ' +
    'dark share of each day\'s volume. Daily short volume is known from 18:00 New York, weekly summaries from the date of publication they state. ' +
    'A day\'s file that is not there yet is asked for again each round, and nothing is lost by it. Secrets: polygon_key, finra_token.',
  options: {
    ask: { kind: 'choice', choices: ['daily', 'weekly', 'trades'], default: 'daily', help: 'short volume files, ATS summaries, or trades (polygon)' },
    symbol: { kind: 'list', help: 'tickers: whose trades to ask for, or only these' },
    facility: {
      kind: 'choice', choices: ['CNMS', 'FNSQ', 'FNQC', 'FNYX', 'FNRA', 'FORF'], default: 'CNMS',
      help: 'whose daily file: CNMS is all facilities together',
    },
    tier: {
      kind: 'choice', choices: ['T1', 'T2', 'OTC'], default: 'T1', help: 'weekly: T1 larger listed stocks, T2 the other listed ones, OTC the rest',
    },
    summary: {
      kind: 'choice', choices: ['ATS_W_SMBL', 'ATS_W_SMBL_FIRM', 'OTC_W_SMBL', 'OTC_W_SMBL_FIRM'], default: 'ATS_W_SMBL',
      help: 'weekly: dark pools or firms, with or without the firm',
    },
    since: { kind: 'moment', help: 'first day to ask for, at the first run (default: a week ago; trades: today)' },
    until: { kind: 'moment', help: 'last day to ask for' },
    date: { kind: 'text', help: 'the day of tick files that name none, such as 2013-10-07' },
  },
  examples: [
    "printf 'Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\\n20260424|NFLX|5324835.5|36049|14506163|B,Q,N\\n1\\n' " +
      '| vanta-darkpool --from -',
    {
      run: 'printf \'{"status":"OK","results":[{"price":156.43,"size":1000,"exchange":4,"trf_id":202,"conditions":[2,22],"id":"7",' +
        '"participant_timestamp":1651181822000000000,"sip_timestamp":1651181842461979400}]}\' | vanta-darkpool --symbol AAPL --from -',
      note: 'a print reported twenty seconds late, at an average price',
    },
    {
      run: 'printf \'[{"issueSymbolIdentifier":"TSLA","totalWeeklyShareQuantity":69039455,"totalWeeklyTradeCount":1812409,' +
        '"weekStartDate":"2021-11-01","lastUpdateDate":"2021-11-22"}]\' | vanta-darkpool --from -',
      note: 'a week of dark pools, known three weeks later',
    },
    'printf \'[{"Ticker":"AAPL","Date":"2021-12-15","OTC_Short":20,"OTC_Total":50,"DPI":0.4}]\' | vanta-darkpool --from -',
    "printf 'time_et,ex,symbol,cond,size,price,corr\\n2018-01-02 09:30:05.957,D,XYZ,4 B,10000,158.5,0\\n' | vanta-darkpool --from -",
  ],
  service: { name: 'darkpool', origins: [FINRA_FILES, FINRA_API, POLYGON].flatMap(({ origins }) => origins), rate: { requests: 60, perMs: 60_000 } },
  sources: [
    {
      name: 'finra daily', reads: 'short sale volume by symbol, one file a day and facility (pipes between cells)',
      address: 'https://cdn.finra.org/equity/regsho/daily/CNMSshvolYYYYMMDD.txt',
      limits: 'none published; we ask at most 60 times a minute. Posted by 18:00 New York', terms: 'free; FINRA data terms',
    },
    {
      name: 'finra weekly', reads: 'ATS and OTC volume by week and symbol (JSON, CSV)',
      address: 'https://api.finra.org/data/group/otcMarket/name/weeklySummary',
      limits: '1200 requests a minute; we ask at most 100. Published two to four weeks later',
      terms: 'free; some data sets need a token (finra_token)',
    },
    {
      name: 'polygon trades', reads: 'every trade of a stock, those off the exchanges by their facility (JSON)',
      address: 'https://api.polygon.io/v3/trades/SYMBOL',
      limits: '5 requests a minute on the free plan, unlimited above; we ask at most 60',
      terms: 'needs a key (polygon_key); plans differ in what may be shown to others',
    },
    {
      name: 'lists', 
      reads: 'Stockgrid positions and short interest, Quiver off-exchange, Nasdaq Data Link series, Unusual Whales prints (JSON)',
      address: 'files', limits: 'as recorded', terms: 'those of the makers',
    },
    {
      name: 'tapes', reads: 'NYSE Daily TAQ trades, AlgoSeek ticks, Reg SHO volume by venue (CSV)', address: 'files', limits: 'as recorded',
      terms: 'those of the makers',
    },
  ],
  watch: { hours: 'always', quietMs: 5 * 24 * 3_600_000 },
  every: '30m',
  open({ symbol, date }, reading) {
    if (date !== undefined && dayText(date) !== date) throw new Failure('usage', `--date: expected a day such as 2013-10-07, not "${date}"`)
    return new DarkpoolParser({ symbols: symbol, date }, reading)
  },
  live: ({ ask, symbol, facility, tier, summary, since, until }, world) =>
    askDarkpool({ what: ask, symbols: symbol, facility, tier, summary, sinceMs: since, untilMs: until }, world),
})
