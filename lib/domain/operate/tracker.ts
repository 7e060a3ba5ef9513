/**
 * Modules and what people have said of them: a log of events, and the states that follow from it. A module is live only by an approving review of the very
 * version that goes live: no event that would lead there otherwise is taken, nor read back from the log.
 */
import { make, formatInstant, millisOf, type Control, type Millis } from '#record'

export const TRACKER_LOG = 'tracker.ndjson'
export const TRACKER_FILE = 'tracker.json'

export const STATES = ['proposed', 'shadow', 'live', 'paused', 'retired'] as const
export type State = (typeof STATES)[number]
export const VERDICTS = ['approve', 'reject'] as const
export type Verdict = (typeof VERDICTS)[number]

/** `shadow`: it runs, and nothing is decided by it. */
const NEXT: { readonly [state in State]: readonly State[] } = {
  proposed: ['shadow', 'retired'],
  shadow: ['live', 'proposed', 'retired'],
  // From live to live: another version.
  live: ['live', 'paused', 'shadow', 'retired'],
  paused: ['live', 'shadow', 'retired'],
  retired: ['proposed'],
}

export interface Review {
  readonly version: string
  readonly verdict: Verdict
  readonly who: string
  readonly notes: string
  readonly at: string
}
export interface Tracked {
  readonly state: State
  /** Of which version it is in that state. */
  readonly version: string
  readonly since: string
  readonly who: string
  /** Oldest first. */
  readonly reviews: readonly Review[]
}
/** By `tool:vanta-decay`, `model:swarm`, `vault:core`, `feed:reddit`, `job:alpha/allocate`. */
export type Modules = ReadonlyMap<string, Tracked>

export type Event = { readonly module: string; readonly version: string; readonly who: string; readonly notes: string } & (
  | { readonly what: 'add' } | { readonly what: 'review'; readonly verdict: Verdict } | { readonly what: 'set'; readonly state: State })

const MODULE = /^[a-z]+:[A-Za-z0-9][\w./-]*$/
export const isModule = (name: string): boolean => MODULE.test(name)

/** The last word on a version. */
const wordOn = ({ reviews }: Tracked, version: string): Review | undefined => reviews.findLast((one) => one.version === version)

/** The module after an event. Throws RangeError where that may not happen. */
export function after(before: Tracked | undefined, event: Event, at: string): Tracked {
  const { module, version, who, notes } = event
  if (event.what === 'add') {
    if (before !== undefined) throw new RangeError(`${module} is known already: ${before.state}`)
    return { state: 'proposed', version, since: at, who, reviews: [] }
  }
  if (before === undefined) throw new RangeError(`${module} is not known: vanta-tracker add ${module}`)
  if (event.what === 'review') return { ...before, reviews: [...before.reviews, { version, verdict: event.verdict, who, notes, at }] }
  const { state } = event
  if (!NEXT[before.state].includes(state)) {
    throw new RangeError(`${module} is ${before.state}: from there it can become ${NEXT[before.state].join(', ')}, not ${state}`)
  }
  const verdict = wordOn(before, version)?.verdict
  if (state === 'live' && verdict !== 'approve') {
    throw new RangeError(`${module} cannot go live: version ${version} ${verdict === 'reject' ? 'was rejected' : 'has no approving review'}`)
  }
  return { ...before, state, version, since: at, who }
}

export function eventRecord(event: Event, by: string, nowMs: Millis): Control {
  const at = formatInstant(nowMs)
  return make('control', { type: 'tracker', at, known_at: at, source: `tracker/${event.module}`, by, facts: { ...event } })
}

/** What follows from the events, oldest first. Throws RangeError with the line (from 1) of the first that is none, or could not have been. */
export function modulesOf(lines: Iterable<Control | undefined>): Modules {
  const modules = new Map<string, Tracked>()
  let line = 0
  for (const record of lines) {
    line++
    const event = record?.type === 'tracker' ? eventIn(record.facts ?? {}) : undefined
    if (record === undefined || event === undefined) throw new RangeError(`line ${line}: no event of the tracker`)
    try {
      modules.set(event.module, after(modules.get(event.module), event, record.at))
    } catch (error) {
      throw error instanceof RangeError ? new RangeError(`line ${line}: ${error.message}`) : error
    }
  }
  return modules
}

function eventIn({ what, module, version, who, notes, verdict, state }: { readonly [name: string]: unknown }): Event | undefined {
  if (typeof module !== 'string' || !isModule(module) || typeof version !== 'string' || typeof who !== 'string' || typeof notes !== 'string') return undefined
  const said = { module, version, who, notes }, given = VERDICTS.find((one) => one === verdict), next = STATES.find((one) => one === state)
  if (what === 'add') return { what, ...said }
  if (what === 'review') return given === undefined ? undefined : { what, ...said, verdict: given }
  return what === 'set' && next !== undefined ? { what, ...said, state: next } : undefined
}

/** A module as it is told: what was said of it beside what is there. */
export interface ModuleRow {
  readonly module: string
  /** null where nobody has added it. */
  readonly state: State | null
  /** As it stands now; null where it cannot be found any more. */
  readonly version: string | null
  /** The version that the state is of. */
  readonly of: string | null
  readonly review: Verdict | 'none'
  /** When that was said; null where nobody has. */
  readonly reviewed: string | null
  /** It stands there in a version on which nobody's last word is an approval, although an earlier one was reviewed or is live. */
  readonly changed: boolean
  readonly since: string | null
  readonly who: string | null
}

/** What is found by itself, and is gone where it is not; of anything else its version is what was said last. */
const FOUND = /^(?:tool|model|vault|feed|job):/

/** Every module that is found or tracked, by name. `found`: the version of each as it stands. */
export function moduleRows(modules: Modules, found: ReadonlyMap<string, string>): readonly ModuleRow[] {
  return [...new Set([...found.keys(), ...modules.keys()])].sort().map((module) => {
    const tracked = modules.get(module), version = found.get(module) ?? (FOUND.test(module) ? null : tracked?.version ?? null)
    if (tracked === undefined) return { module, state: null, version, of: null, review: 'none', reviewed: null, changed: false, since: null, who: null }
    const { state, version: of, since, who } = tracked, now = found.get(module) ?? of
    const { verdict: review = 'none', at: reviewed = null } = wordOn(tracked, now) ?? {}
    const changed = state !== 'retired' && review !== 'approve' && (state === 'live' || tracked.reviews.some((one) => one.version !== now))
    return { module, state, version, of, review, reviewed, changed, since, who }
  })
}

/** It was added and not retired, is there, and waits for a verdict on what stands there: for the first, or for another where that was given before then. */
export const isReviewDue = ({ state, version, reviewed }: ModuleRow, beforeMs = -Infinity): boolean =>
  state !== null && state !== 'retired' && version !== null && (reviewed === null || millisOf(reviewed) < beforeMs)

/** The same, as memory keeps it. */
export const keptModules = (modules: Modules): { readonly [module: string]: Tracked } => Object.fromEntries([...modules].sort(([a], [b]) => (a < b ? -1 : 1)))
