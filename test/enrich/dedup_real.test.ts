import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { test } from 'node:test'
import { DAY_MS, make } from '#record'
import { NearTexts, shinglesOfSignal } from '#domain/dedup/near'
import { jaccard } from '#domain/dedup/shingles'
import { sharedFolder } from '../collect/payload_world.ts'

const folder = sharedFolder('data', 'reddit')

test('real posts: every pair compared by brute force gives the same echoes', { skip: folder === undefined && 'no recorded posts here' }, () => {
  const lines = gunzipSync(readFileSync(`${folder}/stock_subs_submissions_2018h1.ndjson.gz`)).toString().split('\n').slice(0, 2500)
  const at = '2018-01-01T00:00:00.000Z'
  const near = new NearTexts(0.8, 365 * DAY_MS)
  const firsts: Uint32Array[] = []
  let echoes = 0, missed = 0
  lines.forEach((line, i) => {
    const { title, selftext } = JSON.parse(line) as { title: string; selftext?: string }
    const signal = make('signal', { at, known_at: at, source: 'test', by: 'test/0', type: 'post', key: `${i}`, facts: { title, text: selftext ?? '' } })
    const shingles = shinglesOfSignal(signal)
    if (shingles === undefined) return
    const likeness = firsts.reduce((most, first) => Math.max(most, jaccard(first, shingles)), 0)
    const echo = near.text(signal)
    if (echo !== undefined) {
      echoes++
      assert.equal(echo.likeness, likeness)
      return
    }
    if (likeness >= 0.8) missed++
    firsts.push(shingles)
  })
  assert.ok(echoes > 20, `${echoes} echoes`)
  assert.ok(missed <= echoes / 100, `${missed} of ${echoes + missed} missed`)
})
