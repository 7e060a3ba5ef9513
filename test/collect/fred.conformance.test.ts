import { conforms } from './conformance.ts'

const answer = (rows: readonly object[]): { body: string; headers: { 'content-type': string } } => ({
  headers: { 'content-type': 'application/json; charset=UTF-8' },
  body: JSON.stringify({ realtime_start: '2021-01-27', realtime_end: '9999-12-31', units: 'lin', output_type: 1, count: rows.length, offset: 0, limit: 100_000, observations: rows }),
})

conforms({
  tool: 'vanta-fred',
  words: ['--series', 'GDP,DGS10'],
  credentials: { api_key: 'abcdef0123456789abcdef0123456789' },
  routes: {
    '/fred/series/observations?series_id=GDP': answer([
      { realtime_start: '2021-01-28', realtime_end: '2021-02-24', date: '2020-10-01', value: '21487.9' },
      { realtime_start: '2021-02-25', realtime_end: '9999-12-31', date: '2020-10-01', value: '21494.7' },
    ]),
    '/fred/series/observations?series_id=DGS10': answer([{ realtime_start: '2021-01-27', realtime_end: '9999-12-31', date: '2021-01-25', value: '1.05' }]),
  },
  atLeast: 3,
})
