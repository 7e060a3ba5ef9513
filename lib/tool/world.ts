/** The real world, and the simulated one: the only place that names adapters. */
import { join, relative } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { parseMoment, type Millis, type Vanta } from '#record'
import { WholeLog } from '#domain/audit/whole'
import { pastOf } from '#domain/audit/past'
import type { Bus } from '#port/bus'
import type { Clock } from '#port/clock'
import type { Folder } from '#port/folder'
import type { Journal } from '#port/journal'
import type { Keys } from '#port/keys'
import type { Log } from '#port/log'
import type { Logs } from '#port/logs'
import type { Store } from '#port/store'
import type { Objects } from '#port/objects'
import type { Online } from '#port/online'
import type { Outside } from '#port/outside'
import type { Secrets } from '#port/secrets'
import { cronAlarm } from '#adapter/cron/lazy'
import { openExchange } from '#adapter/ccxt/lazy'
import { contentId, fileArchive } from '#adapter/file/archive'
import { fileBus } from '#adapter/file/bus'
import { fileCertificates } from '#adapter/file/certificates'
import { fileFolder } from '#adapter/file/folder'
import { fileJournal } from '#adapter/file/journal'
import { fileKeys } from '#adapter/file/keys'
import { fileLogs } from '#adapter/file/logs'
import type { Login } from '#adapter/tls'
import { thisMachine } from '#adapter/file/machine'
import { fileObjects } from '#adapter/file/objects'
import { objectOnline } from '#adapter/file/online'
import { fileSecrets, secretsAt } from '#adapter/file/secrets'
import { fileStore } from '#adapter/file/store'
import { lazyVault } from '#adapter/hashicorp/lazy'
import { lazyHttp } from '#adapter/http/lazy'
import { memoryJournal } from '#adapter/memory/journal'
import { memoryKeys } from '#adapter/memory/keys'
import { memoryLogs } from '#adapter/memory/logs'
import { memoryStore } from '#adapter/memory/store'
import { onnxInference } from '#adapter/onnx/lazy'
import { PaperBroker } from '#adapter/paper/broker'
import { augursProphet } from '#adapter/prophet/lazy'
import { openKafkaBus } from '#adapter/kafka/lazy'
import { lazyS3 } from '#adapter/s3/lazy'
import { openRedisBus, openRedisOnline } from '#adapter/redis/lazy'
import { openVenue } from '#adapter/venue/open'
import { NODE_FILE } from '#domain/node/home'
import { parseSecretsPlace, VAULT_LOGIN, type SecretsPlace } from '#domain/secrets/place'
import { reading } from '#domain/node/role'
import { nameOfAddress, parseBusAddress, type BusAddress, type UsualServers } from '#domain/bus/address'
import { systemdNotify } from '#adapter/systemd/notify'
import { stdinQuestions } from '#adapter/terminal/questions'
import { lazyXgboost } from '#adapter/xgboost/lazy'
import { fixedClock, streamClock, wallClock, type StreamClock } from './clock.ts'
import type { ActionWorld, Simulation } from './define.ts'
import { Failure, Stopped } from '#port/failure'
import { seededRandom } from './random.ts'
import { redaction, withoutSecrets } from './redaction.ts'
import {
  EVERYTHING, demandEither, demandOnline, demandWriting, guardedBus, guardedJournal, guardedKeys, guardedLogs, guardedObjects, guardedOnline, guardedOutside,
  guardedStore, rightsIn, type Rights,
} from './rights.ts'
import { VERSION } from './version.ts'

export const byOf = (tool: string): string => `${tool.split(' ')[0]}/${VERSION}`

