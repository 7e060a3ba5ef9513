import { command, Failure } from '#tool'
import { definitionsOf, offlineOf, STORE, takeIn } from './common.ts'

export default command({
  name: 'vanta-features backfill',
  summary: 'Read the home\'s whole log once more, so that views and values are filled in for all of the past.',
  about: [
    '`materialize` does so by itself where views have been defined since it last did. Each observation keeps the moment at which it was known, so no answer',
    'about the past sees more than it did.',
  ].join(' '),
  options: STORE,
  examples: [{ run: 'vanta-features backfill', note: 'there is no log', status: 1 }],
  async act(values, operands, world) {
    if (operands.length > 0) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    const offline = offlineOf(values, world), count = await takeIn(offline, definitionsOf(values, world), [], world)
    if (count === 0) throw new Failure('negative', `the log of ${world.home} tells of no feature`)
    world.print(JSON.stringify({ observations: count, store: offline.place }))
  },
})
