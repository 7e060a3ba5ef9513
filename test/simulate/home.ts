/** The home that all processes of a simulated day share: its disk, what they see of it, and what of them is left when the power goes. */
import type { ActionWorld } from '#tool'
import { Failure } from '#port/failure'
import type { Journal } from '#port/journal'
import { fileJournal } from '#adapter/file/journal'
import { fileLogs } from '#adapter/file/logs'
import { fileStore } from '#adapter/file/store'
import { memoryMachine } from '#adapter/memory/machine'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryOutside } from '#adapter/memory/outside'
import type { Random } from '#port/random'
import { PowerCut, SimulatedDisk } from '../adapter/simulated-disk.ts'
import { buggyJournal, buggyStore, type Bug, type Who } from './bugs.ts'

export const LOG = '/home/logs/trade_log.jsonl', JOURNAL = '/home/logs/ledger.ndjson', OVERLAY_LOG = '/home/logs/overlay.ndjson'
export const LEDGER = '/home/memory/ledger.json', OVERLAY = '/home/memory/vault_overlay.json', QUEUE = '/home/memory/autotrade_queue.json'
export const VAULTS_FILE = '/home/memory/vault.json'

/** Adapters wrap what the disk throws. */
export const isPowerCut = (error: unknown): boolean =>
  error instanceof PowerCut || (error instanceof Error && error.cause !== undefined && isPowerCut(error.cause))

/** One process at its work. */
export interface Process {
  readonly world: ActionWorld
  /** It ends in peace. */
  close(): void
  /** It is gone, however it ended: a dead process holds no lock. */
  gone(): void
}

export interface HomeTerms {
  readonly chance: Random
  readonly bug: Bug | undefined
  /** Between the reading and the writing of a memory file others may act. */
  between(): void
  /** A line was written to a log; it may be on its way to the disk yet. */
  wrote(name: string, line: string): void
}

export class Home {
  readonly disk = new SimulatedDisk()
  /** Private keys are files of their own, which nobody writes to in a day. */
  readonly keys = memoryKeys('1', fileStore('/home/memory', this.disk))
  readonly #terms: HomeTerms
  readonly #parsed = new WeakMap<Buffer, { readonly [field: string]: unknown }>()
  /** By process. */
  readonly #held = new Set<Set<() => void>>()

  constructor(terms: HomeTerms) {
    this.#terms = terms
  }

  /** A memory file as it stands; undefined where there is none. */
  json(path: string): { readonly [field: string]: unknown } | undefined {
    const content = this.disk.content(path)
    if (content === undefined) return undefined
    let parsed = this.#parsed.get(content)
    if (parsed === undefined) this.#parsed.set(content, (parsed = JSON.parse(content.toString('utf8')) as { readonly [field: string]: unknown }))
    return parsed
  }

  process(who: Who, now: () => number, more: Partial<ActionWorld> = {}): Process {
    const none = (): never => {
      throw new Error('no such thing in this world')
    }
    const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
    const { bug, chance, between, wrote } = this.#terms
    const locks = new Set<() => void>()
    this.#held.add(locks)
    const journals = new Map<string, Journal>(), files = fileStore('/home/memory', this.disk)
    const store = buggyStore({
      read: (name) => files.read(name),
      write: (name, memory, basedOn) => {
        between()
        return files.write(name, memory, basedOn)
      },
    }, bug, who)
    const logs = fileLogs('/home/logs', { disk: this.disk })
    const world: ActionWorld = {
      clock: { now }, log: quiet, by: `vanta-${who}/1`, past: () => [], random: none, outside: memoryOutside(), store, keys: this.keys,
      nodeKeys: this.keys, machine: memoryMachine(), serve: () => Promise.reject(new Error('nobody listens')), alarm: () => Promise.reject(new Error('nobody waits')), home: '/home', root: '/', print: none, progress: none, folder: { read: none, bytes: none, list: none, write: none },
      logsIn: none, objects: none, online: none, hear: () => undefined, as: none, simulate: none, stopwatch: none, broker: none, certificateKeys: { certify: none, certificates: none, sign: none }, inference: { open: none }, prophet: { fit: none }, xgboost: { learn: none }, bus: none, ...more,
      logs: {
        ...logs,
        lock: (name) => {
          const release = logs.lock(name), held = (): void => {
            if (locks.delete(held)) release()
          }
          locks.add(held)
          return held
        },
      },
      journal: (name) => {
        const known = journals.get(name)
        if (known !== undefined) return known
        const file = buggyJournal(fileJournal(`/home/logs/${name}`, this.disk), name, bug, chance)
        const append = (line: string): void => {
          file.append(line)
          wrote(name, line)
        }
        const journal = { ...file, append }
        journals.set(name, journal)
        return journal
      },
    }
    const gone = (): void => {
      letGo(locks)
      this.#held.delete(locks)
    }
    return { world, close: () => journals.forEach((journal) => journal.close()), gone }
  }

  /** The power went: no process holds anything any more. */
  died(): void {
    for (const locks of this.#held) letGo(locks)
    this.#held.clear()
  }

  /** A short-lived process, such as a person's command: false where it was refused, or found the disk full. Throws when the power goes. */
  run(work: (process: Process) => void, now: () => number): boolean {
    const process = this.process('people', now)
    try {
      work(process)
      process.close()
      return true
    } catch (error) {
      if (isPowerCut(error) || !(error instanceof Failure) || error.exit === 'bug') throw error
      return false
    } finally {
      process.gone()
    }
  }
}

/** All processes of the simulation are one to a lock file, which knows its holder by the process id. */
function letGo(locks: Set<() => void>): void {
  for (const release of [...locks]) {
    try {
      release()
    } catch {
      // It went with the power, or the disk will not let go of it: a dead holder's lock is taken over.
    }
  }
}
