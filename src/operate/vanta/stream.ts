import { formatPosition } from '#domain/bus/position'
import { command, Failure } from '#tool'

export default command({
  name: 'vanta stream',
  summary: 'How far a stream goes now, as a position that --since takes, and how far behind its groups are.',
  about: 'One JSON object: stream, position (by partition, in the words of the bus), groups. A stream that is not there yet is made, as by whoever reads it.',
  operands: 'ADDRESS',
  options: {},
  examples: [
    'printf "{}\\n" | vanta-beam --on-error skip --to file:one; vanta stream file:one',
    { run: 'vanta stream http://127.0.0.1/x', note: 'no such kind of stream', status: 2 },
  ],
  async act(_options, [address, ...more], world) {
    if (address === undefined || more.length > 0) throw new Failure('usage', 'expected the address of one stream, such as file:signals or redis:signals')
    const bus = await world.bus(address)
    const position = formatPosition(await bus.ends()), groups = await bus.lags()
    world.print(JSON.stringify({
      stream: bus.address, position,
      groups: groups.map(({ group, waiting, unfinished, members }) => ({ group, waiting: waiting ?? null, unfinished, members })),
    }))
  },
})
