/** The join that models are trained on, held against DuckDB's: what stood at each moment by GROUP BY, the last of it by ASOF JOIN. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { joinedFeatures } from '#domain/features/join'
import type { Observation } from '#domain/features/observe'
import { rowsOf } from '#domain/features/rows'
import { timelinesOf } from '#domain/features/timeline'
import { neededModule } from '../../needed.ts'
import { COLUMNS, features, observations } from './observations.ts'

const CODE = `
import json, sys, duckdb
given = json.load(sys.stdin)
db = duckdb.connect()
db.execute('SET threads = 1')
db.execute('CREATE TABLE facts (entity TEXT, event_at BIGINT, known_at BIGINT, key TEXT, id TEXT, x DOUBLE, y DOUBLE)')
db.executemany('INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)', given['facts'])
db.execute('CREATE TABLE asked (place BIGINT, entity TEXT, as_of BIGINT)')
db.executemany('INSERT INTO asked VALUES (?, ?, ?)', [[i, *one] for i, one in enumerate(given['asked'])])
db.execute("""CREATE TABLE standing AS
  SELECT place, event_at, key, last(x ORDER BY known_at, id) AS x, last(y ORDER BY known_at, id) AS y
  FROM asked JOIN facts USING (entity) WHERE known_at <= as_of GROUP BY place, event_at, key""")
OF = {'last': None, 'count': 'count({})', 'sum': 'sum({})', 'mean': 'avg({})', 'min': 'min({})', 'max': 'max({})', 'std': 'stddev_samp({})'}
out = []
for value, aggregate, window, ttl in given['features']:
    if aggregate == 'last':
        reach = ttl if window is None else min(window - 1, ttl)
        sql = f"""SELECT CASE WHEN as_of - event_at <= {reach} THEN value END FROM asked ASOF LEFT JOIN
          (SELECT place, event_at, max_by({value}, key) AS value FROM standing WHERE {value} IS NOT NULL GROUP BY place, event_at) s
          ON asked.place = s.place AND asked.as_of >= s.event_at ORDER BY asked.place"""
    else:
        sql = f"""SELECT {OF[aggregate].format('s.' + value)} FROM asked LEFT JOIN standing s
          ON asked.place = s.place AND s.event_at <= as_of AND s.event_at > as_of - {window} GROUP BY asked.place ORDER BY asked.place"""
    out.append([row[0] for row in db.execute(sql).fetchall()])
json.dump(out, sys.stdout)`

test('DuckDB agrees', { skip: neededModule('duckdb') }, () => {
  const worlds = fc.sample(observations, { numRuns: 60, seed: 8 })
  const all = worlds.flatMap((world, i) => world.map((one): Observation => ({ ...one, entity: `${one.entity}${i}` })))
  // Every moment at which something happens or is known, and those beside it.
  const asked = all.flatMap(({ entity, eventMs, knownMs }) => [eventMs - 1, eventMs, eventMs + 7, knownMs, knownMs + 1, eventMs + 40].map((at) => [entity, at] as const))
  const input = JSON.stringify({
    facts: all.map(({ entity, eventMs, knownMs, key, id, values }) => [entity, eventMs, knownMs, key, id, ...values]), asked,
    features: features.map(({ value, aggregate, windowMs, ttlMs }) => [value, aggregate, windowMs ?? null, ttlMs]),
  })
  const { stdout, stderr } = spawnSync('python3', ['-c', CODE], { input, encoding: 'utf8', maxBuffer: 1 << 28 })
  const told = JSON.parse(stdout === '' ? assert.fail(stderr) : stdout) as (number | null)[][]
  const joined = joinedFeatures(
    features, new Map([['v', timelinesOf([rowsOf(all, COLUMNS)])]]), asked.map(([entity]) => entity), Float64Array.from(asked, ([, at]) => at),
  )
  assert.ok(asked.length > 1000, `${asked.length} questions`)
  for (const [nth, { name }] of features.entries()) {
    const ours = joined.get(name)
    for (const [row, [entity, at]] of asked.entries()) {
      const one = ours?.[row] ?? NaN, other = told[nth]?.[row] ?? NaN
      assert.ok(Object.is(one, other) || Math.abs(one - other) <= 1e-9, `${name} of ${entity} at ${at}: ${one}, DuckDB says ${other}`)
    }
  }
})
