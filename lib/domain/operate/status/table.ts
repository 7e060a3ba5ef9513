/** A status as a table for people: what is wrong first, in a terminal of whatever width. */
import { formatDuration, millisOf, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '#record'
import { fitting, folded } from '../../report/columns.ts'
import type { Paint } from '../paint.ts'
import { fullness, percent, type Status } from './status.ts'

const LABEL = 11

/** The lines, none wider than the terminal where that is known. */
export function statusTable(status: Status, width: number | undefined, paint: Paint): readonly string[] {
  const { home, at, role, orders, risk, audit, disk, memory } = status
  const line = (label: string, text: string): string[] => folded(`${label.padEnd(LABEL)}${text}`, width)
  const versions = Object.entries(memory).filter(([name]) => !UPKEEP.test(name)).map(([name, version]) => `${name} v${version}`)
  return [
    ...line('home', `${home}${role === null ? '' : ` (${role})`}, ${at}`),
    ...(orders === null ? [] : line('orders', haltText(orders)).map((text) => paint(orders.may_be_sent ? 'good' : 'bad', text))),
    ...(risk === null ? [] : line('risk', `${risk.state}, as of ${risk.as_of}`)),
    ...line('audit log', auditText(audit)),
    ...line('disk', `${percent(disk.free_bytes / disk.total_bytes)} free${fullness(disk) === undefined ? '' : ', NEARLY FULL'}`),
    ...line('memory', [...versions, ...upkeep(Object.keys(memory))].join(', ') || 'empty'),
    ...(orders === null ? [] : section(vaultRows(status), RIGHT_OF_VAULTS, width, [11, 3, 6, 9, 1, 7], 'vaults: none (vanta-vault init core)', paint)),
    ...section(feedRows(status), new Set([3]), width, [4], 'feeds: none was ever heard in this home', paint),
    ...(status.jobs.length === 0 ? [] : section(jobRows(status), new Set([3]), width, [4], '', paint)),
    ...section(stageRows(status), new Set([3, 4]), width, [2], 'stages: the audit log tells of none', paint),
    ...(status.streams.length === 0 ? [] : section(streamRows(status), new Set([2, 3, 4]), width, [], '', paint)),
    ...(status.errors.length === 0 ? [] : ['', paint('head', 'LAST ERRORS')]),
    ...status.errors.flatMap(({ at: when, tool, message }) => folded(`${when}  ${tool}: ${message}`, width)),
    '',
    ...conclusion(status, width, paint),
  ]
}

/** Files of which there is one for each feed, service or job: a person wants to know of how many. */
const UPKEEP = /^(slot|cursor|budget)_/

function upkeep(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const name of names) {
    const kind = UPKEEP.exec(name)?.[1]
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`)
}

const haltText = ({ halted }: NonNullable<Status['orders']>): string => (halted === null ? 'may be sent' : `HALTED: ${halted}`)

function conclusion({ well, troubles }: Status, width: number | undefined, paint: Paint): readonly string[] {
  if (well) return [paint('good', 'all is well')]
  return troubles.flatMap(({ what, detail }) => folded(`NOT WELL  ${what}: ${detail}`, width)).map((text) => paint('bad', text))
}

function auditText(audit: Status['audit']): string {
  if (audit === null) return 'none'
  const { lines, world, root, signed } = audit
  const part = signed === null ? 'never signed' : signed === lines ? 'all signed' : `${signed} signed`
  return `${lines} lines of a ${world} record, ${part}, root ${root.slice(0, 16)}... (vanta-audit verify)`
}

type Rows = readonly (readonly string[])[]
const HEADED = 1

function section(rows: Rows, right: ReadonlySet<number>, width: number | undefined, spare: readonly number[], none: string, paint: Paint): readonly string[] {
  if (rows.length === HEADED) return ['', ...folded(none, width)]
  const [head = '', ...rest] = fitting(rows, right, width, spare)
  const row = (text: string): string[] => folded(text, width).map((part) => (/ (mute|down|halted|stale) /.test(`${text} `) ? paint('bad', part) : part))
  return ['', ...folded(head, width).map((part) => paint('head', part)), ...rest.flatMap(row)]
}

const RIGHT_OF_VAULTS = new Set([3, 4, 5, 6, 7, 8, 9])

function vaultRows({ vaults }: Status): Rows {
  const head = ['VAULT', 'MODE', 'STATE', 'CASH', 'EQUITY', 'HELD', 'QUEUED', 'OPEN', 'UNKNOWN', 'WAITING', 'TEMPER', 'PRICES OF']
  return [head, ...vaults.map(({ vault, mode, state, currency, equity, cash, as_of: asOf, persona, flip, ...counts }) => {
    const temper = flip !== null ? `${flip.persona} until ${flip.until.slice(0, 16)}Z` : persona ?? '-'
    const numbers = [counts.positions, counts.queued, counts.open_orders, counts.unknown_orders, counts.waiting].map(String)
    return [vault, mode, state, cash ?? '-', `${equity ?? '-'} ${currency}`, ...numbers, temper, asOf ?? '-']
  })]
}

const feedRows = ({ feeds }: Status): Rows => [
  ['FEED', 'STREAM', 'STATE', 'SILENT FOR', 'A FAULT AFTER'],
  ...feeds.map(({ feed, stream, state, age_ms: age, quiet_ms: quiet }) => [feed, stream, state, ageText(age), quiet === null ? '-' : formatDuration(quiet)]),
]

const jobRows = ({ jobs, at }: Status): Rows => [
  ['JOB', 'STATE', 'LAST', 'DONE', 'FRESH FOR'],
  ...jobs.map(({ job, state, last, done_at: done, fresh_ms: fresh }) =>
    [job, state, last ?? '-', done === null ? '-' : `${ageText(Math.max(0, millisOf(at) - millisOf(done)))} ago`, formatDuration(fresh)]),
]

const stageRows = ({ stages }: Status): Rows => [
  ['STAGE', 'TOOL', 'LAST KNOWN AT', 'AGE', 'LAG'],
  ...stages.map(({ stage, tool, known_at: at, age_ms: age, lag_ms: lag }) => [stage, tool ?? '-', at ?? '-', ageText(age), ageText(lag)]),
]

const streamRows = ({ streams }: Status): Rows => [
  ['STREAM', 'GROUP', 'WAITING', 'UNFINISHED', 'READERS'],
  ...streams.map(({ stream, group, waiting, unfinished, members }) => [stream, group, waiting === null ? '-' : String(waiting), `${unfinished}`, `${members}`]),
]

/** Its two largest units: `3d 4h`, `12m 5s`, `0.4s`. */
function ageText(ms: Millis | null): string {
  if (ms === null) return '-'
  if (ms < SECOND_MS) return `${ms}ms`
  const units = [['d', DAY_MS, HOUR_MS, 'h'], ['h', HOUR_MS, MINUTE_MS, 'm'], ['m', MINUTE_MS, SECOND_MS, 's']] as const
  for (const [unit, unitMs, restMs, rest] of units) {
    if (ms >= unitMs) return `${Math.floor(ms / unitMs)}${unit} ${Math.floor((ms % unitMs) / restMs)}${rest}`
  }
  return `${Math.floor(ms / SECOND_MS)}s`
}
