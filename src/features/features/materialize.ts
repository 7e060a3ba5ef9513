import { digestOf } from '#domain/features/definition'
import { tailsOf, textOfTail } from '#domain/features/tail'
import { command, Failure } from '#tool'
import { definitionsOf, offlineOf, STORE, takeIn, timelinesFor } from './common.ts'
import { onlineOf, TO } from './online.ts'

export default command({
  name: 'vanta-features materialize',
  summary: 'Take in what is new in the home\'s log, and put online what features of now and later rest on.',
  about: [
    'Served are not answers, which grow old, but the facts of each entity within the windows that are asked for: `vanta-features get` reckons from them, by',
    'the code that `history` uses. What was served before is replaced all at once. A password for Redis stands in secrets/bus of the home (redis_password).',
  ].join(' '),
  options: { ...TO, asOf: { kind: 'moment', help: 'serve what was known at this moment (default: now)' }, ...STORE },
  examples: [{ run: 'vanta-features materialize', note: 'nothing has been recorded', status: 1 }],
  async act({ to, asOf, ...values }, operands, world) {
    if (operands.length > 0) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    const definitions = definitionsOf(values, world), offline = offlineOf(values, world), asOfMs = asOf ?? world.clock.now()
    const observations = await takeIn(offline, definitions, (await offline.manifest()).taken ?? [], world), manifest = await offline.manifest()
    if (manifest.files.length === 0) throw new Failure('negative', `nothing is kept in ${offline.place}, and the log of ${world.home} tells of no feature`)
    const timelines = await timelinesFor(offline, manifest, definitions, { fromMs: asOfMs, toMs: Infinity, which: 'all' })
    const lines = [...tailsOf(definitions, timelines, asOfMs)].map((tail): [string, string] => [tail.entity, textOfTail(tail)])
    const online = await onlineOf(to, values, world)
    try {
      await online.replace({ as_of_ms: asOfMs, definitions: digestOf(definitions), entities: lines.length }, lines)
      world.print(JSON.stringify({ entities: lines.length, features: definitions.features.size, taken_in: observations, to: online.place }))
    } finally {
      online.close()
    }
  },
})