/** What all tools of one run share; each gets its own view with `worldOf`. */
export interface Surroundings {
  /** A clock for one tool. */
  readonly clock: () => StreamClock
  readonly seed: string
  /** Common options that records depend on, as words behind a tool's own. */
  readonly ambient: string
  readonly store: Store
  readonly keys: Keys
  readonly nodeKeys: Keys
  readonly folder: Folder
  readonly logs: Logs
  readonly home: string
  readonly root: string
  readonly log: (tool: string) => Log
  readonly print: (text: string) => void
  readonly terminal?: boolean
  readonly columns?: number | undefined
  readonly colours?: boolean
  readonly progress: (text: string) => void
  /** All that was written so far has left the process. */
  readonly flushed: () => Promise<void>
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal
  /** The stream in the place of stdin. */
  readonly reading?: string | undefined
  /** Servers of streams that are named without one. */
  readonly servers?: UsualServers
  /** Where systemd puts secrets (LoadCredential). */
  readonly credentialsFolder: string | undefined
  /** Where secrets are kept, as it was typed; files unless it says otherwise. */
  readonly secretsPlace?: string
  readonly secrets: Secrets
  readonly outside: (tool: string, around: Surroundings) => Outside
  /** What the node may do that the home is of. */
  readonly rights: Rights
  /** Journals opened so far, by path; closed by `closeAll`. */
  readonly journals: Map<string, Journal>
  /** Streams that a tool opened itself, by address; closed by `closeAll`. */
  readonly buses: Map<string, Promise<Bus>>
  readonly openJournal: (path: string) => Journal
  readonly openBus: (address: string, tool: string, around: Surroundings) => Promise<Bus>
}

/** Throws Failure `usage` where `--now` is neither a moment nor "stream". */
export function clockOf(now: string | undefined): () => StreamClock {
  if (now === undefined) return deaf(wallClock())
  if (now === 'stream') return streamClock
  const nowMs = parseMoment(now)
  if (nowMs === undefined) throw new Failure('usage', `--now: expected a moment like 2021-01-15T00:00:00Z, or "stream", got "${now}"`)
  return deaf(fixedClock(nowMs))
}

/** A moment that stands still, and another seed, make other records; the clocks that go are told by what is made. */
export const ambientOf = (now: string | undefined, seed: string): string =>
  `${now === undefined || now === 'stream' ? '' : ` --now ${now}`}${seed === '1' ? '' : ` --seed ${seed}`}`

/** A clock that goes by itself, whatever it is told. */
const deaf = (clock: Clock) => (): StreamClock => ({ ...clock, hear: () => undefined })

type Made = 'store' | 'keys' | 'nodeKeys' | 'folder' | 'logs' | 'journals' | 'buses' | 'openJournal' | 'openBus' | 'outside' | 'rights' | 'secrets'
type Given = Omit<Surroundings, Made>

/** Files under the home. */
export function realSurroundings(given: Given): Surroundings {
  const { home } = given, store = fileStore(join(home, 'memory')), folder = fileFolder(), secrets = join(home, 'secrets')
  const rights = rightsIn(home, folder.bytes(join(home, NODE_FILE))?.toString('utf8'))
  return {
    ...given,
    rights,
    folder,
    store: guardedStore(store, rights),
    keys: guardedKeys(fileKeys(secrets, store), 'keys:vault', rights),
    nodeKeys: guardedKeys(fileKeys(secrets, store, 'node'), 'keys:node', rights),
    logs: guardedLogs(fileLogs(join(home, 'logs')), rights),
    journals: new Map(),
    buses: new Map(),
    openJournal: fileJournal,
    openBus: openTarget,
    outside: realOutside,
    secrets: secretsOf(given),
  }
}

/** Throws Failure `usage` where the place is none. */
function secretsOf({ home, credentialsFolder, secretsPlace = 'files', log }: Given): Secrets {
  const files = fileSecrets([join(home, 'secrets')], credentialsFolder)
  let place: SecretsPlace
  try {
    place = parseSecretsPlace(secretsPlace)
  } catch (error) {
    throw error instanceof RangeError ? new Failure('usage', error.message, error) : error
  }
  return place.kind === 'files' ? files : lazyVault(place, () => files.read(VAULT_LOGIN), {
    elapsedMs: () => performance.now(), pause: (ms) => pause(ms, new AbortController().signal), hide: (found) => redaction.hide(found), log: log('secrets'),
    later(ms, act) {
      const timer = setTimeout(act, ms).unref()
      return () => clearTimeout(timer)
    },
  })
}

function realOutside(tool: string, { home, store, signal, flushed, clock, seed, log, secrets }: Surroundings): Outside {
  return {
    http: (terms) => lazyHttp(terms, {
      clock: clock(), log: log(tool), random: seededRandom(seed, `${tool}:http:${process.pid}`), store, version: VERSION, pause,
    }),
    exchange: openExchange,
    async secrets(name, file) {
      const found = file === undefined ? await secrets.read(name) : secretsAt(file)
      if (found !== undefined) redaction.hide(found.secrets)
      return found
    },
    archive: withoutSecrets(fileArchive(join(home, 'logs', 'raw'))),
    store,
    flushed,
    signal,
    pause,
  }
}

