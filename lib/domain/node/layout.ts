/**
 * How a node stands on a machine, and the steps that lead there from how it does now. A home has two places for releases, A and B; `current` points to
 * the one that counts, and is the last to change, so that until then the old one works, whenever the way there ends.
 */
import { formatNode, NODE_FILE } from './home.ts'
import { unitsOf, type Site } from './units.ts'

/** What is there: of lib/port/system.ts, as far as steps are decided by it. */
export interface Seen {
  /** Undefined where nothing stands there. */
  stat(path: string): Stood | undefined
  read(path: string): Buffer | undefined
  /** Id of the user of that name. */
  account(name: string): number | undefined
}
interface Stood {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly mode: number
  readonly owner: number
  readonly target?: string
}

/** Who owns what: the node writes its memory, and cannot change what it runs; a Redis server that this machine has reads who its users are. */
export type Owner = 'root' | 'node' | 'redis'
export const REDIS_ACCOUNT = 'redis'

export type Step =
  | { readonly does: 'account'; readonly user: string; readonly home: string }
  | { readonly does: 'folder' | 'permit'; readonly path: string; readonly mode: number; readonly owner: Owner }
  | { readonly does: 'file'; readonly path: string; readonly content: string; readonly mode?: number; readonly owner?: Owner }
  | { readonly does: 'link'; readonly path: string; readonly target: string }
  | { readonly does: 'release'; readonly path: string; readonly id: string; readonly node: string; readonly units: ReadonlyMap<string, string> }
  | { readonly does: 'remove'; readonly path: string }
  /** Tell systemd. */
  | { readonly does: 'run'; readonly words: readonly string[] }

export const SLOTS = ['A', 'B'] as const
export type Slot = (typeof SLOTS)[number]
export const otherSlot = (slot: Slot | undefined): Slot => (slot === 'A' ? 'B' : 'A')
const CURRENT = 'current'
const targetOf = (slot: Slot): string => `releases/${slot}`
/** In a release: the units as they were laid out with it, and the list of their names. */
export const UNITS_FOLDER = 'units'
export const UNITS_LIST = `${UNITS_FOLDER}/list`

/** The place that counts; undefined where none does yet. */
export function currentSlot(home: string, seen: Pick<Seen, 'stat'>): Slot | undefined {
  const target = seen.stat(`${home}/${CURRENT}`)?.target
  return SLOTS.find((slot) => targetOf(slot) === target)
}

const FOLDERS: readonly (readonly [name: string, mode: number, owner: Owner])[] = [
  ['', 0o755, 'root'], ['releases', 0o755, 'root'],
  ['memory', 0o750, 'node'], ['logs', 0o750, 'node'], ['bus', 0o750, 'node'], ['features', 0o750, 'node'], ['secrets', 0o700, 'node'],
]
/** What people look for in the home stands in the release that counts. */
const THROUGH = ['bin', 'models', 'pipelines']

export interface Ground {
  readonly site: Site
  readonly unitFolder: string
  /** Whether owners can be set and accounts be made. */
  readonly asRoot: boolean
  /** What systemd is told once its files have changed; empty where there is none to be told. */
  readonly reload: readonly string[]
  /** The users of the Redis server that stands on this machine, as its access list; undefined: there is none here. */
  readonly redisUsers?: string | undefined
}

/** What stands where something else belongs. */
export class InTheWay extends Error {}

/** From the home on down. */
function stepsOfTree({ site, asRoot }: Ground, seen: Seen): Step[] {
  const { home, user } = site, steps: Step[] = []
  const node = seen.account(user), ids: { readonly [owner in Owner]: number | undefined } = { root: 0, node, redis: undefined }
  if (node === undefined && asRoot) steps.push({ does: 'account', user, home })
  for (const [name, mode, owner] of FOLDERS) {
    const path = name === '' ? home : `${home}/${name}`, there = seen.stat(path)
    // A folder may be kept on another disk.
    if (there?.kind === 'link' && seen.stat(`${path}/.`)?.kind === 'folder') continue
    if (there !== undefined && there.kind !== 'folder') throw new InTheWay(`${path} is no folder`)
    if (there === undefined) steps.push({ does: 'folder', path, mode, owner })
    else if (there.mode !== mode || (asRoot && there.owner !== ids[owner])) steps.push({ does: 'permit', path, mode, owner })
  }
  return steps
}

function stepOfFile(path: string, content: string, seen: Seen): readonly Step[] {
  return isFile(path, content, FILE_MODE, seen) ? [] : [{ does: 'file', path, content }]
}

function isFile(path: string, content: string, mode: number, seen: Seen): boolean {
  const there = seen.stat(path)
  if (there !== undefined && there.kind !== 'file') throw new InTheWay(`${path} is no file`)
  return there?.mode === mode && seen.read(path)?.toString('utf8') === content
}

/** Where the access list of the Redis server stands, and who may read it: whoever runs that server, alone. */
export const REDIS_USERS_FILE = 'redis/users.acl'
const USERS_MODE = 0o600

