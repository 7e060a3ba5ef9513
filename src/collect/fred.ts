import { Failure } from '#port/failure'
import { DAY_MS, formatInstant, MINUTE_MS } from '#record'
import { feed } from '#tool/feed'
import { fredParser } from '#wire/fred/payload'
import { ORIGINS, pollAll } from '#wire/fred/poll'

const dayOf = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : formatInstant(ms).slice(0, 10))

export default feed({
  name: 'vanta-fred',
  summary: 'Read series of observations with their vintages: FRED and ALFRED, Nasdaq Data Link, indices of fear and greed.',
  about:
    'An observation has one key, its series and date; each vintage of it is a signal of its own that names its first day, ' +
    'so that a revision does not look as if it had been known before. FRED says the day of a vintage and no hour: it is ' +
    'taken to be known at the end of that day in St. Louis, or when it was heard if that was before; never at the date of ' +
    'the observation. What stood since before the window that was asked for has no vintage. A value of "." is none. Indices ' +
    'of fear and greed are series of observations too, which somebody computes every day: CNN_FEAR_GREED and ' +
    'CRYPTO_FEAR_GREED. FRED wants api_key from the credentials file.',
  options: {
    series: { kind: 'list', help: 'series to ask for, such as CPIAUCSL,DGS10; for payloads that do not name theirs, the one they are of' },
    since: { kind: 'moment', help: 'first day of observations to ask for (default: all)' },
    vintages: { kind: 'moment', help: 'first day of vintages that the first round asks for (default: yesterday, with what was known before)' },
  },
  examples: [
    `printf '<observations realtime_start="1776-07-04"><observation realtime_start="2021-02-10" date="2021-01-01" value="262.2"/></observations>' ` +
      '| vanta-fred --series CPIAUCSL --from -',
    `printf '{"realtime_start":"2021-01-01","output_type":2,"observations":[{"date":"2020-01-01","GDP_20210128":"1.1","GDP_20210225":"1.2"}]}' ` +
      '| vanta-fred --from -',
    { run: "printf 'observation_date,DGS10\\n2021-01-04,0.93\\n2021-01-05,.\\n' | vanta-fred --from -", note: 'a graph\'s CSV' },
    { run: `printf '{"score":67,"rating":"Greed","timestamp":"2024-01-15T21:00:00Z"}' | vanta-fred --from -`, note: 'fear and greed' },
  ],
  service: { name: 'fred', origins: ORIGINS, rate: { requests: 120, perMs: MINUTE_MS } },
  sources: [
    {
      name: 'FRED', reads: 'observations of all output types, series, dates of releases (XML, JSON, CSV)',
      address: 'https://api.stlouisfed.org/fred/series/observations',
      limits: '120 requests a minute for each key; 100000 observations an answer',
      terms: 'FRED API terms of use: a key; some series are their owners\'',
    },
    {
      name: 'Nasdaq Data Link', reads: 'data sets of series (JSON)',
      address: 'files', limits: 'those of each plan', terms: 'those of each data set',
    },
    {
      name: 'CNN', reads: 'fear and greed (JSON; the old page)',
      address: 'https://production.dataviz.cnn.io/index/fearandgreed/graphdata',
      limits: 'not published; refuses clients that it does not like', terms: 'CNN terms of use: personal',
    },
    {
      name: 'alternative.me', reads: 'fear and greed of crypto (JSON)',
      address: 'https://api.alternative.me/fng/', limits: '60 requests a minute', terms: 'free with attribution',
    },
  ],
  watch: { hours: 'always', quietMs: 40 * DAY_MS },
  every: '1h',
  open: ({ series }, reading) => fredParser(series?.length === 1 ? series[0] : undefined, reading),
  live: ({ series, since, vintages }, world) => {
    if (series === undefined) throw new Failure('usage', '--series says which to ask for, such as CPIAUCSL,DGS10')
    return pollAll(series, { since: dayOf(since), vintages: dayOf(vintages) }, world)
  },
})
