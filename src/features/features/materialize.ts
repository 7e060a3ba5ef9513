import { digestOf } from '#domain/features/definition'
import { tailsOf, textOfTail } from '#domain/features/tail'
import type { OnlineAbout } from '#port/online'
import { command, Failure, type ActionWorld } from '#tool'
import { definitionsOf, offlineOf, STORE, takeIn, timelinesFor } from './common.ts'
import { onlineOf, TO } from './online.ts'

export default command({
  name: 'vanta-features materialize',
  summary: 'Take in what is new in the home\'s log, and put online what features of now and later rest on.',
  about: [
    'Served are not answers, which grow old, but the facts of each entity within the windows that are asked for: `vanta-features get` reckons from them, by',
    'the code that `history` uses. What was served before is replaced all at once. A password for Redis stands in secrets/bus of the home (redis_password).',
    'Where nothing is kept yet, nothing is served, and that is said; 1 where something is served of which nothing is kept any more: it is left as it is.',
  ].join(' '),
  options: { ...TO, asOf: { kind: 'moment', help: 'serve what was known at this moment (default: now)' }, ...STORE },
  examples: [{ run: 'vanta-features materialize', note: 'nothing has been recorded yet' }],
  async act({ to, asOf, ...values }, operands, world) {
    if (operands.length > 0) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    const definitions = definitionsOf(values, world), offline = offlineOf(values, world), asOfMs = asOf ?? world.clock.now()
    const observations = await takeIn(offline, definitions, (await offline.manifest()).taken ?? [], world), manifest = await offline.manifest()
    const online = await onlineOf(to, values, world)
    try {
      if (manifest.files.length === 0) return nothing(await online.about(), `nothing is kept in ${offline.place}`, online.place, world)
      const timelines = await timelinesFor(offline, manifest, definitions, { fromMs: asOfMs, toMs: Infinity, which: 'all' })
      const lines = [...tailsOf(definitions, timelines, asOfMs)].map((tail): [string, string] => [tail.entity, textOfTail(tail)])
      await online.replace({ as_of_ms: asOfMs, definitions: digestOf(definitions), entities: lines.length }, lines)
      world.print(JSON.stringify({ entities: lines.length, features: definitions.features.size, taken_in: observations, to: online.place }))
    } finally {
      online.close()
    }
  },
})

/** A home that has heard of nothing yet is well; one that has lost what it serves is not. */
function nothing(served: OnlineAbout | undefined, what: string, place: string, world: ActionWorld): void {
  if (served !== undefined) throw new Failure('negative', `${what}, but entities are served by ${place} (${served.entities}): they stay as they are`)
  world.log.info(`${what}, and the log of ${world.home} tells of no feature: nothing to serve yet`)
}