function stepsOfUsers({ site: { home }, redisUsers, asRoot }: Ground, seen: Seen): readonly Step[] {
  const path = `${home}/${REDIS_USERS_FILE}`, server = asRoot ? seen.account(REDIS_ACCOUNT) : undefined
  if (redisUsers === undefined) return []
  const isItsOwn = server === undefined || seen.stat(path)?.owner === server
  if (isFile(path, redisUsers, USERS_MODE, seen) && isItsOwn) return []
  return [{ does: 'file', path, content: redisUsers, mode: USERS_MODE, owner: server === undefined ? 'root' : 'redis' }]
}
/** Of what an installation writes itself: for all to read. */
export const FILE_MODE = 0o644

function stepOfLink(path: string, target: string, seen: Seen): readonly Step[] {
  const there = seen.stat(path)
  if (there !== undefined && there.kind !== 'link') throw new InTheWay(`${path} is no link`)
  return there?.target === target ? [] : [{ does: 'link', path, target }]
}

/** Units as they are to be; those of the other release that are no more are taken away. Whatever else stands in the folder is the operator's. */
function stepsOfUnits(units: ReadonlyMap<string, string>, before: readonly string[], { unitFolder, reload }: Ground, seen: Seen): readonly Step[] {
  const gone = before.filter((name) => !units.has(name) && seen.stat(`${unitFolder}/${name}`) !== undefined)
  const steps: readonly Step[] = [
    ...[...units].flatMap(([name, text]) => stepOfFile(`${unitFolder}/${name}`, text, seen)),
    ...gone.map((name): Step => ({ does: 'remove', path: `${unitFolder}/${name}` })),
  ]
  return steps.length === 0 || reload.length === 0 ? steps : [...steps, { does: 'run', words: reload }]
}

/** What stands in a place for releases. */
export interface Placed {
  readonly id: string
  /** What the home was to say of itself. */
  readonly node: string
  readonly units: ReadonlyMap<string, string>
}

/** From how it is to a node of the release: nothing where it is so already. `placed` tells what a slot holds whole. */
export function stepsToInstall(ground: Ground, id: string, placed: (slot: Slot) => Placed | undefined, seen: Seen): readonly Step[] {
  const { site } = ground, { home } = site, units = unitsOf(site), node = formatNode(site), current = currentSlot(home, seen)
  const standing = current === undefined ? undefined : placed(current)
  const same = standing?.id === id && standing.node === node && sameTexts(standing.units, units)
  const slot = same && current !== undefined ? current : otherSlot(current), path = `${home}/${targetOf(slot)}`
  return [
    ...stepsOfTree(ground, seen),
    ...(same ? [] : [
      ...(seen.stat(path) === undefined ? [] : [{ does: 'remove', path } as const]),
      { does: 'release', path, id, node, units } as const,
    ]),
    ...stepOfFile(`${home}/${NODE_FILE}`, node, seen),
    ...stepsOfUsers(ground, seen),
    ...stepOfLink(`${home}/${CURRENT}`, targetOf(slot), seen),
    ...THROUGH.flatMap((name) => stepOfLink(`${home}/${name}`, `${CURRENT}/${name}`, seen)),
    ...stepsOfUnits(units, [...(standing?.units.keys() ?? []), ...(placed(otherSlot(current))?.units.keys() ?? [])], ground, seen),
  ]
}

/** Back to the other release, with the units it was laid out with; undefined where there is none that is whole. */
export function stepsToRollBack(ground: Ground, placed: (slot: Slot) => Placed | undefined, seen: Seen): readonly Step[] | undefined {
  const { home } = ground.site, current = currentSlot(home, seen)
  const other = current === undefined ? undefined : placed(otherSlot(current))
  if (current === undefined || other === undefined) return undefined
  return [
    ...stepOfLink(`${home}/${CURRENT}`, targetOf(otherSlot(current)), seen),
    ...stepOfFile(`${home}/${NODE_FILE}`, other.node, seen),
    ...stepsOfUnits(other.units, [...(placed(current)?.units.keys() ?? [])], ground, seen),
  ]
}

const sameTexts = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([name, text]) => b.get(name) === text)

const modeText = (mode: number): string => mode.toString(8).padStart(4, '0')

/** A step as a line for people. */
export function stepText(step: Step, user: string): string {
  const named = (owner: Owner): string => (owner === 'node' ? user : owner)
  switch (step.does) {
    case 'account': return `account  ${step.user}, a system user with a group of its own, home ${step.home}`
    case 'folder':
    case 'permit': return `${step.does.padEnd(8)} ${modeText(step.mode)} ${named(step.owner).padEnd(14)} ${step.path}`
    case 'file': return `file     ${modeText(step.mode ?? FILE_MODE)} ${named(step.owner ?? 'root').padEnd(14)} ${step.path}`
    case 'link': return `link     ${step.path} -> ${step.target}`
    case 'release': return `release  ${step.path} of ${step.id}`
    case 'remove': return `remove   ${step.path}`
    case 'run': return `run      ${step.words.join(' ')}`
  }
}
