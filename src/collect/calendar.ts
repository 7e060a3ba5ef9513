import { Failure } from '#port/failure'
import { DAY_MS, MINUTE_MS } from '#record'
import { feed } from '#tool/feed'
import { askFor, CALENDARS } from '#wire/calendar/ask'
import { calendarParser } from '#wire/calendar/payload'
import { fieldsOf, validatorsIn, validatorState } from '#wire/cursor'

/** ForexFactory's two in five minutes, over four times as long: a round that is tried again is no abuse. */
const RATE = { requests: 8, perMs: 20 * MINUTE_MS }

export default feed({
  name: 'vanta-calendar',
  summary: 'Read calendars: economic events with actual, forecast, previous and surprise; dividends, flotations, earnings, holidays.',
  about:
    'An event happens at its time and is known from when it was heard; an actual figure only after the event. The surprise ' +
    'is the actual less the forecast, exact, where both are numbers of the same unit. An event that is moved keeps its key: ' +
    'its calendar, currency and title, and the month (of what comes weekly, the week) it falls into. Where a calendar does ' +
    'not say the zone of its clock, it is told by US figures that are always published at 08:30 New York time; where it has ' +
    'none of them, the fact "dated" says so. Tentative and all-day events have the first moment of their day and say so in ' +
    '"time". Records of the past are known from the events they tell.',
  options: {
    calendars: { kind: 'list', default: 'forexfactory', help: `what to ask for: ${Object.keys(CALENDARS).join(', ')}` },
  },
  examples: [
    `printf '[{"title":"CPI m/m","country":"USD","date":"2026-08-12T08:30:00-04:00","impact":"High","forecast":"0.2%%","actual":"0.3%%"}]' ` +
      '| vanta-calendar --from -',
    "printf '<weeklyevents><event><title>CPI m/m</title><country>USD</country><date>08-12-2026</date><time>12:30pm</time>" +
      "<impact>High</impact></event></weeklyevents>' | vanta-calendar --from -",
    { run: `printf '[{"exchange":"NYSE","name":"Labor Day","date":"2026-09-07","status":"closed"}]' | vanta-calendar --from -`, note: 'holidays' },
    {
      run: `printf '{"ipoCalendar":[{"date":"2026-09-09","name":"X Corp","symbol":"XYZ","price":"10.00"}]}' | vanta-calendar --from -`,
      note: 'flotations; dividends and earnings likewise',
    },
    { run: "printf 'ts_utc,currency,event\\n2014-01-10T13:30:00Z,USD,Nonfarm Payrolls\\n' | vanta-calendar --from -", note: 'records of the past' },
  ],
  service: { name: 'calendar', origins: [...new Set(Object.values(CALENDARS).map(({ origin }) => origin))], rate: RATE },
  sources: [
    {
      name: 'ForexFactory', reads: 'economic events (JSON, XML by week or month)', address: 'https://nfs.faireconomy.media/ff_calendar_thisweek.json',
      limits: 'two requests in five minutes', terms: 'Fair Economy: for personal use, once an hour is enough',
    },
    {
      name: 'Nasdaq', reads: 'dividends (JSON)',
      address: 'https://api.nasdaq.com/api/calendar/dividends',
      limits: 'not published',
      terms: 'Nasdaq terms of use',
    },
    {
      name: 'Finnhub', reads: 'flotations and earnings (JSON)',
      address: 'https://finnhub.io/api/v1/calendar/ipo',
      limits: '60 requests a minute',
      terms: 'a token; personal on the free plan',
    },
    {
      name: 'Polygon', reads: 'holidays of exchanges (JSON)',
      address: 'https://api.polygon.io/v1/marketstatus/upcoming',
      limits: '5 requests a minute on the free plan',
      terms: 'a key; those of the plan',
    },
    {
      name: 'history', reads: 'CSV of past events: event, currency or country, a date or moment; figures',
      address: 'files',
      limits: 'none',
      terms: 'those of whoever made the file',
    },
  ],
  watch: { hours: 'always', quietMs: 8 * DAY_MS },
  every: '1h',
  open: (_, reading) => calendarParser(reading),
  async *live({ calendars }, world) {
    // All that is needed before anything is asked: a missing key is found at once.
    const asked = await Promise.all(calendars.map(async (name) => {
      const calendar = Object.hasOwn(CALENDARS, name) ? CALENDARS[name] : undefined
      if (calendar === undefined) throw new Failure('usage', `--calendars: expected some of ${Object.keys(CALENDARS).join(', ')}, got "${name}"`)
      const { key, origin } = calendar
      const secret = key === undefined ? '' : ((await world.credentials(key))[key] ?? '')
      return { origin, request: askFor(calendar, world.clock.now(), secret), cursor: world.cursor(name) }
    }))
    for (const { origin, request, cursor } of asked) {
      const http = world.httpOf({ name: `calendar_${new URL(origin).host}`, origins: [origin], rate: RATE })
      // What is unchanged is so for the same days only.
      const isSame = fieldsOf(cursor.state)['url'] === request.url
      const answer = await http.get({ ...request, validators: isSame ? validatorsIn(cursor.state) : undefined })
      if (answer.status === 304) continue
      yield* world.read(answer)
      await cursor.save({ url: request.url, ...validatorState(answer.validators) })
    }
  },
})
