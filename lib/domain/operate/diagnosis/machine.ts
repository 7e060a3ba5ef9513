/** What the machine must be for its record to be trusted. */
import { formatInstant, SECOND_MS, MINUTE_MS, type Millis } from '#record'
import { fullness, LEAST_FREE, percent, type DiskStatus } from '../status/status.ts'
import { fail, ok, warn, wrongSetting, type Finding } from './finding.ts'

/** A version as numbers, the first three. */
const numbersOf = (version: string): readonly number[] => version.split(/[.-]/).slice(0, 3).map(Number)

/** Whether the first version is the second or a later one. */
export function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(least)]
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

export interface Program {
  readonly node: string
  readonly platform: string
  readonly timeZone: string
  readonly locale: string
  /** Of package.json: `engines.node`, such as `>=20.20`, and packages with their exact versions. */
  readonly engine: string
  readonly wanted: { readonly [name: string]: string }
  /** Versions that are installed; undefined where there is none. */
  installed(name: string): string | undefined
}

export function programFindings({ node, platform, timeZone, locale, engine, wanted, installed }: Program): readonly Finding[] {
  const least = engine.replace(/^[^\d]*/, ''), names = Object.keys(wanted)
  const amiss = names.flatMap((name) => {
    const found = installed(name)
    return found === wanted[name] ? [] : [`${name} ${found ?? 'is missing'}${found === undefined ? '' : `, not ${wanted[name] ?? ''}`}`]
  })
  return [
    isAtLeast(node, least)
      ? ok('environment', `Node ${node}, ${platform}, time zone ${timeZone}, locale ${locale} (no record rests on either)`)
      : wrongSetting('environment', `Node ${node} is older than ${least}`, `install Node ${least} or later`),
    amiss.length === 0 ? ok('packages', `${names.length} as they were tested`) : warn('packages', amiss.join('; '), 'npm ci in the folder of Vanta'),
  ]
}

/** More room than this is no matter. */
const ROOMY = 3 * LEAST_FREE

export function diskFinding(disk: DiskStatus): Finding {
  const full = fullness(disk), remedy = 'vanta rotate, or move old logs away'
  if (full !== undefined) return fail('disk', full, remedy)
  const text = `${percent(disk.free_bytes / disk.total_bytes)} of ${Math.round(disk.total_bytes / 1e9)} GB free`
  const inodes = disk.total_inodes === 0 ? '' : `, ${percent(disk.free_inodes / disk.total_inodes)} of the inodes`
  return disk.free_bytes < disk.total_bytes * ROOMY ? warn('disk', text + inodes, remedy) : ok('disk', text + inodes)
}

/** File systems and clocks may differ by so much. */
const SLACK_MS = 2 * SECOND_MS
/** From here on what is known would seem to come from the future, and decisions would wait for it. */
const SKEW_MS = MINUTE_MS

/**
 * The clock beside that of a server, which was asked at one moment and had answered at another: between the two lies the server's time, so that no
 * longer a difference than half of the way there and back goes unseen.
 */
export function skewFinding(server: string, serverMs: Millis, askedMs: Millis, answeredMs: Millis): Finding {
  const aheadMs = Math.max(askedMs - serverMs, serverMs - answeredMs, 0)
  const detail = `${aheadMs <= SLACK_MS ? 'in step' : `${Math.round(aheadMs / 100) / 10} s off`} with ${server} (asked in ${answeredMs - askedMs} ms)`
  const remedy = 'see which of the two clocks is wrong, and keep both in step (timedatectl, chrony)'
  if (aheadMs <= SLACK_MS) return ok('clock', detail)
  return aheadMs > SKEW_MS ? fail('clock', detail, remedy) : warn('clock', detail, remedy)
}

/** A moment that stands in the home, and where. */
export interface Stamp {
  readonly what: string
  readonly ms: Millis
}

/** The clock against everything that it stamped before: it may not have gone back. */
export function clockFinding(stamps: readonly Stamp[], nowMs: Millis): Finding {
  const last = stamps.reduce<Stamp | undefined>((latest, one) => (latest === undefined || one.ms > latest.ms ? one : latest), undefined)
  const aheadMs = last === undefined ? 0 : last.ms - nowMs
  if (last === undefined || aheadMs <= SLACK_MS) return ok('clock', `${formatInstant(nowMs)}; nothing in the home is of later`)
  const detail = `${last.what} is of ${formatInstant(last.ms)}, ${Math.ceil(aheadMs / SECOND_MS)} s after now (${formatInstant(nowMs)})`
  const remedy = 'the clock went back: see that it is kept in step (timedatectl, chrony)'
  return aheadMs > SKEW_MS ? fail('clock', detail, remedy) : warn('clock', detail, remedy)
}
