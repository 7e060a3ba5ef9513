import { isRotated, partOf, partsOfLog, type RotatedPart } from '#domain/operate/rotation'
import type { Tape } from '#port/logs'
import { command, Failure, type ActionWorld } from '#tool'
import { unpackedOf } from './rotate.ts'
import { chunksOf, rotatable, UPKEEP } from './upkeep.ts'

/** How long whoever puts logs away is waited for. */
const PATIENCE_MS = 60_000
const NEWLINE = 10

export default command({
  name: 'vanta logs',
  summary: 'All of a log, what was put away and compressed included; without a name, which there are.',
  operands: '[NAME]',
  options: {},
  examples: [
    'vanta-vault init core >/dev/null && vanta-exec </dev/null; vanta logs',
    { run: 'vanta logs executor_diagnostics.log', note: 'nothing was traded yet', status: 1 },
  ],
  async act(_options, [name, ...more], world) {
    if (more.length > 0) throw new Failure('usage', `expected the name of one log, got "${more[0]}"`)
    if (name === undefined) return list(world)
    if (!isRotated(name)) throw new Failure('usage', `${name}: expected a log such as executor_diagnostics.log or rejects/vanta-decay.ndjson`)
    const parts = opened(name, world)
    try {
      if (parts.every(({ bytes }) => bytes === 0)) throw new Failure('negative', `nothing was ever written to ${name} in ${world.home}`)
      for (const { part, tape, bytes } of parts) {
        let rest = Buffer.alloc(0)
        for await (const chunk of part?.packed === true ? unpackedOf(part.file, tape) : chunksOf(name, tape, bytes)) {
          const whole = Buffer.concat([rest, chunk]), end = whole.lastIndexOf(NEWLINE)
          if (end >= 0) world.print(whole.toString('utf8', 0, end))
          rest = whole.subarray(end + 1)
          await world.outside.flushed()
        }
        // A line that was cut off by a crash, or is being written.
        if (rest.length > 0) world.print(rest.toString('utf8'))
      }
    } finally {
      for (const { tape } of parts) tape.close()
    }
  },
})

interface OpenPart {
  readonly part: RotatedPart | undefined
  readonly tape: Tape
  readonly bytes: number
}

/** Every part as it stands at one moment, none of it there twice or not at all; what is then put away stays open. */
function opened(name: string, world: ActionWorld): readonly OpenPart[] {
  const { logs } = world, release = logs.lock(UPKEEP, PATIENCE_MS)
  try {
    const open = (part: RotatedPart | undefined): OpenPart => {
      const tape = logs.open(part?.file ?? name)
      return { part, tape, bytes: tape.size() }
    }
    return [...partsOfLog(name, rotatable(world).away).map(open), open(undefined)]
  } finally {
    release()
  }
}

function list(world: ActionWorld): void {
  const { logs, away } = rotatable(world)
  for (const name of [...new Set([...logs, ...away.flatMap((file) => partOf(file)?.log ?? [])])].sort()) {
    const count = partsOfLog(name, away).length
    world.print(count === 0 ? name : `${name}  (${count} put away)`)
  }
}
