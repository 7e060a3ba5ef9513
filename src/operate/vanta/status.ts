import { paintWith } from '#domain/operate/paint'
import { statusTable } from '#domain/operate/status/table'
import { command, type ActionWorld, type Answer } from '#tool'
import { look } from './look.ts'

/** Home of the cursor, and nothing below it: the table stands where it stood before. */
const REDRAW = '\x1b[H\x1b[2J'

export default command({
  name: 'vanta status',
  summary: 'What the home is doing, and whether all is well (exit 0) or something is not (1).',
  about: [
    'Whether orders may be sent; vaults with equity, positions, open and unknown orders, queues and persona; every feed and how long it is silent;',
    'what each stage of the loop logged last, how old that is and how late it was known; streams and how far their groups are behind; the audit log,',
    'the disk, the latest errors. Not well is: the kill switch is thrown, absent or unreadable; a feed is mute or out of reach; a job of the node was',
    'not done when it was due; a broker has not said what became of an order; a memory file, a vault or the checkpoint cannot be read; less than 5 % of',
    'the disk is free. Ends of logs are read, nothing is written, and no lock is taken.',
  ].join(' '),
  options: {
    json: { kind: 'flag', help: 'one JSON object on a line' },
    watch: { kind: 'flag', help: 'look again and again, until interrupted' },
    stream: { kind: 'list', help: 'streams on servers to ask too, such as redis:signals; those that are files of the home are told as they are' },
    every: { kind: 'duration', default: '2s', help: 'with --watch: pause between looks' },
  },
  examples: [
    'vanta-vault init core >/dev/null && vanta status',
    { run: 'vanta status', note: 'no overlay, no orders', status: 1 },
    'vanta-vault init core >/dev/null && vanta status --json | jq .vaults[0].equity',
  ],
  async act({ json, watch, every, stream }, _operands, world): Promise<Answer> {
    if (!watch) return told(json, stream, world)
    const { outside } = world
    for (;;) {
      if (world.terminal === true && !json) world.print(REDRAW)
      await told(json, stream, world)
      await outside.flushed()
      await outside.pause(every, outside.signal)
    }
  },
})

async function told(json: boolean, servers: readonly string[] | undefined, world: ActionWorld): Promise<Answer> {
  const status = await look(world, servers)
  if (json) world.print(JSON.stringify(status))
  else for (const line of statusTable(status, world.columns, paintWith(world.colours === true))) world.print(line)
  return status.well ? 'done' : 'negative'
}
