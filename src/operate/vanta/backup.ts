import {
  BACKUP_FILES, HEAD_NAME, isBackedUp, isGrowing, isOfLines, PREFIX, RANKS, rankOf, SUMS_NAME, type BackupHead, type BackupTerms,
} from '#domain/operate/backup'
import { createSum } from '#domain/operate/sum'
import { auditStateOf } from '#domain/audit/archive'
import { LOCK } from '#domain/audit/files'
import { endOfLines, type Bytes } from '#domain/audit/lines'
import type { Tape } from '#port/logs'
import { formatInstant } from '#record'
import { command, Failure, type ActionWorld } from '#tool'
import { nodeSettings } from '#tool/node_home'
import { packerOf, type Packer } from '#wire/archive/pack'
import { tarEnd, tarFile, tarHeader, tarPadding } from '#wire/archive/tar'
import { chunksOf, UPKEEP } from './upkeep.ts'

const TRADES = 'trade_log.jsonl'
/** How long whoever appends to the audit log is waited for. */
const AUDIT_MS = 30_000
const LOOK_MS = 100
const PLAIN_MODE = 0o600

export default command({
  name: 'vanta backup',
  summary: 'The home in one archive, as of one moment, while its tools run.',
  about: [
    'Memory, logs with their closed ones, streams that are files, and payloads; secrets only with --secrets. What says that something is done is read',
    'before what it speaks of, so that a backup is a state that every tool can go on from; it waits for the executor to be between two runs, for as',
    'long as --wait says, and holds the audit log for no longer than it takes to look how long it is. The archive is readable by its owner alone, holds',
    'the checksum of every file, and stands under its name once it is whole.',
  ].join(' '),
  options: {
    output: { kind: 'path', required: true, help: 'the archive, which must not be there yet: NAME.tar.zst or NAME.tar' },
    secrets: { kind: 'flag', help: 'private keys and secrets too: who has the archive can sign as this node' },
    withoutRaw: { kind: 'flag', help: 'without the payloads that were heard (logs/raw)' },
    wait: { kind: 'duration', default: '2m', help: 'how long to wait for a run of the executor to end' },
  },
  examples: ['vanta-vault init core >/dev/null && vanta backup -o $VANTA_HOME/core.tar.zst && vanta restore $VANTA_HOME/core.tar.zst --home $VANTA_HOME/again'],
  async act({ output, secrets, withoutRaw, wait }, _operands, world) {
    const packing = output.endsWith('.tar.zst') ? 'zstd' : output.endsWith('.tar') ? 'none' : undefined
    if (packing === undefined) throw new Failure('usage', `--output: expected a name that ends in .tar.zst or .tar, got "${output}"`)
    const slash = output.lastIndexOf('/'), folder = world.logsIn(slash < 0 ? '.' : output.slice(0, slash + 1)), name = output.slice(slash + 1)
    if (folder.list().includes(name)) throw new Failure('refused', `${output} is there already; nothing is overwritten`)
    const release = world.logs.lock(UPKEEP)
    try {
      const taken = await capture({ secrets, payloads: !withoutRaw }, wait, world)
      const head = headOf(taken, { secrets, payloads: !withoutRaw }, world)
      const part = `.${name}.part`, packer = await packerOf(packing)
      folder.remove(part)
      const tape = folder.open(part)
      try {
        write(tape, packer, head, taken, world)
        tape.close()
      } catch (error) {
        tape.close()
        folder.remove(part)
        throw error
      }
      folder.move(part, name)
      world.print(`${output}: ${head.files} files, ${head.bytes} bytes, as of ${head.at}`)
    } finally {
      release()
    }
  },
})

/** A file as it was seen: its content, or so many of its first bytes, of a file that only grows. */
interface Taken {
  readonly path: string
  readonly mode: number
  readonly bytes: number
  readonly content: Buffer | undefined
  readonly tape: Tape | undefined
}

/** See everything once, in the order that makes it one state; begun anew where orders were traded meanwhile. */
async function capture(terms: BackupTerms, waitMs: number, world: ActionWorld): Promise<readonly Taken[]> {
  const { logs, outside, log, stopwatch } = world, watch = stopwatch()
  for (;;) {
    const isTrading = logs.isLocked(TRADES)
    if (isTrading && watch.elapsedMs() < waitMs) {
      await outside.pause(LOOK_MS, outside.signal)
      continue
    }
    const before = sizeOf(TRADES, world), taken = captureOnce(terms, world)
    if (!isTrading && !logs.isLocked(TRADES) && sizeOf(TRADES, world) === before) return taken
    if (watch.elapsedMs() >= waitMs) {
      log.warn('orders were traded meanwhile: the next run after a restore books what the trade log says beyond the books')
      return taken
    }
    for (const { tape } of taken) tape?.close()
  }
}

function sizeOf(name: string, { logs }: ActionWorld): number {
  const tape = logs.open(name)
  try {
    return tape.size()
  } finally {
    tape.close()
  }
}

interface Found {
  readonly path: string
  readonly mode: number
}

