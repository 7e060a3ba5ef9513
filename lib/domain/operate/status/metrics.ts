/** A status as measurements. Money is told to dashboards as a floating number, rounded as it may be: nothing is decided by it. */
import { millisOf, type Millis } from '#record'
import type { Family, Sample } from '../exposition.ts'
import type { Status } from './status.ts'

const seconds = (ms: Millis): number => ms / 1000
const bit = (is: boolean): number => (is ? 1 : 0)

export function metricsOf(status: Status, version: string): readonly Family[] {
  const { role, orders, troubles, well, disk, memory, at } = status
  const one = (value: number): readonly Sample[] => [{ value }]
  return [
    gauge('vanta_build_info', 'Always 1; labelled with the version and the role of the node.', [{ labels: { version, role: role ?? 'single' }, value: 1 }]),
    gauge('vanta_looked_timestamp_seconds', 'When the home was looked at, since the epoch.', one(seconds(millisOf(at)))),
    gauge('vanta_well', 'Whether nothing is amiss.', one(bit(well))),
    gauge('vanta_troubles', 'How many things are amiss; vanta status names them.', one(troubles.length)),
    gauge('vanta_orders_halted', 'Whether no order may be sent.', orders === null ? [] : one(bit(!orders.may_be_sent))),
    ...feeds(status), ...jobs(status), ...stages(status), ...streams(status), ...vaults(status), ...audit(status),
    gauge('vanta_disk_free_bytes', 'What is left of the disk that the home is on.', one(disk.free_bytes)),
    gauge('vanta_disk_size_bytes', 'The disk that the home is on.', one(disk.total_bytes)),
    gauge('vanta_disk_free_inodes', 'Files that can still be made.', one(disk.free_inodes)),
    gauge('vanta_memory_version', 'How often a memory file was written.', Object.entries(memory).map(([file, value]) => ({ labels: { file }, value }))),
  ]
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, type: 'gauge', help, samples })

const feeds = ({ feeds: all }: Status): readonly Family[] => [
  gauge('vanta_feed_live', 'Whether a stream of a feed is neither mute nor out of reach.',
    all.map(({ feed, stream, state }) => ({ labels: { feed, stream }, value: bit(state === 'live') }))),
  gauge('vanta_feed_silence_seconds', 'Since a stream of a feed said something new.',
    all.map(({ feed, stream, age_ms: age }) => ({ labels: { feed, stream }, value: seconds(age) }))),
]

const jobs = ({ jobs: all, at }: Status): readonly Family[] => [
  gauge('vanta_job_fresh', 'Whether a job was done when it was due; a job that lacks what it needs is left out.',
    all.filter(({ state }) => state === 'fresh' || state === 'stale').map(({ job, state }) => ({ labels: { job }, value: bit(state === 'fresh') }))),
  gauge('vanta_job_done_seconds', 'Since a job was last done.',
    all.flatMap(({ job, done_at: done }) => (done === null ? [] : [{ labels: { job }, value: seconds(millisOf(at) - millisOf(done)) }]))),
]

const stages = ({ stages: all }: Status): readonly Family[] => [
  gauge('vanta_stage_age_seconds', 'Since the last record of a stage in the audit log was known.',
    all.flatMap(({ stage, age_ms: age }) => (age === null ? [] : [{ labels: { stage }, value: seconds(age) }]))),
  gauge('vanta_stage_lag_seconds', 'Of that record, from when it happened to when it was known.',
    all.flatMap(({ stage, lag_ms: lag }) => (lag === null ? [] : [{ labels: { stage }, value: seconds(lag) }]))),
]

const streams = ({ streams: all }: Status): readonly Family[] => [
  gauge('vanta_stream_waiting_lines', 'Lines of a stream that a group was not handed yet.',
    all.flatMap(({ stream, group, waiting }) => (waiting === null ? [] : [{ labels: { stream, group }, value: waiting }]))),
  gauge('vanta_stream_unfinished_lines', 'Lines that were handed out and are not done with.',
    all.map(({ stream, group, unfinished }) => ({ labels: { stream, group }, value: unfinished }))),
  gauge('vanta_stream_readers', 'Members of a group that read now.', all.map(({ stream, group, members }) => ({ labels: { stream, group }, value: members }))),
]

function vaults({ vaults: all }: Status): readonly Family[] {
  const of = (name: string, help: string, value: (vault: Status['vaults'][number]) => number | null): Family =>
    gauge(name, help, all.flatMap((one) => {
      const said = value(one)
      return said === null ? [] : [{ labels: { vault: one.vault }, value: said }]
    }))
  const money = (name: string, help: string, value: (vault: Status['vaults'][number]) => string | null): Family =>
    gauge(name, help, all.flatMap((one) => {
      const said = value(one)
      return said === null ? [] : [{ labels: { vault: one.vault, currency: one.currency }, value: Number(said) }]
    }))
  return [
    money('vanta_vault_equity', 'Equity at the last prices known, in the currency of the vault.', ({ equity }) => equity),
    money('vanta_vault_cash', 'Cash, in the currency of the vault.', ({ cash }) => cash),
    of('vanta_vault_positions', 'Subjects that are held.', ({ positions }) => positions),
    of('vanta_vault_open_orders', 'Orders that have not ended.', ({ open_orders: open }) => open),
    of('vanta_vault_unknown_orders', 'Orders of which the broker has not said what became of them.', ({ unknown_orders: unknown }) => unknown),
    of('vanta_vault_queued_targets', 'Subjects with a target in the queue.', ({ queued }) => queued),
    of('vanta_vault_waiting_allocations', 'Allocations that could not be acted on yet.', ({ waiting }) => waiting),
  ]
}

function audit({ audit: log }: Status): readonly Family[] {
  if (log === null) return []
  const labels = { world: log.world }
  return [
    gauge('vanta_audit_lines', 'Lines of the audit log under its checkpoint; a rotation begins anew.', [{ labels, value: log.lines }]),
    gauge('vanta_audit_signed_lines', 'Lines under the last signed checkpoint.', log.signed === null ? [] : [{ labels, value: log.signed }]),
    gauge('vanta_audit_bytes', 'The audit log on the disk.', [{ labels, value: log.bytes }]),
  ]
}
