/**
 * What stacking adds over each maker alone, by the priors as shipped and with what trust and calibration learn on the way: on insiders' purchases and
 * the subreddits of 2018 with daily bars, 2014 to 2020, and on the shipped season. Whatever is learned is learned from outcomes known before the row that is
 * judged. Rows of one subject overlap in time, so intervals resample blocks of sessions. Nothing here was chosen by its result.
 */
import { logistic, type Outcome } from '#record'
import { calibrated } from '#domain/conviction/stacker'
import { PRIORS } from '#domain/conviction/priors'
import { areaUnderCurve } from '#domain/learn/scores'
import { CalibrationCounts } from '#domain/outcome/calibration'
import { Reinforcement } from '#domain/outcome/reinforce'
import { Heard } from '#domain/outcome/heard'
import { Trust } from '#domain/outcome/trust'
import { resample } from '#domain/statistics/bootstrap'
import { seededRandom } from '#tool/random'
import { NEEDS, season, years } from '../train/responses.ts'
import { outcomesOf } from './replayed.ts'
import type { Part, Score } from './score.ts'

const TOP = 5, RESAMPLES = 200

const pipeline = ['vanta-normalize', 'vanta-dedup', 'vanta-insiders', 'vanta-synthesize --every 1d', 'vanta-track --horizon 5d,20d']

const part: Part = {
  name: 'stack',
  needs: NEEDS,
  async measure(data) {
    const long = await outcomesOf(years(data, pipeline))
    return [
      ...judged(long, '5d', 'insiders, subreddits 2014-2020', '2015-01-01'),
      ...judged(long, '20d', 'insiders, subreddits 2014-2020', '2015-01-01'),
      ...judged(await outcomesOf(season(pipeline)), '5d', 'season 2020-11..2021-01', '2020-11-25'),
    ]
  },
}
export default part

interface Row {
  readonly session: number
  readonly subject: string
  readonly rose: number
  /** Probability of a rise by each judge; one half where it says nothing. */
  readonly said: { readonly [judge: string]: number }
}
const STACKED = 'stacked', LEARNED = 'stacked, learned', BASE = 'base rate'

/** What each judge said of each row, from what was known when it was entered. */
function rowsOf(outcomes: readonly Outcome[], horizon: string): { rows: Row[]; sessions: string[]; makers: string[] } {
  const all = outcomes.filter((one) => one.horizon === horizon && one.move !== 0).sort((a, b) => (a.entered_at < b.entered_at ? -1 : a.entered_at > b.entered_at ? 1 : 0))
  const sessions = [...new Set(all.map((one) => one.entered_at))]
  const place = new Map(sessions.map((session, i) => [session, i] as const))
  const makers = [...new Set(all.flatMap(({ voices }) => voices.map(({ who }) => who)))].filter((who) => who.startsWith('model:')).map((who) => who.slice(6)).sort()
  const reinforcement = new Reinforcement(), counts = new CalibrationCounts()
  let trust = new Trust({ heard: new Heard(), voices: {} }), map = counts.fitted(horizon, 'platt')
  let rises = 1, seen = 2
  const waiting = [...outcomes].sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : 0))
  const trusted = ({ voices }: Outcome): number => voices.reduce((sum, { who, rise }) => {
    const prior = PRIORS.find(({ maker }) => who === `model:${maker}`)
    return prior === undefined ? sum : sum + (rise * Math.min(1, prior.reliability * trust.of(who, prior.horizon))) / prior.reliability
  }, 0)
  let next = 0, learnedAt = ''
  const rows = all.map((one): Row => {
    const session = one.entered_at.slice(0, 10)
    if (session > learnedAt) {
      for (let known = waiting[next]; known !== undefined && known.known_at < one.entered_at; known = waiting[++next]) {
        counts.learn({ ...known, uncalibrated: trusted(known) })
        reinforcement.learn(known)
        if (known.horizon !== horizon) continue
        rises += known.move > 0 ? 1 : 0
        seen++
      }
      trust = new Trust({ heard: new Heard(), voices: reinforcement.kept() })
      map = counts.fitted(horizon, 'platt')
      learnedAt = session
    }
    const of = (who: string): number => logistic(one.voices.find((voice) => voice.who === who)?.rise ?? 0)
    return {
      session: place.get(one.entered_at) ?? 0, subject: one.subject, rose: one.move > 0 ? 1 : 0,
      said: {
        ...Object.fromEntries(makers.map((maker) => [maker, of(`model:${maker}`)])), [BASE]: rises / seen,
        [STACKED]: logistic(one.uncalibrated ?? 0), [LEARNED]: logistic(map === undefined ? trusted(one) : calibrated(map, trusted(one))),
      },
    }
  })
  return { rows, sessions, makers }
}

