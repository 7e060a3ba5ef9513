/**
 * Swarms planted into recorded streams that nothing was learned from, and accounts that were labelled by others. Recall counts the first of a swarm
 * too, which nobody could tell yet.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DAY_MS, MINUTE_MS, millisOf, type Signal } from '#record'
import { accuracyOf, areaUnderCurve, countsAt, f1Of, precisionOf, recallOf } from '#domain/learn/scores'
import { fingerprintOf } from '#domain/reading/fingerprint'
import { Swarms } from '#domain/swarm/detector'
import { swarmProbability } from '#domain/swarm/verdict'
import { seededRandom } from '#tool/random'
import { plant, type Labelled } from '../swarm/plants.ts'
import { COMMENTS, postsOf, SPLIT_AT } from '../swarm/posts.ts'
import { crossJudged, readAccounts } from '../train/bots_model.ts'
import type { Part, Score } from './score.ts'

const BOTS = 'bench/bots/twitter_accounts_train.csv.gz'
const POSTS = 'reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz'
const SEEDS = 3, SIZES = [1, 5, 20, 80]

const part: Part = {
  name: 'swarm',
  needs: [BOTS, COMMENTS, POSTS],
  measure: async (data) => [...accounts(join(data, BOTS)), ...planted((await postsOf(join(data, COMMENTS))).filter(({ known_at }) => known_at >= SPLIT_AT), await postsOf(join(data, POSTS)))],
}
export default part

function accounts(path: string): readonly Score[] {
  const { table, labels } = readAccounts(gunzipSync(readFileSync(path)), path)
  const said = crossJudged(table, labels)
  const constant = Math.max(labels.filter((label) => label === 1).length, labels.filter((label) => label === 0).length) / labels.length
  const base = { part: 'swarm', set: 'labelled Twitter accounts', split: 'five fifths, each judged by what was learned from the others', rows: labels.length }
  const yes = (values: readonly number[]): number[] => values.map((p) => (p >= 0.5 ? 1 : 0))
  return [
    {
      ...base, metric: 'AUC', ours: areaUnderCurve(said, labels) ?? 0, interval: resampled(labels.length, (rows) => areaUnderCurve(at(said, rows), at(labels, rows)) ?? 0),
      rivals: [{ name: 'LightGBM (PUBLISHED.md, another split)', value: 0.9646, how: 'published' }, { name: 'constant', value: 0.5, how: 'measured' }],
    },
    {
      ...base, metric: 'accuracy', ours: accuracyOf(yes(said), labels), interval: resampled(labels.length, (rows) => accuracyOf(at(yes(said), rows), at(labels, rows))),
      rivals: [{ name: 'LightGBM (PUBLISHED.md, another split)', value: 0.905, how: 'published' }, { name: 'constant', value: constant, how: 'measured' }],
    },
  ]
}

const at = (values: readonly number[], rows: readonly number[]): number[] => rows.map((row) => values[row] ?? 0)

function resampled(size: number, score: (rows: readonly number[]) => number): readonly [number, number] {
  const random = seededRandom('1', 'swarm')
  const all = Array.from({ length: 400 }, () => score(Array.from({ length: size }, () => random.integer(size)))).sort((a, b) => a - b)
  return [all[10] ?? 0, all[389] ?? 0]
}

/** Whether each text is said to be one of a swarm, by us and by rivals, causally. */
const JUDGES: { readonly [name: string]: () => (signal: Signal) => boolean } = {
  ours() {
    const swarms = new Swarms(DAY_MS)
    return (signal) => {
      const sight = swarms.see(signal)
      return sight !== undefined && swarmProbability(sight) >= 0.5
    }
  },
  'same text by another'() {
    const seen = new Map<string, Set<string>>()
    return ({ facts, author = '' }) => {
      const print = fingerprintOf(String(facts?.['title'] ?? ''), String(facts?.['text'] ?? ''))
      if (print === undefined) return false
      const authors = seen.get(print) ?? new Set()
      seen.set(print, authors.add(author))
      return authors.size > 1
    }
  },
  'three times the usual rate'() {
    let recent: number[] = [], total = 0, firstMs: number | undefined
    return ({ known_at }) => {
      const nowMs = millisOf(known_at)
      firstMs ??= nowMs
      total++
      recent = [...recent.filter((ms) => nowMs - ms <= 10 * MINUTE_MS), nowMs]
      const usual = (total * 10 * MINUTE_MS) / Math.max(DAY_MS, nowMs - firstMs)
      return recent.length > 3 * usual + 3
    }
  },
}

function planted(stream: readonly Signal[], pool: readonly Signal[]): readonly Score[] {
  const streams = Array.from({ length: SEEDS }, (_, seed) => plant(stream, pool, { sizes: SIZES, swarms: 8 }, seededRandom(`judge ${seed}`, 'plants')))
  const names = Object.keys(JUDGES)
  const said = new Map(names.map((name) => [name, streams.map((labelled) => verdicts(name, labelled))]))
  const rivals = (score: (name: string) => number) => names.slice(1).map((name) => ({ name, value: score(name), how: 'measured' as const }))
  const base = { part: 'swarm', set: 'swarms planted into comments after 2020-12-25', split: 'learned from what came before' }
  const whole = (name: string, of: (counts: ReturnType<typeof countsAt>) => number): number => mean(streams.map((labelled, s) =>
    of(countsAt(said.get(name)?.[s] ?? [], labelled.map(({ size }) => (size > 0 ? 1 : 0)), 1))))
  const recall = (name: string, wanted: number): number => mean(streams.map((labelled, s) => {
    const rows = labelled.flatMap(({ size }, i) => (size === wanted ? [i] : []))
    return rows.filter((row) => said.get(name)?.[s]?.[row] === 1).length / rows.length
  }))
  const rows = streams.reduce((sum, labelled) => sum + labelled.length, 0)
  const falseAlarms = (name: string): number => {
    const judge = JUDGES[name]?.() ?? (() => false)
    return stream.filter((signal) => judge(signal)).length / stream.length
  }
  return [
    { ...base, rows, metric: 'F1 of texts', ours: whole('ours', f1Of), rivals: rivals((name) => whole(name, f1Of)) },
    { ...base, rows, metric: 'precision of texts', ours: whole('ours', precisionOf), rivals: rivals((name) => whole(name, precisionOf)) },
    { ...base, rows, metric: 'recall of texts', ours: whole('ours', recallOf), rivals: rivals((name) => whole(name, recallOf)) },
    ...SIZES.map((size): Score => ({
      ...base, rows, metric: size === 1 ? 'recall, programs at even intervals' : `recall, swarms of ${size}`, ours: recall('ours', size), rivals: rivals((name) => recall(name, size)),
    })),
    {
      ...base, set: 'the same comments, nothing planted', rows: stream.length, metric: 'share flagged (real copies among them)', ours: falseAlarms('ours'),
      rivals: rivals(falseAlarms),
    },
  ]
}

function verdicts(name: string, labelled: readonly Labelled[]): number[] {
  const judge = JUDGES[name]?.() ?? (() => false)
  return labelled.map(({ signal }) => (judge(signal) ? 1 : 0))
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
