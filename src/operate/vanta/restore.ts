import { HEAD_NAME, headIn, PREFIX, SUMS_NAME, sumsIn, type BackupHead } from '#domain/operate/backup'
import { createSum, type Sum } from '#domain/operate/sum'
import type { Finding } from '#domain/operate/diagnosis/finding'
import { OVERLAY_FILE } from '#domain/vault/overlay'
import type { Logs, Tape } from '#port/logs'
import { isObject } from '#record/shape'
import { command, Failure, type ActionWorld, type Answer } from '#tool'
import { callCommand } from '#tool/call'
import { unpackerOf } from '#wire/archive/unpack'
import { TarReader, type TarEntry } from '#wire/archive/untar'
import { findTool } from '../../tools.ts'

const CHUNK_BYTES = 1 << 20
/** Files at the ends of the archive that are read as a whole. */
const MOST_BYTES = 1 << 28

export default command({
  name: 'vanta restore',
  summary: 'A home from a backup: where there is none, whole or not at all, and checked.',
  about: [
    'Every file is held against its checksum before the home stands under its name; then vanta-diagnostics goes over it, and what it finds amiss is',
    'told. Orders stay halted, because the world went on since: reconcile (vanta-exec reconcile), then vanta-overlay revive. A home that is there',
    'already is left alone (77). Exit 1: the home stands, and a check failed.',
  ].join(' '),
  operands: 'ARCHIVE',
  options: {
    keepSwitch: { kind: 'flag', help: 'leave the kill switch as it was when the backup was made' },
    sample: { kind: 'integer', default: '1', help: 'how many of the latest decisions are made anew; 0: none' },
  },
  examples: [{ run: 'vanta restore /nowhere.tar.zst --home $VANTA_HOME/again', note: 'there is no such archive', status: 2 }],
  async act({ keepSwitch, sample }, operands, world): Promise<Answer> {
    const [path] = operands
    if (path === undefined || operands.length > 1) throw new Failure('usage', 'which archive?')
    const { home, machine, logsIn } = world, slash = home.lastIndexOf('/'), name = home.slice(slash + 1)
    if (machine.entries(home).length > 0) throw new Failure('refused', `${home} is there already; nothing is overwritten`)
    const above = logsIn(home.slice(0, slash + 1)), unfinished = `.${name}.restoring`, place = `${home.slice(0, slash + 1)}${unfinished}`
    const target = logsIn(place), release = target.lock('restore')
    let head: BackupHead
    try {
      // What an attempt before this one left behind.
      for (const left of filesBelow(place, world)) target.remove(left)
      head = await unpack(path, target, world)
      if (isHalted(head, keepSwitch)) haltUnnamed(head, target)
      above.move(unfinished, name)
    } finally {
      release()
    }
    world.print(`${home}: ${head.files} files of ${head.home} as of ${head.at}`)
    if (isHalted(head, keepSwitch)) await halt(head, world)
    return checked(sample, world)
  },
})

function* filesBelow(place: string, world: ActionWorld, within = ''): Generator<string, void, undefined> {
  for (const { name, kind } of world.machine.entries(`${place}/${within}`)) {
    // Its own lock is held.
    if (within === '' && name === '.restore.lock') continue
    if (kind === 'folder') yield* filesBelow(place, world, `${within}${name}/`)
    else yield `${within}${name}`
  }
}

/** Throws Failure `data` where the archive is damaged, cut off, or no backup. */
async function unpack(path: string, target: Logs, world: ActionWorld): Promise<BackupHead> {
  const slash = path.lastIndexOf('/'), source = world.logsIn(slash < 0 ? '.' : path.slice(0, slash + 1)).open(path.slice(slash + 1))
  if (source.size() === 0) throw new Failure('usage', `no such file: ${path}`)
  const writer = new Writer(target)
  try {
    const first = chunkOf(source, 0), unpacker = await unpackerOf(first), reader = new TarReader()
    for (let at = 0, chunk = first; chunk.length > 0; chunk = chunkOf(source, at)) {
      for (const bytes of unpacker.add(chunk)) {
        for (const event of reader.add(bytes)) 'entry' in event ? writer.begin(event.entry) : writer.add(event.part)
      }
      at += chunk.length
      world.progress(`${Math.floor((at / source.size()) * 100)} %`)
    }
    unpacker.end()
    reader.end()
    world.progress('')
    return writer.end()
  } catch (error) {
    throw error instanceof RangeError ? new Failure('data', `${path}: ${error.message}`, error) : error
  } finally {
    writer.close()
    source.close()
  }
}