interface Metric {
  readonly name: string
  /** Sum and count over the rows of one session, for one judge. */
  readonly of: (rows: readonly Row[], judge: string) => readonly [sum: number, count: number]
}
const sureness = (row: Row, judge: string): number => Math.abs((row.said[judge] ?? 0.5) - 0.5)
const isRight = (row: Row, judge: string): number => ((row.said[judge] ?? 0.5) > 0.5 === (row.rose === 1) ? 1 : 0)
const speaking = (rows: readonly Row[], judge: string): Row[] => rows.filter((row) => sureness(row, judge) > 0)
const METRICS: readonly Metric[] = [
  { name: 'Brier', of: (rows, judge) => [rows.reduce((sum, row) => sum + ((row.said[judge] ?? 0.5) - row.rose) ** 2, 0), rows.length] },
  { name: 'hit rate', of: (rows, judge) => [speaking(rows, judge).reduce((sum, row) => sum + isRight(row, judge), 0), speaking(rows, judge).length] },
  {
    name: `Precision@${TOP}`,
    of(rows, judge) {
      const top = speaking(rows, judge).sort((a, b) => sureness(b, judge) - sureness(a, judge) || (a.subject < b.subject ? -1 : 1)).slice(0, TOP)
      return [top.reduce((sum, row) => sum + isRight(row, judge), 0), top.length]
    },
  },
]

function judged(outcomes: readonly Outcome[], horizon: string, set: string, since: string): readonly Score[] {
  const { rows, sessions, makers } = rowsOf(outcomes, horizon)
  const first = sessions.findIndex((session) => session >= since)
  const bySession = sessions.map((): Row[] => [])
  for (const row of rows) bySession[row.session]?.push(row)
  const days = bySession.slice(first).filter((day) => day.length > 0)
  const random = seededRandom('1', `stack ${set} ${horizon}`)
  const block = Number.parseInt(horizon, 10) * 2
  const draws = Array.from({ length: RESAMPLES }, () => {
    const places = new Int32Array(days.length)
    resample(places, block, random.next)
    return places
  })
  const whole = Int32Array.from(days.keys())
  const n = days.reduce((sum, day) => sum + day.length, 0)
  const base = { part: 'stack', set: `${set}, ${horizon}`, split: `each from what was known before it; from ${since}`, rows: n }
  const interval = (of: (places: Int32Array) => number): readonly [number, number] => {
    const values = draws.map(of).filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
    return [values[Math.floor(values.length * 0.025)] ?? NaN, values[Math.ceil(values.length * 0.975) - 1] ?? NaN]
  }
  const scores: Score[] = []
  const judges = [...makers, BASE]
  for (const metric of METRICS) {
    const sums = new Map([STACKED, LEARNED, ...judges].map((judge) => [judge, days.map((day) => metric.of(day, judge))] as const))
    const value = (judge: string) => (places: Int32Array): number => {
      let sum = 0, count = 0
      for (const place of places) {
        const [s, c] = sums.get(judge)?.[place] ?? [0, 0]
        sum += s
        count += c
      }
      return sum / count
    }
    scores.push(
      { ...base, metric: metric.name, ours: value(STACKED)(whole), interval: interval(value(STACKED)), rivals: judges.map((name) => ({ name, value: value(name)(whole), how: 'measured' })) },
      { ...base, metric: `${metric.name}, learned`, ours: value(LEARNED)(whole), interval: interval(value(LEARNED)), rivals: [] },
    )
    // Of the makers alone the best on these very rows: a rival that nobody could have chosen in time.
    const lower = metric.name === 'Brier'
    const best = [...makers].sort((a, b) => (lower ? 1 : -1) * (value(a)(whole) - value(b)(whole)))[0] ?? BASE
    const gain = (ours: string, theirs: string) => (places: Int32Array): number => (lower ? -1 : 1) * (value(ours)(places) - value(theirs)(places))
    for (const [ours, word] of [[STACKED, ''], [LEARNED, ', learned']] as const) {
      scores.push({ ...base, metric: `gain in ${metric.name} over the best maker, ${best}${word}`, ours: gain(ours, best)(whole), interval: interval(gain(ours, best)), rivals: [] })
    }
  }
  const area = (judge: string) => (places: Int32Array): number => {
    const drawn = [...places].flatMap((place) => days[place] ?? [])
    return areaUnderCurve(drawn.map((row) => row.said[judge] ?? 0.5), drawn.map((row) => row.rose)) ?? NaN
  }
  scores.push(
    { ...base, metric: 'AUC', ours: area(STACKED)(whole), interval: interval(area(STACKED)), rivals: judges.map((name) => ({ name, value: area(name)(whole), how: 'measured' })) },
    { ...base, metric: 'AUC, learned', ours: area(LEARNED)(whole), interval: interval(area(LEARNED)), rivals: [] },
  )
  return scores
}
