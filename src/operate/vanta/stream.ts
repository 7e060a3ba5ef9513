import { behindOf, doneOf, type Lag } from '#domain/bus/lag'
import { formatPosition } from '#domain/bus/position'
import { columns } from '#domain/report/columns'
import { command, Failure } from '#tool'

export default command({
  name: 'vanta stream',
  summary: 'From where to where a stream is kept, as positions that --since takes, and where its groups stand.',
  about: [
    'By partition what a group is done with, how many lines (of Redis: entries) wait for it, and how many its readers have not finished. A stream that is',
    'not there yet is made, as by whoever reads it.',
  ].join(' '),
  operands: 'ADDRESS',
  options: { json: { kind: 'flag', help: 'one JSON object on a line' } },
  examples: [
    'printf "{}\\n" | vanta-beam --on-error skip --to file:one; vanta stream file:one',
    'vanta stream file:one --json | jq -r .position',
    { run: 'vanta stream http://127.0.0.1/x', note: 'no such kind of stream', status: 2 },
  ],
  async act({ json }, [address, ...more], world) {
    if (address === undefined || more.length > 0) throw new Failure('usage', 'expected the address of one stream, such as file:signals or redis:signals')
    const bus = await world.bus(address), first = formatPosition(await bus.starts()), position = formatPosition(await bus.ends()), groups = await bus.lags()
    if (json) world.print(JSON.stringify({ stream: bus.address, first, position, groups: groups.map(asJson) }))
    else for (const line of [`${bus.address}, kept from ${first} to ${position}`, '', ...columns([HEAD, ...groups.flatMap(rowsOf)], RIGHT)]) world.print(line)
  },
})

const asJson = (lag: Lag): object => ({
  ...behindOf(lag), done: doneOf(lag),
  partitions: lag.partitions.map(({ done, waiting, unfinished }) => ({ done, waiting: waiting ?? null, unfinished })),
})

const HEAD = ['GROUP', 'PARTITION', 'DONE WITH', 'WAITING', 'UNFINISHED', 'READERS'], RIGHT = new Set([3, 4, 5])

/** A group, then its partitions. */
function rowsOf(lag: Lag): readonly (readonly string[])[] {
  const { group, waiting, unfinished, members } = behindOf(lag), known = (count: number | null | undefined): string => String(count ?? '-')
  return [
    [group, 'all', '', known(waiting), String(unfinished), String(members)],
    ...lag.partitions.map((one, partition) => ['', String(partition), one.done, known(one.waiting), String(one.unfinished), '']),
  ]
}
