/** The modules that stand in a home and beside the tools, and what was said of them. */
import { canonicalize, type Control, type Json } from '#record'
import { sha256Of } from '#record/sha256'
import { recordOfLine } from '#domain/audit/links'
import { capabilitiesOf } from '#domain/node/job'
import { JOBS } from '#domain/node/jobs'
import { eventRecord, after, keptModules, modulesOf, TRACKER_FILE, TRACKER_LOG, type Event, type Modules } from '#domain/operate/tracker'
import { settingsOf } from '#domain/vault/seal'
import { VAULT_FILE, vaultEntries } from '#domain/vault/vault'
import { alone, Failure, type ActionWorld } from '#tool'
import { VERSION } from '#tool/version'
import { CARD, modelFolders, readCard, stemOf } from '#wire/models'
import { toolNames } from '../../tools.ts'

/** Digits of a hash that tell versions apart. */
const DIGITS = 16
const hashed = (bytes: Buffer | string): string => sha256Of(bytes).slice(0, DIGITS)

/**
 * Versions by module, as they stand: of a tool its program, of a model the bytes that its card names, of a vault its settings, of a feed or another
 * job what the table of jobs says of it.
 */
export function foundModules({ folder, home, root, store }: Pick<ActionWorld, 'folder' | 'home' | 'root' | 'store'>): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const tool of toolNames) {
    const program = folder.bytes(`${root}/dist/${tool}.cjs`)
    found.set(`tool:${tool}`, program === undefined ? VERSION : hashed(program))
  }
  for (const place of modelFolders({ home, root })) {
    for (const name of folder.list(place).filter((one) => one.endsWith(CARD))) {
      const model = `model:${name.slice(0, -CARD.length)}`
      // Of one name the home's goes first, as for whoever loads it.
      if (!found.has(model)) found.set(model, cardVersion(folder, `${place}/${name}`))
    }
  }
  for (const [name, entry] of vaultEntries(store.read(VAULT_FILE)?.memory)) {
    found.set(`vault:${name}`, hashed(canonicalize(settingsOf(entry as { readonly [field: string]: Json }))))
  }
  for (const job of JOBS) {
    const isFeed = capabilitiesOf(job).some((one) => one.startsWith('service:'))
    found.set(isFeed ? `feed:${job.name}` : `job:${job.role}/${job.name}`, hashed(JSON.stringify(job)))
  }
  return found
}

/** A card that cannot be read stops nobody from pausing another module: its bytes are a version like any other, and one that nothing loads. */
function cardVersion(folder: ActionWorld['folder'], card: string): string {
  try {
    return readCard(folder, stemOf(card)).sha256.slice(0, DIGITS)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return `unreadable-${hashed(folder.bytes(card) ?? '')}`
  }
}

/** What the log says. Throws Failure `data` where a line of it cannot be. */
export function trackedModules({ journal }: Pick<ActionWorld, 'journal'>): Modules {
  try {
    return modulesOf([...journal(TRACKER_LOG).lines()].map(controlOf))
  } catch (error) {
    throw error instanceof RangeError ? new Failure('data', `logs/${TRACKER_LOG}: ${error.message}`, error) : error
  }
}

function controlOf(line: string): Control | undefined {
  const record = recordOfLine(line)
  return record?.kind === 'control' ? record : undefined
}

/** Add events to the log, all or none, and derive the memory file from it. Throws Failure `refused` where one may not happen. */
export function happen(events: readonly Event[], world: ActionWorld): readonly Control[] {
  return alone(world, TRACKER_LOG, () => {
    const modules = new Map(trackedModules(world)), log = world.journal(TRACKER_LOG)
    const records = events.map((event) => {
      const record = eventRecord(event, world.by, world.clock.now())
      try {
        modules.set(event.module, after(modules.get(event.module), event, record.at))
      } catch (error) {
        throw error instanceof RangeError ? new Failure('refused', error.message, error) : error
      }
      return record
    })
    for (const record of records) log.append(JSON.stringify(record))
    log.sync()
    derive(modules, world)
    return records
  })
}

/** The memory file follows from the log: it is written where it says something else. */
function derive(modules: Modules, { store }: Pick<ActionWorld, 'store'>): void {
  const kept = store.read(TRACKER_FILE), text = JSON.stringify(keptModules(modules))
  if (kept !== undefined && JSON.stringify(kept.memory['modules']) === text) return
  store.write(TRACKER_FILE, { modules: JSON.parse(text) as Json }, kept?.version ?? 0)
}
