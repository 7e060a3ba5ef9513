/** What the verbs have in common: which features, where they are kept, and what was taken in of the home's log. */
import type { Millis } from '#record'
import { chosen, readDefinitions, reachOf, type Definitions } from '#domain/features/definition'
import { intakeOf } from '#domain/features/intake'
import type { Timelines } from '#domain/features/join'
import type { Manifest, Taken } from '#domain/features/manifest'
import type { Observation } from '#domain/features/observe'
import { rowsOf, type Rows } from '#domain/features/rows'
import { standardDefinitions } from '#domain/features/standard'
import { timelinesOf } from '#domain/features/timeline'
import { readNamed } from '#port/folder'
import type { Objects } from '#port/objects'
import { OfflineStore } from '#wire/features/offline'
import { Failure, type ActionWorld, type Options, type ValuesOf } from '#tool'
import { nodeSettings } from '#tool/node_home'

/** Definitions of a home, beside the standard ones. */
const DEFINITIONS_FILE = 'features.json'

export const STORE = {
  store: {
    kind: 'text', variable: 'VANTA_FEATURES_STORE',
    help: 'where features are kept: a folder (default: where the node has them, features/ in the home), or ' +
      's3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION (keys: secrets/s3)',
  },
  definitions: { kind: 'path', help: 'file of more views and features (default: memory/features.json, where there is one)' },
} as const satisfies Options
export type StoreValues = ValuesOf<typeof STORE>

export const PICK = { features: { kind: 'list', help: 'only these features, in this order' } } as const satisfies Options

/** Throws Failure `config` on definitions that cannot be read, `usage` on a feature that there is not. */
export function definitionsOf({ definitions: path }: StoreValues, { store, folder }: ActionWorld, names?: readonly string[]): Definitions {
  const all = path === undefined ? withMemory(store.read(DEFINITIONS_FILE)?.memory) : withFile(path, readNamed(folder, path).toString('utf8'))
  try {
    return chosen(all, names)
  } catch (error) {
    throw error instanceof RangeError ? new Failure('usage', error.message, error) : error
  }
}

const withMemory = (memory: unknown): Definitions => (memory === undefined ? standardDefinitions() : within(`memory/${DEFINITIONS_FILE}`, memory))

function withFile(path: string, text: string): Definitions {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Failure('config', `${path}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  return within(path, value)
}

function within(path: string, value: unknown): Definitions {
  try {
    return readDefinitions(value, standardDefinitions())
  } catch (error) {
    throw error instanceof RangeError ? new Failure('config', `${path}: ${error.message}`, error) : error
  }
}

export const objectsOf = ({ store }: StoreValues, world: ActionWorld): Objects => world.objects(store ?? nodeSettings(world)?.features)

export const offlineOf = (values: StoreValues, world: ActionWorld): OfflineStore => new OfflineStore(objectsOf(values, world))

/** So many observations are held at once on their way in. */
export const BLOCK = 250_000

export function byView(observations: readonly Observation[], { views }: Definitions): ReadonlyMap<string, Rows> {
  const groups = new Map<string, Observation[]>()
  for (const one of observations) {
    const group = groups.get(one.view)
    if (group === undefined) groups.set(one.view, [one])
    else group.push(one)
  }
  return new Map([...groups].map(([view, group]) => [view, rowsOf(group, [...(views.get(view)?.values.keys() ?? [])])]))
}

/** Take in what the home's log holds beyond `before`. Resolves to how many observations that were. */
export async function takeIn(offline: OfflineStore, definitions: Definitions, before: readonly Taken[], world: ActionWorld): Promise<number> {
  let count = 0
  for (const { observations, taken } of intakeOf(world.logs, definitions.views.values(), before, BLOCK)) {
    await offline.add(byView(observations, definitions), taken)
    count += observations.length
    world.progress(`${count} observations taken in`)
  }
  return count
}

export interface Wanted {
  /** The moments that are asked about lie from here to there. */
  readonly fromMs: Millis
  readonly toMs: Millis
  readonly which: 'all' | 'fresh'
  readonly isWanted?: (entity: string) => boolean
}

/** The facts that answers of these features rest on, by view and entity. */
export async function timelinesFor(
  offline: OfflineStore, manifest: Manifest, { views, features }: Definitions, { fromMs, toMs, which, isWanted }: Wanted,
): Promise<Timelines> {
  const timelines = new Map<string, ReturnType<typeof timelinesOf>>()
  for (const view of views.keys()) {
    const of = [...features.values()].filter((feature) => feature.view === view)
    if (of.length === 0) continue
    const columns = new Set(of.map(({ value }) => value))
    timelines.set(view, timelinesOf(await offline.load(manifest, view, columns, fromMs - reachOf(of, view, which), toMs), isWanted))
  }
  return timelines
}