/** A replay hears nothing from outside, keeps nothing and waits for nothing. */
function noOutside(tool: string, { store, signal }: Surroundings): Outside {
  const refuse = (): never => {
    throw new Failure('refused', `${tool}: a replay does not ask services`)
  }
  return {
    http: refuse, exchange: refuse, secrets: refuse, store, signal,
    archive: { keep: (bytes) => contentId(bytes), read: () => undefined, kept: () => [] },
    flushed: async () => undefined,
    pause: async () => undefined,
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(new Stopped())
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

/** Throws Failure `usage` on what is no address of a stream. */
function busAddressOf(text: string, { servers }: Surroundings): BusAddress {
  try {
    return parseBusAddress(text, servers)
  } catch (error) {
    throw error instanceof RangeError ? new Failure('usage', error.message, error) : error
  }
}

const outsideOf = (tool: string, around: Surroundings): Outside => guardedOutside(around.outside(tool, around), tool, around.rights)

/** Throws Failure `refused` where the node may not do so with that stream. */
export function demandStream(text: string | undefined, way: 'read' | 'write', around: Surroundings): void {
  if (text === undefined) return
  const { stream } = busAddressOf(text, around)
  if (way === 'read') around.rights.demand(reading(stream))
  else demandWriting(stream, around.rights)
}

/** What servers of streams are told to be let in. */
const loginOf = async (tool: string, around: Surroundings): Promise<Login> =>
  ({ secrets: (await outsideOf(tool, around).secrets('bus', undefined))?.secrets ?? {}, tlsFolder: join(around.home, 'secrets', 'tls') })

/** A stream by its address. */
export async function openBus(text: string, tool: string, around: Surroundings): Promise<Bus> {
  const address = busAddressOf(text, around)
  demandEither(address.stream, around.rights)
  return guardedBus(await busAt(address, tool, around), address.stream, around.rights)
}

async function busAt(address: BusAddress, tool: string, around: Surroundings): Promise<Bus> {
  const outside = outsideOf(tool, around)
  if (address.kind === 'file') {
    return fileBus(address, {
      logs: fileLogs(join(around.home, 'bus')), now: () => Date.now(), pause: (ms) => outside.pause(ms, outside.signal).catch(() => undefined),
    })
  }
  const login = await loginOf(tool, around)
  return address.kind === 'redis' ? openRedisBus(address, login, around.log(tool)) : openKafkaBus(address, login, around.log(tool))
}

/** A stream to write to. What was written to the stream that is read would come again for ever. */
export async function openTarget(text: string, tool: string, around: Surroundings): Promise<Bus> {
  const name = nameOfAddress(busAddressOf(text, around))
  if (around.reading !== undefined && nameOfAddress(busAddressOf(around.reading, around)) === name) {
    throw new Failure('usage', `${name} is what is read: what is written there would come again for ever`)
  }
  return openBus(text, tool, around)
}

const objectsAt = (place: string, outside: Outside): Objects => (!place.startsWith('s3:') ? fileObjects(place) : lazyS3(place, {
  secrets: () => outside.secrets('s3', undefined), pause: (ms) => outside.pause(ms, outside.signal),
}))

/** `redis://HOST:PORT` serves under the name "features", `redis://HOST:PORT/NAME` under another. */
async function openOnline(text: string, objects: Objects, tool: string, around: Surroundings): Promise<Online> {
  if (text === 'embedded') return guardedOnline(objectOnline(objects), 'features', around.rights)
  const address = busAddressOf(/^rediss?:\/\/[^/]*\/?$/.test(text) ? `${text.replace(/\/$/, '')}/features` : text, around)
  if (address.kind !== 'redis') throw new Failure('usage', `expected redis://HOST:PORT or "embedded", got "${text}"`)
  demandOnline(address.stream, around.rights)
  return guardedOnline(await openRedisOnline(address, await loginOf(tool, around), around.log(tool)), address.stream, around.rights)
}

/**
 * One tool's view: a filter is typed to see less of it, and where the home is of a node, only what its role allows is handed out; units, users and
 * servers make sure of that a second time. Throws Failure `refused` where the node does not run that tool.
 */
export function worldOf(tool: string, around: Surroundings): ActionWorld {
  const { rights } = around
  rights.enter(tool)
  const clock = around.clock()
  const outside = outsideOf(tool, around)
  return {
    clock,
    hear: (record) => clock.hear(record),
    log: around.log(tool),
    random: (purpose) => seededRandom(around.seed, `${tool}:${purpose}`),
    by: byOf(tool),
    ambient: around.ambient,
    past: (spanMs) => pastOfHome(around.logs, spanMs),
    inference: onnxInference,
    xgboost: lazyXgboost,
    prophet: augursProphet,
    folder: around.folder,
    outside,
    store: around.store,
    keys: around.keys,
    nodeKeys: around.nodeKeys,
    certificateKeys: fileCertificates,
    role: rights.role,
    home: around.home, root: around.root, print: around.print,
    terminal: around.terminal === true,
    columns: around.columns,
    colours: around.colours === true,
    machine: thisMachine,
    alarm: cronAlarm,
    serve: async (address, answer, signal) => (await import('#adapter/http/serve')).serveHttp(address, answer, signal),
    questions: stdinQuestions(around.flushed),
    progress: around.progress,
    as: (other) => worldOf(other, around),
    simulate: (logs) => simulate(tool, around, logs),
    stopwatch() {
      const startMs = performance.now()
      return { elapsedMs: () => performance.now() - startMs }
    },
    logs: around.logs,
    objects: (place) => guardedObjects(objectsAt(place ?? join(around.home, 'features'), outside), rights),
    online: (address, objects) => openOnline(address, objects, tool, around),
    logsIn: (folder) => fileLogs(folder),
    bus(address) {
      let bus = around.buses.get(address)
      if (bus === undefined) around.buses.set(address, (bus = around.openBus(address, tool, around)))
      return bus
    },
    async broker(terms) {
      rights.demand('broker')
      if (terms.name === 'paper') return new PaperBroker(terms)
      return openVenue(terms, (await outside.secrets(terms.exchange ?? terms.name, terms.credentials))?.secrets)
    },
    journal(name) {
      const path = join(around.home, 'logs', name)
      let journal = around.journals.get(path)
      if (journal === undefined) around.journals.set(path, (journal = guardedJournal(around.openJournal(path), name, rights)))
      return journal
    },
  }
}

function* pastOfHome(logs: Logs, spanMs: Millis): Generator<Vanta, void, undefined> {
  const lines = new WholeLog(logs)
  try {
    yield* pastOf(lines, spanMs)
  } finally {
    lines.close()
  }
}

/**
 * How far the heap may grow between collections, in percent of what is alive. V8 lets it grow up to fourfold where there is much memory, and a
 * long history then takes several times what it holds; this costs a tenth more time.
 */
const HEAP_GROWTH_PERCENT = 25

function simulate(tool: string, real: Surroundings, logs: 'kept' | 'forgotten' = 'kept'): Simulation {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`)
  const store = memoryStore()
  const around: Surroundings = {
    ...real,
    clock: streamClock,
    ambient: ambientOf('stream', real.seed),
    store,
    keys: memoryKeys(real.seed, store),
    nodeKeys: memoryKeys(real.seed, store, 'node'),
    logs: logs === 'kept' ? fileLogs(join(real.home, 'logs'), { waits: false }) : memoryLogs(),
    journals: new Map(),
    buses: new Map(),
    openJournal: memoryJournal,
    openBus: async () => {
      throw new Failure('refused', `${tool}: a replay writes to no streams`)
    },
    outside: noOutside,
    rights: EVERYTHING,
  }
  return {
    world: worldOf(tool, around),
    keep() {
      for (const [name, { memory }] of store.entries()) real.store.write(name, memory, real.store.read(name)?.version ?? 0)
      for (const path of around.journals.keys()) real.rights.demand(`logs:${relative(join(real.home, 'logs'), path)}`)
      for (const [path, journal] of around.journals) real.folder.write(path, [...journal.lines()].map((line) => `${line}\n`).join(''))
    },
  }
}

export async function closeAll(around: Surroundings): Promise<void> {
  for (const bus of around.buses.values()) await bus.then(({ close }) => close(), () => undefined)
  around.buses.clear()
  for (const journal of around.journals.values()) journal.close()
  around.journals.clear()
  await around.secrets.close?.()
}

/** Whoever keeps the process going, where somebody does who wants to be told. */
export const keeperOf = (log: Log): ReturnType<typeof systemdNotify> =>
  systemdNotify(process.env, process.pid, (why) => log.warn(`systemd is not told that this process is alive: ${why}`))
