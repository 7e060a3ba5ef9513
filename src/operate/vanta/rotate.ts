import { LineCursor } from '#domain/audit/lines'
import { firstMoment, packedName, partOf, ROTATED, rotatedName } from '#domain/operate/rotation'
import { createSum } from '#domain/operate/sum'
import type { Tape } from '#port/logs'
import type { Millis } from '#record'
import { command, Failure, type ActionWorld } from '#tool'
import { packerOf } from '#wire/archive/pack'
import { unpackerOf } from '#wire/archive/unpack'
import { chunksOf, rotatable, UPKEEP } from './upkeep.ts'

export default command({
  name: 'vanta rotate',
  summary: 'Put away diagnostics and rejected lines that have grown large or old, compressed, while their tools go on writing.',
  about: [
    'Of logs/*.log and logs/rejects. A log is renamed, so that a tool that has it open goes on with what it has, and the next begins a new one; it is',
    'compressed only once no process has it open, and goes away once what was compressed is seen to hold the same. vanta logs NAME tells all of it as one.',
    'Evidence is never touched: vanta-audit rotate closes the audit log; the trade log, the ledger, signed settings, the registry of runs and payloads',
    'stay as they are. Streams on servers are trimmed by their own settings, below what every group has done with. Cut short, it is ended by running it',
    'again.',
  ].join(' '),
  options: {
    size: { kind: 'integer', default: '67108864', help: 'logs that are at least so large, in bytes' },
    age: { kind: 'duration', default: '30d', help: 'logs whose first line is at least so old' },
    keep: { kind: 'duration', help: 'what was put away longer ago is removed (default: kept for ever)' },
  },
  examples: ['vanta rotate', 'vanta rotate --size 1 && vanta logs'],
  async act({ size, age, keep }, _operands, world) {
    const release = world.logs.lock(UPKEEP)
    try {
      for (const name of rotatable(world).logs) putAway(name, size, age, world)
      for (const file of rotatable(world).away) await settle(file, keep, world)
    } finally {
      release()
    }
  },
})

/** Rename it, where it is time. */
function putAway(name: string, size: number, ageMs: Millis, world: ActionWorld): void {
  const { logs, clock, log } = world, tape = logs.open(name)
  let bytes: number, firstMs: Millis | undefined
  try {
    bytes = tape.size()
    const cursor = new LineCursor(tape)
    firstMs = cursor.next() ? firstMoment(cursor.text()) : undefined
  } finally {
    tape.close()
  }
  const isOld = firstMs !== undefined && clock.now() - firstMs >= ageMs
  if (bytes === 0 || (bytes < size && !isOld)) return
  const there = new Set(rotatable(world).away)
  let to = rotatedName(name, clock.now())
  for (let later = 1; there.has(to) || there.has(packedName(to)); later++) to = rotatedName(name, clock.now() + later)
  try {
    logs.move(name, to)
    world.print(`logs/${name} -> logs/${to}`)
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== 'refused') throw error
    log.warn(error.message)
  }
}

/** Compress it, where nobody has it open; remove it, where it is kept no longer. */
async function settle(file: string, keepMs: Millis | undefined, world: ActionWorld): Promise<void> {
  const { logs, clock, machine, home } = world, part = partOf(file)
  if (part === undefined) return
  if (part.packed) {
    if (keepMs === undefined || clock.now() - part.atMs < keepMs) return
    logs.remove(file)
    world.print(`logs/${file} removed`)
    return
  }
  // After the renaming nobody opens it any more: who does not have it now will not write to it.
  const holders = machine.holders(`${home}/logs/${file}`)
  if (holders === undefined || holders.length > 0) {
    const who = holders === undefined ? 'whether a process has it open cannot be told here' : `process ${holders.join(', ')} has it open`
    world.log.info(`logs/${file} is not compressed yet: ${who}`)
    return
  }
  const packed = packedName(file), unfinished = `${ROTATED}/.packing.part`
  logs.remove(unfinished)
  const sum = await pack(file, unfinished, world)
  if (await sumOfPacked(unfinished, world) !== sum) throw new Failure('output', `logs/${file} is not the same when it is unpacked, and stays as it is`)
  logs.move(unfinished, packed)
  logs.remove(file)
  world.print(`logs/${packed}`)
}

/** Returns the checksum of what was packed. */
async function pack(from: string, to: string, { logs }: ActionWorld): Promise<string> {
  const packer = await packerOf('zstd'), sum = createSum(), source = logs.open(from), target = logs.open(to)
  try {
    for (const chunk of chunksOf(from, source, source.size())) {
      sum.update(chunk)
      target.append(packer.add(chunk))
    }
    target.append(packer.end())
    target.sync()
    return sum.hex()
  } finally {
    source.close()
    target.close()
  }
}

async function sumOfPacked(file: string, { logs }: ActionWorld): Promise<string> {
  const tape = logs.open(file), sum = createSum()
  try {
    for await (const bytes of unpackedOf(file, tape)) sum.update(bytes)
    return sum.hex()
  } finally {
    tape.close()
  }
}

/** What a packed log holds. Throws Failure `data` where it is damaged. */
export async function* unpackedOf(file: string, tape: Tape): AsyncGenerator<Uint8Array, void, undefined> {
  const head = Buffer.alloc(4), unpacker = await unpackerOf(head.subarray(0, tape.read(0, head)))
  try {
    for (const chunk of chunksOf(file, tape, tape.size())) yield* unpacker.add(chunk)
    unpacker.end()
  } catch (error) {
    throw error instanceof RangeError ? new Failure('data', `logs/${file}: ${error.message}`, error) : error
  }
}
