/**
 * Whether half-lives learned of sources say better what prices did later than those stated in advance: the correlation of decayed strengths with the moves of
 * the sessions after readings that came after all that was learned from.
 */
import { HOUR_MS } from '#record'
import { decayed } from '#domain/conviction/decay'
import { PRIORS } from '#domain/conviction/priors'
import { resample } from '#domain/statistics/bootstrap'
import { seededRandom } from '#tool/random'
import { bySource, heardIn, learnedUntil, NEEDS, responsesOf, season, years, type Answer, type Heard } from '../train/responses.ts'
import model from '../../models/half_lives.json' with { type: 'json' }
import type { Part, Score } from './score.ts'

const PIPELINE = ['vanta-normalize', 'vanta-dedup', 'vanta-insiders']
const LEAST = 100, RESAMPLES = 1000

const part: Part = {
  name: 'outcomes',
  needs: NEEDS,
  async measure(data) {
    return [
      ...judged(await heardIn(years(data, PIPELINE)), 'readings to 2020-12'),
      ...judged(await heardIn(season(PIPELINE)), 'season 2020-11..2021-01'),
    ]
  },
}
export default part

function judged(heard: Heard, set: string): readonly Score[] {
  const sources = [...new Set(heard.readings.map(({ source }) => source))]
  return sources.flatMap((source) => bySource(responsesOf(heard, learnedUntil(source), '9999').filter((answer) => answer.source === source), LEAST))
    .flatMap(([maker, source, answers]): Score[] => {
      const known = model.model.find((one) => one.maker === maker && one.source === source)
      const prior = PRIORS.find((one) => one.maker === maker)
      if (known === undefined || prior === undefined) return []
      const weeks = byWeek(answers), random = seededRandom('1', `half-lives ${set} ${maker} ${source}`)
      const of = (halfLifeMs: number): readonly Sums[] => weeks.map((week) => sumsOf(week, halfLifeMs))
      const learned = of(known.hours * HOUR_MS), stated = of(prior.halfLifeMs), constant = of(Infinity)
      const whole = Int32Array.from(weeks.keys())
      const gain = (places: Int32Array): number => correlation(learned, places) - correlation(stated, places)
      const draws = Array.from({ length: RESAMPLES }, () => {
        const places = new Int32Array(weeks.length)
        resample(places, 4, random.next)
        return places
      })
      const interval = (statistic: (places: Int32Array) => number): readonly [number, number] => {
        const values = draws.map(statistic).sort((a, b) => a - b)
        return [values[Math.floor(RESAMPLES * 0.025)] ?? NaN, values[Math.ceil(RESAMPLES * 0.975) - 1] ?? NaN]
      }
      const base = { part: 'outcomes', set: `${maker}, ${source}, ${set}`, split: `known from ${learnedUntil(source).slice(0, 10)} on`, rows: answers.length }
      const beside = [
        { name: `stated ${prior.halfLifeMs / HOUR_MS} h`, value: correlation(stated, whole), how: 'measured' as const },
        { name: 'no decay', value: correlation(constant, whole), how: 'measured' as const },
      ]
      return [
        { ...base, metric: `correlation with moves, ${known.hours} h (${known.low} .. ${known.high})`, ours: correlation(learned, whole), interval: interval((places) => correlation(learned, places)), rivals: beside },
        { ...base, metric: 'gain over the stated half-life', ours: gain(whole), interval: interval(gain), rivals: [] },
      ]
    })
}

interface Sums {
  readonly both: number
  readonly said: number
  readonly moved: number
}

function byWeek(answers: readonly Answer[]): Answer[][] {
  const weeks = new Map<string, Answer[]>()
  for (const answer of answers) {
    const week = weeks.get(answer.cluster)
    if (week === undefined) weeks.set(answer.cluster, [answer])
    else week.push(answer)
  }
  return [...weeks].sort(([a], [b]) => Number(a) - Number(b)).map(([, week]) => week)
}

function sumsOf(answers: readonly Answer[], halfLifeMs: number): Sums {
  let both = 0, said = 0, moved = 0
  for (const { strength, after } of answers) for (const { ageMs, move } of after) {
    const now = decayed(strength, ageMs, halfLifeMs)
    both += now * move
    said += now * now
    moved += move * move
  }
  return { both, said, moved }
}

function correlation(sums: readonly Sums[], places: Int32Array): number {
  let both = 0, said = 0, moved = 0
  for (const place of places) {
    const week = sums[place]
    if (week === undefined) continue
    both += week.both
    said += week.said
    moved += week.moved
  }
  return both / Math.sqrt(said * moved)
}