function captureOnce(terms: BackupTerms, world: ActionWorld): readonly Taken[] {
  const below = (...folders: readonly string[]): readonly Found[] => folders.flatMap((folder) => [...filesBelow(folder, terms, world)])
  const see = (files: readonly Found[], from: number, to: number): readonly Taken[] =>
    files.filter(({ path }) => rankOf(path) >= from && rankOf(path) <= to)
      .sort((a, b) => rankOf(a.path) - rankOf(b.path) || (a.path < b.path ? -1 : 1)).flatMap(({ path, mode }) => seen(path, mode, world))
  const first = see(below('secrets', 'bus', 'memory'), 0, RANKS.memory)
  // Between two groups of lines the files of the log are of one state, and none is on its way to the archive.
  const release = world.logs.lock(LOCK, AUDIT_MS)
  let logs: readonly Found[], record: readonly Taken[]
  try {
    logs = below('logs')
    record = see(logs, RANKS.memory + 1, RANKS.record)
  } finally {
    release()
  }
  const rest = [...logs, ...below('features'), ...BACKUP_FILES.map((path) => ({ path, mode: PLAIN_MODE }))]
  return [...first, ...record, ...seenStreams(() => below('bus'), (files) => see(files, RANKS.record + 1, Infinity)), ...see(rest, RANKS.record + 1, Infinity)]
}

/** What a stream keeps no longer is dropped by a file that takes the place of another: seen are those of one moment. */
function seenStreams(list: () => readonly Found[], see: (files: readonly Found[]) => readonly Taken[]): readonly Taken[] {
  for (;;) {
    const listed = list(), taken = see(listed), there = new Set(list().map(({ path }) => path))
    if (listed.every(({ path }) => there.has(path))) return taken
    for (const { tape } of taken) tape?.close()
  }
}

function* filesBelow(folder: string, terms: BackupTerms, world: ActionWorld): Generator<Found, void, undefined> {
  for (const { name, kind, mode } of world.machine.entries(`${world.home}/${folder}`)) {
    const path = `${folder}/${name}`
    if (!isBackedUp(path, terms)) continue
    if (kind === 'folder') yield* filesBelow(path, terms, world)
    else if (kind === 'file') yield { path, mode }
  }
}

/** Empty where it has gone since. */
function seen(path: string, mode: number, { home, logsIn }: ActionWorld): readonly Taken[] {
  const folder = logsIn(home)
  if (isGrowing(path)) {
    const tape = folder.open(path), size = tape.size()
    const within = (position: number, length: number): number => Math.max(0, Math.min(length, size - position))
    const limited: Bytes = { size: () => size, read: (position, into) => tape.read(position, into.subarray(0, within(position, into.length))) }
    return [{ path, mode, bytes: isOfLines(path) ? endOfLines(limited) : size, content: undefined, tape }]
  }
  // Payloads never change: they are read when they are written.
  if (path.startsWith('logs/raw/')) return [{ path, mode, bytes: -1, content: undefined, tape: undefined }]
  const content = folder.read(path)
  return content === undefined ? [] : [{ path, mode, bytes: content.length, content, tape: undefined }]
}

function headOf(taken: readonly Taken[], { secrets, payloads }: BackupTerms, world: ActionWorld): BackupHead {
  const audit = auditStateOf(world.logs)
  return {
    at: formatInstant(world.clock.now()), by: world.by, home: world.home, role: nodeSettings(world)?.role ?? null, files: taken.length,
    bytes: taken.reduce((sum, { bytes }) => sum + Math.max(0, bytes), 0), secrets, payloads,
    audit: audit === undefined ? null : { lines: audit.size, root: audit.rootHex },
  }
}

function write(out: Tape, packer: Packer, head: BackupHead, taken: readonly Taken[], world: ActionWorld): void {
  const seconds = Math.floor(Date.parse(head.at) / 1000), folder = world.logsIn(world.home)
  const add = (bytes: Uint8Array): void => out.append(packer.add(bytes))
  add(tarFile(HEAD_NAME, Buffer.from(`${JSON.stringify(head)}\n`), seconds))
  let sums = ''
  for (const [nth, { path, mode, bytes, content, tape }] of taken.entries()) {
    world.progress(`${nth} of ${taken.length} files`)
    const whole = content ?? (tape === undefined ? folder.read(path) : undefined), sum = createSum()
    if (whole === undefined && tape === undefined) throw new Failure('again', `${path} went away while it was read`)
    const length = whole?.length ?? bytes
    add(named(path, length, seconds, mode))
    for (const chunk of whole !== undefined ? [whole] : tape === undefined ? [] : chunksOf(path, tape, bytes)) {
      sum.update(chunk)
      add(chunk)
    }
    add(tarPadding(length))
    tape?.close()
    sums += `${sum.hex()}  ${PREFIX}${path}\n`
  }
  add(tarFile(SUMS_NAME, Buffer.from(sums), seconds))
  add(tarEnd())
  out.append(packer.end())
  out.sync()
  world.progress('')
}

function named(path: string, bytes: number, seconds: number, mode: number): Buffer {
  try {
    return tarHeader(`${PREFIX}${path}`, bytes, seconds, mode)
  } catch (error) {
    throw error instanceof RangeError ? new Failure('data', `${path}: ${error.message}`, error) : error
  }
}
