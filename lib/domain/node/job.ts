/** What a node does by itself: a command line, when, and by which policy. Timers, units, access lists and the expectations of `vanta status` follow from it. */
import type { Millis } from '#record'
import type { BusKind } from '#domain/bus/address'
import { VAULT_LOGIN } from '#domain/secrets/place'
import { covers, whichOf, type Capability } from './capability.ts'
import { needsOf } from './needs.ts'
import { CAPABILITIES, isOwn, type Role, type StreamName } from './role.ts'
import type { Schedule } from './schedule.ts'

interface Work {
  /** Unique within the role; also the name of its unit and, behind the role, of its group of readers. */
  readonly name: string
  readonly role: Role
  /** One sentence for people. */
  readonly about: string
  /** The tool and its words, without streams; paths are from Vanta's root. */
  readonly command: readonly string[]
  /** The tools and verbs that run in it, where that is not the command's own: those of its pipeline. */
  readonly acts: readonly string[]
  readonly reads?: StreamName
  /** Without it nobody reads its stdout. */
  readonly writes?: StreamName
  /** Its last success is to be no older than this, while it is due. */
  readonly freshMs: Millis
}

/** What becomes of a slot that comes due while the run of an earlier one goes on. */
export type Overlap =
  /** It is missed, and said to be. */
  | 'skip'
  /** It runs next. */
  | 'queue'
  /** The earlier run is stopped, and what it did not do is done by the later. */
  | 'replace'

/** What becomes of slots that nobody was there to run. Each that is left out is logged as missed. */
export interface CatchUp {
  /** `one`: the latest; `all`: each, oldest first; `none`: no slot older than a minute. */
  readonly policy: 'one' | 'all' | 'none'
  /** Slots older than this are missed whatever the policy. */
  readonly mostMs: Millis
}

/** Started at its slots, ended by itself. */
export interface TimerJob extends Work {
  readonly kind: 'timer'
  readonly schedule: Schedule
  readonly overlap: Overlap
  readonly catchUp: CatchUp
  /** Attempts after one that failed in a way that may pass (69, 75, a signal), so long after it; within the same slot. */
  readonly retry: { readonly times: number; readonly pauseMs: Millis }
  /**
   * What counts as now. `slot`: the time it is due, for work on what stands in the home, which then says the same whenever it is done. `clock`:
   * for whoever hears something, decides on it, or signs: nothing is known before it was heard, however late that was.
   */
  readonly now: 'slot' | 'clock'
  /** Stopped after so long. */
  readonly timeoutMs: Millis
}

/** Kept going: started again so long after it ended, unless it ended for a reason that does not pass (2, 77, 78). */
export interface StreamJob extends Work {
  readonly kind: 'stream'
  readonly restartMs: Millis
  /** Begun again, it hears again what it has done with in so long (`--warm-up`): of what rests on that alone, and on nothing learned meanwhile. */
  readonly warmUp?: string
}

export type Job = TimerJob | StreamJob

/** What the job touches: what its tools need, and the streams it reads and writes. */
export function capabilitiesOf(job: Job): readonly Capability[] {
  const streams: readonly Capability[] = [
    ...(job.reads === undefined ? [] : [`read:${job.reads}` as const]), ...(job.writes === undefined ? [] : [`write:${job.writes}` as const]),
  ]
  const needs = job.acts.flatMap((act) => needsOf(act) ?? [])
  const isJoined = [job.reads, job.writes].some((name) => name !== undefined && !isOwn(name)) || whichOf(needs, 'serve').length > 0
  const bus: readonly Capability[] = isJoined ? ['secret:bus'] : []
  return [...new Set([...needs, ...streams, ...bus])]
}

/** The files of secrets that the job may be handed, by name. Broker and services have more than one, features may be kept in a bucket; none must exist. */
export function secretsOf(job: Job): readonly string[] {
  const granted = CAPABILITIES[job.role], needs = capabilitiesOf(job)
  const collectors = job.acts.filter((act) => needsOf(act)?.some((one) => one.startsWith('service:')) && covers(granted, `secret:${act}`))
  const brokers = needs.includes('broker') ? whichOf(granted, 'secret').filter((name) => name !== 'bus') : []
  return [...collectors, ...brokers, ...(needs.includes('features') ? ['s3'] : []), ...whichOf(needs, 'secret')]
}

/** Whether the job leaves the machine: for a service, a broker, a server of streams or features, or the bucket that features are kept in. */
export const isNetworked = (job: Job, bus: BusKind, hasBucket = false): boolean =>
  usesServer(job, bus) || capabilitiesOf(job).some((one) => one === 'broker' || one.startsWith('service:') || (hasBucket && one === 'features'))

/** Whether the job is joined to the server that the nodes have in common. Features are served by Redis alone; without it they stay in the home. */
export const usesServer = (job: Job, bus: BusKind): boolean =>
  [job.reads, job.writes].some((name) => name !== undefined && placeOf(name, bus) !== 'file') ||
  (bus === 'redis' && whichOf(capabilitiesOf(job), 'serve').length > 0)

/** Where a stream stands. */
export const placeOf = (stream: StreamName, bus: BusKind): BusKind => (isOwn(stream) ? 'file' : bus)

/** What `LoadCredential=` names: its secrets, and, where it could reach one, how the HashiCorp Vault is entered that may keep them instead. */
export function credentialsOf(job: Job, bus: BusKind, hasBucket = false): readonly string[] {
  const secrets = secretsOf(job)
  return secrets.length > 0 && isNetworked(job, bus, hasBucket) ? [...secrets, VAULT_LOGIN] : secrets
}

/** Whose place in a stream the job keeps. */
export const groupOf = ({ role, name }: Job): string => `${role}-${name}`

/** Whether the job goes on for ever unless it is told to end (`--once`): collectors, and whoever reads a stream. */
const goesOn = (job: Job): boolean => job.reads !== undefined || whichOf(capabilitiesOf(job), 'service').length > 0

/**
 * The whole command line: the tool's name, then its words. Servers of streams come from VANTA_REDIS and VANTA_KAFKA. `once`: what goes on is to
 * take what is there, and end. `slot`: the moment that the run is for, which counts as now where the job says so.
 */
export function commandOf(job: Job, bus: BusKind, { once = job.kind === 'timer', slot }: { once?: boolean; slot?: string } = {}): readonly string[] {
  return [
    ...job.command,
    ...(once && goesOn(job) ? ['--once'] : []),
    ...(!once && job.kind === 'stream' && job.warmUp !== undefined ? ['--warm-up', job.warmUp] : []),
    ...(slot !== undefined && job.kind === 'timer' && job.now === 'slot' ? ['--now', slot] : []),
    ...(bus === 'redis' ? whichOf(capabilitiesOf(job), 'serve').flatMap((name) => ['--to', `${bus}:${name}`]) : []),
    ...(job.reads === undefined ? [] : ['--in', `${placeOf(job.reads, bus)}:${job.reads}`, '--group', groupOf(job)]),
    ...(job.writes === undefined ? [] : ['--out', `${placeOf(job.writes, bus)}:${job.writes}`]),
  ]
}
