/**
 * Entity resolution on the fixed splits of its benchmarks. The matcher is made by the same code for every set, nothing of it chosen on what is
 * judged; where the test split is not there the validation split is judged, with a threshold from fifths of the training pairs alone.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { bestThreshold, countsAt, f1Of } from '#domain/learn/scores'
import { jaccardOf } from '#domain/resolve/likeness'
import { prepare } from '#domain/resolve/corpus'
import { dedupe, link } from '#domain/resolve/linkage'
import { judge, trainMatcher, type LabelledPair } from '#domain/resolve/matcher'
import { labelledPairsOf, rowsOf } from '#wire/resolve/rows'
import { seededRandom } from '#tool/random'
import type { Part, Rival, Score } from './score.ts'

const PUBLISHED: { readonly [set: string]: readonly Rival[] } = {
  'dblp-acm': [{ name: 'boosted trees (PUBLISHED.md, test)', value: 98.42, how: 'published' }],
  'amazon-google': [{ name: 'boosted trees (PUBLISHED.md, test)', value: 58.73, how: 'published' }],
  'fodors-zagats': [{ name: 'boosted trees (PUBLISHED.md, test)', value: 100, how: 'published' }],
}

const part: Part = {
  name: 'resolve',
  needs: ['bench/er/dblp-acm_train.ndjson.gz', 'bench/er/amazon-google_train.ndjson.gz', 'bench/er/febrl_dataset4a.csv.gz', 'bench/er/febrl_dataset4b.csv.gz'],
  measure: async (data) => [...Object.keys(PUBLISHED).map((set) => matched(set, join(data, 'bench/er'))), linked(join(data, 'bench/er')), deduped(join(data, 'bench/er'))],
}
export default part

const bytesOf = (path: string): Buffer => gunzipSync(readFileSync(path))

function matched(set: string, folder: string): Score {
  const read = (split: string): readonly LabelledPair[] | undefined => {
    const path = join(folder, `${set}_${split}.ndjson.gz`)
    return existsSync(path) ? labelledPairsOf(bytesOf(path), path) : undefined
  }
  const train = read('train') ?? [], valid = read('valid') ?? [], test = read('test')
  const judged = test ?? valid
  const verdicts = judge(trainMatcher(train, test === undefined ? undefined : valid), judged)
  const said = verdicts.map(({ isMatch }) => (isMatch ? 1 : 0)), truth = judged.map(({ match }) => match)
  const tokens = (pairs: readonly LabelledPair[]): number[] => pairs.map(({ left, right }) => {
    const fields = [...new Set([...Object.keys(left), ...Object.keys(right)])]
    return jaccardOf(prepare(left, fields).whole.set, prepare(right, fields).whole.set)
  })
  const chosenOn = test === undefined ? train : valid
  const { threshold } = bestThreshold(tokens(chosenOn), chosenOn.map(({ match }) => match))
  return {
    part: 'resolve', set, split: test === undefined ? 'fixed validation split (the test split is not here)' : 'fixed test split', rows: judged.length,
    metric: 'F1 x 100', ours: 100 * f1Of(countsAt(said, truth, 1)), interval: resampled(said, truth),
    rivals: [{ name: 'token Jaccard, one threshold', value: 100 * f1Of(countsAt(tokens(judged), truth, threshold)), how: 'measured' }, ...PUBLISHED[set] ?? []],
  }
}

/** Pairs drawn anew, 1,000 times. */
function resampled(said: readonly number[], truth: readonly number[]): readonly [number, number] {
  const random = seededRandom('1', 'resolve')
  const all = Array.from({ length: 1000 }, () => {
    const rows = truth.map(() => random.integer(truth.length))
    return 100 * f1Of(countsAt(rows.map((row) => said[row] ?? 0), rows.map((row) => truth[row] ?? 0), 1))
  }).sort((a, b) => a - b)
  return [all[25] ?? 0, all[974] ?? 0]
}

const originalOf = (id: string | undefined): string => id?.split('-')[1] ?? ''

function linked(folder: string): Score {
  const read = (name: string) => rowsOf(bytesOf(join(folder, name)), name).map(({ fields: { rec_id: id, ...fields } }) => ({ id, fields }))
  const left = read('febrl_dataset4a.csv.gz'), right = read('febrl_dataset4b.csv.gz')
  const right1 = (pairs: readonly { readonly left: number; readonly right: number }[]): number =>
    pairs.filter((pair) => originalOf(left[pair.left]?.id) === originalOf(right[pair.right]?.id)).length
  const f1 = (pairs: readonly { readonly left: number; readonly right: number }[]): number => (200 * right1(pairs)) / (pairs.length + left.length)
  const pairs = link(left.map(({ fields }) => fields), right.map(({ fields }) => fields), { many: false, threshold: 0 })
  const numbers = new Map(right.map(({ fields }, i) => [fields['soc_sec_id'], i]))
  const exact = left.flatMap(({ fields }, i) => {
    const other = numbers.get(fields['soc_sec_id'])
    return other === undefined ? [] : [{ left: i, right: other }]
  })
  return {
    part: 'resolve', set: 'febrl 4a x 4b', split: 'no labels are used', rows: left.length, metric: 'F1 x 100', ours: f1(pairs),
    rivals: [{ name: 'equal soc_sec_id', value: f1(exact), how: 'measured' }],
  }
}

function deduped(folder: string): Score {
  const rows = rowsOf(bytesOf(join(folder, 'febrl_dataset1.csv.gz')), 'febrl_dataset1').map(({ fields: { rec_id: id, ...fields } }) => ({ id, fields }))
  const { cluster } = dedupe(rows.map(({ fields }) => fields))
  const f1 = (same: (a: number, b: number) => boolean): number => {
    let found = 0, wrong = 0, all = 0
    for (let a = 0; a < rows.length; a++) for (let b = a + 1; b < rows.length; b++) {
      const is = originalOf(rows[a]?.id) === originalOf(rows[b]?.id), said = same(a, b)
      if (is) all++
      if (said && is) found++
      else if (said) wrong++
    }
    return (200 * found) / (found + wrong + all)
  }
  return {
    part: 'resolve', set: 'febrl 1', split: 'no labels are used', rows: rows.length, metric: 'pairwise F1 x 100', ours: f1((a, b) => cluster[a] === cluster[b]),
    rivals: [{ name: 'equal soc_sec_id', value: f1((a, b) => rows[a]?.fields['soc_sec_id'] === rows[b]?.fields['soc_sec_id']), how: 'measured' }],
  }
}
