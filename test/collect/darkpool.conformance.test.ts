import { conforms } from './conformance.ts'
import type { Asked } from '../service/service.ts'

/** The file of whatever day is asked for. */
const daily = ({ url }: Asked): { readonly body: string } => {
  const date = /shvol(\d{8})\.txt/.exec(url)?.[1] ?? ''
  return { body: `Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\r\n${date}|NFLX|532.5|36|1450|B,Q,N\r\n${date}|AAPL|1|0|2|Q\r\n2\r\n` }
}

conforms({
  tool: 'vanta-darkpool',
  words: ['--since', '2021-01-14', '--until', '2021-01-19'],
  routes: { '/equity/regsho/daily/CNMSshvol': daily },
  // 14, 15 and 19 January: a weekend and a holiday lie between.
  atLeast: 6,
  // A day that is not there yet is no failure, and is asked for again.
  missing: 0,
  forbidden: 0,
})

const week = (monday: string): object[] => [
  { issueSymbolIdentifier: 'TSLA', totalWeeklyShareQuantity: 69039455, totalWeeklyTradeCount: 1812409, weekStartDate: monday, summaryTypeCode: 'ATS_W_SMBL', tierIdentifier: 'T1', lastUpdateDate: '2021-12-20' },
  { issueSymbolIdentifier: 'AAPL', totalWeeklyShareQuantity: 100, totalWeeklyTradeCount: 2, weekStartDate: monday, summaryTypeCode: 'ATS_W_SMBL', tierIdentifier: 'T1', lastUpdateDate: '2021-12-20' },
]

conforms({
  tool: 'vanta-darkpool',
  words: ['--ask', 'weekly'],
  routes: {
    '/data/group/otcMarket/name/weeklyDownloadDetails': { body: JSON.stringify(['2021-11-22', '2021-11-15', '2021-11-29'].map((weekStartDate) => ({ weekStartDate }))) },
    '/data/group/otcMarket/name/weeklySummary': ({ body }) => ({ body: JSON.stringify(week(/"weekStartDate","fieldValue":"([\d-]+)"/.exec(body)?.[1] ?? '')) }),
  },
  at: /weeklySummary/,
  atLeast: 6,
})

conforms({
  tool: 'vanta-darkpool',
  words: ['--ask', 'trades', '--symbol', 'AAPL', '--since', '2022-04-28'],
  credentials: { polygon_key: 'the-secret-key-of-polygon' },
  routes: {
    '/v3/trades/AAPL?timestamp.gte': { body: '{"status":"OK","results":[{"price":156.43,"size":10,"exchange":4,"trf_id":202,"sip_timestamp":1651181842461979400}],"next_url":"https://elsewhere.invalid/?cursor=two"}' },
    '/v3/trades/AAPL?cursor=two': { body: '{"status":"OK","results":[{"price":156.44,"size":10,"exchange":4,"trf_id":202,"sip_timestamp":1651181843461979400}]}' },
  },
  atLeast: 2,
})
