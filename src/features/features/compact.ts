import { command, Failure } from '#tool'
import { offlineOf, STORE } from './common.ts'

export default command({
  name: 'vanta-features compact',
  summary: 'Make one file of each view and month where there are several, and remove files that count no more.',
  about: 'No answer changes. Files are removed an hour after they were written at the earliest, so that whoever is reading them can finish.',
  options: { grace: { kind: 'duration', default: '1h', help: 'how long a file stays at least' }, store: STORE.store },
  examples: ['vanta-features compact'],
  async act({ grace, ...values }, operands, world) {
    if (operands.length > 0) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    const done = await offlineOf({ definitions: undefined, ...values }, world).compact(world.clock.now(), grace)
    world.print(JSON.stringify(done))
  },
})