function chunkOf(tape: Tape, at: number): Buffer {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  return chunk.subarray(0, tape.read(at, chunk))
}

/** Writes the files of an archive as they come, and holds them against the sums at its end. */
class Writer {
  readonly #target: Logs
  readonly #sums = new Map<string, string>()
  #entry: TarEntry | undefined
  #sum: Sum = createSum()
  #tape: Tape | undefined
  /** Of the files that are about the archive. */
  readonly #about = new Map<string, Buffer[]>()

  constructor(target: Logs) {
    this.#target = target
  }

  begin(entry: TarEntry): void {
    this.#finish()
    this.#entry = entry
    this.#sum = createSum()
    if (entry.name === HEAD_NAME || entry.name === SUMS_NAME) {
      if (this.#about.has(entry.name) || entry.bytes > MOST_BYTES) throw new RangeError(`${entry.name}: twice, or too large`)
      this.#about.set(entry.name, [])
      return
    }
    if (!entry.name.startsWith(PREFIX) || this.#sums.has(entry.name)) throw new RangeError(`${entry.name}: nothing of a home, or there twice`)
    this.#tape = this.#target.open(entry.name.slice(PREFIX.length))
    // A file of no bytes is a file.
    this.#tape.append(Buffer.alloc(0))
  }

  add(part: Buffer): void {
    this.#sum.update(part)
    this.#tape?.append(part)
    if (this.#tape === undefined) this.#about.get(this.#entry?.name ?? '')?.push(Buffer.from(part))
  }

  /** Throws RangeError where a file is missing, too many, or not as it was. */
  end(): BackupHead {
    this.#finish()
    const text = (name: string): string => Buffer.concat(this.#about.get(name) ?? []).toString('utf8')
    const head = headIn(text(HEAD_NAME)), sums = sumsIn(text(SUMS_NAME))
    if (head === undefined || sums === undefined) throw new RangeError('no backup of a home')
    for (const [name, sum] of sums) {
      const found = this.#sums.get(name)
      if (found !== sum) throw new RangeError(`${name}: ${found === undefined ? 'is missing' : 'not as it was when it was backed up'}`)
    }
    if (this.#sums.size !== sums.size) throw new RangeError('it holds files that it has no sums of')
    return head
  }

  close(): void {
    this.#tape?.close()
    this.#tape = undefined
  }

  #finish(): void {
    if (this.#tape === undefined || this.#entry === undefined) return
    this.#tape.sync()
    this.close()
    this.#sums.set(this.#entry.name, this.#sum.hex())
  }
}

/** A node that neither decides nor trades has no switch. */
const isHalted = ({ role }: BackupHead, keepSwitch: boolean): boolean => !keepSwitch && role !== 'markets'
const reasonOf = ({ at }: BackupHead): string => `restored from a backup of ${at}`

/** Throws the switch before the home has its name: whatever ends this run from then on, nobody finds a home that sends. */
function haltUnnamed(head: BackupHead, target: Logs): void {
  const path = `memory/${OVERLAY_FILE}`, text = target.read(path)?.toString('utf8')
  if (text === undefined) return
  let overlay: unknown
  try {
    overlay = JSON.parse(text)
  } catch {
    // What nobody can read halts.
    return
  }
  if (isObject(overlay)) target.replace(path, `${JSON.stringify({ ...overlay, kill: true, flatten: false, reason: reasonOf(head) }, null, 2)}\n`)
}

/** The same once more, as a change of the home's own, with its record. */
async function halt(head: BackupHead, world: ActionWorld): Promise<void> {
  if (world.store.read(OVERLAY_FILE) === undefined) return
  await callCommand(findTool, 'vanta-overlay', ['kill', '--reason', reasonOf(head)], { ...world, print: () => undefined }, () => undefined)
  world.log.warn('orders are halted: reconcile, then vanta-overlay revive')
}

/** What `vanta-diagnostics` finds amiss. */
async function checked(sample: number, world: ActionWorld): Promise<Answer> {
  const findings: Finding[] = []
  const print = (text: string): void => void findings.push(JSON.parse(text) as Finding)
  await callCommand(findTool, 'vanta-diagnostics', ['--json', '--sample', String(sample)], { ...world, print }, () => undefined)
  const amiss = findings.filter(({ level }) => level !== 'ok')
  for (const { level, check, detail } of amiss) world.print(`${level}  ${check}: ${detail}`)
  world.print(`${findings.length - amiss.length} of ${findings.length} checks found nothing amiss`)
  return amiss.some(({ level, misconfigured }) => level === 'fail' && !misconfigured) ? 'negative' : 'done'
}
