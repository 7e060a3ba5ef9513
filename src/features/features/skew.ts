import { formatInstant } from '#record'
import { answer } from '#domain/features/timeline'
import { command, Failure } from '#tool'
import { definitionsOf, offlineOf, STORE, timelinesFor } from './common.ts'
import { soundAt } from './get.ts'
import { FROM, onlineOf, servedOf } from './online.ts'

export default command({
  name: 'vanta-features skew',
  summary: 'Hold every feature that is served against the record, reckoned anew: each difference, and how many there are.',
  about: 'The moment that is compared is that of `materialize`, or --as-of, a later one. 1 where anything differs.',
  options: { asOf: { kind: 'moment', help: 'the moment that is compared (default: that of what is served)' }, ...FROM, ...STORE },
  examples: [
    'vanta-bars --from samples/season/bars/etf_daily_2020-09_2021-02.csv.gz | vanta-features ingest >/dev/null && ' +
      'vanta-features materialize >/dev/null && vanta-features skew',
    { run: 'vanta-features skew', note: 'nothing is served', status: 1 },
  ],
  async act({ asOf, from, ...values }, operands, world) {
    if (operands.length > 0) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    const definitions = definitionsOf(values, world), online = await onlineOf(from, values, world)
    try {
      const asOfMs = asOf ?? (await online.about())?.as_of_ms ?? world.clock.now()
      await soundAt(online, definitions, asOfMs)
      const offline = offlineOf(values, world)
      const timelines = await timelinesFor(offline, await offline.manifest(), definitions, { fromMs: asOfMs, toMs: asOfMs, which: 'all' })
      const entities = new Set([...await online.entities(), ...[...timelines.values()].flatMap((byEntity) => [...byEntity.keys()])])
      let compared = 0, skewed = 0
      for (const entity of [...entities].sort()) {
        const served = await servedOf(online, entity)
        for (const feature of definitions.features.values()) {
          const ours = answer(timelines.get(feature.view)?.get(entity), feature, asOfMs), theirs = answer(served?.get(feature.view), feature, asOfMs)
          compared++
          if (Object.is(ours.value, theirs.value) && ours.eventMs === theirs.eventMs) continue
          skewed++
          world.print(JSON.stringify({ entity, feature: feature.name, offline: ours.value, online: theirs.value }))
        }
      }
      world.print(JSON.stringify({ as_of: formatInstant(asOfMs), entities: entities.size, compared, skewed }))
      return skewed > 0 ? 'negative' : 'done'
    } finally {
      online.close()
    }
  },
})
