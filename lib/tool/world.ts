/** The real world, and the simulated one: the only place that names adapters. */
import { join } from 'node:path'
import { parseMoment } from '#record'
import type { Clock } from '#port/clock'
import type { Folder } from '#port/folder'
import type { Journal } from '#port/journal'
import type { Log } from '#port/log'
import type { Logs } from '#port/logs'
import type { Store } from '#port/store'
import { fileFolder } from '#adapter/file/folder'
import { fileJournal } from '#adapter/file/journal'
import { fileLogs } from '#adapter/file/logs'
import { fileStore } from '#adapter/file/store'
import { memoryJournal } from '#adapter/memory/journal'
import { memoryStore } from '#adapter/memory/store'
import { PaperBroker } from '#adapter/paper/broker'
import packageJson from '../../package.json' with { type: 'json' }
import { fixedClock, streamClock, wallClock, type StreamClock } from './clock.ts'
import type { ActionWorld, Simulation } from './define.ts'
import { Failure } from '#port/failure'
import { seededRandom } from './random.ts'

export const VERSION: string = packageJson.version
export const byOf = (tool: string): string => `${tool.split(' ')[0]}/${VERSION}`

/** What all tools of one run share; each gets its own view with `worldOf`. */
export interface Surroundings {
  /** A clock for one tool. */
  readonly clock: () => StreamClock
  readonly seed: string
  readonly store: Store
  readonly folder: Folder
  readonly logs: Logs
  readonly home: string
  readonly root: string
  readonly log: (tool: string) => Log
  readonly print: (text: string) => void
  readonly progress: (text: string) => void
  /** Journals opened so far, by path; closed by `closeJournals`. */
  readonly journals: Map<string, Journal>
  readonly openJournal: (path: string) => Journal
}

/** Throws Failure `usage` where `--now` is neither a moment nor "stream". */
export function clockOf(now: string | undefined): () => StreamClock {
  if (now === undefined) return deaf(wallClock())
  if (now === 'stream') return streamClock
  const nowMs = parseMoment(now)
  if (nowMs === undefined) throw new Failure('usage', `--now: expected a moment like 2021-01-15T00:00:00Z, or "stream", got "${now}"`)
  return deaf(fixedClock(nowMs))
}

/** A clock that goes by itself, whatever it is told. */
const deaf = (clock: Clock) => (): StreamClock => ({ ...clock, hear: () => undefined })

type Given = Omit<Surroundings, 'store' | 'folder' | 'logs' | 'journals' | 'openJournal'>

/** Files under the home. */
export const realSurroundings = (given: Given): Surroundings => ({
  ...given,
  store: fileStore(join(given.home, 'memory')),
  folder: fileFolder(),
  logs: fileLogs(join(given.home, 'logs')),
  journals: new Map(),
  openJournal: fileJournal,
})

/** One tool's view. A filter is typed to see less of it; RBAC by unit file makes sure a second time. */
export function worldOf(tool: string, around: Surroundings): ActionWorld {
  const clock = around.clock()
  return {
    clock,
    hear: (record) => clock.hear(record),
    log: around.log(tool),
    random: (purpose) => seededRandom(around.seed, `${tool}:${purpose}`),
    by: byOf(tool),
    folder: around.folder,
    store: around.store,
    home: around.home,
    root: around.root,
    print: around.print,
    progress: around.progress,
    as: (other) => worldOf(other, around),
    simulate: () => simulate(tool, around),
    stopwatch() {
      const startMs = performance.now()
      return { elapsedMs: () => performance.now() - startMs }
    },
    logs: around.logs,
    broker: (terms) => new PaperBroker(terms),
    journal(name) {
      const path = join(around.home, 'logs', name)
      let journal = around.journals.get(path)
      if (journal === undefined) around.journals.set(path, (journal = around.openJournal(path)))
      return journal
    },
  }
}

function simulate(tool: string, real: Surroundings): Simulation {
  const store = memoryStore()
  const around: Surroundings = {
    ...real,
    clock: streamClock,
    store,
    logs: fileLogs(join(real.home, 'logs'), { waits: false }),
    journals: new Map(),
    openJournal: memoryJournal,
  }
  return {
    world: worldOf(tool, around),
    keep() {
      for (const [name, { memory }] of store.entries()) real.store.write(name, memory, real.store.read(name)?.version ?? 0)
      for (const [path, journal] of around.journals) real.folder.write(path, [...journal.lines()].map((line) => `${line}\n`).join(''))
    },
  }
}

export function closeJournals(around: Surroundings): void {
  for (const journal of around.journals.values()) journal.close()
  around.journals.clear()
}
