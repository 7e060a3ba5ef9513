/**
 * `features_feed store FOLDER ROWS`: a store of made-up daily facts, four views of five values, what their definitions are, and rows that ask, no two alike.
 * `features_feed reads embedded|redis://HOST:PORT FOLDER READS`: half and 99th percentile of the time from a question to all features, in ms, as JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DAY_MS, HOUR_MS } from '#record'
import { fileObjects } from '#adapter/file/objects'
import { objectOnline } from '#adapter/file/online'
import { openRedisOnline } from '#adapter/redis/lazy'
import { parseBusAddress } from '#domain/bus/address'
import { readDefinitions } from '#domain/features/definition'
import type { Rows } from '#domain/features/rows'
import { readTail } from '#domain/features/tail'
import { answer } from '#domain/features/timeline'
import { OfflineStore } from '#wire/features/offline'
import { encodeTable } from '#wire/features/table_write'

const VIEWS = ['v1', 'v2', 'v3', 'v4'], VALUES = ['a', 'b', 'c', 'd', 'e'], ENTITIES = 500, DAYS = 250, FIRST_MS = Date.UTC(2020, 0, 1)
const said = {
  views: Object.fromEntries(VIEWS.map((view) => [view, { kind: 'signal', values: Object.fromEntries(VALUES.map((value) => [value, `facts.${value}`])) }])),
  features: Object.fromEntries(VIEWS.flatMap((view) => VALUES.map((value) => [`${view}_${value}`, { view, value, aggregate: 'last', ttl: '5d' }]))),
}

const [verb, place = '', folder = '', count = '0'] = process.argv.slice(2)
if (verb === 'store') await store(place, Number(folder))
else await reads(place, folder, Number(count))

async function store(to: string, rows: number): Promise<void> {
  const offline = new OfflineStore(fileObjects(join(to, 'store')))
  for (const [nth, view] of VIEWS.entries()) await offline.add(new Map([[view, factsOf(nth)]]))
  writeFileSync(join(to, 'definitions.json'), JSON.stringify(said))
  // Every pair of an entity and an hour has a number; the step has no divisor in common with how many there are.
  const pairs = Float64Array.from({ length: rows }, (_, i) => i * 1_618_033 % (ENTITIES * DAYS * 24))
  const asOfMs = pairs.map((pair) => FIRST_MS + Math.floor(pair / ENTITIES) * HOUR_MS), entities = Array.from(pairs, (pair) => `ticker:T${pair % ENTITIES}`)
  writeFileSync(join(to, 'asked.parquet'), encodeTable([{ name: 'entity', kind: 'words', cells: entities }, { name: 'time', kind: 'moments', cells: asOfMs }], 'parquet'))
}

/** A fact a day of each entity, known six hours later; each value differs from all others. */
function factsOf(nth: number): Rows {
  const length = ENTITIES * DAYS, eventMs = Float64Array.from({ length }, (_, i) => FIRST_MS + (i % DAYS) * DAY_MS + (nth + 1) * HOUR_MS)
  return {
    length, eventMs, knownMs: eventMs.map((ms) => ms + 6 * HOUR_MS), entities: Array.from({ length }, (_, i) => `ticker:T${Math.floor(i / DAYS)}`),
    keys: Array.from({ length }, () => 'k'), ids: Array.from({ length }, (_, i) => `${nth}-${i}`),
    values: new Map(VALUES.map((value, place) => [value, Float64Array.from({ length }, (_, i) => i + nth / 4 + place / 32)])),
  }
}

async function reads(from: string, home: string, times: number): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const online = from === 'embedded' ? objectOnline(fileObjects(join(home, 'store'))) : await openRedisOnline(parseBusAddress(`${from}/features`), { secrets: {}, tlsFolder: home }, log)
  const features = [...readDefinitions(JSON.parse(readFileSync(join(home, 'definitions.json'), 'utf8'))).features.values()]
  const asOfMs = FIRST_MS + DAYS * DAY_MS, tookMs = new Float64Array(times)
  for (let i = 0; i < times; i++) {
    const began = performance.now(), text = await online.read(`ticker:T${i * 31 % ENTITIES}`), { timelines } = readTail(text ?? '')
    for (const feature of features) if (answer(timelines.get(feature.view), feature, asOfMs).value === null) throw new Error(`${feature.name}: no value`)
    tookMs[i] = performance.now() - began
  }
  online.close()
  tookMs.sort()
  console.log(JSON.stringify({ half: tookMs[times >> 1], most: tookMs[Math.floor(times * 0.99)] }))
}
