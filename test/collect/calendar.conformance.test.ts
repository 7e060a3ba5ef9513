import { conforms } from './conformance.ts'

conforms({
  tool: 'vanta-calendar',
  words: ['--calendars', 'forexfactory,polygon-holidays'],
  credentials: { polygon_key: 'abcdef0123456789abcdef0123456789' },
  routes: {
    '/ff_calendar_thisweek.json': {
      headers: { 'content-type': 'application/json', etag: '"a"' },
      body: JSON.stringify([{ title: 'CPI m/m', country: 'USD', date: '2021-01-13T08:30:00-05:00', impact: 'High', forecast: '0.4%', previous: '0.2%' }]),
    },
    '/v1/marketstatus/upcoming': {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ exchange: 'NYSE', name: 'Labor Day', date: '2021-09-06', status: 'closed' }]),
    },
  },
  atLeast: 2,
})
