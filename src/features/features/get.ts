import { formatInstant, SECOND_MS, type Millis } from '#record'
import { digestOf, type Definitions, type Feature } from '#domain/features/definition'
import { answer, isHeardOf, isStale, type Timeline } from '#domain/features/timeline'
import { readNamed } from '#port/folder'
import type { Online } from '#port/online'
import { command, Failure, type ActionWorld, type Answer } from '#tool'
import { definitionsOf, offlineOf, PICK, STORE, timelinesFor, type StoreValues } from './common.ts'
import { FROM, onlineOf, servedOf } from './online.ts'

export default command({
  name: 'vanta-features get',
  summary: 'The features of an entity, at a moment or now: each value, how old what it rests on is, and which are stale.',
  about: [
    'With --as-of the record answers: what was known at that moment, and nothing else. Without, or with --from, what `materialize` has put online does; it',
    'answers for the moment at which that was done and later ones. Entities are words, or lines of stdin (-). 1 where nothing is known of one of them.',
  ].join(' '),
  operands: 'ENTITY...',
  options: { asOf: { kind: 'moment', help: 'the moment that is asked about (default: now)' }, ...FROM, ...PICK, ...STORE },
  examples: [
    'vanta-bars --from samples/season/bars/etf_daily_2020-09_2021-02.csv.gz | vanta-features ingest >/dev/null && ' +
      'vanta-features get ticker:SPY --as-of 2021-01-15T15:00:00Z --features close,close_mean_28d',
    { run: 'vanta-features get ticker:GME --as-of 2021-01-15', note: 'nothing has been recorded', status: 1 },
  ],
  async act({ asOf, from, features: names, ...values }, operands, world) {
    const entities = operands.flatMap((one) => (one === '-' ? linesOf(world) : [one]))
    if (entities.length === 0) throw new Failure('usage', 'which entity? Such as ticker:GME')
    const definitions = definitionsOf(values, world, names), asOfMs = asOf ?? world.clock.now()
    if (asOf !== undefined && from === undefined) {
      return tell(entities, await recorded(values, definitions, entities, asOfMs, world), definitions, asOfMs, world)
    }
    const online = await onlineOf(from, values, world)
    try {
      await soundAt(online, definitionsOf(values, world), asOfMs)
      return await tell(entities, (entity) => servedOf(online, entity), definitions, asOfMs, world)
    } finally {
      online.close()
    }
  },
})

const linesOf = ({ folder }: ActionWorld): string[] =>
  readNamed(folder, '-').toString('utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '')

type FactsOf = (entity: string) => Promise<ReadonlyMap<string, Timeline> | undefined>

async function recorded(values: StoreValues, definitions: Definitions, entities: readonly string[], asOfMs: Millis, world: ActionWorld): Promise<FactsOf> {
  const offline = offlineOf(values, world), manifest = await offline.manifest(), wanted = new Set(entities)
  const timelines = await timelinesFor(offline, manifest, definitions, { fromMs: asOfMs, toMs: asOfMs, which: 'all', isWanted: (one) => wanted.has(one) })
  return async (entity) => {
    const found = [...timelines].flatMap(([view, byEntity]): [string, Timeline][] => {
      const timeline = byEntity.get(entity)
      return timeline === undefined || !isHeardOf(timeline, asOfMs) ? [] : [[view, timeline]]
    })
    return found.length === 0 ? undefined : new Map(found)
  }
}

async function tell(entities: readonly string[], factsOf: FactsOf, { features }: Definitions, asOfMs: Millis, world: ActionWorld): Promise<Answer> {
  let unknown = 0
  for (const entity of entities) {
    const timelines = await factsOf(entity)
    if (timelines === undefined) unknown++
    if (timelines === undefined) world.log.warn(`nothing is known of ${entity}`)
    else world.print(textOf(entity, timelines, [...features.values()], asOfMs))
  }
  return unknown > 0 ? 'negative' : 'done'
}

/** Throws Failure where what is served cannot answer: nothing is, it is of a later moment, or was made by other definitions. */
export async function soundAt(online: Online, definitions: Definitions, asOfMs: Millis): Promise<void> {
  const about = await online.about()
  if (about === undefined) throw new Failure('negative', `${online.place}: nothing is served; vanta-features materialize puts it there`)
  if (about.definitions !== digestOf(definitions)) {
    throw new Failure('negative', `${online.place}: made by other definitions; vanta-features materialize makes it anew`)
  }
  if (about.as_of_ms > asOfMs) {
    throw new Failure('negative', `${online.place}: answers for ${formatInstant(about.as_of_ms)} and later; --as-of without --from asks the record`)
  }
}

function textOf(entity: string, timelines: ReadonlyMap<string, Timeline>, features: readonly Feature[], asOfMs: Millis): string {
  const stale: string[] = []
  const said = features.map((feature) => {
    const one = answer(timelines.get(feature.view), feature, asOfMs)
    if (isStale(one, feature, asOfMs)) stale.push(feature.name)
    const age = one.eventMs === undefined ? null : (asOfMs - one.eventMs) / SECOND_MS
    return [feature.name, { value: one.value, age_s: age }] as const
  })
  return JSON.stringify({ entity, as_of: formatInstant(asOfMs), features: Object.fromEntries(said), stale })
}
